using Spectre.Console;

namespace Nncc.Cli;

/// <summary>
/// A moving line on a terminal that says what is done at the moment. In a file of its own, so that its library is loaded only for it.
/// </summary>
internal static class Spinner
{
    public static T Run<T>(TextWriter writer, string title, Func<Action<string>, T> work)
    {
        var ansi = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        return ansi.Status().Start(Markup.Escape(title), context => work(text => context.Status(Markup.Escape($"{title}: {text}"))));
    }
}
