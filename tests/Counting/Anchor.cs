using System.Globalization;
using Nncc.Tests.Support;
using Nncc.Zoo;

namespace Nncc.Tests.Counting;

/// <summary>A row of the table of known values: a network, its input, and what it has.</summary>
/// <param name="Network">The network's name in the table.</param>
/// <param name="Side">Pixels a side.</param>
/// <param name="Parameters">Parameters: a number, or digits with a unit.</param>
/// <param name="Macs">Multiply-accumulates, likewise.</param>
/// <param name="IsExact">Whether the figures are exact.</param>
internal sealed record Anchor(string Network, int Side, string Parameters, string Macs, bool IsExact)
{
    /// <summary>All rows; none where the optional test data are absent.</summary>
    public static IEnumerable<Anchor> All
    {
        get
        {
            string path = Path.Combine(Repository.Shared, "facts", "anchors.csv");
            if (!File.Exists(path)) yield break;
            foreach (string line in File.ReadLines(path).Skip(1))
            {
                string[] cells = Cells(line);
                if (cells[5] is not ("exact" or "to the printed digits")) continue;
                yield return new Anchor(cells[0].Split('(')[0], int.Parse(cells[1].Split('x')[^1], CultureInfo.InvariantCulture), cells[2],
                    cells[3], cells[5] == "exact");
            }
        }
    }

    /// <summary>The architecture of the zoo and the options that make this network; null where the zoo has none.</summary>
    public (Architecture Architecture, ZooOptions Options)? Find()
    {
        var options = new ZooOptions { HasWeights = false };
        string name = Network;
        if (name.Split('_') is ["mobilenet", "v1" or "v2", var width, var side])
        {
            name = string.Join('_', name.Split('_')[..2]);
            options = options with
            {
                Width = double.Parse(width, CultureInfo.InvariantCulture), Resolution = int.Parse(side, CultureInfo.InvariantCulture),
                // TensorFlow's networks of 1,001 classes: those of which the table gives as many parameters more.
                Classes = name == "mobilenet_v1" && Parameters != "4231976" ? 1001 : 1000,
            };
        }
        var architecture = ModelZoo.Find(name) ?? ModelZoo.Find(name.Replace('.', '_'));
        return architecture is null ? null : (architecture, options);
    }

    /// <summary>Whether a figure is what the row prints: the same number, or the same digits of it.</summary>
    public static bool Fits(string printed, long figure)
    {
        double unit = printed[^1] switch { 'K' => 1e3, 'M' => 1e6, 'G' => 1e9, _ => 1 };
        if (unit == 1) return long.Parse(printed, CultureInfo.InvariantCulture) == figure;
        string digits = printed[..^1];
        int decimals = digits.Contains('.') ? digits.Length - digits.IndexOf('.') - 1 : 0;
        // Tables round or cut off.
        double exact = figure / unit, scale = Math.Pow(10, decimals);
        return Math.Round(exact, decimals) == double.Parse(digits, CultureInfo.InvariantCulture)
            || Math.Floor(exact * scale) / scale == double.Parse(digits, CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Network} {Side}: {Parameters}, {Macs}";

    private static string[] Cells(string line)
    {
        var cells = new List<string> { "" };
        bool isQuoted = false;
        foreach (char c in line)
            if (c == '"') isQuoted = !isQuoted;
            else if (c == ',' && !isQuoted) cells.Add("");
            else cells[^1] += c;
        return [.. cells];
    }
}
