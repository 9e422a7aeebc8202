using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// The softmax of a quantized tensor along an axis, or as before opset 13 over all axes from it on. Source: com.microsoft QLinearSoftmax.
/// </summary>
/// <param name="Opset">The opset of ai.onnx whose Softmax it is.</param>
/// <param name="Axis">The axis; negative ones count from the end.</param>
public sealed record QLinearSoftmax(long Opset, long Axis = -1) : QLinearOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<QLinearSoftmax>(
        "X X_scale x_zero_point? y_scale y_zero_point", "Y", [1], MicrosoftDomain);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Quantized(context, 0);
        Parameters(context, 3, x.DType);
        if (x.Shape is { } shape) context.Axis(Axis, shape.Rank);
        return [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var x = Numbers(context, 0);
        if (Opset >= 13) return [Quantize(context, Run(context, new Softmax(Axis), x), 3, context.Tensor(0).DType)];
        var y = Run(context, new Softmax(1), Run(context, new Flatten(Axis), x));
        return [Quantize(context, Run(context, new Reshape(true), y, Tensor.Vector([.. x.Dims])), 3, context.Tensor(0).DType)];
    }

    /// <summary>As a softmax, and a requantization.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(9);
}
