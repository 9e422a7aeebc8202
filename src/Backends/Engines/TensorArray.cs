using System.Runtime.InteropServices;

namespace Nncc.Backends.Engines;

/// <summary>Tensors as the arrays that emitted programs take and give, element for element.</summary>
public static class TensorArray
{
    /// <summary>A copy of the elements as an array of their .NET type.</summary>
    /// <exception cref="NnccException">No .NET type has such elements.</exception>
    public static Array From(Tensor tensor) => tensor.DType switch
    {
        DType.Float32 => tensor.Span<float>().ToArray(),
        DType.Float64 => tensor.Span<double>().ToArray(),
        DType.Float16 => tensor.Span<Half>().ToArray(),
        DType.Int8 => tensor.Span<sbyte>().ToArray(),
        DType.UInt8 => tensor.Span<byte>().ToArray(),
        DType.Int16 => tensor.Span<short>().ToArray(),
        DType.UInt16 or DType.BFloat16 => tensor.Span<ushort>().ToArray(),
        DType.Int32 => tensor.Span<int>().ToArray(),
        DType.UInt32 => tensor.Span<uint>().ToArray(),
        DType.Int64 => tensor.Span<long>().ToArray(),
        DType.UInt64 => tensor.Span<ulong>().ToArray(),
        DType.Bool => MemoryMarshal.Cast<byte, bool>(tensor.Span<byte>()).ToArray(),
        _ => throw new NnccException(FaultCodes.NoKernel, $"emitted C# does not take tensors of {tensor.DType.Name()}"),
    };

    /// <summary>The tensor of a static type with these elements; the array is taken over.</summary>
    public static Tensor To(TensorType type, Array array)
    {
        var dims = type.Shape!.ToStatic()!;
        return array switch
        {
            float[] items => Tensor.Of(dims, items),
            double[] items => Tensor.Of(dims, items),
            Half[] items => Tensor.Of(dims, items),
            sbyte[] items when type.DType == DType.Int8 => Tensor.Of(dims, items),
            byte[] items => Tensor.Of(dims, items),
            short[] items when type.DType == DType.Int16 => Tensor.Of(dims, items),
            ushort[] items => Tensor.Of(type.DType, dims, items),
            int[] items when type.DType == DType.Int32 => Tensor.Of(dims, items),
            uint[] items => Tensor.Of(dims, items),
            long[] items when type.DType == DType.Int64 => Tensor.Of(dims, items),
            ulong[] items => Tensor.Of(dims, items),
            bool[] items => Tensor.Of(DType.Bool, dims, MemoryMarshal.Cast<bool, byte>(items).ToArray()),
            _ => throw new ArgumentException($"{array.GetType()} does not hold {type}", nameof(array)),
        };
    }
}
