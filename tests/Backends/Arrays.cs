namespace Nncc.Tests.Backends;

/// <summary>Tensors as the arrays that emitted programs take and give.</summary>
internal static class Arrays
{
    /// <summary>Floats from -2 to 2, integers from 0 to 4.</summary>
    public static Tensor Random(TensorType type, Random random)
    {
        var dims = type.Shape!.ToStatic()!;
        long count = dims.Aggregate(1L, (a, b) => a * b);
        return Tensor.FromDoubles(type.DType, dims,
            [.. Enumerable.Range(0, (int)count).Select(_ => type.DType.IsFloat() ? random.NextDouble() * 4 - 2 : random.Next(0, 5))]);
    }

    /// <summary>The elements of a tensor.</summary>
    public static Array Of(Tensor t) => t.DType switch
    {
        DType.Float32 => t.Span<float>().ToArray(),
        DType.Float64 => t.Span<double>().ToArray(),
        DType.Float16 => t.Span<Half>().ToArray(),
        DType.Int64 => t.Span<long>().ToArray(),
        DType.UInt64 => t.Span<ulong>().ToArray(),
        DType.Int32 => t.Span<int>().ToArray(),
        DType.UInt32 => t.Span<uint>().ToArray(),
        DType.Int16 => t.Span<short>().ToArray(),
        DType.UInt16 or DType.BFloat16 => t.Span<ushort>().ToArray(),
        DType.Int8 => t.Span<sbyte>().ToArray(),
        DType.UInt8 => t.Span<byte>().ToArray(),
        DType.Bool => t.ToLongs().Select(v => v != 0).ToArray(),
        _ => throw new ArgumentOutOfRangeException(nameof(t), $"{t.Type} as an array"),
    };

    /// <summary>
    /// Fails unless the elements agree: integers and bool to the bit, floats within a tolerance of the greatest finite one, by the dtype;
    /// infinities and NaNs stand in the same places.
    /// </summary>
    public static void AssertClose(Tensor expected, Array actual, string what)
    {
        Assert.True(expected.Count == actual.Length, $"{what}: {actual.Length} elements for {expected.Type}");
        if (!expected.DType.IsFloat())
        {
            long[] integers = expected.ToLongs();
            int k = 0;
            foreach (object item in actual)
            {
                long integer = item is bool truth ? (truth ? 1 : 0) : item is ulong u ? (long)u : Convert.ToInt64(item);
                Assert.True(integers[k] == integer, $"{what}: element {k} is {integer}, should be {integers[k]}");
                k++;
            }
            return;
        }
        double[] a = expected.ToDoubles();
        double tolerance = expected.DType switch { DType.Float64 => 1e-12, DType.Float32 => 2e-6, DType.BFloat16 => 8e-3, _ => 2e-3 };
        double scale = Math.Max(a.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(1).Max(), 1e-30);
        int i = 0;
        foreach (object item in actual)
        {
            double b = item is Half h ? (double)h
                : expected.DType == DType.BFloat16 ? BitConverter.UInt32BitsToSingle((uint)(ushort)item << 16) : Convert.ToDouble(item);
            Assert.True(a[i].Equals(b) || Math.Abs(a[i] - b) <= tolerance * scale, $"{what}: element {i} is {b}, should be {a[i]}");
            i++;
        }
    }
}
