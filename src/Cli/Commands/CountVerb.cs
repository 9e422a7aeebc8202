using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Nncc.Backends.Models;
using Nncc.Passes.Counting;

namespace Nncc.Cli.Commands;

/// <summary>Counts what a model costs.</summary>
internal sealed class CountVerb : Verb
{
    private const string AllConventions = "all";

    private readonly ModelOptions model = new();
    private readonly Option<bool> perNode = new("--per-node") { Description = "A row for each node" };
    private readonly Option<bool> byOp = new("--by-op") { Description = "A row for each op (the default)" };
    private readonly Option<bool> byBlock = new("--by-block") { Description = "A row for each block, by the scopes in names" };
    private readonly Option<int> depth = new("--depth")
    {
        Description = "How many scopes make a block", HelpName = "N", DefaultValueFactory = _ => 2,
    };
    private readonly Option<string?> convention = new("--as")
    {
        Description = $"Count as another tool does, beside nncc's own count: {string.Join(", ", CountConvention.All.Select(c => c.Name))}; "
            + $"or {AllConventions}", HelpName = "CONVENTION",
    };
    private readonly Option<string> stage = new("--stage")
    {
        Description = $"Count the model at this stage: {string.Join(", ", StageCounts.Stages)}", HelpName = "NAME",
        DefaultValueFactory = _ => StageCounts.Stages[0],
    };
    private readonly Option<bool> beforeAfter = new("--before-after") { Description = "The totals at every stage beside each other" };
    private readonly Option<bool> symbolic = new("--symbolic") { Description = "Keep open sizes as symbols: figures are polynomials" };
    private readonly Option<string[]> trips = new("--trips")
    {
        Description = "How often a loop runs, by the loop node's name or for all whose number is open", HelpName = "[NODE=]N",
        DefaultValueFactory = _ => [],
    };
    private readonly Option<bool> includeDead = new("--include-dead") { Description = "Count nodes that no output depends on as well" };
    private readonly Option<bool> strict = new("--strict") { Description = "Fail where part of the model cannot be counted" };
    private readonly Option<int?> top = new("--top") { Description = "Show the N most expensive rows", HelpName = "N" };
    private readonly Option<bool> csv = new("--csv") { Description = "Print the rows as CSV" };

    public CountVerb() : base("count", "Count operations, parameters and bytes of a model, exactly")
    {
        convention.CompletionSources.Add(_ => CountConvention.All.Select(c => c.Name).Append(AllConventions));
        stage.CompletionSources.Add(_ => StageCounts.Stages);
        model.Shapes.Aliases.Add("--input");
        Takes([model.Model, perNode, byOp, byBlock, depth, convention, stage, beforeAfter, symbolic, trips, includeDead, strict, top, csv,
            .. model.Sizes, .. model.Lowering]);
    }

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc count resnet50.onnx", "MACs and FLOPs, parameters, bytes, by op"),
        new("nncc count resnet50.onnx --per-node --top 10", "the ten most expensive nodes"),
        new("nncc count resnet50.onnx --as all", "what other counters would say"),
        new("nncc count bert.onnx --symbolic", "polynomials in the open sizes"),
        new("nncc count squeezenet.onnx --before-after", "what compiling saves"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json => CountJson.Fields;

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var (grouping, shown, chosen) = Choices(call);
        var options = new CountOptions
        {
            IncludesDead = call.Get(includeDead), IsSymbolic = call.Get(symbolic), Trips = Trips(call),
        };
        var compiler = model.Compiler(call);
        var read = model.Read(call, compiler, needsContent: false);
        var count = StageCounts.At(compiler, read, call.Get(stage)!, options, call.Cancellation);
        var stages = call.Get(beforeAfter) ? StageCounts.All(compiler, read, options, call.Cancellation) : [];
        CheckGaps(call, count);
        var table = Table(call, count, grouping, chosen is [var only] ? only : null);
        if (call.Get(csv))
            foreach (string line in table.Csv(shown)) call.Output.Line(line);
        else CountReport.Print(call.Output, count, table.Text(shown), chosen, stages);
        call.Output.Json(CountJson.Of(count, call.Get(stage)!, grouping, table.Json(shown), chosen, stages));
        return ExitCode.Ok;
    }

