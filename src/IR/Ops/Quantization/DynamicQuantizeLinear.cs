using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// Quantizes x to u8 by its own range, stretched to include 0: scale = (max - min) / 255, zero point = round(saturate(-min / scale)),
/// y = saturate(round(x / scale) + zero point); further results are scale and zero point. Each step is rounded to f32. A range of
/// nothing has scale 1. Source: ai.onnx DynamicQuantizeLinear.
/// </summary>
public sealed record DynamicQuantizeLinear : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<DynamicQuantizeLinear>("x", "y y_scale y_zero_point", [11]);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(4);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0, t => t == DType.Float32, "f32");
        return [x with { DType = DType.UInt8 }, new TensorType(DType.Float32, Shape.Scalar), new TensorType(DType.UInt8, Shape.Scalar)];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        double[] items = x.ToDoubles();
        float min = 0, max = 0;
        foreach (double item in items) (min, max) = (Math.Min(min, (float)item), Math.Max(max, (float)item));
        float scale = max == min ? 1 : (max - min) / 255;
        float zero = MathF.Round(Math.Clamp(-min / scale, 0, 255), MidpointRounding.ToEven);
        for (int i = 0; i < items.Length; i++) items[i] = QuantizeLinear.Quantized((float)items[i] / scale, zero, 0, 255);
        return [Tensor.FromDoubles(DType.UInt8, x.Dims.AsSpan(), items), context.Floats(DType.Float32, [], [scale]),
            Tensor.Scalar((byte)zero)];
    }

    /// <summary>Least and greatest element, quotient, rounding, zero point, saturation for each element.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(6);
}
