namespace Nncc.IR;

/// <summary>Advice for a name that does not exist.</summary>
public static class Suggestion
{
    private const int Shown = 8;

    /// <summary>The names that look most like the wrong one, or the first few of all.</summary>
    /// <param name="wrong">What was given.</param>
    /// <param name="names">What there is.</param>
    /// <param name="introduction">Stands before the list, such as "its inputs are".</param>
    public static string? For(string wrong, IEnumerable<string> names, string introduction)
    {
        string[] all = [.. names.Distinct().Order(StringComparer.Ordinal)];
        if (all.Length == 0) return null;
        var near = all.Select(name => (Name: name, Distance: Distance(wrong, name))).Where(n => n.Distance <= Math.Max(1, wrong.Length / 3))
            .OrderBy(n => n.Distance).Select(n => n.Name).Take(3).ToArray();
        if (near.Length > 0) return $"did you mean \"{string.Join("\" or \"", near)}\"?";
        string more = all.Length > Shown ? $" and {all.Length - Shown} more" : "";
        return $"{introduction} \"{string.Join("\", \"", all.Take(Shown))}\"{more}";
    }

    // Levenshtein's distance without regard to case; long names are compared by their starts only.
    private static int Distance(string a, string b)
    {
        const int longest = 64;
        if (a.Length > longest) a = a[..longest];
        if (b.Length > longest) b = b[..longest];
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int k = 1; k <= b.Length; k++)
            {
                int cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[k - 1]) ? 0 : 1;
                (diagonal, row[k]) = (row[k], Math.Min(Math.Min(row[k], row[k - 1]) + 1, diagonal + cost));
            }
        }
        return row[^1];
    }
}
