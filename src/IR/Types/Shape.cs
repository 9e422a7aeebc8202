using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Nncc.IR;

/// <summary>The sizes of a tensor's axes, outermost first. Rank 0 is a scalar.</summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public sealed class Shape(ImmutableArray<Dim> dims) : IEquatable<Shape>, IReadOnlyList<Dim>
{
    /// <summary>The shape of a scalar.</summary>
    public static Shape Scalar { get; } = new([]);

    /// <summary>The sizes.</summary>
    public ImmutableArray<Dim> Dims { get; } = dims;

    /// <summary>Number of axes.</summary>
    public int Rank => Dims.Length;

    int IReadOnlyCollection<Dim>.Count => Dims.Length;

    /// <summary>Size of axis <paramref name="axis"/>, counted from 0.</summary>
    public Dim this[int axis] => Dims[axis];

    /// <summary>Size of axis <paramref name="axis"/>, which may count from the end.</summary>
    public Dim this[Index axis] => Dims[axis];

    /// <summary>Whether every size is a number.</summary>
    public bool IsStatic => Dims.All(d => d.IsConstant);

    /// <summary>Product of the sizes: number of elements.</summary>
    public Dim Count => Dim.Product(Dims);

    /// <summary>A shape of these sizes.</summary>
    public static Shape Create(ReadOnlySpan<Dim> dims) => new([.. dims]);

    /// <summary>A shape of these numbers.</summary>
    public static Shape Of(params ReadOnlySpan<long> dims)
    {
        var result = ImmutableArray.CreateBuilder<Dim>(dims.Length);
        foreach (long dim in dims) result.Add(dim);
        return new Shape(result.MoveToImmutable());
    }

    /// <summary>The sizes as numbers; null if one is symbolic.</summary>
    public long[]? ToStatic() => IsStatic ? [.. Dims.Select(d => d.Value!.Value)] : null;

    /// <summary>This with symbols replaced.</summary>
    public Shape Substitute(IReadOnlyDictionary<string, Dim> map) => new([.. Dims.Select(d => d.Substitute(map))]);

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && Dims.AsSpan().SequenceEqual(other.Dims.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var dim in Dims) hash.Add(dim);
        return hash.ToHashCode();
    }

    /// <summary>
    /// The sizes joined by x where all are numbers (<c>1x3x224</c>), else by commas (<c>batch,3,224</c>): a name may hold an x.
    /// </summary>
    public override string ToString() => string.Join(IsStatic ? "x" : ",", Dims);

    /// <summary>The shape that the text denotes: sizes between commas, or an x behind a number. Empty text is a scalar.</summary>
    /// <exception cref="FormatException">The text is no shape; the message names the column.</exception>
    public static Shape Parse(ReadOnlySpan<char> text)
    {
        if (text.IsWhiteSpace()) return Scalar;
        int at = 0;
        var shape = TypeParser.ReadShape(text, ref at, null);
        return at == text.Length ? shape : throw TypeParser.Unexpected(text, at);
    }

    /// <inheritdoc/>
    public IEnumerator<Dim> GetEnumerator() => ((IEnumerable<Dim>)Dims).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
