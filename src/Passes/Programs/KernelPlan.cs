using System.Collections.Immutable;

namespace Nncc.Passes.Programs;

/// <summary>How one region becomes one call: which kernel, with which arguments.</summary>
/// <param name="Kernel">
/// The kernel: its name says types, op, tile and width; regions with the same name share it. A name with a dot is a function of a runtime
/// source (<c>Strided.Copy</c>), which is called as it is.
/// </param>
/// <param name="Template">Id of the template that prints it.</param>
/// <param name="Arguments">Arguments in the order of the kernel's parameters.</param>
public sealed record KernelPlan(string Kernel, string Template, ImmutableArray<KernelArgument> Arguments)
{
    /// <summary>Where each result lies in an operand, in which case nothing is called; empty where the kernel writes the results.</summary>
    public ImmutableArray<OperandView> Views { get; init; } = [];

    /// <summary>
    /// Where operands that become pieces of the first result lie in it, in which case nothing is called: their kernels write there, or they
    /// are copied. Empty where the kernel writes the result.
    /// </summary>
    public ImmutableArray<OperandView> Pieces { get; init; } = [];

    /// <summary>Nothing to do: the result consists of its operands.</summary>
    public static KernelPlan OfPieces(IEnumerable<OperandView> pieces) => new("", "", []) { Pieces = [.. pieces] };

    /// <summary>How a call may be cut into pieces that threads compute; null where it is whole.</summary>
    public KernelSplit? Split { get; init; }

    /// <summary>How a call may be cut into bands of rows; null where it is whole.</summary>
    public KernelBands? Bands { get; init; }

    /// <summary>Nothing to do: each result is a piece of an operand under other sizes.</summary>
    public static KernelPlan Of(params ImmutableArray<OperandView> views) => new("", "", []) { Views = views };
}

/// <summary>A contiguous piece of memory that an operand and a result share.</summary>
/// <param name="Operand">Which operand of the region.</param>
/// <param name="ByteOffset">Bytes from the start of the larger one.</param>
public sealed record OperandView(int Operand, long ByteOffset = 0);

/// <summary>
/// The loop of a kernel whose iterations threads may share: a piece is the same call with fewer iterations and with pointers that are
/// moved. Pieces write apart from each other, and every result is the same whatever the cuts are, so that no sum is ever split.
/// </summary>
/// <param name="Count">Iterations of the whole.</param>
/// <param name="Grain">Pieces begin at multiples of it.</param>
public sealed record KernelSplit(long Count, long Grain = 1);

/// <summary>An argument of a kernel.</summary>
public abstract record KernelArgument
{
    /// <summary>Of a pointer: bytes by which a piece's moves for each iteration before it. All results must move.</summary>
    public long PieceBytes { get; init; }

    /// <summary>
    /// Of a pointer that moves: whether a piece also touches what lies before and behind its own bytes, as windows do.
    /// </summary>
    public bool IsShared { get; init; }

    /// <summary>Of a pointer: bytes by which a band's moves for each row of the result before it.</summary>
    public long RowBytes { get; init; }

    /// <summary>Of a number: by how much a band's is greater for each row of the result before it.</summary>
    public long RowStep { get; init; }

    /// <summary>Of a number: whether it is the count of iterations, so that a piece has fewer.</summary>
    public bool IsPieceCount { get; init; }
}

/// <summary>A pointer to an operand, as it lies.</summary>
/// <param name="Index">Which operand of the region.</param>
/// <param name="ByteOffset">Bytes from its start.</param>
public sealed record OperandArgument(int Index, long ByteOffset = 0) : KernelArgument;

/// <summary>A pointer to a result.</summary>
/// <param name="Index">Which result of the region.</param>
/// <param name="ByteOffset">Bytes from its start.</param>
public sealed record ResultArgument(int Index, long ByteOffset = 0) : KernelArgument;

