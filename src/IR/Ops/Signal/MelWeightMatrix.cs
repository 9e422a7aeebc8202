using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The matrix [frequencies, bins] that brings a spectrum to the mel scale, mel(f) = 2595 log10(1 + f/700): each bin a triangle between
/// three of bins + 2 frequencies at equal distances on that scale. Source: ai.onnx MelWeightMatrix.
/// </summary>
/// <param name="OutputDatatype">The dtype of the result.</param>
public sealed record MelWeightMatrix(DType OutputDatatype = DType.Float32) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<MelWeightMatrix>(
        "num_mel_bins dft_length sample_rate lower_edge_hertz upper_edge_hertz", "output", [17]);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        for (int i = 0; i < 3; i++) context.Tensor(i, t => t is DType.Int32 or DType.Int64, "i32 or i64");
        for (int i = 3; i < 5; i++) context.ArithmeticFloats(i);
        if (!OutputDatatype.IsArithmeticFloat() && !(OutputDatatype.IsInteger() && OutputDatatype.Bits() >= 8))
            throw context.Fault(FaultCodes.Attribute, $"MelWeightMatrix does not give {OutputDatatype.Name()}");
        Dim bins = context.Known(0) is [var known] ? known : context.Fresh();
        Dim frequencies = context.Known(1) is [var length] ? Dim.FloorDiv(length, 2) + 1 : context.Fresh();
        if (bins.Value < 0 || frequencies.Value < 1) throw context.Fault(FaultCodes.Data, $"{bins} bins of {frequencies} frequencies");
        return [new TensorType(OutputDatatype, [frequencies, bins])];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        var y = new double[Broadcasting.Count(dims)];
        int bins = (int)dims[1];
        long length = context.Single(1).ToLong(), rate = context.Single(2).ToLong();
        double low = Mel(context.Single(3).ToDouble()), high = Mel(context.Single(4).ToDouble());
        long[] edges = [.. Enumerable.Range(0, bins + 2).Select(i =>
            Edge((length + 1) * Hertz(i * ((high - low) / (bins + 2)) + low) / rate, dims[0]))];
        for (int bin = 0; bin < bins; bin++)
        {
            long first = edges[bin], center = edges[bin + 1], last = edges[bin + 2];
            if (center == first) y[center * bins + bin] = 1;
            else
                for (long j = first; j <= center; j++) y[j * bins + bin] = (double)(j - first) / (center - first);
            for (long j = center; j < last; j++) y[j * bins + bin] = (double)(last - j) / (last - center);
        }
        return [OutputDatatype.IsFloat() ? context.Floats(OutputDatatype, dims, y) : Tensor.FromDoubles(OutputDatatype, dims, y)];
    }

    /// <summary>An operation for each entry.</summary>
    public override Work Measure(MeasureContext context) => context.Elementwise(1);

    private static double Mel(double hertz) => 2595 * (Elementary.Log(1 + hertz / 700) / Elementary.Log(10));

    private static double Hertz(double mel) => 700 * (Elementary.Pow(10, mel / 2595) - 1);

    private static long Edge(double place, long frequencies) => Math.Floor(place) is >= 0 and var edge && edge < frequencies ? (long)edge
        : throw EvaluateContext.Fault(FaultCodes.Data, $"an edge of a bin is at frequency {place} of {frequencies}");
}
