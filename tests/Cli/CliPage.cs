using System.CommandLine;
using System.Text;
using Nncc.Cli;

namespace Nncc.Tests.Cli;

/// <summary>The text of docs/cli.md, from the verbs.</summary>
internal static class CliPage
{
    private const string Head = """
        # The command line

        Written from the verbs by a test; change them, not this page.

        Results go to the standard output, faults and notices to the standard error. `--json` prints the result of a verb as one JSON value whose field
        names are stable; fields may be added. Faults are then printed as JSON as well, `{"faults":[{"code","message","place","advice"}]}`. Numbers that are
        not finite are the strings `"Infinity"`, `"-Infinity"` and `"NaN"`. Colours and moving lines appear on terminals only, and not where `NO_COLOR` is
        set.

        | exit code | meaning |
        |---|---|
        | 0 | done |
        | 1 | the command was not understood: an option, a name, a combination |
        | 2 | a model or a data file is wrong, or a file cannot be read or written |
        | 3 | a demand could not be met: an opset, a target of another machine, engines that disagree |
        | 4 | the model is legal, but nncc cannot do this with it |
        | 70 | a mistake of nncc; a file with what is needed to find it is left in the current folder |
        | 130 | interrupted (Ctrl-C); nothing is left half written |

        Every verb takes `-v` (tell each pass and step), `-q` (results and errors only) and `--help`.

        """;

    /// <summary>The page.</summary>
    public static string Print()
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n"));
        foreach (var verb in Verbs.All()) Add(page, "nncc", verb);
        return page.ToString();
    }

    private static void Add(StringBuilder page, string parent, Verb verb)
    {
        string name = $"{parent} {verb.Command.Name}";
        page.Append($"\n## {name}\n\n{verb.Command.Description}.\n");
        if (verb.Children.IsEmpty)
        {
            string arguments = string.Concat(verb.Command.Arguments.Select(a =>
                a.Arity.MinimumNumberOfValues == 0 ? $" [{a.HelpName}]" : $" {a.HelpName}"));
            page.Append($"\n    {name}{arguments}{(verb.Command.Options.Count > 0 ? " [options]" : "")}\n");
        }
        page.Append('\n');
        foreach (var example in verb.Examples) page.Append($"- `{example.Line}`: {example.Says}\n");
        var options = verb.Command.Options.Where(o => o != Verb.JsonOption).ToList();
        if (options.Count > 0)
        {
            page.Append("\n| option | meaning |\n|---|---|\n");
            foreach (var option in options) page.Append($"| {Names(option)} | {Cell(option.Description!)}{Default(option)} |\n");
        }
        if (!verb.Json.IsEmpty)
        {
            page.Append("\n| field of `--json` | meaning |\n|---|---|\n");
            foreach (var field in verb.Json) page.Append($"| `{field.Path}` | {Cell(field.Meaning)} |\n");
        }
        foreach (var child in verb.Children) Add(page, name, child);
    }

    private static string Names(Option option) =>
        string.Join(", ", option.Aliases.Prepend(option.Name).Select(n => $"`{n}`"))
            + (option.HelpName is { } help ? $" {Cell(help)}" : "");

    private static string Default(Option option) =>
        option.HasDefaultValue && option.GetDefaultValue() is { } value and not (bool or Array) ? $" (default: {value})" : "";

    private static string Cell(string text) => text.Replace("|", "\\|");
}
