namespace Nncc.Backends.CSharp.Runtime;

/// <summary>A size of an input or output.</summary>
/// <param name="Size">The number; null where it is known only at run time.</param>
/// <param name="Symbol">The model's name for it; null where it has none.</param>
internal readonly record struct ModelDim(long? Size, string? Symbol = null)
{
    /// <summary>A number.</summary>
    public static implicit operator ModelDim(long size) => new(size);

    /// <inheritdoc/>
    public override string ToString() => Size?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? Symbol ?? "?";
}

/// <summary>An input or output of a model.</summary>
/// <param name="Name">Name in the model.</param>
/// <param name="Type">Type of the elements.</param>
/// <param name="Dims">Sizes, outermost first; none for a scalar.</param>
internal sealed record ModelPort(string Name, ElementType Type, IReadOnlyList<ModelDim> Dims)
{
    /// <summary>Number of elements; null where a size is known only at run time.</summary>
    public long? Count => Dims.Aggregate((long?)1, (product, dim) => product * dim.Size);

    /// <summary>Whether sizes are among those that the port has.</summary>
    public bool Takes(ReadOnlySpan<long> dims)
    {
        if (dims.Length != Dims.Count) return false;
        for (int i = 0; i < dims.Length; i++)
            if (Dims[i].Size is { } size && size != dims[i]) return false;
        return true;
    }

    /// <summary>What a span of another length than <see cref="Count"/> is refused with.</summary>
    public ArgumentException WrongLength(long length, string argument) =>
        new($"{this} takes {Count} elements, got {length}", argument);

    /// <summary>Refuses memory that is not for this port.</summary>
    /// <exception cref="ArgumentException">Its element type or sizes differ.</exception>
    public void Check(in TensorView view, string argument)
    {
        if (view.Type != Type || !Takes(view.Dims)) throw new ArgumentException($"{this} is expected, got {view}", argument);
    }

    /// <inheritdoc/>
    public override string ToString() => $"\"{Name}\" {Type}[{string.Join(", ", Dims)}]";
}
