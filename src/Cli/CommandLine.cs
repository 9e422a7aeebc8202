using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Help;
using Nncc.Backends;
using Nncc.Passes;
using Nncc.Passes.Plugins;

namespace Nncc.Cli;

/// <summary>The command line as a function: arguments in, texts and an exit code out.</summary>
internal static class CommandLine
{
    /// <summary>Whether faults and results alone are printed.</summary>
    public static Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "Print only results and errors", Recursive = true };

    /// <summary>Whether every step is told.</summary>
    public static Option<bool> Verbose { get; } = new("--verbose", "-v") { Description = "Tell each pass and step", Recursive = true };

    /// <summary>The exit code for a mistake of nncc (EX_SOFTWARE of sysexits.h).</summary>
    public const int InternalError = 70;

    private const int HelpWidth = 100;

    /// <summary>Runs a command.</summary>
    /// <param name="args">The words behind the program's name.</param>
    /// <param name="console">Where it prints.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The exit code: see <see cref="ExitCode"/>, 70 for a mistake of nncc, 130 where it was interrupted.</returns>
    public static int Run(IReadOnlyList<string> args, IConsole console, CancellationToken cancellation = default)
    {
        var verbs = new Dictionary<Command, Verb>();
        var root = Build(verbs, console);
        var parsed = root.Parse(args is ["--version"] ? ["version"] : [.. args.SelectMany(RewriteOptions.Spread)],
            new ParserConfiguration { ResponseFileTokenReplacer = null });
        var output = new Output(console)
        {
            IsJson = verbs.GetValueOrDefault(parsed.CommandResult.Command)?.Json.IsEmpty == false && parsed.GetValue(Verb.JsonOption),
            IsQuiet = parsed.GetValue(Quiet),
            IsVerbose = parsed.GetValue(Verbose),
        };
        try
        {
            // Help and completion.
            if (parsed.Action is not null && parsed.Errors.Count == 0)
                return parsed.Invoke(new InvocationConfiguration { Output = console.Out, Error = console.Error,
                    EnableDefaultExceptionHandler = false });
            if (args.Count == 0) return root.Parse(["--help"])
                .Invoke(new InvocationConfiguration { Output = console.Out, Error = console.Error });
            if (UsageFaults(args, root, parsed) is { IsEmpty: false } wrong) throw new NnccException(wrong);
            var call = new Invocation(parsed, output, cancellation);
            var exit = verbs[parsed.CommandResult.Command].Run(call);
            if (call.Logs.SelectMany(log => log.Refuted).Select(r => r.Fault).ToImmutableArray() is not { IsEmpty: false } refuted)
                return (int)exit;
            output.Faults(refuted);
            return Math.Max((int)exit, (int)refuted.Max(f => f.Code.Exit));
        }
        catch (NnccException e)
        {
            output.Faults(e.Faults);
            return (int)e.Faults.Max(f => f.Code.Exit);
        }
        catch (OperationCanceledException)
        {
            console.Error.WriteLine("nncc: stopped; nothing was left half written");
            return Interruption.Exit;
        }
        catch (Exception e) when (PluginBlame.Of(e) is { } blamed)
        {
            output.Faults(blamed.Faults);
            return (int)blamed.Faults.Max(f => f.Code.Exit);
        }
        catch (InternalFault e)
        {
            output.Fault($"nncc: {e.Message}\n  hint: this is a mistake of nncc, not of the model; please report it with that file and the "
                + $"command line");
            return InternalError;
        }
        catch (Exception e)
        {
            output.Fault(FailureReport.Write(e, args, Directory.GetCurrentDirectory()));
            return InternalError;
        }
    }

    /// <summary>The root command with all verbs.</summary>
    public static RootCommand Build(Dictionary<Command, Verb> verbs, IConsole console)
    {
        var root = new RootCommand($"{ToolVersion.Name}: compiles ONNX models to C# without dependencies, or to optimized ONNX");
        root.Options.Remove(root.Options.OfType<VersionOption>().Single());
        root.Options.Add(Verbose);
        root.Options.Add(Quiet);
        foreach (var verb in Verbs.All()) root.Subcommands.Add(Add(verb, verbs));
        var help = root.Options.OfType<HelpOption>().Single();
        var inner = (HelpAction)help.Action!;
        inner.MaxWidth = Math.Min(console.Width, HelpWidth);
        help.Action = new HelpWithExamples(inner, verbs);
        return root;
    }

    private static Command Add(Verb verb, Dictionary<Command, Verb> verbs)
    {
        verbs[verb.Command] = verb;
        foreach (var child in verb.Children) verb.Command.Subcommands.Add(Add(child, verbs));
        if (!verb.Json.IsEmpty) verb.Command.Options.Add(Verb.JsonOption);
        return verb.Command;
    }

    private static ImmutableArray<Fault> UsageFaults(IReadOnlyList<string> args, RootCommand root, ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        string path = command is RootCommand ? "nncc"
            : string.Join(' ', command.Parents.OfType<Command>().Where(p => p is not RootCommand).Select(p => p.Name).Prepend("nncc")
                .Append(command.Name));
        if (command.Subcommands.Count > 0)
        {
            string wrong = parsed.UnmatchedTokens.FirstOrDefault() ?? "";
            var names = command.Subcommands.Select(c => c.Name);
            return [new Fault(FaultCodes.Usage, wrong.Length == 0 ? $"{path} needs a verb" : $"{path} has no verb \"{wrong}\"",
                Advice: wrong.Length == 0 ? $"{path} --help lists them" : Suggestion.For(wrong, names, "its verbs are"))];
        }
        return [.. parsed.Errors.Select(e => e.Message.TrimEnd('.')).Distinct().Select(message =>
            new Fault(FaultCodes.Usage, message, Advice: Near(message, parsed, command) ?? $"{path} --help"))];
    }

    private static string? Near(string message, ParseResult parsed, Command command) =>
        parsed.UnmatchedTokens.FirstOrDefault(t => t.StartsWith('-') && message.Contains($"'{t}'")) is { } wrong
            ? Suggestion.For(wrong, command.Options.Select(o => o.Name), "its options are") : null;
}
