using Nncc.IR;

namespace Nncc.Backends.OnnxRuntime;

/// <summary>
/// A value in the hands of ONNX Runtime. A tensor's memory is its own, or the caller's (<see cref="Over"/>), so that a run can read
/// and write prepared memory without a copy.
/// </summary>
public sealed unsafe class OrtValue : IDisposable
{
    private readonly OrtHandle handle;

    internal OrtValue(OrtLibrary library, nint pointer) =>
        (Library, handle) = (library, new OrtHandle(library.Api, OrtClass.Value, pointer));

    internal OrtLibrary Library { get; }

    internal nint Pointer => handle.Pointer;

    /// <summary>The object, for those who must keep it alive over a call.</summary>
    internal OrtHandle Handle => handle;

    /// <summary>A tensor in memory of its own, whose content is not set.</summary>
    public static OrtValue Allocate(OrtLibrary library, DType dtype, ReadOnlySpan<long> dims)
    {
        nint value;
        fixed (long* p = dims)
            library.Api.Check(library.Api.CreateTensorAsOrtValue(library.Allocator, p, (nuint)dims.Length, library.Number(dtype), &value),
                FaultCodes.OrtData, TensorName(dtype, dims));
        return new OrtValue(library, value);
    }

    /// <summary>A tensor of numbers over memory of the caller, which must stay where it is until this is disposed of.</summary>
    /// <param name="library">The library.</param>
    /// <param name="dtype">Element type, not string.</param>
    /// <param name="dims">Sizes.</param>
    /// <param name="memory">The first element.</param>
    /// <param name="bytes">How many bytes there are; at least those of the elements.</param>
    public static OrtValue Over(OrtLibrary library, DType dtype, ReadOnlySpan<long> dims, void* memory, long bytes)
    {
        nint value;
        fixed (long* p = dims)
            library.Api.Check(library.Api.CreateTensorWithDataAsOrtValue(library.CpuMemory, memory, checked((nuint)bytes), p,
                (nuint)dims.Length,
                library.Number(dtype), &value), FaultCodes.OrtData, TensorName(dtype, dims));
        return new OrtValue(library, value);
    }

    /// <summary>A copy of a content.</summary>
    /// <exception cref="NnccException">ONNX Runtime has no such values (NNC6006).</exception>
    public static OrtValue From(OrtLibrary library, Datum datum) => OrtConversion.ToOrt(library, datum);

    /// <summary>A copy as a content of the IR.</summary>
    /// <param name="declared">
    /// The type of the output that gave it, for what the value alone does not tell (elements of an empty list).
    /// </param>
    public Datum ToDatum(IrType? declared = null) => OrtConversion.FromOrt(this, declared ?? IrType.Unknown);

    /// <summary>Element type and sizes of a tensor.</summary>
    public (DType DType, long[] Dims) TensorType
    {
        get
        {
            nint info;
            Library.Api.Check(Library.Api.GetTensorTypeAndShape(Pointer, &info), FaultCodes.OrtData);
            using var owned = new OrtHandle(Library.Api, OrtClass.TensorTypeAndShapeInfo, info);
            var (dtype, dims) = OrtTypes.ReadSizes(Library.Api, info);
            return (dtype, dims ?? []);
        }
    }

    /// <summary>The first element of a tensor of numbers; valid until this is disposed of.</summary>
    public void* Memory
    {
        get
        {
            void* memory;
            Library.Api.Check(Library.Api.GetTensorMutableData(Pointer, &memory), FaultCodes.OrtData);
            return memory;
        }
    }

    /// <summary>The elements of a tensor of numbers, to read or write; valid until this is disposed of.</summary>
    public Span<T> Span<T>() where T : unmanaged
    {
        var (dtype, dims) = TensorType;
        long bytes = dtype.Bytes(dims.Aggregate(1L, (a, b) => checked(a * b)));
        if (dtype.Bits() == 0 || sizeof(T) * 8 != Math.Max(dtype.Bits(), 8))
            throw new InvalidOperationException($"{TensorName(dtype, dims)} read as {typeof(T).Name}");
        return new Span<T>(Memory, checked((int)(bytes / sizeof(T))));
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    private static string TensorName(DType dtype, ReadOnlySpan<long> dims) => $"tensor {dtype.Name()}[{string.Join("x", dims.ToArray())}]";
}
