using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The sum of input, skip and bias, normalized along the last axis: its deviation from the mean over its standard deviation (or, in the
/// simplified form, itself over the root of its mean square), times gamma, plus beta. Further results are the mean, the inverse deviation
/// and the sum.
/// </summary>
public abstract record SkipNormalization : MicrosoftOp
{
    /// <summary>Whether the mean is taken away and beta is there.</summary>
    private protected abstract bool IsCentered { get; }

    /// <summary>Added to the variance.</summary>
    private protected abstract float Added { get; }

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = IsCentered ? Floats(context, 0, 1, 2, 3, 4) : Floats(context, 0, 1, 2, 3);
        var single = new TensorType(DType.Float32, null);
        if (x.Shape is not { } shape) return [x, single, single, x];
        if (shape.Rank is < 2 or > 3) throw context.Fault(FaultCodes.OperandShape, $"the operand must be [batch,length,size], got {x}");
        for (int i = 2; i < (IsCentered ? 5 : 4); i++) context.Vector(i, $"operand {i}", shape[^1], "one for each of the last axis");
        if (context.Tensor(1).Shape is { } skip)
            for (int i = 1; i <= skip.Rank; i++)
                if (skip.Rank > shape.Rank || (skip[^i].Value != 1 && Dim.AreEqual(skip[^i], shape[^i]) == Answer.No))
                    throw context.Fault(FaultCodes.OperandShape, $"skip {context.Tensor(1)} does not broadcast to {x}");
        single = single with { Shape = new Shape([.. shape.Dims[..^1], 1]) };
        return [x, single, single, x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var x = context.Tensor(0);
        double[] items = x.ToDoubles(), skip = context.Tensor(1).ToDoubles(), gamma = context.Tensor(2).ToDoubles();
        double[]? beta = IsCentered ? context.Optional(3)?.ToDoubles() : null, bias = context.Optional(IsCentered ? 4 : 3)?.ToDoubles();
        int size = gamma.Length, rows = size == 0 ? 0 : items.Length / size;
        int[] places = Broadcasting.Places(context.Tensor(1).Dims.AsSpan(), x.Dims.AsSpan());
        double[] means = new double[rows], scales = new double[rows], y = new double[items.Length];
        for (int i = 0; i < items.Length; i++) items[i] += skip[places[i]] + (bias?[i % size] ?? 0);
        for (int row = 0; row < rows; row++)
        {
            var line = items.AsSpan(row * size, size);
            double mean = 0, square = 0;
            foreach (double item in line) mean += item;
            mean = IsCentered ? mean / size : 0;
            foreach (double item in line) square += (item - mean) * (item - mean);
            (means[row], scales[row]) = (mean, 1 / Math.Sqrt(square / size + Added));
            for (int i = 0; i < size; i++) y[row * size + i] = (line[i] - mean) * scales[row] * gamma[i] + (beta?[i] ?? 0);
        }
        long[] single = [.. x.Dims[..^1], 1];
        return [context.Floats(x.DType, x.Dims.AsSpan(), y), context.Floats(DType.Float32, single, means),
            context.Floats(DType.Float32, single, scales), context.Floats(x.DType, x.Dims.AsSpan(), items)];
    }

    /// <summary>For each element: two sums, difference, square, sum, product, product, sum.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(8);
}

/// <summary>Layer normalization of input + skip + bias. Source: com.microsoft SkipLayerNormalization.</summary>
/// <param name="Epsilon">Added to the variance.</param>
public sealed record SkipLayerNormalization(float Epsilon = 1e-12f) : SkipNormalization, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<SkipLayerNormalization>("input skip gamma beta? bias?",
        "output mean? inv_std_var? input_skip_bias_sum?", [1], MicrosoftDomain);

    private protected override bool IsCentered => true;

    private protected override float Added => Epsilon;
}

/// <summary>Root mean square normalization of input + skip + bias. Source: com.microsoft SkipSimplifiedLayerNormalization.</summary>
/// <param name="Epsilon">Added to the mean square.</param>
public sealed record SkipSimplifiedLayerNormalization(float Epsilon = 1e-12f) : SkipNormalization, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<SkipSimplifiedLayerNormalization>("input skip gamma bias?",
        "output mean? inv_std_var? input_skip_bias_sum?", [1], MicrosoftDomain);

    private protected override bool IsCentered => false;

    private protected override float Added => Epsilon;
}
