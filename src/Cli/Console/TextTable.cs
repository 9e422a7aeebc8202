namespace Nncc.Cli;

/// <summary>How a row stands out on a terminal with colours.</summary>
internal enum RowMark
{
    /// <summary>Not at all.</summary>
    None,
    /// <summary>A heading or a sum.</summary>
    Strong,
    /// <summary>What takes a large share.</summary>
    Hot,
}

/// <summary>
/// Rows in aligned columns, the first row a heading. On a terminal that is too narrow the widest column is cut; lines never wrap, and what
/// is not for a terminal is never cut.
/// </summary>
/// <param name="heading">Names of the columns; one that starts with &gt; is aligned to the right, without the sign.</param>
internal sealed class TextTable(params string[] heading)
{
    private const int Gap = 2, Narrowest = 12;
    private readonly List<string[]> rows = [];
    private readonly SortedDictionary<int, RowMark> marks = [];

    /// <summary>Adds a row with as many cells as there are columns.</summary>
    public void Add(params string[] cells) => rows.Add(cells);

    /// <summary>Marks the row that was added last.</summary>
    public void Mark(RowMark mark) => marks[rows.Count] = mark;

    /// <summary>The mark of a line of <see cref="Lines"/>.</summary>
    public RowMark MarkOf(int line) => line == 0 ? RowMark.Strong : marks.GetValueOrDefault(line);

    /// <summary>The lines.</summary>
    /// <param name="width">Columns of the terminal.</param>
    public IEnumerable<string> Lines(int width)
    {
        string[] names = [.. heading.Select(h => h.TrimStart('>'))];
        int[] widths = [.. names.Select((name, i) => rows.Select(r => r[i].Length).Append(name.Length).Max())];
        int excess = width == int.MaxValue ? 0 : widths.Sum() + Gap * (widths.Length - 1) - width;
        if (excess > 0)
        {
            int widest = Array.IndexOf(widths, widths.Max());
            widths[widest] = Math.Max(Narrowest, widths[widest] - excess);
        }
        foreach (string[] row in rows.Prepend(names))
            yield return string.Join(new string(' ', Gap), row.Select((cell, i) => Fit(cell, widths[i], heading[i].StartsWith('>'))))
                .TrimEnd();
    }

    private static string Fit(string cell, int width, bool isRight) =>
        cell.Length > width ? cell[..(width - 1)] + "…" : isRight ? cell.PadLeft(width) : cell.PadRight(width);
}
