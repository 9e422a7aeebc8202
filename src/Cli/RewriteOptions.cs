using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Nncc.Passes;
using Nncc.Passes.Rules;

namespace Nncc.Cli;

/// <summary>Options about passes and rules that several verbs share.</summary>
internal sealed class RewriteOptions
{
    private readonly Option<int> level = new("-O")
    {
        Description = "How much is rewritten: 0 what lowering needs, 1 simplify and fold, 2 recognize idioms too, 3 look into weights",
            HelpName = "0|1|2|3",
            DefaultValueFactory = _ => new CompileOptions().Level,
    };

    private readonly Option<string[]> disable = Names("--disable", "Leave out a rule or a pass; names between commas, or once for each");
    private readonly Option<string[]> only = Names("--only", "Apply these rules alone");
    private readonly Option<bool> strictFloat = new("--strict-float")
    {
        Description = "Leave out rules that round floats in another order",
    };

    private readonly Option<bool> keepOverridable = new("--keep-overridable")
    {
        Description = "Fold nothing into initializers that are also inputs, so that callers can override them",
    };

    private readonly Option<double> separableError = new("--separable-error")
    {
        Description = "The relative error that factors in place of a convolution may have, for its result and the model's outputs",
        HelpName = "E", DefaultValueFactory = _ => 0,
    };

