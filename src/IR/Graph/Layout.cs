namespace Nncc.IR;

/// <summary>
/// How the elements of a value lie in memory. It is a matter of speed only: no type, meaning or rule reads it.
/// </summary>
/// <param name="Order">The axes from outermost to innermost; empty for row-major.</param>
/// <param name="BlockedAxis">
/// The axis that is split into blocks of <paramref name="Block"/>, whose inner part lies innermost; -1 for none.
/// </param>
/// <param name="Block">
/// Elements of a block; the blocked axis is padded to a multiple with lanes whose content is not part of the value.
/// </param>
/// <param name="Halo">Stored border before and after each axis, two numbers per axis; empty for none. It holds zeros.</param>
public sealed record Layout(EquatableArray<long> Order = default, int BlockedAxis = -1, int Block = 1, EquatableArray<long> Halo = default)
{
    /// <summary>Text such as <c>order[0,2,3,1] block1x16 halo[0,0,0,0,1,1,1,1]</c>.</summary>
    public override string ToString() => string.Join(' ', new[]
    {
        Order.IsEmpty ? "" : $"order{Order}",
        BlockedAxis < 0 ? "" : $"block{BlockedAxis}x{Block}",
        Halo.IsEmpty ? "" : $"halo{Halo}",
    }.Where(part => part.Length > 0));
}
