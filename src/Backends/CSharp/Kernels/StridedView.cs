using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes.Strategies;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// A value that is the elements of an operand or of a result at regular places, since only ops lie between that move or rename elements:
/// a kernel reads or writes there, and nothing is moved.
/// </summary>
/// <param name="Slot">Which operand, or which result.</param>
/// <param name="Offset">Elements from its start to the value's first one.</param>
/// <param name="Dims">Sizes of the value.</param>
/// <param name="Steps">Elements from one place of each axis to the next.</param>
internal sealed record StridedView(int Slot, long Offset, ImmutableArray<long> Dims, ImmutableArray<long> Steps)
{
    /// <summary>Bytes from the operand's start.</summary>
    public long ByteOffset(DType dtype) => Offset * dtype.Bits() / 8;

    /// <summary>Whether the op moves or renames elements in such a way that a view can follow it.</summary>
    public static bool IsMove(Op op) =>
        op is Transpose or Reshape or Squeeze or Unsqueeze or Flatten or Gather or Slice or Split;

    /// <summary>A value of the region as a view of one of its operands; null where it is none.</summary>
    public static StridedView? Of(KernelRegion region, int value)
    {
        var chain = new Stack<(Node Node, int Value)>();
        while (region.Body.Producer(value) is { } node)
        {
            if (!IsMove(node.Op)) return null;
            chain.Push((node, value));
            value = node.Inputs[0];
        }
        if (!region.Body[value].IsInput) return null;
        long[] dims = region.Dims(value);
        StridedView? view = new(region.Body[value].Slot, 0, [.. dims], [.. RegionFacts.RowMajor(dims)]);
        while (view is not null && chain.TryPop(out var step)) view = view.Through(region, step.Node, step.Value);
        return view;
    }

    /// <summary>
    /// A value of the region as a view of the region's result that it becomes, by ops that have no other user; null where it is none.
    /// </summary>
    public static StridedView? OfResult(KernelRegion region, int value)
    {
        var chain = new Stack<Node>();
        int last = value;
        while (region.Body.Outputs.All(o => o.Value != last))
        {
            if (region.Body.Users(last).Length != 1 || region.Body.Find(region.Body.Users(last)[0]) is not { } node
                || node.Inputs[0] != last || node.Op is not (Transpose or Reshape or Squeeze or Unsqueeze or Flatten))
                return null;
            chain.Push(node);
            last = node.Outputs[0];
        }
        long[] dims = region.Dims(last);
        int slot = Enumerable.Range(0, region.Body.Outputs.Length).First(i => region.Body.Outputs[i].Value == last);
        StridedView? view = new(slot, 0, [.. dims], [.. RegionFacts.RowMajor(dims)]);
        while (view is not null && chain.TryPop(out var node))
            view = node.Op is Transpose transpose ? view.Permuted(Inverse(Order(transpose, view.Dims.Length)))
                : view.Reshaped(region.Dims(node.Inputs[0]));
        return view;
    }

    private StridedView? Through(KernelRegion region, Node node, int value)
    {
        long[] dims = region.Dims(value);
        switch (node.Op)
        {
            case Transpose transpose:
                return Permuted(Order(transpose, Dims.Length));
            case Gather { Axis: var at }:
                if (region.Constant(node.Inputs[1]) is not { Count: 1, Dims.Length: 0 } index) return null;
                int axis = (int)(at < 0 ? at + Dims.Length : at);
                long place = index.ToLong();
                if (place < 0) place += Dims[axis];
                if (place < 0 || place >= Dims[axis]) return null; // refused when it runs
                return this with { Offset = Offset + place * Steps[axis], Dims = Dims.RemoveAt(axis), Steps = Steps.RemoveAt(axis) };
            case Slice or Split:
                return Piece(region, node, value, dims);
            default:
                return Reshaped(dims);
        }
    }

    // A part of an axis (or of several, one after the other) at regular places, by the op's own meaning.
    private StridedView? Piece(KernelRegion region, Node node, int value, long[] dims)
    {
        var view = this;
        if (node.Op is Split split)
        {
            int axis = (int)(split.Axis < 0 ? split.Axis + Dims.Length : split.Axis);
            long before = 0;
            foreach (int output in node.Outputs)
            {
                if (output == value) return this with { Offset = Offset + before * Steps[axis], Dims = Dims.SetItem(axis, dims[axis]) };
                if (output == Node.Absent) return null;
                before += region.Dims(output)[axis];
            }
            return null;
        }
        if (node.Inputs.Skip(1).Any(i => i != Node.Absent && region.Constant(i) is null)) return null;
        foreach (var (axis, places) in SlicePlaces.Of(region, node, [.. Dims]))
        {
            if (places.Length == 0 || places.Length != dims[axis]) return null;
            long step = places.Length > 1 ? places[1] - places[0] : 1;
            view = view with
            {
                Offset = view.Offset + places[0] * view.Steps[axis],
                Dims = view.Dims.SetItem(axis, places.Length),
                Steps = view.Steps.SetItem(axis, step * view.Steps[axis]),
            };
        }
        return view;
    }

    private StridedView Permuted(int[] permutation) => this with
    {
        Dims = [.. permutation.Select(axis => Dims[axis])],
        Steps = [.. permutation.Select(axis => Steps[axis])],
    };

    // Axes are divided and joined where their elements follow on without a gap.
    private StridedView? Reshaped(long[] dims)
    {
        if (Dims.Contains(0)) return null;
        var merged = LoopNest.Merge([.. Dims], [[.. Steps]]);
        var steps = new long[dims.Length];
        int at = dims.Length - 1;
        for (int axis = merged.Rank - 1; axis >= 0; axis--)
        {
            long left = merged.Extents[axis], step = merged.Strides[0][axis];
            while (left > 1)
            {
                while (at >= 0 && dims[at] == 1) at--;
                if (at < 0 || left % dims[at] != 0) return null;
                steps[at] = step;
                step *= dims[at];
                left /= dims[at--];
            }
        }
        return this with { Dims = [.. dims], Steps = [.. steps] };
    }

    private static int[] Order(Transpose transpose, int rank) =>
        transpose.Perm.IsEmpty ? [.. Enumerable.Range(0, rank).Reverse()] : [.. transpose.Perm.Select(axis => (int)axis)];

    private static int[] Inverse(int[] permutation) =>
        [.. Enumerable.Range(0, permutation.Length).Select(i => Array.IndexOf(permutation, i))];
}
