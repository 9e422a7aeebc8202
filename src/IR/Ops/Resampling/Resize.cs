using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// X with other sizes, by interpolation. Either scales are given (a size becomes floor(size · scale), whatever the region of interest) or
/// sizes. Integers are rounded, halves to even, and saturate. Source: ai.onnx Resize-19.
/// </summary>
/// <param name="Antialias">Whether linear and cubic filters get wider where the axis becomes shorter.</param>
/// <param name="Axes">The axes that roi, scales and sizes are about; empty for all.</param>
/// <param name="CoordinateTransformationMode">Where elements of the result stand in X.</param>
/// <param name="CubicCoeffA">Coefficient of the cubic filter.</param>
/// <param name="ExcludeOutside">Whether elements outside of X weigh nothing, instead of being those at its border.</param>
/// <param name="ExtrapolationValue">What stands outside of X with TfCropAndResize.</param>
/// <param name="KeepAspectRatioPolicy">What sizes mean.</param>
/// <param name="Mode">How to interpolate.</param>
/// <param name="NearestMode">Which neighbour is the nearest one.</param>
public sealed record Resize(bool Antialias = false, EquatableArray<long> Axes = default,
    CoordinateTransformationMode CoordinateTransformationMode = CoordinateTransformationMode.HalfPixel, float CubicCoeffA = -0.75f,
    bool ExcludeOutside = false,
    float ExtrapolationValue = 0, KeepAspectRatioPolicy KeepAspectRatioPolicy = KeepAspectRatioPolicy.Stretch,
    ResizeMode Mode = ResizeMode.Nearest,
    NearestMode NearestMode = NearestMode.RoundPreferFloor) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        ResizeForms.AddTo(OpDefinition.For<Resize>("X roi? scales? sizes?", "Y", [10, 11, 13, 18, 19]));

    /// <inheritdoc/>
    public override Accuracy Accuracy => Mode == ResizeMode.Nearest ? Accuracy.Exact : Accuracy.OfSum(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Mode == ResizeMode.Nearest ? context.Tensor(0) : context.ArithmeticNumbers(0);
        bool scaled = IsGiven(context, 2), sized = IsGiven(context, 3);
        if (scaled) context.Tensor(2, t => t == DType.Float32, "float");
        if (IsGiven(context, 1)) context.Floats(1);
        if (sized) context.Tensor(3, t => t == DType.Int64, "int64");
        if (scaled == sized)
            throw context.Fault(FaultCodes.OperandCount, $"Resize takes either scales or sizes, got {(scaled ? "both" : "neither")}");
        if (IsCropped && !IsGiven(context, 1)) throw context.Fault(FaultCodes.OperandCount, "Resize with tf_crop_and_resize needs roi");
        if (Antialias && Mode == ResizeMode.Nearest) throw context.Fault(FaultCodes.Attribute, "Resize has no antialias in mode nearest");
        if (x.Shape is not { } shape) return [x];
        int[] axes = ResizedAxes(shape.Rank);
        if (context.Tensor(scaled ? 2 : 3).Shape is { Rank: 1 } list && list[0].Value is { } count && count != axes.Length)
            throw context.Fault(FaultCodes.OperandShape,
                $"Resize takes a {(scaled ? "scale" : "size")} for each of {axes.Length} axes, got {count}");
        var result = shape.Dims.ToArray();
        foreach (int axis in axes) result[axis] = context.Fresh();
        if (context.Constant(scaled ? 2 : 3) is { } given)
        {
            var scales = scaled ? Floats(given) : null;
            if (shape.ToStatic() is { } dims)
                return [x with { Shape = new Shape([.. Plan(dims, null, scales, scaled ? null : given.ToLongs()).Select(a =>
                    Dim.Of(a.Out))]) }];
            for (int i = 0; scaled && i < axes.Length; i++) result[axes[i]] = Scaled(shape[axes[i]], scales![i]) ?? result[axes[i]];
        }
        if (sized && KeepAspectRatioPolicy == KeepAspectRatioPolicy.Stretch && context.Known(3) is { } sizes && sizes.Length == axes.Length)
            for (int i = 0; i < axes.Length; i++) result[axes[i]] = sizes[i];
        return [x with { Shape = new Shape([.. result]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        var plan = Plan([.. x.Dims], Floats(context.Optional(1)), Floats(context.Optional(2)), NonEmpty(context.Optional(3))?.ToLongs());
        long[] dims = [.. plan.Select(axis => (long)axis.Out)];
        // Axes are resized one after the other.
        if (plan.Aggregate(1.0, (count, axis) => count * Math.Max(axis.In, axis.Out)) > Array.MaxLength)
            throw EvaluateContext.Fault(FaultCodes.SizeOverflow, $"Resize would make [{string.Join(",", dims)}] of {x.Type}");
        if (Mode == ResizeMode.Nearest) return [Nearest(x, dims, plan)];
        double[] items = x.ToDoubles();
        for (int axis = 0; axis < plan.Length; axis++)
        {
            if (plan[axis].IsIdentity) continue;
            int outer = Product(dims.AsSpan(0, axis)), inner = Product(x.Dims.AsSpan()[(axis + 1)..]);
            items = Interpolate(items, plan[axis], outer, inner);
        }
        if (x.DType.IsFloat()) return [context.Floats(x.DType, dims, items)];
        var (min, max) = IntegerRange.Of(x.DType);
        for (int i = 0; i < items.Length; i++)
            items[i] = Math.Clamp(Math.Round(items[i], MidpointRounding.ToEven), min, x.DType == DType.UInt64 ? ulong.MaxValue : max);
        return [Tensor.FromDoubles(x.DType, dims, items)];
    }

    /// <summary>A product and a sum for each weighted element, over all axes that change; none for nearest elements.</summary>
    public override Work Measure(MeasureContext context)
    {
        Shape x = context.Input(0), y = context.Output(0);
        if (Mode == ResizeMode.Nearest || x.Rank != y.Rank) return context.Movement();
        long taps = x.Zip(y).Where(pair => Dim.AreEqual(pair.First, pair.Second) != Answer.Yes)
            .Aggregate(1L, (product, _) => product * (Mode == ResizeMode.Linear ? 2 : 4));
        return context.Elementwise(2 * taps);
    }

    /// <summary>How the op goes along each axis of an operand of these sizes.</summary>
    /// <param name="dims">Sizes of X.</param>
    /// <param name="roi">Region of interest: all starts, then all ends; null for all of X.</param>
    /// <param name="scales">Scales; null where sizes are given.</param>
    /// <param name="sizes">Sizes; null where scales are given.</param>
    /// <exception cref="NnccException">There are not as many numbers as axes, or a size or scale is none.</exception>
    public ImmutableArray<ResizeAxis> Plan(long[] dims, float[]? roi, float[]? scales, long[]? sizes)
    {
        int[] axes = ResizedAxes(dims.Length);
        if ((scales?.Length ?? sizes?.Length ?? 0) != axes.Length || (IsCropped && roi is not null && roi.Length != 2 * axes.Length))
            throw new NnccException(FaultCodes.OperandShape,
                $"Resize takes a scale or size{(IsCropped ? " and a start and end" : "")} for each of {axes.Length} axes");
        if (scales?.Any(s => !(s > 0)) == true)
            throw new NnccException(FaultCodes.Data, $"Resize takes scales above 0, got [{string.Join(",", scales)}]");
        if (sizes?.Any(s => s < 0) == true)
            throw new NnccException(FaultCodes.Data, $"Resize takes sizes of 0 and more, got [{string.Join(",", sizes)}]");
        float common = Common(dims, axes, sizes);
        ResizeAxis[] plan = [.. dims.Select(size => new ResizeAxis(this, checked((int)size), checked((int)size), 1, 0, 1))];
        for (int i = 0; i < axes.Length; i++)
        {
            int size = plan[axes[i]].In;
            (float start, float end) = IsCropped && roi is not null ? (roi[i], roi[axes.Length + i]) : (0, 1);
            float scale = scales?[i] ?? (common > 0 ? common : sizes![i] / (float)size);
            double result = scales is not null ? Math.Floor((double)(size * scale))
                : common > 0 ? Math.Floor(common * (double)size + 0.5) : sizes![i];
            if (size == 0 && result != 0)
                throw new NnccException(FaultCodes.Data, $"Resize has no elements to make {result} of along axis {axes[i]}");
            if (!(result <= Array.MaxLength)) throw new NnccException(FaultCodes.SizeOverflow,
                $"Resize would make {result} of axis {axes[i]}");
            plan[axes[i]] = new ResizeAxis(this, size, (int)result, scale, start, end);
        }
        return [.. plan];
    }

    private bool IsCropped => CoordinateTransformationMode == CoordinateTransformationMode.TfCropAndResize;

    private int[] ResizedAxes(int rank)
    {
        int[] axes = Axes.IsEmpty ? [.. Enumerable.Range(0, rank)] : [.. Axes.Select(a => (int)(a < 0 ? a + rank : a))];
        return axes.All(a => a >= 0 && a < rank) && axes.Distinct().Count() == axes.Length ? axes
            : throw new NnccException(FaultCodes.Attribute, $"axes {Axes} are not different axes of rank {rank}");
    }

    // The one scale of all axes that keeps the ratio of sizes; 0 where each has its own.
    private float Common(long[] dims, int[] axes, long[]? sizes)
    {
        if (sizes is null || KeepAspectRatioPolicy == KeepAspectRatioPolicy.Stretch || axes.Length == 0) return 0;
        var scales = axes.Select((axis, i) => sizes[i] / (float)dims[axis]);
        return KeepAspectRatioPolicy == KeepAspectRatioPolicy.NotLarger ? scales.Min() : scales.Max();
    }

    private Tensor Nearest(Tensor x, long[] dims, ImmutableArray<ResizeAxis> plan)
    {
        long[] places = [0];
        long step = 1;
        for (int axis = plan.Length - 1; axis >= 0; axis--)
        {
            int[] own = plan[axis].IsIdentity ? [.. Enumerable.Range(0, plan[axis].In)] : plan[axis].NearestPlaces();
            var next = new long[own.Length * places.Length];
            for (int i = 0; i < own.Length; i++)
                for (int k = 0; k < places.Length; k++)
                    next[i * places.Length + k] = own[i] < 0 || places[k] < 0 ? -1 : own[i] * step + places[k];
            places = next;
            step *= x.Dims[axis];
        }
        if (places.All(place => place >= 0)) return Elements.Indexed(x, dims, places);
        if (!x.DType.IsFloat() && !x.DType.IsInteger())
            throw EvaluateContext.Fault(FaultCodes.NotSupported,
                $"Resize of {x.Type} beyond its border: {ExtrapolationValue} is no {x.DType.Name()}");
        return Elements.Indexed(x, dims, places, initial: Tensor.FromDoubles(x.DType, [], [ExtrapolationValue]));
    }

    private double[] Interpolate(double[] items, ResizeAxis axis, int outer, int inner)
    {
        var (places, weights, taps) = axis.Interpolation();
        var result = new double[checked(outer * axis.Out * inner)];
        for (int o = 0; o < outer; o++)
            for (int i = 0; i < axis.Out; i++)
            {
                var target = result.AsSpan((o * axis.Out + i) * inner, inner);
                if (places[i * taps] < 0) { target.Fill(ExtrapolationValue); continue; }
                for (int t = 0; t < taps; t++)
                {
                    double weight = weights[i * taps + t];
                    if (weight != 0) MatrixProduct.AddRow<double>([weight],
                        items.AsSpan((o * axis.In + places[i * taps + t]) * inner, inner), inner, target);
                }
            }
        return result;
    }

    // floor(size · scale) as a size, where the scale is a short binary fraction.
    private static Dim? Scaled(Dim size, float scale)
    {
        if (scale == 1) return size;
        for (long denominator = 1; denominator <= 1 << 10; denominator *= 2)
            if (scale * (double)denominator is var numerator && numerator == Math.Truncate(numerator) && numerator < 1 << 20)
                return Dim.FloorDiv(size * (long)numerator, denominator);
        return null;
    }

    private static bool IsGiven(InferContext context, int index) =>
        context.Has(index) && context.Tensor(index).Shape is not { Dims: [{ Value: 0 }] };

    private static Tensor? NonEmpty(Tensor? tensor) => tensor is { Count: > 0 } ? tensor : null;

    private static float[]? Floats(Tensor? tensor) => NonEmpty(tensor)?.ToDoubles().Select(d => (float)d).ToArray();

    private static int Product(ReadOnlySpan<long> sizes)
    {
        int product = 1;
        foreach (long size in sizes) product = checked(product * (int)size);
        return product;
    }
}
