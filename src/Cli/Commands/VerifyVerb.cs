using System.Collections.Immutable;
using System.CommandLine;
using Nncc.Backends.Verification;
using Nncc.Passes.Targets;

namespace Nncc.Cli.Commands;

/// <summary>Compares the answers of all engines.</summary>
internal sealed class VerifyVerb : Verb
{
    private readonly ModelOptions model = new();
    private readonly Option<string[]> targets = ExtractVerb.NameList("--target",
        "Targets whose C# is run; this machine's by default, none for no C#");
    private readonly Option<string?> data = new("--data")
    {
        Description = "A folder of expected data (test_data_set_0/input_0.pb, output_0.pb, ...)", HelpName = "DIR",
    };
    private readonly Option<int> seed = new("--seed")
    {
        Description = "Seed of made-up inputs where no data is given", HelpName = "N", DefaultValueFactory = _ => 1,
    };
    private readonly Option<bool> layers = new("--layers") { Description = "Find the first value inside of the model that differs" };

    public VerifyVerb() : base("verify", "Check that the evaluator, emitted C#, written ONNX and ONNX Runtime give the same answers") =>
        Takes([model.Model, targets, data, seed, layers, .. model.Sizes, .. model.Rewriting.All, model.OnnxRuntime]);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc verify squeezenet.onnx --target cpu-avx2,cpu-scalar", "with made-up inputs"),
        new("nncc verify mnist.onnx --data golden/mnist --layers", "with expected data, and where it starts to differ"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("agrees", "whether no engine gave another answer"),
        new("sets[].data", "the data"),
        new("sets[].engines[].engine", "golden, onnxruntime, evaluator, onnx evaluator, onnx onnxruntime, csharp TARGET"),
        new("sets[].engines[].status", "agrees, differs, refused or absent"),
        new("sets[].engines[].faults[].code", "why it was not run: number"),
        new("sets[].engines[].faults[].message", "why it was not run"),
        new("sets[].engines[].faults[].place", "the node, or null"),
        new("sets[].engines[].outputs[].name", "an output"),
        new("sets[].engines[].outputs[].error",
            "max|a-b| / max|b| against the wide evaluation; \"Infinity\" where they cannot be compared"),
        new("sets[].engines[].outputs[].bar", "the largest error that counts as agreement"),
        new("sets[].engines[].outputs[].entries", "elements"),
        new("sets[].engines[].outputs[].leftOut",
            "elements beyond the bar that stand behind a doubtful decision and are not compared for that"),
        new("sets[].engines[].outputs[].difference", "what else differs, or null"),
        new("sets[].engines[].layers", "null without --layers"),
        new("sets[].engines[].layers.compared", "values inside that were compared"),
        new("sets[].engines[].layers.first", "the first that is beyond its bar, or null"),
        new("sets[].engines[].layers.worst", "the one with the largest error in units of its bar, or null"),
        new("sets[].engines[].layers.*.node", "the node"),
        new("sets[].engines[].layers.*.value", "the value"),
        new("sets[].engines[].layers.*.error", "its error"),
        new("sets[].engines[].layers.*.bar", "its bar"),
        new("sets[].engines[].layers.*.difference", "what else differs, or null"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var compiler = model.Compiler(call);
        var read = model.Read(call, compiler);
        string[] wanted = call.Get(targets)!;
        foreach (string target in wanted.Where(t => t is not ("none" or HostTarget.Name))) _ = compiler.Targets[target];
        var report = call.Output.Busy("verifying", told => ModelVerification.Run(compiler, read, new VerificationOptions
        {
            Targets = wanted.Length == 0 ? [HostTarget.Name] : [.. wanted.Where(t => t != "none")],
            DataFolder = call.Get(data), Seed = call.Get(seed), ModelPath = call.Get(model.Model), Layers = call.Get(layers),
                Progress = told,
        }, call.Cancellation));
        Print(call.Output, report);
        call.Output.Json(Shape(report));
        return Judge(call.Output, report);
    }

    // What a user demanded and nobody refused decides: different answers, then engines that do not take the model.
    private static ExitCode Judge(Output output, VerificationReport report)
    {
        foreach (var set in report.Sets)
            foreach (var result in set.Engines.Where(e => e.Status == VerificationStatus.Differs))
                foreach (var wrong in result.Outputs.Where(o => !o.Agrees))
                    output.Fault(new Fault(FaultCodes.Disagreement, $"{result.Engine} differs in output \"{wrong.Output}\": "
                        + (wrong.Difference ?? $"its error is {Sizes.Error(wrong.Error)}, the bar {Sizes.Error(wrong.Bar)}"), set.Data,
                            "--layers says where it begins").ToString());
        foreach (var refusal in report.Refusals) output.Fault(refusal.ToString());
        return report.HasDifference ? ExitCode.ConstraintNotMet : report.Refusals.IsEmpty ? ExitCode.Ok
            : report.Refusals.Max(f => f.Code.Exit);
    }

    private static void Print(Output output, VerificationReport report)
    {
        foreach (var set in report.Sets)
        {
            output.Line($"{set.Data}:");
            var table = new TextTable("engine", "output", ">error", ">bar", ">left out", "verdict");
            foreach (var result in set.Engines)
            {
                if (result.Outputs.IsEmpty) table.Add(result.Engine, "", "", "", "", Verdict(result));
                foreach (var o in result.Outputs)
                    table.Add(result.Engine, o.Output, Sizes.Error(o.Error), Sizes.Error(o.Bar), $"{o.LeftOut}",
                        o.Agrees ? "agrees" : $"differs{(o.Difference is null ? "" : $": {o.Difference}")}");
            }
            output.Table(table);
            // What is refused or differs is reported as a fault; what is only absent is said here, once.
            foreach (var absent in set.Engines.Where(e => e.Status == VerificationStatus.Absent).SelectMany(e => e.Faults).Distinct())
                output.Line($"{absent.Code}: {absent.Message}{(absent.Advice is null ? "" : $"\n  hint: {absent.Advice}")}");
            foreach (var (engine, found) in set.Engines.Where(e => e.Layers is not null).Select(e => (e.Engine, e.Layers!)))
                output.Line(found.First is { } first
                    ? $"{engine}: of {found.Compared} values the first beyond its bar is \"{first.Value}\" of {first.Node}: {Text(first)}"
                    : $"{engine}: {found.Compared} values are within their "
                        + $"bars{(found.Worst is { } worst ? $"; the worst is \"{worst.Value}\" of {worst.Node}: {Text(worst)}" : "")}");
            output.Line();
        }
    }

