using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Strategies;

/// <summary>
/// What a backend's kernels can do: the only source of truth about what can be fused, laid out and scheduled. Implemented by a backend
/// and by fakes in tests.
/// </summary>
public interface IKernelCatalog
{
    /// <summary>Whether the op maps elements to elements (with broadcasting), so that it can stand in an epilogue.</summary>
    bool IsElementwise(Op op);

    /// <summary>Whether one kernel computes the region on the target; the reason where none does.</summary>
    /// <param name="region">The region with the constants among its operands.</param>
    /// <param name="target">The target.</param>
    Verdict Accepts(KernelRegion region, TargetProfile target);

    /// <summary>
    /// Sets of nodes around a node that one kernel may compute, the best first, each in topological order, where a kernel takes more than
    /// one op with the elementwise ops that follow. Whether it does is for <see cref="Accepts"/> to say.
    /// </summary>
    IEnumerable<ImmutableArray<Node>> Proposals(Graph graph, Node node) => [];

    /// <summary>
    /// Legal layouts of operands and results, best first by the template's own knowledge. Plain everywhere is always one of them. The halo
    /// of an operand is the least that the kernel needs, and any larger one will do; that of a result is open.
    /// </summary>
    IReadOnlyList<LayoutChoice> Layouts(KernelRegion region, TargetProfile target);

    /// <summary>All legal schedules, in a fixed order; the first is the default. Empty only where <see cref="Accepts"/> says no.</summary>
    IReadOnlyList<Schedule> Space(KernelRegion region, TargetProfile target);

    /// <summary>What a cost model needs to know of the region under a schedule.</summary>
    KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target);

    /// <summary>The kernel and its call: what a program's step consists of.</summary>
    KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target);
}

/// <summary>A region to be computed by one kernel: its body, with the constants among its operands.</summary>
/// <param name="Body">The fusion's body; its types are static where a kernel is asked for.</param>
/// <param name="Constants">Content of each operand that is a constant; null for the others.</param>
public sealed record KernelRegion(Graph Body, ImmutableArray<Tensor?> Constants)
{
    /// <summary>How operands and results lie; null where all are row-major, or where it is not decided yet.</summary>
    public LayoutChoice? Layouts { get; init; }

    /// <summary>The region of a fusion node in its graph, with the layouts that its values have there.</summary>
    public static KernelRegion Of(Graph graph, Node node)
    {
        var layouts = new LayoutChoice([.. node.Inputs.Select(i => new LayoutSlot(graph[i].Layout))],
            [.. node.Outputs.Select(o => new LayoutSlot(graph[o].Layout))]);
        return new KernelRegion(((Fusion)node.Op).Body,
            [.. node.Inputs.Select(i => graph.TryConstant(i, out var tensor) ? tensor : null)])
        { Layouts = layouts.IsPlain ? null : layouts };
    }

    /// <summary>How an operand lies; null is row-major.</summary>
    public Layout? OperandLayout(int operand) => Layouts?.Operands[operand].Layout;

    /// <summary>How a result lies; null is row-major.</summary>
    public Layout? ResultLayout(int result) => Layouts?.Results[result].Layout;

    /// <summary>The region of one node that is in no fusion yet.</summary>
    public static KernelRegion Alone(Graph graph, Node node)
    {
        var region = Region.Outline([node], value => graph[value],
            value => !graph.Users(value).IsEmpty || graph.Outputs.Any(o => o.Value == value));
        return new KernelRegion(region.Body, [.. region.Operands.Select(o => graph.TryConstant(o, out var tensor) ? tensor : null)]);
    }

    /// <summary>Content of a value of the body, where it is an operand that is constant.</summary>
    public Tensor? Constant(int value) => value != Node.Absent && Body[value] is { IsInput: true, Slot: var slot } ? Constants[slot] : null;
}

/// <summary>Layouts of a region's operands and results; null is row-major.</summary>
/// <param name="Operands">By operand.</param>
/// <param name="Results">By result.</param>
/// <param name="SharesHalo">Whether operands and results in layouts must have the same halo, since they are the same memory.</param>
public sealed record LayoutChoice(EquatableArray<LayoutSlot> Operands, EquatableArray<LayoutSlot> Results, bool SharesHalo = false)
{
    /// <summary>Whether all of them are row-major.</summary>
    public bool IsPlain => Operands.Concat(Results).All(slot => slot.Layout is null);

    /// <summary>Row-major everywhere.</summary>
    public static LayoutChoice Plain(int operands, int results) =>
        new(Enumerable.Repeat(new LayoutSlot(null), operands).ToEquatable(), Enumerable.Repeat(new LayoutSlot(null), results)
            .ToEquatable());
}

/// <summary>The layout of one operand or result; null is row-major.</summary>
/// <param name="Layout">The layout.</param>
public sealed record LayoutSlot(Layout? Layout);
