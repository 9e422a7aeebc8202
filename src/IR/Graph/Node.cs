using System.Collections.Immutable;

namespace Nncc.IR;

/// <summary>
/// One operation of a graph. The id is kept while the node is unchanged and never given to another node in a compilation.
/// </summary>
/// <param name="Id">Identity within the graph.</param>
/// <param name="Op">What it does.</param>
/// <param name="Inputs">Operand values; <see cref="Absent"/> for one that is not given. Captured values come last.</param>
/// <param name="Outputs">Result values; <see cref="Absent"/> for one that nobody asked for.</param>
/// <param name="Origin">Where it came from.</param>
public sealed record Node(int Id, Op Op, ImmutableArray<int> Inputs, ImmutableArray<int> Outputs, Provenance Origin)
{
    /// <summary>Stands for an operand or result that is not there.</summary>
    public const int Absent = -1;

    /// <summary>The given operands.</summary>
    public ImmutableArray<int> GivenInputs => Given(Inputs);

    /// <summary>The results that exist.</summary>
    public ImmutableArray<int> GivenOutputs => Given(Outputs);

    /// <summary>The place for messages: origin and op.</summary>
    public string Place => $"{Origin} ({Op.FullName})";

    // Most nodes have all: they cost nothing.
    private static ImmutableArray<int> Given(ImmutableArray<int> values) =>
        values.AsSpan().Contains(Absent) ? [.. values.Where(v => v != Absent)] : values;
}

/// <summary>A value: a graph's input or a node's result.</summary>
/// <param name="Id">Identity within the graph.</param>
/// <param name="Name">Name, unique in the graph; that of the ONNX model where it has one.</param>
/// <param name="Type">Type as inferred or declared.</param>
/// <param name="Producer">Id of the node that gives it; -1 for an input.</param>
/// <param name="Slot">Which result of the node, or which input of the graph.</param>
public sealed record Value(int Id, string Name, IrType Type, int Producer, int Slot)
{
    /// <summary>The elements as sizes, for an integer tensor of rank 0 or 1 of which they are known.</summary>
    public ImmutableArray<Dim>? Known { get; init; }

    /// <summary>How the elements lie in memory; null is row-major. No op's meaning depends on it.</summary>
    public Layout? Layout { get; init; }

    /// <summary>Whether it is an input of the graph.</summary>
    public bool IsInput => Producer < 0;
}

/// <summary>An input of a graph.</summary>
/// <param name="Value">The value.</param>
/// <param name="Default">
/// What it is when the caller gives nothing (an ONNX initializer that is also an input); null where it must be given.
/// </param>
public sealed record GraphInput(int Value, Tensor? Default = null);

/// <summary>An output of a graph. Its name is the model's and does not change when the value is replaced.</summary>
/// <param name="Name">Name of the output.</param>
/// <param name="Value">The value.</param>
public sealed record GraphOutput(string Name, int Value);
