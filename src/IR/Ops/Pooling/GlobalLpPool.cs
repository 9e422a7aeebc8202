using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>The p-norm of each channel. Source: ai.onnx GlobalLpPool.</summary>
/// <param name="P">Order of the norm.</param>
public sealed record GlobalLpPool(long P = 2) : GlobalPool, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<GlobalLpPool>("X", "Y", [1, 2, 22])
        .Change(2, LpPool.WholeOrder, LpPool.FractionalOrder).NewTypes(22, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        LpPool.CheckOrder(context, P);
        return base.Infer(context);
    }

    /// <summary>A power and an addition for each element, a root for each channel.</summary>
    public override Work Measure(MeasureContext context) =>
        new(0, context.Input(0).Count * 2 + context.Output(0).Count, context.BytesIn, context.BytesOut);

    private protected override double Pool(ReadOnlySpan<double> items) => new LpNorm(P).Of(items);
}
