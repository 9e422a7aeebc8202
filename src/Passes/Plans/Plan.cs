using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Nncc.IR.Ops;
using Nncc.Passes.Strategies;

namespace Nncc.Passes.Plans;

/// <summary>How a model is computed: its regions with their layouts and schedules.</summary>
/// <param name="Model">Fingerprint of the model (<see cref="Fingerprint"/>).</param>
/// <param name="Target">Name of the target; <see cref="AnyTarget"/> for any.</param>
/// <param name="Regions">The regions. Nodes that are in none are kernels of their own.</param>
public sealed record Plan(string Model, string Target, ImmutableArray<PlanRegion> Regions)
{
    /// <summary>The target of a plan that may be used for any.</summary>
    public const string AnyTarget = "any";

    private Dictionary<string, PlanRegion>? byValue;

    /// <summary>The region that a fusion was made from; null for what is in no region, such as changes of layout.</summary>
    public PlanRegion? RegionOf(Graph graph, Node node)
    {
        byValue ??= Regions.SelectMany(r => r.Values.Select(v => (v, r))).DistinctBy(p => p.v)
            .ToDictionary(p => p.v, p => p.r, StringComparer.Ordinal);
        return byValue.GetValueOrDefault(graph[node.GivenOutputs.First()].Name);
    }

    /// <summary>The plan that a scheduled graph follows.</summary>
    public static Plan Of(Graph scheduled, string target)
    {
        var regions = ImmutableArray.CreateBuilder<PlanRegion>();
        foreach (var node in scheduled.Nodes)
        {
            if (node.Op is not Fusion fusion || IsRelayout(fusion)) continue;
            var layouts = KernelRegion.Of(scheduled, node).Layouts ?? LayoutChoice.Plain(node.Inputs.Length, node.Outputs.Length);
            regions.Add(new PlanRegion([.. Values(fusion.Body)], LayoutText(layouts, i => scheduled.TryConstant(node.Inputs[i], out _)),
                fusion.Schedule is { } schedule ? IR.Schedule.Parse(schedule) : null, ""));
        }
        return new Plan(Fingerprint(scheduled), target, regions.ToImmutable());
    }

    /// <summary>
    /// What tells a model from others, whether its nodes are fused or not: a digest of its ops with the names of their results.
    /// </summary>
    public static string Fingerprint(Graph graph)
    {
        var lines = graph.Nodes.SelectMany(node => node.Op switch
        {
            Fusion fusion when IsRelayout(fusion) => [],
            Fusion fusion => fusion.Body.Nodes.Select(n => Line(fusion.Body, n)),
            Constant => Enumerable.Empty<string>(),
            _ => [Line(graph, node)],
        });
        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', lines.Order(StringComparer.Ordinal)));
        return Convert.ToHexStringLower(SHA256.HashData(text))[..16];
    }

    /// <summary>Layouts of a region as a plan writes them; constants are packed as their kernel wants them.</summary>
    /// <param name="layouts">The layouts.</param>
    /// <param name="isConstant">Whether an operand is a constant.</param>
    public static string LayoutText(LayoutChoice layouts, Func<int, bool> isConstant)
    {
        return $"{string.Join(' ', layouts.Operands.Select((slot, i) => isConstant(i) ? "-" : Text(slot)))} -> "
            + string.Join(' ', layouts.Results.Select(Text));

        static string Text(LayoutSlot slot) =>
            slot.Layout is { } layout ? (layout with { Halo = default }).ToString().Replace(' ', '+') : "plain";
    }

    private static bool IsRelayout(Fusion fusion) => fusion.Body.Nodes is [{ Op: Relayout }];

    private static IEnumerable<string> Values(Graph body) => body.Nodes.SelectMany(n => n.GivenOutputs).Select(v => body[v].Name);

    private static string Line(Graph graph, Node node) =>
        $"{node.Op.FullName} {string.Join(' ', node.GivenOutputs.Select(v => $"{graph[v].Name}:{graph[v].Type}"))}";
}

/// <summary>A region of a plan.</summary>
/// <param name="Values">Names of all values that its nodes give.</param>
/// <param name="Layouts">Layouts of operands and results as <see cref="Plan.LayoutText"/> writes them; null to choose them.</param>
/// <param name="Schedule">A schedule, of which parameters may be absent; null to choose it.</param>
/// <param name="Place">File and line.</param>
public sealed record PlanRegion(EquatableArray<string> Values, string? Layouts, Schedule? Schedule, string Place)
{
    /// <summary>Whether a schedule is one of those that the plan leaves open.</summary>
    public bool Allows(Schedule other) => Schedule is null || (Schedule.Template == other.Template
        && Schedule.Parameters.All(p => other.Parameters.Contains(p)));
}
