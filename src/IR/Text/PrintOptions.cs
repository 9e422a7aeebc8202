namespace Nncc.IR.Text;

/// <summary>How a graph is printed.</summary>
public sealed record PrintOptions
{
    /// <summary>Larger tensors show only their SHA-256, so that the text stays small. Such a text does not parse.</summary>
    public bool Elide { get; init; }

    /// <summary>Up to how many elements a tensor stands among the attributes; larger ones stand in the data section.</summary>
    public int InlineLimit { get; init; } = 32;
}
