namespace Nncc.IR.Evaluate;

/// <summary>
/// The parts of a tensor that lie along some axes, one for each place on the other axes: element i of slice s stands at
/// <c>Starts[s] + Offsets[i]</c>. Both are in row-major order of their axes.
/// </summary>
internal sealed class AxisSlices
{
    /// <summary>Slices of a tensor of these sizes along the marked axes; none marked gives slices of one element.</summary>
    public AxisSlices(ReadOnlySpan<long> dims, ReadOnlySpan<bool> isAlong)
    {
        Offsets = Places(dims, isAlong, wanted: true);
        Starts = Places(dims, isAlong, wanted: false);
    }

    /// <summary>Slices along one axis.</summary>
    public AxisSlices(ReadOnlySpan<long> dims, int axis) : this(dims, Mark(dims.Length, axis, axis + 1)) { }

    /// <summary>Slices along the axes from <paramref name="first"/> on: each is one run of elements.</summary>
    public static AxisSlices From(ReadOnlySpan<long> dims, int first) => new(dims, Mark(dims.Length, first, dims.Length));

    /// <summary>Place of the first element of each slice.</summary>
    public int[] Starts { get; }

    /// <summary>Distance of each element from the slice's first.</summary>
    public int[] Offsets { get; }

    /// <summary>Number of slices.</summary>
    public int Count => Starts.Length;

    /// <summary>Elements in a slice.</summary>
    public int Length => Offsets.Length;

    /// <summary>Copies a slice out.</summary>
    public void Read<T>(ReadOnlySpan<T> items, int slice, Span<T> into)
    {
        int start = Starts[slice];
        for (int i = 0; i < Offsets.Length; i++) into[i] = items[start + Offsets[i]];
    }

    /// <summary>Copies a slice back.</summary>
    public void Write<T>(ReadOnlySpan<T> from, int slice, Span<T> items)
    {
        int start = Starts[slice];
        for (int i = 0; i < Offsets.Length; i++) items[start + Offsets[i]] = from[i];
    }

    private static bool[] Mark(int rank, int from, int to) => [.. Enumerable.Range(0, rank).Select(i => i >= from && i < to)];

    private static int[] Places(ReadOnlySpan<long> dims, ReadOnlySpan<bool> isAlong, bool wanted)
    {
        List<int> places = [0];
        int step = 1;
        var steps = new int[dims.Length];
        for (int i = dims.Length - 1; i >= 0; i--)
        {
            steps[i] = step;
            step = checked(step * (int)dims[i]);
        }
        for (int i = 0; i < dims.Length; i++)
        {
            if (isAlong[i] != wanted) continue;
            var next = new List<int>(checked(places.Count * (int)dims[i]));
            foreach (int place in places)
                for (int k = 0; k < dims[i]; k++) next.Add(place + k * steps[i]);
            places = next;
        }
        return [.. places];
    }
}
