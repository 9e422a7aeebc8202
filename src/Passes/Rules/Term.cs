using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>Where something stands in a rule file.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
public readonly record struct SourcePlace(string File, int Line, int Column)
{
    /// <summary>As compilers print places: <c>file:line:column</c>.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>A term of a rule. Two terms are equal where they read the same, wherever they stand.</summary>
public abstract record Term
{
    /// <summary>Where it stands.</summary>
    public SourcePlace Place { get; init; }

    /// <summary>The terms right inside of this one.</summary>
    public virtual IEnumerable<Term> Parts => [];

    /// <summary>This term and all in it, outer ones first.</summary>
    public IEnumerable<Term> All => Parts.SelectMany(p => p.All).Prepend(this);

    /// <summary>Equality without the place.</summary>
    public virtual bool Equals(Term? other) => other is not null && EqualityContract == other.EqualityContract
        && ToString() == other.ToString();

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(ToString(), StringComparison.Ordinal);
}

/// <summary>A name: a variable where a pattern binds it, later its value.</summary>
/// <param name="Name">The name.</param>
/// <param name="IsOptional">Written <c>name?</c>: the operand may be absent.</param>
/// <param name="IsRest">Written <c>name...</c>: all further operands.</param>
public sealed record NameTerm(string Name, bool IsOptional = false, bool IsRest = false) : Term
{
    /// <inheritdoc/>
    public bool Equals(NameTerm? other) => base.Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => base.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => Name + (IsOptional ? "?" : "") + (IsRest ? "..." : "");
}

/// <summary>A number; <c>0.5~</c> stands for any within 1e-6 of it, relative to numbers above 1.</summary>
/// <param name="Value">The number.</param>
/// <param name="Text">As written.</param>
/// <param name="IsNear">Whether a number near it fits too.</param>
public sealed record NumberTerm(double Value, string Text, bool IsNear = false) : Term
{
    private const double Tolerance = 1e-6;

    /// <summary>Whether it is written without a point or exponent.</summary>
    public bool IsInteger => Text.AsSpan().IndexOfAny(".eEn") < 0;

    /// <summary>Whether a number fits.</summary>
    public bool Fits(double number) => number == Value || (double.IsNaN(Value) && double.IsNaN(number))
        || (IsNear && Math.Abs(number - Value) <= Tolerance * Math.Max(1, Math.Abs(Value)));

    /// <inheritdoc/>
    public bool Equals(NumberTerm? other) => base.Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => base.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => Text + (IsNear ? "~" : "");
}

/// <summary>A text, as attributes have them.</summary>
/// <param name="Text">The text.</param>
public sealed record TextTerm(string Text) : Term
{
    /// <inheritdoc/>
    public bool Equals(TextTerm? other) => base.Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => base.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"\"{Text}\"";
}

/// <summary>A list in brackets.</summary>
/// <param name="Items">Its items.</param>
public sealed record ListTerm(ImmutableArray<Term> Items) : Term
{
    /// <inheritdoc/>
    public override IEnumerable<Term> Parts => Items;

    /// <inheritdoc/>
    public bool Equals(ListTerm? other) => base.Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => base.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", Items)}]";
}

/// <summary>An attribute of an op's term.</summary>
/// <param name="Name">Name as in ONNX.</param>
/// <param name="Value">Its pattern or value.</param>
public sealed record NamedTerm(string Name, Term Value)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name}={Value}";
}

/// <summary>An op applied to operands.</summary>
/// <param name="Op">Name of the op, with its domain where that is not ai.onnx.</param>
/// <param name="Operands">The operands.</param>
/// <param name="Attributes">The attributes that are written out.</param>
/// <param name="Others">The name behind <c>...</c> that stands for all other attributes; null where they have their defaults.</param>
/// <param name="Results">Names of the results where there are several; empty for one.</param>
/// <param name="Label">A name for the result (of a term with one result); null for none.</param>
public sealed record OpTerm(string Op, ImmutableArray<Term> Operands, ImmutableArray<NamedTerm> Attributes, string? Others,
    ImmutableArray<string> Results, string? Label) : Term
{
    /// <summary>Domain; empty for ai.onnx.</summary>
    public string Domain { get; } = Op.LastIndexOf('.') is > 0 and var dot ? Op[..dot] : "";

    /// <summary>Name without the domain.</summary>
    public string Name { get; } = Op[(Op.LastIndexOf('.') + 1)..];

    /// <inheritdoc/>
    public override IEnumerable<Term> Parts => Operands.Concat(Attributes.Select(a => a.Value));

    /// <inheritdoc/>
    public bool Equals(OpTerm? other) => base.Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => base.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => (Results.IsEmpty ? Label is null ? "" : $"{Label}: " : $"({string.Join(", ", Results)}) = ")
        + $"{Op}({string.Join(", ", Inner)})";

    private IEnumerable<string> Inner =>
        Operands.Select(o => $"{o}").Concat(Attributes.Select(a => $"{a}")).Concat(Others is null ? [] : [$"...{Others}"]);
}

/// <summary>A function of <see cref="RuleFunctions"/> applied, or an operator between terms.</summary>
/// <param name="Function">Name of the function, or the operator.</param>
/// <param name="Arguments">The arguments.</param>
public sealed record CallTerm(string Function, ImmutableArray<Term> Arguments) : Term
{
    /// <summary>Whether it is written between its arguments.</summary>
    public bool IsOperator => !char.IsLetter(Function[0]);

    /// <inheritdoc/>
    public override IEnumerable<Term> Parts => Arguments;

    /// <inheritdoc/>
    public bool Equals(CallTerm? other) => base.Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => base.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => !IsOperator ? $"{Function}({string.Join(", ", Arguments)})"
        : Arguments.Length == 1 ? $"{Function}{Operand(Arguments[0])}" : $"{Operand(Arguments[0])} {Function} {Operand(Arguments[1])}";

    private static string Operand(Term term) => term is CallTerm { IsOperator: true } ? $"({term})" : $"{term}";
}
