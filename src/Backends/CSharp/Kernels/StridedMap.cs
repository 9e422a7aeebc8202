using System.Collections.Immutable;
using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// A move of elements as nested loops: element Σ index · From + Start of the source goes to Σ index · To of the target, steps in elements.
/// Loops are in the form that <c>Strided.Copy</c> wants: as few as possible, the target contiguous along the last one, and where the source
/// is contiguous along another one, that one before it.
/// </summary>
/// <param name="Extents">Extents, outermost loop first.</param>
/// <param name="To">Steps in the target.</param>
/// <param name="From">Steps in the source.</param>
/// <param name="Start">Place of the first element in the source.</param>
internal sealed record StridedMap(ImmutableArray<long> Extents, ImmutableArray<long> To, ImmutableArray<long> From, long Start)
{
    /// <summary>A contiguous target of these sizes, each of whose axes has a step in the source.</summary>
    public static StridedMap Of(ReadOnlySpan<long> dims, ReadOnlySpan<long> from, long start = 0) => Of(dims, Strides(dims), from, start);

    /// <summary>Loops with steps in both; those that follow on without a gap in both become one.</summary>
    public static StridedMap Of(ReadOnlySpan<long> dims, ReadOnlySpan<long> to, ReadOnlySpan<long> from, long start)
    {
        List<long> extents = [], toSteps = [], fromSteps = [];
        for (int axis = 0; axis < dims.Length; axis++)
        {
            if (dims[axis] == 1) continue;
            if (extents.Count > 0 && toSteps[^1] == to[axis] * dims[axis] && fromSteps[^1] == from[axis] * dims[axis])
                (extents[^1], toSteps[^1], fromSteps[^1]) = (extents[^1] * dims[axis], to[axis], from[axis]);
            else
            {
                extents.Add(dims[axis]);
                toSteps.Add(to[axis]);
                fromSteps.Add(from[axis]);
            }
        }
        if (extents.Contains(0)) return new StridedMap([0], [1], [1], 0);
        if (extents.Count > 0 && toSteps[^1] != 1)
        {
            extents.Add(1);
            toSteps.Add(1);
            fromSteps.Add(1);
        }
        // The order of the loops is free: the last one is given by the target.
        int line = fromSteps.FindIndex(step => step == 1);
        if (line >= 0 && line < extents.Count - 2)
            foreach (var list in new[] { extents, toSteps, fromSteps })
            {
                list.Insert(extents.Count - 1, list[line]);
                list.RemoveAt(line);
            }
        return new StridedMap([.. extents], [.. toSteps], [.. fromSteps], start);
    }

    /// <summary>Whether the elements lie side by side in the source too.</summary>
    public bool IsContiguous => Extents.IsEmpty || (Extents.Length == 1 && From[0] == 1);

    /// <summary>Row-major steps.</summary>
    public static long[] Strides(ReadOnlySpan<long> dims)
    {
        var strides = new long[dims.Length];
        long stride = 1;
        for (int i = dims.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= dims[i];
        }
        return strides;
    }

    /// <summary>The map as the last arguments of <c>Strided.Copy</c>.</summary>
    public IEnumerable<KernelArgument> Arguments =>
        [NumbersArgument.Of(Extents.AsSpan()), NumbersArgument.Of(To.AsSpan()), NumbersArgument.Of(From.AsSpan())];
}
