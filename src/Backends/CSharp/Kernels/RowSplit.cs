namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Rows in tiles of as equal heights as there can be, so that no small tile is left over: first tiles of one row more than the others,
/// then the others.
/// </summary>
/// <param name="Height">Rows of the lower tiles.</param>
/// <param name="Lower">Number of tiles of that height.</param>
/// <param name="Higher">Number of tiles of one row more.</param>
internal sealed record RowSplit(int Height, long Lower, long Higher)
{
    /// <summary>As few tiles as there can be of at most so many rows.</summary>
    public static RowSplit Of(long rows, int most)
    {
        long tiles = (rows + most - 1) / most;
        return tiles == 0 ? new RowSplit(1, 0, 0) : new RowSplit((int)(rows / tiles), tiles - rows % tiles, rows % tiles);
    }

    /// <summary>Rows in the higher tiles.</summary>
    public long HigherRows => Higher * (Height + 1);

    /// <summary>The heights that there are.</summary>
    public IEnumerable<int> Heights => (Higher > 0 ? new[] { Height + 1 } : []).Concat(Lower > 0 ? [Height] : []);

    /// <summary>Text for names.</summary>
    public string Tag => string.Join("and", Heights);
}
