namespace Nncc.IR.Evaluate;

/// <summary>
/// Walks a row-major index space row by row and says where each of several strided operands stands: element i of operand k in the
/// current row is at <c>Offset(k) + i * Step(k)</c>. Axes that follow on without a gap in all operands are walked as one.
/// </summary>
internal sealed class StridedWalk
{
    private readonly long[] sizes;       // outer axes
    private readonly long[][] strides;   // per operand, outer axes
    private readonly long[] steps;       // per operand, along the row
    private readonly long[] index;
    private readonly long[] offsets;
    private bool started;

    public StridedWalk(ReadOnlySpan<long> dims, params ReadOnlySpan<long[]> operandStrides)
    {
        var merged = new List<long>();
        var kept = new List<long>[operandStrides.Length];
        for (int k = 0; k < kept.Length; k++) kept[k] = [];
        for (int axis = 0; axis < dims.Length; axis++)
        {
            if (dims[axis] == 1) continue;
            bool follows = merged.Count > 0;
            for (int k = 0; k < kept.Length && follows; k++) follows = kept[k][^1] == operandStrides[k][axis] * dims[axis];
            if (follows) merged[^1] *= dims[axis];
            else merged.Add(dims[axis]);
            for (int k = 0; k < kept.Length; k++)
            {
                if (follows) kept[k][^1] = operandStrides[k][axis];
                else kept[k].Add(operandStrides[k][axis]);
            }
        }
        RowLength = merged.Count == 0 ? 1 : merged[^1];
        IsEmpty = merged.Contains(0);
        int outer = Math.Max(0, merged.Count - 1);
        sizes = [.. merged.Take(outer)];
        strides = [.. kept.Select(s => s.Take(outer).ToArray())];
        steps = [.. kept.Select(s => s.Count == 0 ? 0 : s[^1])];
        index = new long[outer];
        offsets = new long[operandStrides.Length];
    }

    /// <summary>Elements of each row.</summary>
    public long RowLength { get; }

    /// <summary>Whether there is no element.</summary>
    public bool IsEmpty { get; }

    /// <summary>Where operand <paramref name="operand"/> stands at the start of the row.</summary>
    public long Offset(int operand) => offsets[operand];

    /// <summary>How far apart neighbours of the row are in operand <paramref name="operand"/>.</summary>
    public long Step(int operand) => steps[operand];

    /// <summary>Goes to the first row, then to the next; false behind the last.</summary>
    public bool Next()
    {
        if (!started) { started = true; return !IsEmpty; }
        for (int axis = sizes.Length - 1; axis >= 0; axis--)
        {
            index[axis]++;
            for (int k = 0; k < offsets.Length; k++) offsets[k] += strides[k][axis];
            if (index[axis] < sizes[axis]) return true;
            for (int k = 0; k < offsets.Length; k++) offsets[k] -= strides[k][axis] * sizes[axis];
            index[axis] = 0;
        }
        return false;
    }

    /// <summary>Row-major strides.</summary>
    public static long[] Strides(ReadOnlySpan<long> dims)
    {
        var result = new long[dims.Length];
        long stride = 1;
        for (int axis = dims.Length - 1; axis >= 0; axis--)
        {
            result[axis] = stride;
            stride *= dims[axis];
        }
        return result;
    }

    /// <summary>
    /// Strides of an operand that is broadcast to <paramref name="rank"/> axes: 0 where its size is 1 or it has no such axis.
    /// </summary>
    public static long[] BroadcastStrides(ReadOnlySpan<long> dims, int rank)
    {
        long[] own = Strides(dims), result = new long[rank];
        for (int axis = 0; axis < dims.Length; axis++)
            if (dims[axis] != 1) result[rank - dims.Length + axis] = own[axis];
        return result;
    }
}