    private readonly Option<string[]> calibrate = new("--calibrate")
    {
        Description = "Inputs that errors are weighted and measured with: a folder of test_data_set_0 and so on, NAME=FILE (.npy, .pb), "
            + "or random; once for each",
        HelpName = "DIR|NAME=FILE", DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> folders = new("--rules")
    {
        Description = "A folder with rules of your own; once for each", HelpName = "DIR", DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> plugins = Plugin();

    private readonly Option<long?> stepLimit = new("--step-limit") { Description = "Make this many steps and no more", HelpName = "N" };

    private readonly Option<string> check = new("--check")
    {
        Description = "What is evaluated while rules are applied: each distinct application once on small extents, each application, the "
            + "whole model at the end, or nothing", HelpName = "rules|each|final|none", DefaultValueFactory = _ => "rules",
    };

    private readonly Option<string[]> expect = new("--expect")
    {
        Description = "Fail unless a rule was applied so many times, such as drop-identity=2; once for each", HelpName = "RULE=COUNT",
            DefaultValueFactory = _ => [],
    };

    public RewriteOptions() => check.AcceptOnlyFromAmong("rules", "each", "final", "none");

    /// <summary>Whether the verb tells how often each rule was applied.</summary>
    public Option<bool> Stats { get; } = new("--stats")
    {
        Description = "Tell how often each rule was applied, the time that it took, and what else changed",
    };

    /// <summary>How often rules must be applied.</summary>
    public Option<string[]> Expect => expect;

    /// <summary>All that choose what is done.</summary>
    public Symbol[] All => [level, disable, only, strictFloat, keepOverridable, separableError, calibrate, folders, plugins, stepLimit,
        check];

    /// <summary>The counts of <c>--expect</c>.</summary>
    /// <exception cref="NnccException">One is not understood: all of them.</exception>
    public ImmutableArray<(string Rule, long Count)> Expected(Invocation call) => [.. call.Get(expect)!.Select(text =>
    {
        var (rule, count) = ModelOptions.Pair(text, "--expect", "RULE=COUNT");
        return long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? (rule, number)
            : throw new NnccException(FaultCodes.Usage, $"\"{count}\" is no count", "--expect", "write --expect RULE=COUNT");
    })];

    /// <summary>Tells what was done, where that was asked for.</summary>
    public void Report(Invocation call, StepLog steps)
    {
        if (!call.Get(Stats)) return;
        var table = new TextTable(">times", ">ms", "what");
        foreach (string name in steps.Counts.Keys.Union(steps.Times.Keys).Order(StringComparer.Ordinal))
            table.Add($"{steps.Counts.GetValueOrDefault(name)}", steps.Times.TryGetValue(name, out var time)
                ? time.TotalMilliseconds.ToString("F1", CultureInfo.InvariantCulture) : "", name);
        call.Output.Table(table);
        call.Output.Told($"checks: {steps.Evaluated} applications were evaluated, {steps.Refuted.Count} refused, "
            + $"{steps.Unchecked} could not be evaluated");
    }

    /// <summary>Ends with faults where rules were applied another number of times.</summary>
    public static void Judge(ImmutableArray<(string Rule, long Count)> expected, IReadOnlyDictionary<string, long> steps)
    {
        var faults = expected.Where(e => Count(e.Rule) != e.Count).Select(e => new Fault(FaultCodes.RuleCount,
            $"{e.Rule} was applied {Count(e.Rule)} times and not {e.Count}", "--expect", "nncc explain says why a rule does not fit"))
            .ToList();
        if (faults.Count > 0) throw new NnccException([.. faults]);

        long Count(string rule) => steps.Where(s => IsNamed(s.Key, rule)).Sum(s => s.Value);
    }

    // Of rules the name alone will do.
    private static bool IsNamed(string id, string name) => id == name || id.EndsWith($"/{name}", StringComparison.Ordinal);

    /// <summary>The folders of <c>--rules</c>.</summary>
    public EquatableArray<string> Folders(Invocation call) => Has(call, folders) ? call.Get(folders)!.ToEquatable() : [];

    /// <summary>The option for plugins.</summary>
    public static Option<string[]> Plugin() => new("--plugin")
    {
        Description = "A plugin: an assembly that adds ops, passes, functions and rules; once for each", HelpName = "PATH",
        DefaultValueFactory = _ => [],
    };

    /// <summary>The assemblies of <c>--plugin</c>, and those of the user's folder for plugins.</summary>
    public EquatableArray<string> Plugins(Invocation call) =>
        PluginFolder.Files().Concat(Has(call, plugins) ? call.Get(plugins)! : []).ToEquatable();

    /// <summary>The log that keeps the step limit; null where there is none.</summary>
    public StepLog? Steps(Invocation call) => Has(call, stepLimit) ? new StepLog(call.Get(stepLimit) ?? long.MaxValue)
    {
        Clock = Has(call, Stats) && call.Get(Stats) ? TimeProvider.System : null,
    } : null;

    /// <summary>The options of passes with these.</summary>
    /// <exception cref="NnccException">There is no such level.</exception>
    public CompileOptions Apply(Invocation call, CompileOptions options)
    {
        if (!Has(call, level)) return options;
        if (call.Get(level) is < 0 or > 3)
            throw new NnccException(FaultCodes.Usage, string.Create(CultureInfo.InvariantCulture, $"there is no level {call.Get(level)}"),
                "-O",
                "write -O0, -O1, -O2 or -O3");
        if (!(call.Get(separableError) is >= 0 and < 1))
            throw new NnccException(FaultCodes.Usage, string.Create(CultureInfo.InvariantCulture,
                $"{call.Get(separableError)} is no relative error"), "--separable-error",
                "write a number from 0 on below 1, such as 0.01");
        if (call.Get(calibrate)!.Length > 0 && call.Get(separableError) == 0)
            throw new NnccException(FaultCodes.Usage, "nothing that is not exact is taken, so that there is no error to measure",
                "--calibrate", "give --separable-error as well");
        return options with
        {
            Level = call.Get(level), Disabled = Set(call.Get(disable)!), Only = Set(call.Get(only)!), StrictFloat = call.Get(strictFloat),
            KeepOverridable = call.Get(keepOverridable), SeparableError = call.Get(separableError),
            Calibration = CalibrationInputs.Of(call.Get(calibrate)!),
            Check = Has(call, check) ? Mode(call.Get(check)!) : RuleCheck.None,
        };
    }

    private static RuleCheck Mode(string word) => word switch
    {
        "rules" => RuleCheck.Rules, "each" => RuleCheck.Each, "final" => RuleCheck.Final, _ => RuleCheck.None,
    };

    /// <summary>The short form <c>-O2</c> as an option and its value.</summary>
    public static IEnumerable<string> Spread(string word) => word is ['-', 'O', >= '0' and <= '9'] ? ["-O", word[2..]] : [word];

    private static ImmutableSortedSet<string> Set(string[] lists) => lists
        .SelectMany(l => l.Split(',',
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToImmutableSortedSet(StringComparer.Ordinal);

    private static Option<string[]> Names(string name, string description) =>
        new(name) { Description = description, HelpName = "NAMES", DefaultValueFactory = _ => [] };

    private static bool Has(Invocation call, Option option) => call.Arguments.CommandResult.Command.Options.Contains(option);
}
