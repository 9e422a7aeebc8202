using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Samples X [n, c, spatial...] at the places in grid [n, sampled..., r], where -1 and 1 are the ends of an axis; the places of a point
/// are given from the last axis to the first. Source: ai.onnx GridSample.
/// </summary>
/// <param name="AlignCorners">Whether the ends are the middles of the outermost elements, instead of their outer edges.</param>
/// <param name="Mode">How to find what is between elements; cubic has the coefficient -0.75.</param>
/// <param name="PaddingMode">What is outside.</param>
public sealed record GridSample(bool AlignCorners = false, ResizeMode Mode = ResizeMode.Linear, GridPadding PaddingMode = GridPadding.Zeros)
    : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<GridSample>("X grid", "Y", [16, 20, 22])
        .Change(20, form => Rename(form, ("bilinear", "linear"), ("bicubic", "cubic")), form =>
        {
            if (form.Rank(0) != 4) return "before opset 20 it took images of two axes only";
            if (!form.Attributes.ContainsKey("mode")) form.Attributes["mode"] = "linear";
            Rename(form, ("linear", "bilinear"), ("cubic", "bicubic"));
            return null;
        })
        .NewTypes(22, 0, DType.BFloat16).NewTypes(22, 1, DType.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Mode == ResizeMode.Nearest ? Accuracy.Exact : Accuracy.OfSum(64);

    /// <inheritdoc/>
    public override bool IsDiscontinuous => Mode == ResizeMode.Nearest;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Mode == ResizeMode.Nearest ? context.Tensor(0) : context.ArithmeticNumbers(0);
        var grid = context.ArithmeticFloats(1);
        if (x.Shape is not { } shape || grid.Shape is not { } places) return [x with { Shape = null }];
        if (shape.Rank < 3 || places.Rank != shape.Rank || Dim.AreEqual(places.Dims[^1], shape.Rank - 2) == Answer.No
            || Dim.AreEqual(places[0], shape[0]) == Answer.No)
            throw context.Fault(FaultCodes.OperandShape, $"GridSample takes [n,c,spatial..] and [n,sampled..,r], got {x} and {grid}");
        return [x with { Shape = new Shape([shape[0], shape[1], .. places.Dims[1..^1]]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor x = context.Tensor(0), grid = context.Tensor(1);
        int[] sizes = [.. x.Dims[2..].Select(size => (int)size)];
        int rank = sizes.Length, channels = (int)x.Dims[1], plane = sizes.Aggregate(1, (product, size) => product * size);
        double[] places = grid.ToDoubles();
        if (PaddingMode != GridPadding.Zeros && places.Length > 0 && sizes.Contains(0))
            throw EvaluateContext.Fault(FaultCodes.Data, $"GridSample has no elements of {x.Type} to take at the border");
        int points = x.Dims[0] == 0 ? 0 : places.Length / rank / (int)x.Dims[0];
        long[] dims = [x.Dims[0], x.Dims[1], .. grid.Dims[1..^1]];
        var samples = new (int[] Places, double[] Weights)[places.Length / rank];
        IndependentLoop.For(samples.Length, 64, context.Cancellation, i => samples[i] = Sample(places.AsSpan(i * rank, rank), sizes));
        if (Mode == ResizeMode.Nearest)
        {
            var indices = new long[x.Dims[0] * channels * points];
            for (int i = 0; i < indices.Length; i++)
            {
                int image = i / points / channels, place = samples[image * points + i % points].Places[0];
                indices[i] = place < 0 ? -1 : (long)(i / points) * plane + place;
            }
            return [Elements.Indexed(x, dims, indices)];
        }
        double[] items = x.ToDoubles(), y = new double[x.Dims[0] * channels * points];
        for (int i = 0; i < y.Length; i++)
        {
            var (taps, weights) = samples[i / points / channels * points + i % points];
            for (int t = 0; t < taps.Length; t++)
                if (taps[t] >= 0) y[i] += weights[t] * items[i / points * plane + taps[t]];
        }
        return [x.DType.IsFloat() ? context.Floats(x.DType, dims, y) : Tensor.FromDoubles(x.DType, dims, y)];
    }

    /// <summary>A product and a sum for each weighted element; none for nearest elements.</summary>
    public override Work Measure(MeasureContext context)
    {
        long taps = Mode == ResizeMode.Nearest ? 0 : 1;
        for (int axis = 2; axis < context.Input(0).Rank; axis++) taps *= Mode == ResizeMode.Linear ? 2 : 4;
        return context.Elementwise(2 * taps);
    }

    // The elements of a plane that a point is the weighted sum of; place -1 is a zero outside.
    private (int[] Places, double[] Weights) Sample(ReadOnlySpan<double> point, int[] sizes)
    {
        int[] places = [0];
        double[] weights = [1];
        for (int axis = 0; axis < sizes.Length; axis++)
        {
            var taps = Taps(point[sizes.Length - 1 - axis], sizes[axis]);
            var (nextPlaces, nextWeights) = (new int[places.Length * taps.Length], new double[places.Length * taps.Length]);
            for (int i = 0; i < nextPlaces.Length; i++)
            {
                var (place, weight) = taps[i % taps.Length];
                int before = places[i / taps.Length];
                nextPlaces[i] = before < 0 || place < 0 ? -1 : before * sizes[axis] + place;
                nextWeights[i] = weights[i / taps.Length] * weight;
            }
            (places, weights) = (nextPlaces, nextWeights);
        }
        return (places, weights);
    }

    private (int Place, double Weight)[] Taps(double normalized, int size)
    {
        double x = AlignCorners ? (normalized + 1) / 2 * (size - 1) : ((normalized + 1) * size - 1) / 2;
        if (double.IsNaN(x)) x = -1;
        if (Mode == ResizeMode.Nearest) x = MathF.Round((float)x, MidpointRounding.ToEven);
        double edge = AlignCorners ? 0 : 0.5;
        if (PaddingMode != GridPadding.Zeros && Mode != ResizeMode.Cubic && (x < -edge || x > size - 1 + edge)) x = Inside(x, size);
        if (Mode == ResizeMode.Nearest) return [(Place(x, size), 1)];
        double below = Math.Floor(x), part = x - below;
        if (Mode == ResizeMode.Linear) return [(Place(below, size), 1 - part), (Place(below + 1, size), part)];
        return [(Place(below - 1, size), Cubic(1 + part)), (Place(below, size), Cubic(part)), (Place(below + 1, size), Cubic(1 - part)),
            (Place(below + 2, size), Cubic(2 - part))];
    }

    private int Place(double at, int size) => PaddingMode != GridPadding.Zeros ? (int)Math.Clamp(Inside(at, size), 0, size - 1)
        : at >= 0 && at < size ? (int)at : -1;

    // A place brought to the border, or reflected at it as often as needed.
    private double Inside(double x, int size)
    {
        if (PaddingMode == GridPadding.Border) return Math.Clamp(x, 0, size - 1);
        double low = AlignCorners ? 0 : -0.5, length = AlignCorners ? size - 1 : size;
        if (length == 0) return 0;
        double beyond = x < low ? low - x : x - low, turns = Math.Floor(beyond / length), rest = beyond - turns * length;
        return turns % 2 == 0 ? low + rest : low + length - rest;
    }

    private static double Cubic(double distance) => distance <= 1 ? (1.25 * distance - 2.25) * distance * distance + 1
        : ((-0.75 * distance + 3.75) * distance - 6) * distance + 3;

    private static void Rename(OpForm form, params ReadOnlySpan<(string From, string To)> names)
    {
        foreach (var (from, to) in names)
            if (form.Attributes.TryGetValue("mode", out var mode) && mode is string text && text == from)
            {
                form.Attributes["mode"] = to;
                return;
            }
    }
}

/// <summary>What stands outside of what <see cref="GridSample"/> samples.</summary>
public enum GridPadding
{
    /// <summary>Zeros.</summary>
    Zeros,
    /// <summary>The element at the border.</summary>
    Border,
    /// <summary>The image reflected at the border.</summary>
    Reflection,
}
