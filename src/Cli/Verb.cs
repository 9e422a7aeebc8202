using System.Collections.Immutable;
using System.CommandLine;
using Nncc.Backends;
using Nncc.Passes;

namespace Nncc.Cli;

/// <summary>A command line that shows a verb.</summary>
/// <param name="Line">What is typed.</param>
/// <param name="Says">What it does.</param>
internal sealed record Example(string Line, string Says);

/// <summary>A field of a verb's JSON.</summary>
/// <param name="Path">Where it stands: names joined by dots, <c>[]</c> behind a list, <c>*</c> for names that depend on the model.</param>
/// <param name="Meaning">What it holds, with its unit.</param>
internal sealed record JsonField(string Path, string Meaning);

/// <summary>A verb as it was called.</summary>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Output">Where it prints.</param>
/// <param name="Cancellation">Ends it.</param>
internal sealed record Invocation(ParseResult Arguments, Output Output, CancellationToken Cancellation)
{
    /// <summary>The steps of its compilations.</summary>
    public List<StepLog> Logs { get; } = [];

    /// <summary>The value of an option.</summary>
    public T? Get<T>(Option<T> option) => Arguments.GetValue(option);

    /// <summary>The value of an argument.</summary>
    public T? Get<T>(Argument<T> argument) => Arguments.GetValue(argument);
}

/// <summary>
/// A verb of the command line: what it is called and takes, and a thin run that makes calls of <see cref="Compiler"/> and prints what they
/// give.
/// </summary>
internal abstract class Verb
{
    /// <summary>Prints the result as JSON.</summary>
    public static Option<bool> JsonOption { get; } = new("--json") { Description = "Print the result as JSON" };

    protected Verb(string name, string summary) => Command = new Command(name, summary);

    /// <summary>Name, summary, options and arguments.</summary>
    public Command Command { get; }

    /// <summary>Examples for the help; at least one.</summary>
    public abstract ImmutableArray<Example> Examples { get; }

    /// <summary>The fields of its JSON; empty for a verb that prints no results.</summary>
    public virtual ImmutableArray<JsonField> Json => [];

    /// <summary>Verbs under this one; one that has any does nothing itself.</summary>
    public virtual ImmutableArray<Verb> Children => [];

    /// <summary>Does it.</summary>
    /// <exception cref="NnccException">Faults in what the user gave.</exception>
    public virtual ExitCode Run(Invocation call) => throw new InvalidOperationException($"{Command.Name} has verbs under it");

    /// <summary>Adds what the verb takes.</summary>
    protected void Takes(params ReadOnlySpan<Symbol> symbols)
    {
        foreach (var symbol in symbols)
            if (symbol is Option option) Command.Options.Add(option);
            else Command.Arguments.Add((Argument)symbol);
    }
}