    private (string Grouping, int Top, ImmutableArray<CountConvention> Conventions) Choices(Invocation call)
    {
        var faults = new List<Fault>();
        string[] groupings = [.. new[] { (perNode, "node"), (byOp, "op"), (byBlock, "block") }.Where(g => call.Get(g.Item1))
            .Select(g => g.Item2)];
        if (groupings.Length > 1)
            faults.Add(new Fault(FaultCodes.Usage, "rows stand for nodes, ops or blocks, not for several of them", "--per-node, --by-op, "
                + "--by-block", "give one of these"));
        if (call.Get(top) is < 1) faults.Add(new Fault(FaultCodes.Usage, $"{call.Get(top)} is no number of rows", "--top", "1 or more"));
        if (call.Get(depth) < 1) faults.Add(new Fault(FaultCodes.Usage, $"{call.Get(depth)} is no number of scopes", "--depth",
            "1 or more"));
        if (call.Get(csv) && call.Get(JsonOption))
            faults.Add(new Fault(FaultCodes.Usage, "the result is CSV or JSON, not both", "--csv, --json", "give one of these"));
        if (call.Get(convention) is not null && call.Get(stage) == StageCounts.Stages[^1])
            faults.Add(new Fault(FaultCodes.Usage, "other counters see no fusions", "--as, --stage", "count an earlier stage"));
        ImmutableArray<CountConvention> chosen = [];
        if (call.Get(convention) is { } wanted)
        {
            chosen = wanted == AllConventions ? CountConvention.All : CountConvention.Find(wanted) is { } found ? [found] : [];
            if (chosen.IsEmpty)
                faults.Add(new Fault(FaultCodes.UnknownName, $"there is no convention \"{wanted}\"", "--as",
                    Suggestion.For(wanted, CountConvention.All.Select(c => c.Name).Append(AllConventions), "there are")));
        }
        return faults.Count == 0 ? (groupings.FirstOrDefault("op"), call.Get(top) ?? int.MaxValue, chosen)
            : throw new NnccException([.. faults]);
    }

    private ImmutableSortedDictionary<string, long> Trips(Invocation call)
    {
        var result = new CountOptions().Trips.ToBuilder();
        foreach (string text in call.Get(trips)!)
        {
            var (name, number) = text.Contains('=') ? ModelOptions.Pair(text, "--trips", "NODE=100") : ("", text);
            result[name] = long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long times) ? times
                : throw new NnccException(FaultCodes.Usage, $"\"{number}\" is no number of iterations", "--trips", "write --trips 100");
        }
        return result.ToImmutable();
    }

    private void CheckGaps(Invocation call, ModelCount count)
    {
        if (!call.Get(strict) || count.Uncounted.IsEmpty) return;
        throw new NnccException([.. count.Uncounted.Select(gap =>
            new Fault(FaultCodes.Uncounted, $"{gap.Nodes} of {count.Rows.Length} nodes are {gap.Op}: {gap.Reason}",
                Advice: "without --strict the rest is counted"))]);
    }

    private CountTable Table(Invocation call, ModelCount count, string grouping, CountConvention? only)
    {
        int scopes = call.Get(depth);
        IEnumerable<CountTable.Row> rows = grouping switch
        {
            "node" => count.Counted.Select(row => Row(row.Name, row.Label, [row]))
                .OrderByDescending(row => row.Totals.Operations.Value ?? 0).ThenByDescending(row => row.Totals.Bytes.Value ?? 0),
            "block" => Groups(row => BlockScope.Of(row.Name, scopes)),
            _ => Groups(row => row.Label),
        };
        return new CountTable(grouping, [.. rows], Row("total", "", [.. count.Counted]) with { Parameters = count.Parameters.Trainable },
            only);

        IEnumerable<CountTable.Row> Groups(Func<NodeCount, string> key) => count.Counted.GroupBy(key)
            .Select(g => Row(g.Key, "", [.. g])).OrderByDescending(row => row.Totals.Operations.Value ?? 0)
            .ThenByDescending(row => row.Totals.Bytes.Value ?? 0);

        CountTable.Row Row(string name, string op, IReadOnlyCollection<NodeCount> nodes) => new(name, op, CountTotals.Of(nodes),
            nodes.Sum(n => n.Parameters), only is null ? null : nodes.Aggregate(Dim.Of(0), (sum, n) => sum + only.Of(n)));
    }
}
