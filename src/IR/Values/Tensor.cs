using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nncc.IR;

/// <summary>
/// A dense tensor: element type, sizes, elements in row-major order. The elements live in a managed array or in a slice of
/// a mapped file, which is never copied until somebody asks for other element types. Elements under 8 bits are packed as in
/// ONNX's raw form. A tensor is not changed after it was made.
/// </summary>
public sealed unsafe class Tensor : Datum, IEquatable<Tensor>
{
    private readonly Array? array;
    private readonly byte* pointer;
    private readonly object? owner;
    private TensorType? type;
    private int hash;

    private Tensor(DType dtype, ImmutableArray<long> dims, Array? array, byte* pointer, object? owner, bool isWide)
    {
        long count = 1;
        foreach (long dim in dims)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dim);
            count = checked(count * dim);
        }
        (DType, Dims, Count, IsWide) = (dtype, dims, count, isWide);
        this.array = array;
        this.pointer = pointer;
        this.owner = owner;
    }

    /// <summary>Whether the elements are at hand. Where not, type and sizes alone may be asked for.</summary>
    public bool HasContent => owner is not Absence;

    /// <summary>Element type.</summary>
    public DType DType { get; }

    /// <summary>Sizes, outermost first.</summary>
    public ImmutableArray<long> Dims { get; }

    /// <summary>Number of axes.</summary>
    public int Rank => Dims.Length;

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    /// <summary>Whether floats are held as binary64 although <see cref="DType"/> is narrower (the evaluator's wide policy).</summary>
    public bool IsWide { get; }

    /// <summary>Bytes of one stored element; 0 for strings and for packed elements.</summary>
    public int ElementSize => IsWide ? sizeof(double) : DType.Bits() / 8;

    /// <summary>Bytes of all elements in ONNX's raw form.</summary>
    public long ByteCount => DType.Bytes(Count);

    /// <inheritdoc/>
    public override TensorType Type => type ??= new TensorType(DType, Shape.Of(Dims.AsSpan()));

    /// <summary>A tensor that takes over the array; its element type says the dtype, its length must fit the sizes.</summary>
    public static Tensor Of<T>(ReadOnlySpan<long> dims, T[] items) => Of(DTypeOf<T>(), dims, items);

    /// <summary>A scalar.</summary>
    public static Tensor Scalar<T>(T value) => Of<T>([], [value]);

    /// <summary>A rank 1 tensor.</summary>
    public static Tensor Vector<T>(params T[] items) => Of([items.Length], items);

    /// <summary>
    /// A tensor that takes over the array of stored elements, whose element type may stand in for the dtype: <c>ushort</c> for
    /// bfloat16, <c>byte</c> for 8 bit floats and for packed elements.
    /// </summary>
    public static Tensor Of<T>(DType dtype, ReadOnlySpan<long> dims, T[] items)
    {
        var tensor = new Tensor(dtype, [.. dims], items, null, null, false);
        if (dtype == DType.String ? typeof(T) != typeof(string) || items.Length != tensor.Count
            : RuntimeHelpers.IsReferenceOrContainsReferences<T>() || (long)items.Length * Unsafe.SizeOf<T>() != tensor.ByteCount)
            throw new ArgumentException($"{items.Length} elements of {typeof(T).Name} do not make {tensor.Type}", nameof(items));
        return tensor;
    }

    /// <summary>A tensor over memory that <paramref name="owner"/> keeps alive (a mapped file); nothing is copied.</summary>
    public static Tensor Mapped(DType dtype, ReadOnlySpan<long> dims, byte* data, object owner) =>
        new(dtype, [.. dims], null, data, owner, false);

    /// <summary>
    /// A tensor of which type and sizes alone are known: for questions that need no elements. Whoever asks for elements gets a fault.
    /// </summary>
    /// <param name="dtype">Element type.</param>
    /// <param name="dims">Sizes.</param>
    /// <param name="reason">Why the elements are not there, for the fault.</param>
    public static Tensor WithoutContent(DType dtype, ReadOnlySpan<long> dims, string reason) =>
        new(dtype, [.. dims], null, null, new Absence(reason), false);

    /// <summary>Floats held as binary64 under a narrower (or equal) dtype: the evaluator's wide policy.</summary>
    public static Tensor Wide(DType dtype, ReadOnlySpan<long> dims, double[] items) =>
        dtype == DType.Float64 ? Of(dtype, dims, items) : new Tensor(dtype, [.. dims], items, null, null, true);

    /// <summary>
    /// Numbers rounded (to nearest, ties to even) to the dtype; integers and bool truncate towards zero and wrap. Formats of 8 bits and
    /// less take their greatest value for what is beyond, or infinity or NaN if not <paramref name="saturate"/>.
    /// </summary>
    public static Tensor FromDoubles(DType dtype, ReadOnlySpan<long> dims, ReadOnlySpan<double> items, bool saturate = true) =>
        new(dtype, [.. dims], ElementCodec.Encode(dtype, items, saturate), null, null, false);

    /// <summary>Integers wrapped to the dtype (floats: rounded).</summary>
    public static Tensor FromLongs(DType dtype, ReadOnlySpan<long> dims, ReadOnlySpan<long> items) =>
        new(dtype, [.. dims], ElementCodec.Encode(dtype, items), null, null, false);

    /// <summary>The same elements under other sizes of the same product.</summary>
    public Tensor Reshape(ReadOnlySpan<long> dims)
    {
        var result = new Tensor(DType, [.. dims], array, pointer, owner, IsWide);
        return result.Count == Count ? result : throw new ArgumentException($"{Type} has not the elements of {result.Type}", nameof(dims));
    }

    /// <summary>The stored elements; the size of <typeparamref name="T"/> must be that of an element (bytes for packed ones).</summary>
    public ReadOnlySpan<T> Span<T>() where T : unmanaged
    {
        int bits = IsWide ? 64 : DType.Bits();
        if (sizeof(T) * 8 != Math.Max(bits,
            8)) throw new InvalidOperationException($"{Type}{(IsWide ? " (wide)" : "")} read as {typeof(T).Name}");
        return Span<T>(checked((int)(IsWide ? Count : ByteCount / sizeof(T))));
    }

    /// <summary>
    /// Up to <paramref name="length"/> bytes of the raw form from <paramref name="offset"/> on, for copying large tensors in pieces.
    /// </summary>
    public ReadOnlySpan<byte> Bytes(long offset, int length)
    {
        if (IsWide || DType == DType.String) throw new InvalidOperationException($"{Type} has no raw form");
        CheckContent();
        int taken = (int)Math.Min(length, ByteCount - offset);
        return array is null ? new ReadOnlySpan<byte>(pointer + offset, taken)
            : MemoryMarshal.CreateReadOnlySpan(ref Unsafe.AddByteOffset(ref MemoryMarshal.GetArrayDataReference(array), (nint)offset),
                taken);
    }

    /// <summary>The elements of a string tensor.</summary>
    public ReadOnlySpan<string> Strings => array as string[] ?? throw new InvalidOperationException($"{Type} read as strings");

    /// <summary>All elements as binary64, exact but for 64 bit integers. Bool gives 0 and 1.</summary>
    public double[] ToDoubles() => IsWide || DType == DType.Float64 ? Span<double>().ToArray() : ElementCodec.ToDoubles(this);

    /// <summary>All elements as 64 bit integers; floats truncate towards zero, uint64 keeps its bits.</summary>
    public long[] ToLongs() => ElementCodec.ToLongs(this);

    /// <summary>The only element of a tensor with one element, as an integer.</summary>
    public long ToLong() => Count == 1 ? ToLongs()[0] : throw new InvalidOperationException($"{Type} is not a single number");

    /// <summary>The only element of a tensor with one element, as a number.</summary>
    public double ToDouble() => Count == 1 ? ToDoubles()[0] : throw new InvalidOperationException($"{Type} is not a single number");

    /// <summary>Same dtype, sizes and bits. NaNs are equal where their bits are.</summary>
    public bool Equals([NotNullWhen(true)] Tensor? other)
    {
        if (other is null) return false;
        if (ReferenceEquals(this, other)) return true;
        if (!HasContent || !other.HasContent || DType != other.DType || IsWide != other.IsWide
            || !Dims.AsSpan().SequenceEqual(other.Dims.AsSpan())) return false;
        if (DType == DType.String) return Strings.SequenceEqual(other.Strings);
        if (IsWide) return MemoryMarshal.AsBytes(Span<double>()).SequenceEqual(MemoryMarshal.AsBytes(other.Span<double>()));
        const int piece = 1 << 20;
        for (long at = 0; at < ByteCount; at += piece)
            if (!Bytes(at, piece).SequenceEqual(other.Bytes(at, piece))) return false;
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Tensor);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        if (hash != 0) return hash;
        var code = new HashCode();
        code.Add(DType);
        foreach (long dim in Dims) code.Add(dim);
        // The first bytes tell nearly all tensors apart; equality reads the rest.
        if (DType != DType.String && !IsWide && Count > 0 && HasContent) code.AddBytes(Bytes(0, 256));
        return hash = code.ToHashCode() | 1;
    }

    /// <summary>The dtype whose elements have this .NET type.</summary>
    public static DType DTypeOf<T>() => System.Type.GetTypeCode(typeof(T)) switch
    {
        TypeCode.Single => DType.Float32,
        TypeCode.Double => DType.Float64,
        TypeCode.Byte => DType.UInt8,
        TypeCode.SByte => DType.Int8,
        TypeCode.UInt16 => DType.UInt16,
        TypeCode.Int16 => DType.Int16,
        TypeCode.UInt32 => DType.UInt32,
        TypeCode.Int32 => DType.Int32,
        TypeCode.UInt64 => DType.UInt64,
        TypeCode.Int64 => DType.Int64,
        TypeCode.Boolean => DType.Bool,
        TypeCode.String => DType.String,
        _ => typeof(T) == typeof(Half) ? DType.Float16 : throw new ArgumentException($"no dtype has elements of {typeof(T).Name}"),
    };

    private ReadOnlySpan<T> Span<T>(int length) where T : unmanaged
    {
        CheckContent();
        return array is null ? new ReadOnlySpan<T>(pointer, length)
            : MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(array)), length);
    }

    private void CheckContent()
    {
        if (owner is Absence absence) throw new NnccException(FaultCodes.NoContent, $"the elements of {Type} are needed: {absence.Reason}");
    }

    private sealed record Absence(string Reason);
}
