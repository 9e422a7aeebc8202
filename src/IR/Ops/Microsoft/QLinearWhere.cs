using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// The element of X where the condition is true, else that of Y, as quantized numbers; all three broadcast. Source: com.microsoft
/// QLinearWhere.
/// </summary>
public sealed record QLinearWhere : QLinearOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<QLinearWhere>(
        "condition X x_scale x_zero_point Y y_scale y_zero_point z_scale z_zero_point", "Z", [1], MicrosoftDomain);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var condition = context.Truths(0);
        TensorType x = Quantized(context, 1), y = Quantized(context, 4);
        var dtype = context.SameDType(1, 4);
        Parameters(context, 7, dtype);
        return [new TensorType(dtype, context.Broadcast(condition.Shape, context.Broadcast(x.Shape, y.Shape)))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        // Each side is quantized first: a choice of moves only, so that what is chosen has the bits of its own side.
        Tensor x = Quantize(context, Numbers(context, 1), 7, context.Tensor(1).DType);
        Tensor y = Quantize(context, Numbers(context, 4), 7, context.Tensor(1).DType);
        return [Run(context, new Where(), context.Tensor(0), x, y)];
    }

    /// <summary>Five operations for each element.</summary>
    public override Work Measure(MeasureContext context) => context.Elementwise(5);
}
