namespace Nncc.IR.Ops;

/// <summary>A tensor as [batch, heads, length, size] in binary64, whatever order its axes have.</summary>
/// <param name="Items">The elements in that order.</param>
/// <param name="Batch">Batches.</param>
/// <param name="Count">Heads.</param>
/// <param name="Length">Places of the sequence.</param>
/// <param name="Size">Elements of a head.</param>
internal sealed record Heads(double[] Items, int Batch, int Count, int Length, int Size)
{
    /// <summary>The elements of one place of one head.</summary>
    public Span<double> this[int batch, int head, int place] =>
        Items.AsSpan(((batch * Count + head) * Length + place) * Size, Size);

    /// <summary>Zeros.</summary>
    public static Heads Zeros(int batch, int count, int length, int size) =>
        new(new double[checked((long)batch * count * length * size)], batch, count, length, size);

    /// <summary>From [batch, heads, length, size], or from [batch, length, heads · size] where the number of heads is given.</summary>
    public static Heads Of(Tensor tensor, long heads)
    {
        double[] items = tensor.ToDoubles();
        if (tensor.Rank == 4) return new Heads(items, (int)tensor.Dims[0], (int)tensor.Dims[1], (int)tensor.Dims[2], (int)tensor.Dims[3]);
        return Swap(items, (int)tensor.Dims[0], (int)tensor.Dims[1], (int)heads, (int)(tensor.Dims[2] / heads));
    }

    /// <summary>From [batch, length, heads, size].</summary>
    public static Heads Swap(double[] items, int batch, int length, int heads, int size)
    {
        var result = Zeros(batch, heads, length, size);
        for (int b = 0; b < batch; b++)
            for (int s = 0; s < length; s++)
                for (int h = 0; h < heads; h++)
                    items.AsSpan(((b * length + s) * heads + h) * size, size).CopyTo(result[b, h, s]);
        return result;
    }

    /// <summary>The elements as [batch, length, heads · size].</summary>
    public double[] Joined()
    {
        var result = new double[Items.Length];
        for (int b = 0; b < Batch; b++)
            for (int s = 0; s < Length; s++)
                for (int h = 0; h < Count; h++)
                    this[b, h, s].CopyTo(result.AsSpan(((b * Length + s) * Count + h) * Size));
        return result;
    }

    /// <summary>These places behind those of a past; the past may be absent.</summary>
    public Heads After(Heads? past)
    {
        if (past is null) return this;
        if (past.Batch != Batch || past.Count != Count || past.Size != Size)
            throw EvaluateContext.Fault(FaultCodes.OperandShape, $"a past of [{past.Batch}x{past.Count}x{past.Length}x{past.Size}] has no "
                + $"continuation [{Batch}x{Count}x{Length}x{Size}]");
        var result = Zeros(Batch, Count, past.Length + Length, Size);
        for (int b = 0; b < Batch; b++)
            for (int h = 0; h < Count; h++)
            {
                for (int s = 0; s < past.Length; s++) past[b, h, s].CopyTo(result[b, h, s]);
                for (int s = 0; s < Length; s++) this[b, h, s].CopyTo(result[b, h, past.Length + s]);
            }
        return result;
    }

    /// <summary>Number <paramref name="index"/> of the packed tensors in [batch, length, heads, packed, size].</summary>
    public static Heads Packed(Tensor tensor, int index)
    {
        double[] items = tensor.ToDoubles();
        int[] dims = [.. tensor.Dims.Select(d => (int)d)];
        var result = Zeros(dims[0], dims[2], dims[1], dims[4]);
        for (int b = 0; b < dims[0]; b++)
            for (int s = 0; s < dims[1]; s++)
                for (int h = 0; h < dims[2]; h++)
                    items.AsSpan((((b * dims[1] + s) * dims[2] + h) * dims[3] + index) * dims[4], dims[4]).CopyTo(result[b, h, s]);
        return result;
    }

    /// <summary>The first places of each head.</summary>
    public Heads First(int length)
    {
        var result = Zeros(Batch, Count, length, Size);
        for (int b = 0; b < Batch; b++)
            for (int h = 0; h < Count; h++)
                for (int s = 0; s < length; s++) this[b, h, s].CopyTo(result[b, h, s]);
        return result;
    }

    /// <summary>These places in a cache with room for more, from a place on.</summary>
    public Heads Within(Heads cache, int first)
    {
        var result = cache with { Items = [.. cache.Items] };
        for (int b = 0; b < Batch; b++)
            for (int h = 0; h < Count; h++)
                for (int s = 0; s < Length; s++) this[b, h, s].CopyTo(result[b, h, first + s]);
        return result;
    }

    /// <summary>A tensor [batch, heads, length, size] of these elements.</summary>
    public Tensor ToTensor(EvaluateContext context, DType dtype) => context.Floats(dtype, [Batch, Count, Length, Size], Items);
}
