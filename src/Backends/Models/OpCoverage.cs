using System.Collections.Immutable;
using Nncc.IR.Onnx;

namespace Nncc.Backends.Models;

/// <summary>What nncc does with an op.</summary>
/// <param name="Op">Name with its domain.</param>
/// <param name="Opsets">Opset versions of its domain that have it, such as <c>7-27</c>.</param>
/// <param name="TensorTypes">Dtypes of its first operand (or result) by the standard; empty where no standard says them.</param>
/// <param name="IsEvaluated">Whether the evaluator computes it.</param>
/// <param name="IsEmitted">Whether the C# backend has a kernel for it.</param>
/// <param name="Written">Opset versions in which the ONNX writer may write it.</param>
/// <param name="Limits">What of it is not supported; empty for nothing.</param>
public sealed record OpCoverage(
    string Op, string Opsets, string TensorTypes, bool IsEvaluated, bool IsEmitted, string Written, string Limits)
{
    private static readonly Lazy<ImmutableHashSet<string>> Refused = new(ReadRefused);

    /// <summary>The row as text: op, opsets, dtypes, evaluator, C#, ONNX, limits.</summary>
    public string[] Cells => [Op, Opsets, TensorTypes, IsEvaluated ? "yes" : "no", IsEmitted ? "yes" : "no", Written, Limits];

    /// <summary>
    /// All ops of a registry, and those of the standard that are not in it, by domain and name. Old names that only stand for others
    /// (such as Upsample) are among them with the opsets that have them.
    /// </summary>
    public static ImmutableArray<OpCoverage> Of(OpRegistry registry)
    {
        var rows = new SortedDictionary<(string Domain, string Name), OpCoverage>();
        foreach (var definition in registry.Definitions.Where(d => d.Domain != InternalDomain))
            rows[(definition.Domain, definition.Name)] = Row(definition);
        foreach (string domain in new[] { "", "ai.onnx.ml", "ai.onnx.preview.training" })
            foreach (string name in OpSchemas.Names(domain))
                if (!rows.ContainsKey((domain, name)))
                    rows[(domain, name)] = new OpCoverage(Full(domain, name), Range(domain, OpSchemas.Versions(domain, name)),
                        DTypesOf(OpSchemas.Versions(domain, name)), false, false, "as it was read",
                        "not known: kept as it is, not computed");
        return [.. rows.Values];
    }

    /// <summary>The table of docs/operators.md.</summary>
    public static string Markdown(ImmutableArray<OpCoverage> rows) =>
        "# Operators\n\nWritten from the registry of ops by a test; the same is printed by `nncc inspect --ops`. ONNX: opsets in which an "
            + "op may be"
        + " written. C#: whether\nthe backend has a kernel for some dtypes and bound sizes; the others are refused with a reason.\n\n"
        + $"{rows.Length} ops, {rows.Count(r => r.IsEvaluated)} of them evaluated, {rows.Count(r => r.IsEmitted)} with C# kernels.\n\n"
        + "| op | opsets | dtypes | evaluator | C# | ONNX | limits |\n|---|---|---|---|---|---|---|\n"
        + string.Concat(rows.Select(row => $"| {string.Join(" | ", row.Cells)} |\n"));

    private const string InternalDomain = "nncc";

    private static OpCoverage Row(OpDefinition definition)
    {
        var versions = OpSchemas.Versions(definition.Domain, definition.Name);
        string range = versions.IsEmpty ? $"{definition.Since[0]}" : Range(definition.Domain, versions);
        return new OpCoverage(definition.FullName, range, DTypesOf(versions), true,
            !definition.IsLegacy && !Refused.Value.Contains(definition.FullName),
            definition.IsLegacy ? "as the op that replaced it" : range,
            definition.IsLegacy ? "read as the op that replaced it" : string.Join("; ", definition.Limits));
    }

    private static string Full(string domain, string name) => domain.Length == 0 ? name : $"{domain}.{name}";

    private static string Range(string domain, ImmutableArray<OpSchema> versions)
    {
        int first = versions[0].Since;
        int last = versions[^1] is { IsWithdrawn: true, Since: var gone } ? gone - 1 : OpSchemas.NewestOf(domain);
        return first == last ? $"{first}" : $"{first}-{last}";
    }

    private static string DTypesOf(ImmutableArray<OpSchema> versions)
    {
        var form = versions.LastOrDefault(v => !v.IsWithdrawn || !v.Inputs.IsEmpty);
        if (form is null || (form.Inputs.IsEmpty ? form.Outputs : form.Inputs) is not [var first, ..]) return "";
        var types = first.Types.Tensors;
        string others = string.Join(" ", new[] { first.Types.Sequence ? "sequence" : "", first.Types.Optional ? "optional" : "",
            first.Types.Map ? "map" : "" }.Where(t => t.Length > 0));
        string[] absent = [.. DTypes.All.Where(t => !types.Contains(t)).Select(t => t.Name())];
        string tensors = absent.Length == 0 ? "all" : absent.Length < types.Count / 2 ? $"all but {string.Join(" ", absent)}"
            : string.Join(" ", DTypes.All.Where(types.Contains).Select(t => t.Name()));
        return string.Join(" ", new[] { tensors, others }.Where(t => t.Length > 0));
    }

    private static ImmutableHashSet<string> ReadRefused()
    {
        using var stream = typeof(OpCoverage).Assembly.GetManifestResourceStream("CSharp/refused-ops.txt")!;
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line[..line.IndexOf(": ", StringComparison.Ordinal)])];
    }
}
