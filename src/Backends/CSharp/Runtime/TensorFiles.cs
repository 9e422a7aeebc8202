using System.Runtime.InteropServices;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>Tensors in files: NumPy's <c>.npy</c> and ONNX's <c>.pb</c> (a TensorProto).</summary>
internal static class TensorFiles
{
    /// <summary>Reads a file; its ending says the format.</summary>
    /// <exception cref="InvalidDataException">It is neither, damaged, or its elements are not supported.</exception>
    public static TensorView Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        try
        {
            return Path.GetExtension(path).ToLowerInvariant() switch
            {
                ".npy" => NpyFile.Parse(bytes),
                ".pb" => TensorProto.Parse(bytes),
                var other => throw new InvalidDataException($"the ending {other} is not known: .npy and .pb are"),
            };
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException or ArgumentException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Writes a <c>.npy</c> file.</summary>
    public static void Write(string path, TensorView view) => File.WriteAllBytes(path, NpyFile.Format(view));

    /// <summary>
    /// The tensor as the element type of a port, where that is the same kind of number: NumPy makes binary64 and int64 by default.
    /// </summary>
    /// <exception cref="InvalidDataException">It is another kind, or a number does not fit.</exception>
    public static TensorView Convert(TensorView view, ElementType type)
    {
        if (view.Type == type) return view;
        var result = TensorView.New(type, view.Dims);
        switch (view.Type, type)
        {
            case (ElementType.Float64, ElementType.Float32): Fill<double, float>(view, result, x => (float)x); break;
            case (ElementType.Float64, ElementType.Float16): Fill<double, Half>(view, result, x => (Half)x); break;
            case (ElementType.Float32, ElementType.Float16): Fill<float, Half>(view, result, x => (Half)x); break;
            case (ElementType.Float32, ElementType.Float64): Fill<float, double>(view, result, x => x); break;
            case (ElementType.Float32, ElementType.BFloat16): Fill<float, ushort>(view, result, Numbers.ToBFloat16); break;
            case (ElementType.Float64, ElementType.BFloat16): Fill<double, ushort>(view, result, x => Numbers.ToBFloat16((float)x)); break;
            case (ElementType.UInt16, ElementType.BFloat16): Fill<ushort, ushort>(view, result, x => x); break;
            case (ElementType.Int64, ElementType.Int32): Fill<long, int>(view, result, x => checked((int)x)); break;
            case (ElementType.Int32, ElementType.Int64): Fill<int, long>(view, result, x => x); break;
            default: throw new InvalidDataException($"the file holds {view.Type}, and {type} is expected");
        }
        return result;
    }

    /// <summary>A tensor over the bytes of its elements, in the order of the machine.</summary>
    internal static TensorView FromBytes(ElementType type, long[] dims, ReadOnlySpan<byte> bytes)
    {
        foreach (long dim in dims)
            if (dim < 0) throw new InvalidDataException($"a size is {dim}");
        long count = dims.Aggregate(1L, (product, dim) => checked(product * dim));
        if (checked(count * type.Bytes()) != bytes.Length)
            throw new InvalidDataException($"{type}[{string.Join(", ", dims)}] takes {count * type.Bytes()} bytes, and there are "
                + $"{bytes.Length}");
        var view = TensorView.New(type, dims);
        if (count > 0) bytes.CopyTo(MemoryMarshal.CreateSpan(ref view.GetPinnableReference(), bytes.Length));
        return view;
    }

    private static void Fill<TFrom, TTo>(TensorView from, TensorView to, Func<TFrom, TTo> convert) where TFrom : unmanaged where TTo
        : unmanaged
    {
        var source = from.As<TFrom>();
        var target = to.As<TTo>();
        for (int i = 0; i < source.Length; i++) target[i] = convert(source[i]);
    }
}
