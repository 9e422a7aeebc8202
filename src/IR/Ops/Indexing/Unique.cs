using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The different slices along an axis, or elements of the flattened data, each once; the place of the first of each; for each slice of
/// the data which one it is; and how often each is there. Source: ai.onnx Unique.
/// </summary>
/// <param name="Axis">The axis; without it the data is flattened.</param>
/// <param name="Sorted">Whether the results are in ascending order, else in that of their first places.</param>
public sealed record Unique(long? Axis = null, bool Sorted = true) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Unique>("X", "Y indices? inverse_indices? counts?", [11]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0, dtype => !dtype.IsComplex(), "numeric, bool or string");
        int axis = Axis is { } given && x.Shape is not null ? context.Axis(given, x.Shape.Rank) : 0;
        var all = x.Shape is null ? context.Fresh() : Axis is null ? x.Shape.Count : x.Shape[axis];
        var count = context.Fresh(all.Bounds.Max);
        Shape? result = Axis is null ? [count] : x.Shape is null ? null : new Shape(x.Shape.Dims.SetItem(axis, count));
        var counts = new TensorType(DType.Int64, [count]);
        return [x with { Shape = result }, counts, new TensorType(DType.Int64, [all]), counts];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        if (Axis is null) x = x.Reshape([x.Count]);
        int axis = Places.Axis(Axis ?? 0, x.Rank);
        long size = x.Dims[axis], step = Places.Product(x.Dims.Skip(axis + 1)), rows = Places.Product(x.Dims.Take(axis));
        var compare = ElementOrder.Of(x);
        long[] order = [.. Enumerable.Range(0, (int)size).Select(i => (long)i)];
        Array.Sort(order, (a, b) => CompareSlices(a, b) is not 0 and var result ? result : a.CompareTo(b));
        // Groups of equal slices: the first of each is its earliest, for equal ones are sorted by place.
        var groups = new List<(long First, List<long> Members)>();
        foreach (long place in order)
        {
            if (groups.Count == 0 || CompareSlices(groups[^1].First, place) != 0) groups.Add((place, []));
            groups[^1].Members.Add(place);
        }
        if (!Sorted) groups.Sort((a, b) => a.First.CompareTo(b.First));
        var inverse = new long[size];
        for (int i = 0; i < groups.Count; i++)
            foreach (long member in groups[i].Members) inverse[member] = i;
        long[] firsts = [.. groups.Select(g => g.First)];
        var unique = Elements.Separable(x,
            [.. x.Dims.Select((n, k) => k == axis ? firsts : [.. Enumerable.Range(0, (int)n).Select(i => (long)i)])]);
        return [unique, Tensor.Vector(firsts), Tensor.Vector(inverse), Tensor.Vector([.. groups.Select(g => (long)g.Members.Count)])];

        int CompareSlices(long a, long b)
        {
            for (long row = 0; row < rows; row++)
                for (long k = 0; k < step; k++)
                    if (compare((row * size + a) * step + k, (row * size + b) * step + k) is not 0 and var result) return result;
            return 0;
        }
    }

    // Elements are one or two after their last bit.
    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.PerInput(1);
}
