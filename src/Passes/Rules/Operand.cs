using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>
/// A value of a graph as rules see it: one that is there, or one that a rewrite would make. Beside operands, names in rules stand for
/// integers (<see cref="Dim"/>, which may be symbolic), numbers (double), truth values, texts, lists (<see cref="ImmutableArray{T}"/> of
/// object), graphs, tensors, and null for an absent operand.
/// </summary>
public sealed class Operand
{
    internal Operand(IrType type, Tensor? constant, ImmutableArray<Dim>? known) => (Type, Constant, Known) = (type, constant, known);

    /// <summary>Its type.</summary>
    public IrType Type { get; }

    /// <summary>Its content where it is constant.</summary>
    public Tensor? Constant { get; }

    /// <summary>Its elements as sizes where they are known.</summary>
    public ImmutableArray<Dim>? Known { get; }

    /// <summary>Its id in the graph; -1 for one that a rewrite would make.</summary>
    public int Id { get; internal init; } = -1;

    /// <summary>Whether all that it is computed from is constant, so that it folds.</summary>
    public bool IsConstant => Constant is not null;

    /// <summary>Its shape; null where the rank is unknown or it is no tensor.</summary>
    public Shape? Shape => (Type as TensorType)?.Shape;

    /// <summary>Its element type.</summary>
    public DType DType => (Type as TensorType)?.DType ?? DType.Unknown;

    internal PlannedNode? Node { get; init; }

    internal int Slot { get; init; }

    /// <summary>As messages show it.</summary>
    public override string ToString() => Constant is { Count: 1, DType: not DType.String } single ? $"{single.ToDouble()}" : $"{Type}";
}

/// <summary>A node that a rewrite would make.</summary>
/// <param name="op">What it does.</param>
/// <param name="operands">Its operands; null for an absent one.</param>
internal sealed class PlannedNode(Op op, ImmutableArray<Operand?> operands)
{
    public Op Op => op;

    public ImmutableArray<Operand?> Operands => operands;

    public ImmutableArray<Operand> Results { get; set; } = [];
}

/// <summary>Why a condition does not hold, or a value does not exist.</summary>
/// <param name="reason">The reason with the actual values, computed where somebody reads it.</param>
public sealed class Failure(Func<string> reason)
{
    /// <summary>One with a plain reason.</summary>
    public Failure(string reason) : this(() => reason) { }

    /// <summary>Whether it says that a condition is false, and not that nobody knows.</summary>
    public bool IsFalse { get; init; }

    /// <summary>Whether it says that a result would have another type than what it stands in for.</summary>
    public bool IsTypeChange { get; init; }

    /// <summary>Whether the types are proven to be different.</summary>
    public bool IsContradiction { get; init; }

    /// <summary>The option that would allow what is refused; null where none does.</summary>
    public string? Allows { get; init; }

    /// <summary>The reason.</summary>
    public string Reason => reason();
}
