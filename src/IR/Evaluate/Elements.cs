namespace Nncc.IR.Evaluate;

/// <summary>A way to fill a target from sources, the same for every type of elements.</summary>
internal interface IElementMove
{
    /// <summary>Copies what belongs into <paramref name="target"/> from source number <paramref name="number"/>.</summary>
    void Run<T>(int number, ReadOnlySpan<T> source, Span<T> target);
}

/// <summary>
/// Moves elements without looking at them: numbers of every width (bits are kept, NaNs too), floats held wide, strings, and packed
/// elements, which are unpacked to a byte each and packed again.
/// </summary>
internal static class Elements
{
    /// <summary>
    /// A tensor of these sizes, filled by one run of the move for each source in order. The target starts as <paramref name="initial"/>
    /// (the same sizes, or one element that fills all), or as zeros (empty strings). All sources and the initial content have one dtype.
    /// </summary>
    public static Tensor Move<TMove>(ReadOnlySpan<long> dims, TMove move, Tensor? initial, params ReadOnlySpan<Tensor> sources)
        where TMove : IElementMove
    {
        var first = initial ?? sources[0];
        bool isWide = initial is { IsWide: true };
        foreach (var source in sources) isWide |= source.IsWide;
        if (isWide)
        {
            var items = Fill<double, TMove>(dims, move, initial, sources, static t => t.IsWide ? t.Span<double>() : t.ToDoubles());
            return Tensor.Wide(first.DType, dims, items);
        }
        if (first.DType == DType.String)
        {
            var strings = Fill<string, TMove>(dims, move, initial, sources, static t => t.Strings);
            if (initial is null)
                for (int i = 0; i < strings.Length; i++) strings[i] ??= "";
            return Tensor.Of(dims, strings);
        }
        return first.DType.Bits() switch
        {
            8 => Tensor.Of(first.DType, dims, Fill<byte, TMove>(dims, move, initial, sources, static t => t.Span<byte>())),
            16 => Tensor.Of(first.DType, dims, Fill<ushort, TMove>(dims, move, initial, sources, static t => t.Span<ushort>())),
            32 => Tensor.Of(first.DType, dims, Fill<uint, TMove>(dims, move, initial, sources, static t => t.Span<uint>())),
            64 => Tensor.Of(first.DType, dims, Fill<ulong, TMove>(dims, move, initial, sources, static t => t.Span<ulong>())),
            128 => Tensor.Of(first.DType, dims, Fill<UInt128, TMove>(dims, move, initial, sources, static t => t.Span<UInt128>())),
            var bits => Tensor.Of(first.DType, dims, Pack(Fill<byte, TMove>(dims, move, initial, sources, static t => Unpack(t)), bits)),
        };
    }

    /// <summary>Elements of the source at <c>offset + Σ index · stride</c>.</summary>
    public static Tensor Strided(Tensor source, ReadOnlySpan<long> dims, long offset, params long[] strides) =>
        Move(dims, new StridedMove(dims.ToArray(), offset, strides), null, source);

    /// <summary>
    /// Blocks of <paramref name="block"/> neighbouring elements: block i of the result is block <c>indices[i]</c> of the source, or
    /// stays as <paramref name="initial"/>
    /// (zero by default) where the index is negative.
    /// </summary>
    public static Tensor Indexed(Tensor source, ReadOnlySpan<long> dims, long[] indices, long block = 1, Tensor? initial = null) =>
        Move(dims, new IndexedMove(indices, block), initial, source);

    /// <summary>
    /// Element [i, j, ...] of the result is element [<c>places[0][i]</c>, <c>places[1][j]</c>, ...] of the source, or stays as
    /// <paramref name="initial"/> (zero by default) where one of the places is negative.
    /// </summary>
    public static Tensor Separable(Tensor source, long[][] places, Tensor? initial = null)
    {
        long[] strides = StridedWalk.Strides(source.Dims.AsSpan());
        long[][] offsets = [.. places.Select((axis, k) => axis.Select(place => place < 0 ? -1 : place * strides[k]).ToArray())];
        return Move([.. places.Select(axis => (long)axis.Length)], new SeparableMove(offsets), initial, source);
    }

    private delegate ReadOnlySpan<T> Reader<T>(Tensor tensor);

    private static T[] Fill<T, TMove>(ReadOnlySpan<long> dims, TMove move, Tensor? initial, ReadOnlySpan<Tensor> sources, Reader<T> read)
        where TMove : IElementMove
    {
        var target = new T[Broadcasting.Count(dims)];
        if (initial is { Count: 1 }) Array.Fill(target, read(initial)[0]);
        else if (initial is not null) read(initial).CopyTo(target);
        for (int i = 0; i < sources.Length; i++) move.Run(i, read(sources[i]), target);
        return target;
    }

    private static byte[] Unpack(Tensor tensor)
    {
        int bits = tensor.DType.Bits(), perByte = 8 / bits, mask = (1 << bits) - 1;
        var packed = tensor.Span<byte>();
        var result = new byte[tensor.Count];
        for (int i = 0; i < result.Length; i++) result[i] = (byte)(packed[i / perByte] >> (i % perByte * bits) & mask);
        return result;
    }

    private static byte[] Pack(byte[] items, int bits)
    {
        int perByte = 8 / bits;
        var result = new byte[(items.Length + perByte - 1) / perByte];
        for (int i = 0; i < items.Length; i++) result[i / perByte] |= (byte)(items[i] << (i % perByte * bits));
        return result;
    }

    private readonly struct StridedMove(long[] dims, long offset, long[] strides) : IElementMove
    {
        public void Run<T>(int number, ReadOnlySpan<T> source, Span<T> target)
        {
            var walk = new StridedWalk(dims, strides);
            int at = 0;
            while (walk.Next())
            {
                long from = offset + walk.Offset(0), step = walk.Step(0);
                int length = (int)walk.RowLength;
                if (step == 1) source.Slice((int)from, length).CopyTo(target[at..]);
                else
                    for (int i = 0; i < length; i++) target[at + i] = source[(int)(from + i * step)];
                at += length;
            }
        }
    }

    private readonly struct IndexedMove(long[] indices, long block) : IElementMove
    {
        public void Run<T>(int number, ReadOnlySpan<T> source, Span<T> target)
        {
            int length = (int)block;
            for (int i = 0; i < indices.Length; i++)
                if (indices[i] >= 0) source.Slice((int)indices[i] * length, length).CopyTo(target[(i * length)..]);
        }
    }

    private readonly struct SeparableMove(long[][] offsets) : IElementMove
    {
        public void Run<T>(int number, ReadOnlySpan<T> source, Span<T> target)
        {
            if (target.IsEmpty) return;
            int outer = offsets.Length - 1;
            if (outer < 0) { target[0] = source[0]; return; }
            var index = new int[outer];
            for (int at = 0; at < target.Length; at += offsets[outer].Length)
            {
                long from = 0;
                for (int axis = 0; axis < outer && from >= 0; axis++)
                    from = offsets[axis][index[axis]] is >= 0 and var offset ? from + offset : -1;
                if (from >= 0)
                    for (int i = 0; i < offsets[outer].Length; i++)
                        if (offsets[outer][i] >= 0) target[at + i] = source[(int)(from + offsets[outer][i])];
                for (int axis = outer - 1; axis >= 0 && ++index[axis] == offsets[axis].Length; axis--) index[axis] = 0;
            }
        }
    }
}
