using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// A region that becomes one kernel: prologue (elementwise or movement on an operand), at most one heavy op (the anchor), epilogue
/// (elementwise, extra operands). The body means what the region meant: it defines evaluation, and its arithmetic is the work;
/// traffic is only what crosses its boundary. Fusions do not nest, and rules do not run inside. Made by a fusion strategy.
/// </summary>
/// <param name="Body">The region; its inputs are the operands, its outputs the results.</param>
/// <param name="Schedule">How the kernel computes it, as <see cref="IR.Schedule"/> text; null before schedules are chosen.</param>
public sealed record Fusion(Graph Body, string? Schedule = null) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Fusion>("operands...", "results...", [1], "nncc");

    /// <inheritdoc/>
    public override string Domain => "nncc";

    /// <inheritdoc/>
    public override ImmutableArray<Graph> Bodies => [Body];

    /// <inheritdoc/>
    public override int CaptureCount => Body.Inputs.Length;

    /// <inheritdoc/>
    public override Op WithBodies(ImmutableArray<Graph> bodies) => this with { Body = bodies[0] };

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [.. Body.Outputs.Select(o => Body[o.Value].Type)];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) => context.Run(Body, context.InputsFrom(0));

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context)
    {
        var inside = Body.Nodes.Aggregate(new Work(0, 0, 0, 0), (sum, node) => sum + node.Op.Measure(Body.MeasureContext(node)));
        return inside with { BytesIn = context.BytesIn, BytesOut = context.BytesOut };
    }
}
