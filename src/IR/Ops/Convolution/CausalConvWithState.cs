using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// A convolution along the last axis, each channel by itself, whose windows end at their own place: what stands before the first place is
/// the past state, or zeros. The present state is the last places, one less than taps. Source: ai.onnx CausalConvWithState-27.
/// </summary>
/// <param name="Activation">What follows the sums.</param>
public sealed record CausalConvWithState(CausalConvActivation Activation = CausalConvActivation.None) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<CausalConvWithState>("input weight bias? past_state?", "output present_state", [27]);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        for (int i = 1; i < 4; i++)
            if (i == 1 || context.Has(i))
            {
                context.ArithmeticFloats(i);
                context.SameDType(0, i);
            }
        if (context.Ranked(0, 3, "batch,channels,length") is not { } input || context.Ranked(1, 3, "channels,1,taps") is not { } weight)
            return [x, x with { Shape = null }];
        context.Same(weight[0], input[1], "channels of input and weight");
        context.Same(weight[1], 1, "the second axis of weight and 1");
        if (weight[2].Value < 1) throw context.Fault(FaultCodes.OperandShape, $"weight {context.Tensor(1)} has no tap");
        context.Vector(2, "bias", input[1], "one for each channel");
        Shape state = [input[0], input[1], weight[2] - 1];
        if (context.Has(3) && context.Ranked(3, 3, "batch,channels,taps-1") is { } past)
            for (int i = 0; i < 3; i++) context.Same(past[i], state[i], "sizes of past and present state");
        return [x, x with { Shape = state }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        Tensor x = context.Tensor(0), w = context.Tensor(1);
        int channels = (int)x.Dims[1], length = (int)x.Dims[2], taps = (int)w.Dims[2], kept = taps - 1, rows = (int)x.Dims[0] * channels;
        double[] items = x.ToDoubles(), weights = w.ToDoubles(), bias = context.Optional(2)?.ToDoubles() ?? new double[channels];
        double[] past = context.Optional(3)?.ToDoubles() ?? new double[rows * kept];
        double[] state = new double[rows * kept], line = new double[kept + length];
        var y = new double[items.Length];
        for (int row = 0; row < rows; row++)
        {
            past.AsSpan(row * kept, kept).CopyTo(line);
            items.AsSpan(row * length, length).CopyTo(line.AsSpan(kept));
            for (int i = 0; i < length; i++)
            {
                double sum = 0;
                for (int t = 0; t < taps; t++) sum += line[i + t] * weights[row % channels * taps + t];
                sum += bias[row % channels];
                y[row * length + i] = Activation == CausalConvActivation.None ? sum : sum / (1 + Elementary.Exp(-sum));
            }
            line.AsSpan(length).CopyTo(state.AsSpan(row * kept));
        }
        return [context.Floats(x.DType, x.Dims.AsSpan(), y), context.Floats(x.DType, [x.Dims[0], channels, kept], state)];
    }

    /// <summary>A multiply-accumulate for each element and tap.</summary>
    public override Work Measure(MeasureContext context) =>
        context.Products(context.Input(0).Count * (context.Input(1).Rank == 3 ? context.Input(1)[2] : 1));
}

/// <summary>What follows the sums of <see cref="CausalConvWithState"/>.</summary>
public enum CausalConvActivation
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>x · sigmoid(x).</summary>
    Silu,
    /// <summary>The same under another name.</summary>
    Swish,
}
