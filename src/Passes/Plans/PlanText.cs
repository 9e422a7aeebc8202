using System.Collections.Immutable;
using System.Text;

namespace Nncc.Passes.Plans;

/// <summary>
/// Plans as text. The first line says the form, the next ones model and target; then each region has a line with the values that it
/// computes
/// and, indented, lines with its layouts and its schedule. What follows a # is a comment.
/// </summary>
public static class PlanText
{
    private const string Form = "nncc-plan 1";

    /// <summary>The text of a plan.</summary>
    public static string Print(Plan plan)
    {
        var text = new StringBuilder($"{Form}\nmodel {plan.Model}\ntarget {plan.Target}\n");
        foreach (var region in plan.Regions)
        {
            text.Append($"\nregion {string.Join(' ', region.Values.Select(Quote))}\n");
            if (region.Layouts is { } layouts) text.Append($"  layouts {layouts}\n");
            if (region.Schedule is { } schedule) text.Append($"  schedule {schedule}\n");
        }
        return text.ToString();
    }

    /// <summary>Reads the text of a plan.</summary>
    /// <exception cref="NnccException">It is none: all faults with their lines.</exception>
    public static Plan Parse(string text, string file)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        if (lines[0].Trim() != Form)
            throw new NnccException(FaultCodes.BadPlan, lines[0].StartsWith("nncc-plan ", StringComparison.Ordinal)
                ? $"this is a plan of form \"{lines[0].Trim()}\", and this version reads \"{Form}\""
                    : $"a plan begins with the line \"{Form}\"",
                $"{file}:1", "write it anew with \"nncc compile MODEL --emit-plan FILE\"");
        var faults = new List<Fault>();
        string model = "", target = "";
        var regions = ImmutableArray.CreateBuilder<PlanRegion>();
        for (int i = 1; i < lines.Length; i++)
        {
            string line = WithoutComment(lines[i]).Trim(), place = $"{file}:{i + 1}";
            if (line.Length == 0) continue;
            var (word, rest) = line.IndexOf(' ') is > 0 and var at ? (line[..at], line[(at + 1)..].Trim()) : (line, "");
            switch (word)
            {
                case "model": model = rest; break;
                case "target": target = rest; break;
                case "region" when Unquote(rest) is { Count: > 0 } values:
                    regions.Add(new PlanRegion(values.ToEquatable(), null, null, place));
                    break;
                case "layouts" when regions.Count > 0: regions[^1] = regions[^1] with { Layouts = rest }; break;
                case "schedule" when regions.Count > 0:
                    try
                    {
                        regions[^1] = regions[^1] with { Schedule = Schedule.Parse(rest.Contains('(') ? rest : $"{rest}()") };
                    }
                    catch (FormatException e)
                    {
                        faults.Add(new Fault(FaultCodes.BadPlan, e.Message, place));
                    }
                    break;
                default:
                    faults.Add(new Fault(FaultCodes.BadPlan, $"\"{line}\" is not understood", place,
                        "a line is model, target, region with quoted names of values, layouts or schedule"));
                    break;
            }
        }
        if (model.Length == 0) faults.Add(new Fault(FaultCodes.BadPlan, "the plan does not say of which model it is", file));
        if (target.Length == 0) faults.Add(new Fault(FaultCodes.BadPlan, "the plan does not say for which target it is", file));
        return faults.Count == 0 ? new Plan(model, target, regions.ToImmutable()) : throw new NnccException([.. faults]);
    }

    private static string Quote(string name) => $"\"{name.Replace("\\",
        "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    // A comment begins at a # that is in no name.
    private static string WithoutComment(string line)
    {
        bool isQuoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\' && isQuoted) i++;
            else if (line[i] == '"') isQuoted = !isQuoted;
            else if (line[i] == '#' && !isQuoted) return line[..i];
        }
        return line;
    }

    // Names in quotes; null where something else is among them.
    private static List<string>? Unquote(string text)
    {
        var names = new List<string>();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == ' ') continue;
            if (text[i] != '"') return null;
            var name = new StringBuilder();
            for (i++; i < text.Length && text[i] != '"'; i++)
                name.Append(text[i] != '\\' || i + 1 == text.Length ? text[i] : text[++i] == 'n' ? '\n' : text[i]);
            if (i == text.Length) return null;
            names.Add(name.ToString());
        }
        return names;
    }
}
