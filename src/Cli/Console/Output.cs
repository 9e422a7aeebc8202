using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Nncc.Passes;

namespace Nncc.Cli;

/// <summary>What verbs print through: results to the output, everything else to the error output, as loud as the user wants it.</summary>
/// <param name="console">Where it goes.</param>
internal sealed class Output(IConsole console)
{
    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly List<Notice> notices = [];

    /// <summary>Whether results are JSON.</summary>
    public bool IsJson { get; init; }

    /// <summary>Whether only results and faults are printed.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>Whether each pass is told.</summary>
    public bool IsVerbose { get; init; }

    /// <summary>Takes text that is the result itself.</summary>
    public TextWriter Out => console.Out;

    /// <summary>What the user was told beside results.</summary>
    public IReadOnlyList<Notice> Notices => notices;

    /// <summary>A line of a result, for people.</summary>
    public void Line(string text = "")
    {
        if (!IsJson) console.Out.WriteLine(text);
    }

    /// <summary>A line that tells what was done, for people who did not ask for quiet.</summary>
    public void Told(string text)
    {
        if (!IsQuiet && !IsJson) console.Out.WriteLine(text);
    }

    /// <summary>A table of results, for people.</summary>
    public void Table(TextTable table)
    {
        if (IsJson) return;
        bool isColored = console is { IsTerminal: true, WantsColor: true };
        foreach (var (number, line) in table.Lines(console.Width).Index())
            console.Out.WriteLine((isColored ? table.MarkOf(number) : RowMark.None) switch
            {
                RowMark.Strong => $"\e[1m{line}\e[0m",
                RowMark.Hot => $"\e[33m{line}\e[0m",
                _ => line,
            });
    }

    /// <summary>The result, for machines: one JSON value.</summary>
    public void Json(object value)
    {
        if (IsJson) console.Out.WriteLine(JsonSerializer.Serialize(value, JsonOptions));
    }

    /// <summary>Something that the user may want to know.</summary>
    public void Notice(Notice notice)
    {
        notices.Add(notice);
        if (!IsQuiet) console.Error.WriteLine(notice);
    }

    /// <summary>What is odd about a file but no fault.</summary>
    public void Warnings(IEnumerable<Fault> warnings)
    {
        if (IsQuiet) return;
        foreach (var warning in warnings) console.Error.WriteLine(warning.ToString().Replace(" error: ", " warning: "));
    }

    /// <summary>A line for those who want every step told.</summary>
    public void Detail(string text)
    {
        if (IsVerbose) console.Error.WriteLine(text);
    }

    /// <summary>All faults of a run; as JSON too where that is asked for.</summary>
    public void Faults(ImmutableArray<Fault> faults)
    {
        foreach (var fault in faults) Fault(fault.ToString());
        Json(new { faults = faults.Select(f =>
            new { code = f.Code.ToString(), message = f.Message, place = f.Place, advice = f.Advice }) });
    }

    /// <summary>The text of a fault.</summary>
    public void Fault(string text) =>
        console.Error.WriteLine(console is { IsErrorTerminal: true, WantsColor: true } ? text.Replace("error:", "\e[1;31merror:\e[0m")
            : text);

    /// <summary>Does something that takes a while: on a terminal with a line that says what is done at the moment.</summary>
    public T Busy<T>(string title, Func<Action<string>, T> work)
    {
        if (!IsQuiet && console is { IsErrorTerminal: true, WantsColor: true }) return Spinner.Run(console.Error, title, work);
        return work(Detail);
    }
}
