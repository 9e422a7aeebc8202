namespace Nncc.IR;

/// <summary>The type of a value. Compared by content; prints as in .nnir text.</summary>
public abstract record IrType
{
    /// <summary>Nothing is known: the result of an opaque op.</summary>
    public static IrType Unknown { get; } = new UnknownType();

    /// <summary>Tensor of that element type and shape; a null shape is an unknown rank.</summary>
    public static TensorType Tensor(DType dtype, Shape? shape) => new(dtype, shape);

    /// <summary>The sizes of all shapes inside.</summary>
    public virtual IEnumerable<Dim> Sizes => [];

    /// <summary>The names of all symbols in its sizes; one may come several times.</summary>
    public IEnumerable<string> Symbols => Sizes.SelectMany(size => size.Symbols);

    /// <summary>This with symbols of its sizes replaced.</summary>
    public virtual IrType Substitute(IReadOnlyDictionary<string, Dim> map) => this;
}

/// <summary>The type of which nothing is known.</summary>
public sealed record UnknownType : IrType
{
    /// <inheritdoc/>
    public override string ToString() => "unknown";
}

/// <summary>
/// A dense tensor. <paramref name="DType"/> may be <see cref="IR.DType.Unknown"/>; a null <paramref name="Shape"/> is an unknown rank.
/// </summary>
/// <param name="DType">Element type.</param>
/// <param name="Shape">Sizes of the axes, outermost first; null where the rank is unknown.</param>
public sealed record TensorType(DType DType, Shape? Shape) : IrType
{
    /// <inheritdoc/>
    public override IEnumerable<Dim> Sizes => Shape is null ? [] : Shape.Dims;

    /// <inheritdoc/>
    public override IrType Substitute(IReadOnlyDictionary<string, Dim> map) =>
        Shape is null ? this : this with { Shape = Shape.Substitute(map) };

    /// <inheritdoc/>
    public override string ToString() => $"{DType.Name()}{(Shape is null ? "[*]" : $"[{Shape}]")}";
}

/// <summary>A list of values of one type.</summary>
/// <param name="Element">Type of each element.</param>
public sealed record SequenceType(IrType Element) : IrType
{
    /// <inheritdoc/>
    public override IEnumerable<Dim> Sizes => Element.Sizes;

    /// <inheritdoc/>
    public override IrType Substitute(IReadOnlyDictionary<string, Dim> map) => new SequenceType(Element.Substitute(map));

    /// <inheritdoc/>
    public override string ToString() => $"seq({Element})";
}

/// <summary>A value that may be absent.</summary>
/// <param name="Element">Type of the value where it is present.</param>
public sealed record OptionalType(IrType Element) : IrType
{
    /// <inheritdoc/>
    public override IEnumerable<Dim> Sizes => Element.Sizes;

    /// <inheritdoc/>
    public override IrType Substitute(IReadOnlyDictionary<string, Dim> map) => new OptionalType(Element.Substitute(map));

    /// <inheritdoc/>
    public override string ToString() => $"optional({Element})";
}

/// <summary>A dictionary.</summary>
/// <param name="Key">Type of the keys: an integer type or string.</param>
/// <param name="Element">Type of the values.</param>
public sealed record MapType(DType Key, IrType Element) : IrType
{
    /// <inheritdoc/>
    public override IEnumerable<Dim> Sizes => Element.Sizes;

    /// <inheritdoc/>
    public override IrType Substitute(IReadOnlyDictionary<string, Dim> map) => this with { Element = Element.Substitute(map) };

    /// <inheritdoc/>
    public override string ToString() => $"map({Key.Name()},{Element})";
}
