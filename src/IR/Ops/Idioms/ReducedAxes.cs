using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>Elements of a tensor in groups: those that differ in the index along some axes only are one group.</summary>
internal readonly struct ReducedAxes
{
    private readonly int[] places;

    /// <summary>The groups along axes, which may count from the end.</summary>
    public ReducedAxes(ReadOnlySpan<long> dims, IReadOnlyList<long> axes)
    {
        long[] kept = dims.ToArray();
        foreach (long axis in axes) kept[axis < 0 ? axis + kept.Length : axis] = 1;
        Count = (int)Broadcasting.Count(kept);
        places = Broadcasting.Places(kept, dims);
        Length = Count == 0 ? 0 : places.Length / Count;
    }

    /// <summary>Number of groups.</summary>
    public int Count { get; }

    /// <summary>Elements of a group.</summary>
    public int Length { get; }

    /// <summary>The group of an element.</summary>
    public int this[int element] => places[element];
}
