using System.Globalization;
using Nncc.Passes.Targets;
using Nncc.Tests.Support;

namespace Nncc.Tests.Targets;

/// <summary>The tables of docs/targets.md say what the profiles say.</summary>
public class TargetPageTests
{
    private const string Begin = "<!-- The tables are printed from the profiles: NNCC_BLESS=1 writes them. -->\n";
    private const string End = "<!-- End of the tables. -->\n";

    [Fact]
    public void The_page_about_targets_says_what_the_profiles_say()
    {
        string path = Repository.Under("docs", "targets.md"), page = File.ReadAllText(path);
        int from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, to = page.IndexOf(End, StringComparison.Ordinal);
        Assert.True(from >= Begin.Length && to >= from, "docs/targets.md has no place for the tables");
        string expected = $"{page[..from]}{Tables()}{page[to..]}";
        if (CaseFile.IsBlessing) File.WriteAllText(path, expected);
        string actual = File.ReadAllText(path);
        Assert.True(actual == expected, $"docs/targets.md is not what the profiles say:\n{TextDifference.Show(actual, expected)}");
    }

    private static string Tables()
    {
        var lines = new List<string>
        {
            "", "| target | vectors | FMAs a cycle | GHz | GFLOP/s a core | caches: KiB at GB/s | memory GB/s | predictions | source |",
            "|---|---|---|---|---|---|---|---|---|",
        };
        foreach (var p in TargetProfiles.Standard().All)
            lines.Add($"| {p.Name}{string.Concat(p.Aliases.Select(a => $" ({a})"))} | {p.VectorBits} bits, {p.VectorRegisters} registers | "
                + $"{Text(p.FmasPerCycle)} | {Text(p.ClockGHz)} | {Text(p.PeakGFlops)} | "
                + $"{string.Join(", ", p.Caches.Select(c => $"{c.KiB} at {Text(c.GBs)}"))} | {Text(p.MemoryGBs)} | "
                + $"{(p.IsMeasured ? "compared" : "never measured")} | {p.Source} |");
        lines.AddRange(
        [
            "", "| runtime | newest opset | left out | not computed ahead | predictions | source |",
            "|---|---|---|---|---|---|",
        ]);
        foreach (var r in RuntimeProfiles.Standard().All)
            lines.Add($"| {r.Name} | {r.NewestOpset} | {Names(r.LeftOut)} | {Names(r.Unfolded)} | "
                + $"{(r.IsMeasured ? "compared" : "never measured")} | {r.Source} |");
        return string.Join('\n', lines) + "\n\n";
    }

    private static string Names(IEnumerable<RuntimeWish> wishes) => string.Join(", ", wishes.SelectMany(w => w.Names));

    private static string Text(double number) => number.ToString("G4", CultureInfo.InvariantCulture);
}
