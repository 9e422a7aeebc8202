using System.Globalization;
using System.Text;
using Nncc.IR.Text;
using Nncc.Passes;

namespace Nncc.Tests.Support;

/// <summary>
/// The commands <c>passes</c> (runs the named ones, in order) and <c>verify</c> on .nnir text. What comes out: notices and, with <c>show:
/// steps</c>, steps and refusals; then the graph, or the faults.
/// </summary>
internal static class PassCases
{
    /// <summary>All passes that have a name of their own, that is, that take no arguments.</summary>
    public static IEnumerable<IPass> All => typeof(IPass).Assembly.GetTypes()
        .Where(t => t.IsAssignableTo(typeof(IPass)) && !t.IsAbstract && t.GetConstructor([]) is not null)
        .Select(t => (IPass)Activator.CreateInstance(t)!).OrderBy(p => p.Name, StringComparer.Ordinal);

    public static string Run(CaseFile file)
    {
        var output = new StringBuilder();
        var ops = OpRegistry.Standard();
        try
        {
            var graph = Parser.Parse(file.Input, ops, Path.GetFileName(file.Path));
            if (file.Command == "verify") return string.Concat(Verifier.Check(graph, ops).Select(fault => $"{fault}\n"));
            var after = new Pipeline("case", [.. file.Argument.Split(',', StringSplitOptions.TrimEntries).Select(Find)])
                .Run(graph, Context(file, ops, output));
            output.Append(ReferenceEquals(after, graph) ? "unchanged\n" : Printer.Print(after, ops));
        }
        catch (NnccException e)
        {
            output.Append(e.Message).Append('\n');
        }
        return output.ToString();
    }

    private static IPass Find(string name) => All.FirstOrDefault(p => p.Name == name)
        ?? throw new InvalidDataException($"there is no pass {name}; there are {string.Join(", ", All.Select(p => p.Name))}");

    private static PassContext Context(CaseFile file, OpRegistry ops, StringBuilder output)
    {
        var options = new CompileOptions();
        long limit = long.MaxValue;
        IStepListener? listener = null;
        foreach (var (name, value) in file.Options)
        {
            switch (name)
            {
                case "shape":
                    string[] shape = value.Split('=', 2);
                    options = options with { Shapes = options.Shapes.Add(shape[0], Shape.Parse(shape[1])) };
                    break;
                case "dim":
                    string[] dim = value.Split('=', 2);
                    options = options with { Dims = options.Dims.Add(dim[0], long.Parse(dim[1], CultureInfo.InvariantCulture)) };
                    break;
                case "fold-limit": options = options with { FoldLimit = long.Parse(value, CultureInfo.InvariantCulture) }; break;
                case "step-limit": limit = long.Parse(value, CultureInfo.InvariantCulture); break;
                case "show" when value == "steps": listener = new StepText(output); break;
                default: throw new InvalidDataException($"{file.Path}: the directive {name}: {value} is unknown");
            }
        }
        return new PassContext(ops) { Options = options, Steps = new StepLog(limit, listener), Notify = notice =>
            output.Append(notice).Append('\n') };
    }

    private sealed class StepText(StringBuilder output) : IStepListener
    {
        public void Stepped(Step step)
        {
            output.Append(CultureInfo.InvariantCulture, $"step {step.Number}: {step.Pass}: {step.Name}\n");
            foreach (string line in step.Removed) output.Append("  - ").Append(line).Append('\n');
            foreach (string line in step.Added) output.Append("  + ").Append(line).Append('\n');
        }

        public void Refused(Refusal refusal) =>
            output.Append(CultureInfo.InvariantCulture, $"refused: {refusal.Pass}: {refusal.Name}: {refusal.Place}: {refusal.Reason}\n");
    }
}
