using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>1 with the probability that the operand says, else 0. Source: ai.onnx Bernoulli.</summary>
/// <param name="Dtype">Dtype of the result; unknown for the operand's.</param>
/// <param name="Seed">Seed; null leaves it open.</param>
public sealed record Bernoulli(DType Dtype = DType.Unknown, float? Seed = null) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Bernoulli>("input", "output", [15, 22])
        .NewTypes(22, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Random;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        if (Dtype != DType.Unknown && !Dtype.IsArithmeticFloat() && Dtype != DType.Bool && !(Dtype.IsInteger() && Dtype.Bits() >= 8))
            throw context.Fault(FaultCodes.Attribute, $"Bernoulli does not give {Dtype.Name()}");
        return [Dtype == DType.Unknown ? x : x with { DType = Dtype }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        _ = context.Infer(this);
        var stream = new RandomStream(Seed);
        double[] items = Broadcasting.Map<double, double>(x.ToDoubles(), p => stream.Uniform() < p ? 1 : 0);
        var dtype = Dtype == DType.Unknown ? x.DType : Dtype;
        return [dtype.IsFloat() ? context.Floats(dtype, x.Dims.AsSpan(), items) : Tensor.FromDoubles(dtype, x.Dims.AsSpan(), items)];
    }

    /// <summary>Some operations for each number.</summary>
    public override Work Measure(MeasureContext context) => context.Elementwise(4);
}

/// <summary>
/// Classes drawn for each row [batch, classes] of logarithms of probabilities, which need not sum to one. Source: ai.onnx Multinomial.
/// </summary>
/// <param name="Dtype">Dtype of the result.</param>
/// <param name="SampleSize">Draws for each row.</param>
/// <param name="Seed">Seed; null leaves it open.</param>
public sealed record Multinomial(DType Dtype = DType.Int32, long SampleSize = 1, float? Seed = null) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<Multinomial>("input", "output", [7, 22]).NewTypes(22, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Random;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        context.ArithmeticFloats(0);
        if (Dtype is not (DType.Int32 or DType.Int64) || SampleSize < 0)
            throw context.Fault(FaultCodes.Attribute, $"Multinomial gives i32 or i64, got {Dtype.Name()} and {SampleSize} draws");
        return [new TensorType(Dtype, context.Ranked(0, 2, "batch,classes") is { } shape ? [shape[0], SampleSize] : null)];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        var x = context.Tensor(0);
        double[] logs = x.ToDoubles();
        int classes = (int)x.Dims[1];
        var y = new long[Broadcasting.Count(dims)];
        if (y.Length > 0 && classes == 0) throw EvaluateContext.Fault(FaultCodes.Data, "there is no class to draw");
        var stream = new RandomStream(Seed);
        for (int i = 0; i < y.Length; i++)
        {
            var row = logs.AsSpan(i / (int)SampleSize * classes, classes);
            double most = double.NegativeInfinity, sum = 0;
            foreach (double log in row) most = Math.Max(most, log);
            foreach (double log in row) sum += Elementary.Exp(log - most);
            double left = stream.Uniform() * sum;
            while (y[i] < classes - 1 && (left -= Elementary.Exp(row[(int)y[i]] - most)) >= 0) y[i]++;
        }
        return [EvaluateContext.Integers(Dtype, dims, y)];
    }

    /// <summary>Some operations for each class and draw.</summary>
    public override Work Measure(MeasureContext context) =>
        new(0, context.Output(0).Count * 2 * (context.Input(0).Rank == 2 ? context.Input(0)[1] : 1), context.BytesIn, context.BytesOut);
}
