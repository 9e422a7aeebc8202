namespace Nncc.IR.Ops;

/// <summary>
/// Which scale belongs to which element: one for all, one for each place on an axis, or one for each block along an axis.
/// Source: ai.onnx QuantizeLinear-25.
/// </summary>
internal static class QuantizationGrain
{
    /// <summary>Fault if the shape of scale (operand 1) or zero point (operand 2) does not fit x (operand 0).</summary>
    public static void Check(InferContext context, long axis, long blockSize)
    {
        if (blockSize < 0) throw context.Fault(FaultCodes.Attribute, $"block_size is a positive number or 0 for none, got {blockSize}");
        if (context.Tensor(1).Shape is not { } scale) return;
        if (context.Has(2) && context.Tensor(2).Shape is { } zero && !SameShape(scale, zero)
            && (scale.Count.Value, zero.Count.Value) is not (1, 1))
            throw context.Fault(FaultCodes.OperandShape,
                $"scale and zero point must have one shape, got {context.Tensor(1)} and {context.Tensor(2)}");
        if (context.Tensor(0).Shape is not { } x || scale.Rank == 0 || scale.Count.Value == 1) return;
        int along = Axis(context, axis, x.Rank);
        bool fits = blockSize == 0
            ? scale.Rank == 1 && Dim.AreEqual(scale[0], x[along]) != Answer.No
            : scale.Rank == x.Rank && x.Select((size, i) => i == along ? Dim.CeilDiv(size, blockSize) : size)
                .Zip(scale).All(pair => Dim.AreEqual(pair.First, pair.Second) != Answer.No);
        if (!fits)
            throw context.Fault(FaultCodes.OperandShape, $"{context.Tensor(1)} is no scale for {context.Tensor(0)} along axis {along}"
                + (blockSize == 0 ? "" : $" in blocks of {blockSize}"));
    }

    /// <summary>For each element of x, the place of its scale.</summary>
    public static int[] Places(Tensor x, Tensor scale, long axis, long blockSize)
    {
        var places = new int[x.Count];
        if (scale.Count == 1) return places;
        int along = x.Rank == 1 ? 0 : (int)(axis < 0 ? axis + x.Rank : axis), size = (int)x.Dims[along], inner = 1;
        for (int i = along + 1; i < x.Rank; i++) inner *= (int)x.Dims[i];
        int blocks = blockSize == 0 ? size : (int)scale.Dims[along];
        for (int i = 0; i < places.Length; i++)
        {
            int at = i / inner % size;
            places[i] = blockSize == 0 ? at : (i / inner / size * blocks + (int)(at / blockSize)) * inner + i % inner;
        }
        return places;
    }

    private static int Axis(InferContext context, long axis, int rank) => rank == 1 ? 0 : context.Axis(axis, rank);

    private static bool SameShape(Shape a, Shape b) => a.Rank == b.Rank
        && a.Dims.Zip(b.Dims).All(pair => Dim.AreEqual(pair.First, pair.Second) != Answer.No);
}
