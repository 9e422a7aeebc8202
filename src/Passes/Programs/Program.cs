using System.Collections.Immutable;
using Nncc.Passes.Cost;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Programs;

/// <summary>
/// The last form of a model before code is printed: data only. Steps in order, buffers with their places, packed weights, kernels.
/// Emission, cost, memory figures and plan files read it; nobody reads generated source back. Sizes and offsets are <see cref="Dim"/>; a
/// static model is the case where all are numbers.
/// </summary>
/// <param name="Name">Name of the model's graph.</param>
/// <param name="Target">The machine it is for.</param>
/// <param name="Inputs">Inputs in the model's order.</param>
/// <param name="Outputs">Outputs in the model's order.</param>
/// <param name="Buffers">All buffers, by id.</param>
/// <param name="Steps">Calls in order.</param>
/// <param name="Kernels">Kernels by name, ordered by first use.</param>
/// <param name="Weights">Packed weights in execution order.</param>
/// <param name="ArenaBytes">Bytes of working memory.</param>
/// <param name="WeightBytes">Bytes of all packed weights.</param>
/// <param name="Threads">Threads that an instance may have at most.</param>
public sealed record ModelProgram(
    string Name, TargetProfile Target, ImmutableArray<ProgramPort> Inputs, ImmutableArray<ProgramPort> Outputs,
    ImmutableArray<ProgramBuffer> Buffers,
    ImmutableArray<ProgramStep> Steps, ImmutableArray<ProgramKernel> Kernels, ImmutableArray<PackedWeight> Weights, Dim ArenaBytes,
    long WeightBytes, int Threads = 1)
{
    /// <summary>Steps that are computed in bands of rows, in order.</summary>
    public ImmutableArray<BandChain> Chains { get; init; } = [];
}

/// <summary>An input or output of a program.</summary>
/// <param name="Name">Name in the model.</param>
/// <param name="Type">Type.</param>
/// <param name="Buffer">Where it lies.</param>
/// <param name="Default">Content of an input when the caller gives none; null where it must be given.</param>
public sealed record ProgramPort(string Name, TensorType Type, int Buffer, Tensor? Default = null);

/// <summary>Where a buffer's memory comes from.</summary>
public enum BufferKind
{
    /// <summary>The caller's memory for an input.</summary>
    Input,
    /// <summary>The caller's memory for an output.</summary>
    Output,
    /// <summary>Working memory, placed by the plan.</summary>
    Arena,
    /// <summary>A constant among the weights.</summary>
    Weight,
}

/// <summary>A piece of memory that holds one value (or is one call's scratch).</summary>
/// <param name="Id">Its place in the list.</param>
/// <param name="Name">The value's name.</param>
/// <param name="Kind">Where the memory comes from.</param>
/// <param name="DType">Type of its elements.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Layout">How the elements lie; null is row-major.</param>
/// <param name="First">First step that touches it; -1 for none.</param>
/// <param name="Last">Last step that touches it; -1 for none.</param>
/// <param name="Offset">Place in the arena or among the weights; for inputs and outputs their number.</param>
public sealed record ProgramBuffer(int Id, string Name, BufferKind Kind, DType DType, Dim Bytes, Layout? Layout, int First, int Last,
    Dim Offset);

/// <summary>One call of a kernel.</summary>
/// <param name="Kernel">Name of the kernel.</param>
/// <param name="Arguments">Arguments in order.</param>
/// <param name="Origin">The ONNX nodes that it computes.</param>
/// <param name="Cost">Predicted cost.</param>
/// <param name="Node">Id of the scheduled graph's node that it computes; -1 for a copy of an output.</param>
public sealed record ProgramStep(string Kernel, ImmutableArray<StepArgument> Arguments, Provenance Origin, KernelCost Cost, int Node = -1)
{
    /// <summary>How threads share it; null where one thread computes it.</summary>
    public KernelSplit? Split { get; init; }

    /// <summary>How it may be cut into bands of rows; null where it is whole.</summary>
    public KernelBands? Bands { get; init; }
}

/// <summary>An argument of a call.</summary>
public abstract record StepArgument;

/// <summary>A pointer into a buffer.</summary>
/// <param name="Buffer">The buffer.</param>
/// <param name="ByteOffset">Bytes from its start.</param>
/// <param name="IsWritten">Whether the call writes it.</param>
public sealed record PointerArgument(int Buffer, Dim ByteOffset, bool IsWritten) : StepArgument
{
    /// <summary>Bytes by which a piece's moves for each iteration before it.</summary>
    public long PieceBytes { get; init; }

    /// <summary>Whether a piece touches more than its own bytes.</summary>
    public bool IsShared { get; init; }

    /// <summary>Bytes by which each thread's moves, for memory that is a thread's own.</summary>
    public long ThreadBytes { get; init; }

    /// <summary>Bytes by which a band's moves for each row of the result before it.</summary>
    public long RowBytes { get; init; }

    /// <summary>Whether it points to memory that only this call uses.</summary>
    public bool IsScratch { get; init; }
}

/// <summary>An integer.</summary>
/// <param name="Value">The value.</param>
public sealed record IntegerArgument(Dim Value) : StepArgument
{
    /// <summary>Whether it is the count of iterations, so that a piece has fewer.</summary>
    public bool IsPieceCount { get; init; }

    /// <summary>By how much a band's is greater for each row of the result before it.</summary>
    public long RowStep { get; init; }
}

/// <summary>A list of integers.</summary>
/// <param name="Values">The integers.</param>
public sealed record IntegersArgument(EquatableArray<Dim> Values) : StepArgument;

/// <summary>A float.</summary>
/// <param name="Value">The value; it is rounded to the type.</param>
/// <param name="DType">f32 or f64.</param>
public sealed record LiteralArgument(double Value, DType DType) : StepArgument;

/// <summary>The name of what the step computes, for messages.</summary>
/// <param name="Text">The name.</param>
public sealed record TextArgument(string Text) : StepArgument;

/// <summary>A kernel that a program calls.</summary>
/// <param name="Name">Name of the method.</param>
/// <param name="Schedule">How it computes.</param>
/// <param name="Region">A region that it computes: the first step's; the others have the same workload.</param>
/// <param name="Steps">The steps that call it.</param>
public sealed record ProgramKernel(string Name, Schedule Schedule, Strategies.KernelRegion Region, ImmutableArray<int> Steps);

/// <summary>A constant as it lies in the weights file.</summary>
/// <param name="Buffer">Its buffer.</param>
/// <param name="Source">Name of the constant in the model; empty for a table that a template computes.</param>
/// <param name="Content">The constant; null for such a table.</param>
/// <param name="Transform">How its elements are rearranged.</param>
/// <param name="Offset">Bytes from the start of the weights.</param>
/// <param name="Bytes">Size.</param>
public sealed record PackedWeight(int Buffer, string Source, Tensor? Content, WeightTransform Transform, long Offset, long Bytes);