    private static string Text(LayerError error) => error.Difference ?? $"error {Sizes.Error(error.Error)}, bar {Sizes.Error(error.Bar)}";

    private static string Verdict(EngineResult result) => result.Faults.IsEmpty ? Status(result.Status)
        : $"{Status(result.Status)} ({result.Faults[0].Code}{(result.Faults.Length > 1 ? $" and {result.Faults.Length - 1} more" : "")})";

    private static string Status(VerificationStatus status) => status.ToString().ToLowerInvariant();

    private static object Shape(VerificationReport report) => new
    {
        agrees = !report.HasDifference,
        sets = report.Sets.Select(set => new
        {
            data = set.Data,
            engines = set.Engines.Select(e => new
            {
                engine = e.Engine, status = Status(e.Status),
                faults = e.Faults.Select(f => new { code = f.Code.ToString(), message = f.Message, place = f.Place }),
                outputs = e.Outputs.Select(o => new { name = o.Output, error = o.Error, bar = o.Bar, entries = o.Entries,
                    leftOut = o.LeftOut, difference = o.Difference }),
                layers = e.Layers is null ? null
                    : new { compared = e.Layers.Compared, first = Layer(e.Layers.First), worst = Layer(e.Layers.Worst) },
            }),
        }),
    };

    private static object? Layer(LayerError? error) =>
        error is null ? null : new { node = error.Node, value = error.Value, error = error.Error, bar = error.Bar,
            difference = error.Difference };
}
