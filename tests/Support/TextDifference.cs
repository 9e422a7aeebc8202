using System.Text;

namespace Nncc.Tests.Support;

/// <summary>Shows where two texts differ.</summary>
internal static class TextDifference
{
    private const int Around = 2;

    /// <summary>The lines between the first and the last difference, with - and +, and a few equal ones around.</summary>
    public static string Show(string expected, string actual)
    {
        string[] a = expected.Split('\n'), b = actual.Split('\n');
        int start = 0, end = 0;
        while (start < a.Length && start < b.Length && a[start] == b[start]) start++;
        while (end < a.Length - start && end < b.Length - start && a[^(end + 1)] == b[^(end + 1)]) end++;
        var text = new StringBuilder();
        for (int i = Math.Max(0, start - Around); i < start; i++) text.Append("  ").Append(a[i]).Append('\n');
        foreach (string line in a[start..^end]) text.Append("- ").Append(line).Append('\n');
        foreach (string line in b[start..^end]) text.Append("+ ").Append(line).Append('\n');
        for (int i = a.Length - end; i < Math.Min(a.Length, a.Length - end + Around); i++) text.Append("  ").Append(a[i]).Append('\n');
        return text.ToString();
    }
}