/// <summary>A pointer to data that is prepared at compile time and lies among the weights.</summary>
/// <param name="Index">The constant operand that it is made from; -1 for a table that the template computes.</param>
/// <param name="Transform">How it is made.</param>
public sealed record WeightArgument(int Index, WeightTransform Transform) : KernelArgument;

/// <summary>A pointer to memory that only this call uses; in pieces each thread has its own.</summary>
/// <param name="Bytes">Its size.</param>
/// <param name="DType">Type of the elements that it holds.</param>
public sealed record ScratchArgument(Dim Bytes, DType DType = DType.Float32) : KernelArgument;

/// <summary>An integer, such as an extent or a stride.</summary>
/// <param name="Value">The value.</param>
public sealed record NumberArgument(Dim Value) : KernelArgument;

/// <summary>Integers as one list, such as the extents of a loop nest.</summary>
/// <param name="Values">The integers.</param>
public sealed record NumbersArgument(EquatableArray<Dim> Values) : KernelArgument
{
    /// <summary>A list of numbers.</summary>
    public static NumbersArgument Of(params ReadOnlySpan<long> values) => new([.. values.ToArray().Select(Dim.Of)]);
}

/// <summary>A float, such as an epsilon.</summary>
/// <param name="Value">The value; it is rounded to the type.</param>
/// <param name="DType">f32 or f64.</param>
public sealed record ConstantArgument(double Value, DType DType = DType.Float32) : KernelArgument;

/// <summary>The name of the node that is computed, for the messages of a kernel that can meet data for which it has no result.</summary>
public sealed record PlaceArgument : KernelArgument;

/// <summary>
/// How weights lie in memory for a kernel: a named, invertible rearrangement of a constant's elements. Records compare by value, so that
/// equal packings of one constant are stored once.
/// </summary>
public abstract record WeightTransform
{
    /// <summary>Short text that names the rearrangement with its parameters.</summary>
    public abstract string Name { get; }

    /// <summary>Bytes of what <see cref="Pack"/> gives, without packing.</summary>
    public abstract long PackedBytes(Tensor? source);

    /// <summary>Element type of what <see cref="Pack"/> gives.</summary>
    public virtual DType PackedDType(Tensor? source) => source!.DType;

    /// <summary>The rearranged elements, as they lie in memory.</summary>
    public abstract Tensor Pack(Tensor? source);

    /// <summary>
    /// The constant again, from what <see cref="Pack"/> made of it; null where it does not follow: for a table, which has no source, and
    /// where only a part of the constant was packed.
    /// </summary>
    public abstract Tensor? Unpack(Tensor packed, TensorType source);

    /// <summary>As it is.</summary>
    public static WeightTransform Plain { get; } = new PlainTransform();
}

/// <summary>As it is.</summary>
public sealed record PlainTransform : WeightTransform
{
    /// <inheritdoc/>
    public override string Name => "plain";

    /// <inheritdoc/>
    public override long PackedBytes(Tensor? source) => source!.ByteCount;

    /// <inheritdoc/>
    public override Tensor Pack(Tensor? source) => source!;

    /// <inheritdoc/>
    public override Tensor Unpack(Tensor packed, TensorType source) => packed;
}

/// <summary>A table that a template computes from attributes alone.</summary>
/// <param name="Label">What it holds.</param>
/// <param name="Content">The table.</param>
public sealed record TableTransform(string Label, Tensor Content) : WeightTransform
{
    /// <inheritdoc/>
    public override string Name => Label;

    /// <inheritdoc/>
    public override DType PackedDType(Tensor? source) => Content.DType;

    /// <inheritdoc/>
    public override long PackedBytes(Tensor? source) => Content.ByteCount;

    /// <inheritdoc/>
    public override Tensor Pack(Tensor? source) => Content;

    /// <inheritdoc/>
    public override Tensor? Unpack(Tensor packed, TensorType source) => null;
}
