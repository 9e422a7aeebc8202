namespace Nncc.IR.Evaluate;

/// <summary>Where the elements of an operand stand that broadcasts to a result.</summary>
internal static class Broadcasting
{
    /// <summary>For each element of the result, in row-major order, the place of the operand's element that it takes.</summary>
    /// <exception cref="NnccException">The operand does not broadcast to the result.</exception>
    public static int[] Places(ReadOnlySpan<long> operand, ReadOnlySpan<long> result)
    {
        int rank = result.Length, shift = rank - operand.Length;
        var steps = new int[rank];
        int step = 1;
        for (int i = rank - 1; i >= Math.Max(shift, 0); i--)
        {
            long size = operand[i - shift];
            if (size != 1 && size != result[i]) shift = -1;
            if (shift < 0) break;
            steps[i] = size == 1 ? 0 : step;
            step *= (int)size;
        }
        if (shift < 0)
            throw EvaluateContext.Fault(FaultCodes.OperandShape,
                $"[{string.Join("x", operand.ToArray())}] does not broadcast to [{string.Join("x", result.ToArray())}]");
        int count = 1;
        foreach (long size in result) count = checked(count * (int)size);
        var places = new int[count];
        var coordinates = new long[rank];
        for (int at = 0, place = 0; at < count; at++)
        {
            places[at] = place;
            for (int i = rank - 1; i >= 0; i--)
            {
                place += steps[i];
                if (++coordinates[i] < result[i]) break;
                place -= steps[i] * (int)result[i];
                coordinates[i] = 0;
            }
        }
        return places;
    }
}
