using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// Y = scale · (X - mean) / sqrt(variance + epsilon) + B, mean and variance taken over each channel of each image of X [n, c, ...].
/// Source: ai.onnx InstanceNormalization.
/// </summary>
/// <param name="Epsilon">Added to the variance.</param>
public sealed record InstanceNormalization(float Epsilon = 1e-5f) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<InstanceNormalization>("input scale B", "output", [1, 6, 22])
        .Dropped(6, "consumed_inputs").NewTypes(22, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [ChannelGroups.Infer(context, "InstanceNormalization")];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) =>
        [ChannelGroups.Normalize(context, groups: (int)context.Tensor(0).Dims[1], Epsilon)];

    /// <summary>
    /// For each element: sum, difference, square, sum of squares, product with the deviation, with the scale, and the bias.
    /// </summary>
    public override Work Measure(MeasureContext context) => context.PerInput(7);
}

/// <summary>Normalization over groups of channels of each image.</summary>
internal static class ChannelGroups
{
    /// <summary>The result's type for X [n, c, ...], scale [c] and bias [c].</summary>
    public static TensorType Infer(InferContext context, string op)
    {
        var x = context.ArithmeticFloats(0);
        context.SameDType(0, 1);
        context.SameDType(0, 2);
        if (x.Shape is { Rank: < 3 }) throw context.Fault(FaultCodes.OperandShape, $"{op} takes [n,c,spatial..], got {x}");
        context.Vector(1, "scale", x.Shape?[1], "one for each channel");
        context.Vector(2, "bias", x.Shape?[1], "one for each channel");
        return x;
    }

    /// <summary>The result for operands X, scale and bias.</summary>
    public static Tensor Normalize(EvaluateContext context, int groups, float epsilon)
    {
        var x = context.Tensor(0);
        double[] items = x.ToDoubles(), scale = context.Tensor(1).ToDoubles(), bias = context.Tensor(2).ToDoubles();
        int parts = checked((int)x.Dims[0] * groups), part = parts == 0 ? 0 : items.Length / parts;
        int plane = part == 0 ? 1 : (int)(part * (long)groups / x.Dims[1]);
        for (int i = 0; i < parts; i++)
        {
            var slice = items.AsSpan(i * part, part);
            var (mean, variance) = TrailingAxes.Statistics(slice);
            double deviation = Math.Sqrt(variance + epsilon);
            for (int k = 0; k < slice.Length; k++)
            {
                int channel = (i * part + k) / plane % scale.Length;
                slice[k] = (slice[k] - mean) / deviation * scale[channel] + bias[channel];
            }
        }
        return context.Floats(x.DType, x.Dims.AsSpan(), items);
    }
}
