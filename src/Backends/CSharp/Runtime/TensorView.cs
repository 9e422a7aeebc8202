using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>A part of an array that holds the elements of a tensor in row-major order, with element type and sizes.</summary>
internal readonly struct TensorView
{
    private readonly Array? array;
    private readonly long[]? dims;
    private readonly int start;

    /// <summary>A view of an array, of which it takes as many elements as the sizes say.</summary>
    /// <param name="type">Element type; the array has elements of that type (bits in ushort for bfloat16).</param>
    /// <param name="array">The array.</param>
    /// <param name="dims">Sizes, outermost first.</param>
    /// <param name="start">The first element that belongs to the tensor.</param>
    /// <exception cref="ArgumentException">The array has other elements or fewer.</exception>
    public TensorView(ElementType type, Array array, long[] dims, int start = 0)
    {
        long count = 1;
        foreach (long dim in dims)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dim, nameof(dims));
            count = checked(count * dim);
        }
        if (type.NewArray(0).GetType() != array.GetType()) throw new ArgumentException($"{array.GetType().Name} does not hold {type}",
            nameof(array));
        if (start < 0 || start > array.Length || count > array.Length - start)
            throw new ArgumentException($"the sizes [{string.Join(", ", dims)}] are {count} elements, and there are {array.Length - start}",
                nameof(dims));
        (Type, this.array, this.dims, this.start, Count) = (type, array, dims, start, count);
    }

    /// <summary>Element type.</summary>
    public ElementType Type { get; }

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    /// <summary>Sizes, outermost first.</summary>
    public ReadOnlySpan<long> Dims => dims;

    /// <summary>A new array of zeros with its view.</summary>
    public static TensorView New(ElementType type, ReadOnlySpan<long> dims)
    {
        long count = 1;
        foreach (long dim in dims) count = checked(count * dim);
        return new TensorView(type, type.NewArray(count), dims.ToArray());
    }

    /// <summary>The elements.</summary>
    /// <exception cref="InvalidOperationException">They are not held as <typeparamref name="T"/>.</exception>
    public Span<T> As<T>() where T : unmanaged
    {
        if (array is null) return [];
        if (!Type.IsHeldAs<T>()) throw new InvalidOperationException($"elements of {Type} are not {typeof(T).Name}");
        return MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref GetPinnableReference()), (int)Count);
    }

    /// <summary>The first element's first byte; a null reference for an empty tensor.</summary>
    public ref byte GetPinnableReference()
    {
        if (array is null || Count == 0) return ref Unsafe.NullRef<byte>();
        return ref Unsafe.AddByteOffset(ref MemoryMarshal.GetArrayDataReference(array), (nint)start * Type.Bytes());
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Type}[{string.Join(", ", dims ?? [])}]";
}
