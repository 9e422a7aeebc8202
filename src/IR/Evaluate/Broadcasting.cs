using System.Collections.Immutable;

namespace Nncc.IR.Evaluate;

/// <summary>Elementwise maps with ONNX's multidirectional broadcasting (onnx/onnx docs/Broadcasting.md).</summary>
internal static class Broadcasting
{
    /// <summary>The sizes that all operands broadcast to; the user's fault where they do not.</summary>
    public static long[] Dims(params ReadOnlySpan<Tensor> operands)
    {
        int rank = 0;
        foreach (var operand in operands) rank = Math.Max(rank, operand.Rank);
        var result = new long[rank];
        Array.Fill(result, 1);
        foreach (var operand in operands)
            for (int axis = 0; axis < operand.Rank; axis++)
            {
                long size = operand.Dims[axis];
                ref long common = ref result[rank - operand.Rank + axis];
                if (common == 1) common = size;
                else if (size != 1 && size != common) throw EvaluateContext.Fault(FaultCodes.OperandShape,
                    $"{Describe(operands)} do not broadcast");
            }
        return result;
    }

    /// <summary>The function of each element.</summary>
    public static TResult[] Map<T, TResult>(ReadOnlySpan<T> items, Func<T, TResult> function)
    {
        var result = new TResult[items.Length];
        for (int i = 0; i < result.Length; i++) result[i] = function(items[i]);
        return result;
    }

    /// <summary>The function of each element.</summary>
    public static TResult[] Map<T, TResult>(T[] items, Func<T, TResult> function) => Map((ReadOnlySpan<T>)items, function);

    /// <summary>
    /// The function of each pair, where <paramref name="x"/> and <paramref name="y"/> are the elements of tensors of sizes
    /// <paramref name="xDims"/> and <paramref name="yDims"/>, and <paramref name="dims"/> is what they broadcast to.
    /// </summary>
    public static TResult[] Map<T, TResult>(
        long[] dims, ImmutableArray<long> xDims, T[] x, ImmutableArray<long> yDims, T[] y, Func<T, T, TResult> function)
    {
        var result = new TResult[Count(dims)];
        var walk = new StridedWalk(dims, StridedWalk.BroadcastStrides(xDims.AsSpan(), dims.Length),
            StridedWalk.BroadcastStrides(yDims.AsSpan(), dims.Length));
        for (long at = 0; walk.Next();)
        {
            long atX = walk.Offset(0), atY = walk.Offset(1);
            for (long i = 0; i < walk.RowLength; i++, atX += walk.Step(0), atY += walk.Step(1)) result[at++] = function(x[atX], y[atY]);
        }
        return result;
    }

    /// <summary>For each element of the result, in row-major order, the place of the operand's element that it takes.</summary>
    /// <exception cref="NnccException">The operand does not broadcast to the result.</exception>
    public static int[] Places(ReadOnlySpan<long> operand, ReadOnlySpan<long> result)
    {
        bool fits = operand.Length <= result.Length;
        for (int i = 0; i < operand.Length && fits; i++) fits = operand[i] == 1 || operand[i] == result[result.Length - operand.Length + i];
        if (!fits) throw EvaluateContext.Fault(FaultCodes.OperandShape,
            $"[{string.Join("x", operand.ToArray())}] does not broadcast to [{string.Join("x", result.ToArray())}]");
        var places = new int[Count(result)];
        var walk = new StridedWalk(result, StridedWalk.BroadcastStrides(operand, result.Length));
        for (int at = 0; walk.Next();)
            for (long i = 0; i < walk.RowLength; i++) places[at++] = (int)(walk.Offset(0) + i * walk.Step(0));
        return places;
    }

    /// <summary>Product of sizes; the user's fault where a tensor of so many elements is beyond what an array holds.</summary>
    public static long Count(ReadOnlySpan<long> dims)
    {
        if (dims.Contains(0)) return 0;
        Int128 count = 1;
        foreach (long dim in dims)
        {
            count *= dim;
            if (count > Array.MaxLength)
                throw EvaluateContext.Fault(FaultCodes.SizeOverflow,
                    $"a tensor of [{string.Join("x", dims.ToArray())}] elements is too large to compute");
        }
        return (long)count;
    }

    private static string Describe(ReadOnlySpan<Tensor> operands)
    {
        var texts = new List<string>();
        foreach (var operand in operands) texts.Add(operand.Type.ToString());
        return string.Join(" and ", texts);
    }
}
