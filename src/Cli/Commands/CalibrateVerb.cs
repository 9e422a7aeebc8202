using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Nncc.Backends;
using Nncc.Backends.Calibration;
using Nncc.Passes;
using Nncc.Passes.Targets;

namespace Nncc.Cli.Commands;

/// <summary>Measures this machine and writes a target profile of it.</summary>
internal sealed class CalibrateVerb : Verb
{
    private const double MostSeconds = 600;
    private const int Told = 4;

    private readonly Option<string> target = new("--target")
    {
        Description = "The profile whose instruction sets are used and that is compared with: see nncc targets list, or host for the best "
            + "of this machine", HelpName = "NAME", DefaultValueFactory = _ => HostTarget.Name,
    };

    private readonly Option<string?> output = new("--output", "-o")
    {
        Description = "The file of the new profile, which must not be there yet; by default its name and .target.json, numbered until it is "
            + "free",
        HelpName = "FILE",
    };

    private readonly Option<string?> name = new("--name")
    {
        Description = "Name of the new profile; by default that of the target and -here", HelpName = "NAME",
    };

    private readonly Option<double> seconds = new("--seconds")
    {
        Description = "Measure for about so long; at least three rounds are made", HelpName = "S", DefaultValueFactory = _ => 6,
    };

    public CalibrateVerb() : base("calibrate", "Measure this machine and write a target profile of it") =>
        Takes([target, output, name, seconds]);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc calibrate -o mine.target.json --name mine", "a profile of this machine, for any verb as --target mine.target.json"),
        new("nncc calibrate --target cpu-avx2 --seconds 20", "as code for AVX2 finds it, measured longer"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("target", "the profile that was started from"),
        new("name", "name of the new profile"),
        new("output", "its file"),
        new("rounds", "how often each figure was measured"),
        new("isSteady", "whether the machine had nothing else to do; where not, the new profile says that its figures are unsure"),
        new("figures[].name", "what was measured"),
        new("figures[].unit", "its unit; empty for shares and numbers"),
        new("figures[].was", "what the profile that was started from says, or null"),
        new("figures[].value", "the median of the measurements"),
        new("figures[].spread", "how far their middle half is apart, as a share of the median; null for what is not measured repeatedly"),
        new("figures[].isSteady", "whether that is no more than on a machine with nothing else to do"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        if (!(call.Get(seconds) is >= 0 and <= MostSeconds))
            throw new NnccException(FaultCodes.Usage,
                string.Create(CultureInfo.InvariantCulture, $"{call.Get(seconds)} seconds are not taken"), "--seconds",
                string.Create(CultureInfo.InvariantCulture, $"write a number from 0 to {MostSeconds}"));
        var compiler = new Compiler(new CompilerOptions { Target = call.Get(target)!, Clock = TimeProvider.System });
        var start = compiler.Target;
        MachineCalibration.CheckRuns(start);
        var file = CalibrationFile.Choose(start.Name, call.Get(name), call.Get(output), compiler.Targets);
        var calibration = new MachineCalibration(start, TimeProvider.System);
        var found = call.Output.Busy($"measuring as {start.Name}", _ => calibration.Run(file.Name, MachineDescription.Processor,
            TimeSpan.FromSeconds(call.Get(seconds)), Again, call.Cancellation));
        if (!found.IsSteady)
            call.Output.Notice(new Notice("calibrate", "the machine is still busy: the profile says that its figures are unsure",
                Advice: "measure again when nothing else runs"));
        file.Write(found.Profile);
        Print(call.Output, found);
        call.Output.Told($"wrote {file.Path}: give it to any verb as --target {file.Path}");
        call.Output.Json(new
        {
            target = start.Name, name = file.Name, output = file.Path, rounds = found.Rounds, isSteady = found.IsSteady,
            figures = found.Figures.Select(f => new
                { name = f.Name, unit = f.Unit, was = f.Was, value = f.Value, spread = f.Spread, isSteady = f.IsSteady }),
        });
        return ExitCode.Ok;

        void Again(MeasuredFigures first) =>
            call.Output.Notice(new Notice("calibrate", $"the machine is busy: {Unsteady(first)}; measuring again"));
    }

    private static void Print(Output output, Calibration found)
    {
        output.Line($"{found.Profile.Name}, measured {found.Rounds} times, beside {found.Start.Name}");
        output.Line();
        var table = new TextTable("figure", $">{found.Start.Name}", ">measured", "unit", ">change", ">spread");
        foreach (var figure in found.Figures)
        {
            table.Add(figure.Name, figure.Was is { } was ? Text(was) : "", Text(figure.Value), figure.Unit,
                figure.Change is { } change ? change.ToString("+0 %;-0 %;0 %", CultureInfo.InvariantCulture) : "",
                figure.Spread is { } spread ? $"{Percent(spread)}{(figure.IsSteady ? "" : " !")}" : "");
            if (!figure.IsSteady) table.Mark(RowMark.Hot);
        }
        output.Table(table);
    }

    // The worst of the figures that spread too far.
    private static string Unsteady(MeasuredFigures measured)
    {
        var worst = measured.Unsteady.OrderByDescending(f => f.Spread).ToList();
        string more = worst.Count > Told ? $" and {worst.Count - Told} more" : "";
        return $"{string.Join(", ", worst.Take(Told).Select(f => $"{f.Name} spreads by {Percent(f.Spread)}"))}{more}";
    }

    private static string Percent(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    private static string Text(double number) => number.ToString("G4", CultureInfo.InvariantCulture);
}
