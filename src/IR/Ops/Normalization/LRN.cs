using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Local response normalization over channels: Y = X / (bias + alpha / size · s)^beta, where s is the sum of squares of the elements at
/// the same place in channels c - floor((size-1)/2) to c + ceil((size-1)/2). Source: ai.onnx LRN.
/// </summary>
/// <param name="Size">Number of channels in the sum.</param>
/// <param name="Alpha">Factor of the mean square.</param>
/// <param name="Beta">Exponent.</param>
/// <param name="Bias">Term beside the mean square.</param>
public sealed record LRN(long Size, float Alpha = 0.0001f, float Beta = 0.75f, float Bias = 1) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<LRN>("X", "Y", [1, 13]).NewTypes(13, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        if (x.Shape is { Rank: < 2 }) throw context.Fault(FaultCodes.OperandShape, $"LRN takes [n,c,..], got {x}");
        return Size >= 1 ? [x] : throw context.Fault(FaultCodes.Attribute, $"LRN takes a size of 1 and more, got {Size}");
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        double[] items = x.ToDoubles(), y = new double[items.Length];
        int channels = (int)x.Dims[1], plane = items.Length == 0 ? 1 : items.Length / checked((int)(x.Dims[0] * x.Dims[1]));
        for (int i = 0; i < y.Length; i++)
        {
            int channel = i / plane % channels;
            long from = Math.Max(0, channel - (Size - 1) / 2), to = Math.Min(channels - 1, channel + Size / 2);
            double squares = 0;
            for (long c = from; c <= to; c++)
            {
                double item = items[i + (c - channel) * plane];
                squares += item * item;
            }
            y[i] = items[i] / Elementary.Pow(Bias + Alpha / (double)Size * squares, Beta);
        }
        return [context.Floats(x.DType, x.Dims.AsSpan(), y)];
    }

    /// <summary>For each element a square and a sum for each channel, then factor, bias, power and quotient.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(2 * Size + 4);
}
