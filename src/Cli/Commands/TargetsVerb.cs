using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Nncc.Backends;
using Nncc.Passes.Targets;

namespace Nncc.Cli.Commands;

/// <summary>The targets that C# is emitted for.</summary>
internal sealed class TargetsVerb() : Verb("targets", "List and show the machines that C# is emitted for")
{
    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
        [new("nncc targets list", "all of them"), new("nncc targets show cpu-avx2", "one of them")];

    /// <inheritdoc/>
    public override ImmutableArray<Verb> Children => [new TargetsListVerb(), new TargetsShowVerb()];
}

/// <summary>Lists the targets.</summary>
internal sealed class TargetsListVerb() : Verb("list", "List the targets")
{
    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples => [new("nncc targets list --json", "for scripts")];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("targets[].name", "name for --target"),
        new("targets[].architecture", "x64, arm64, wasm or any"),
        new("targets[].vectorBits", "width of vectors; 0 for scalar code"),
        new("targets[].features[]", "instruction sets that the code needs"),
        new("targets[].runsHere", "whether this machine runs it"),
        new("host", "the target that host stands for on this machine"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var compiler = new Compiler();
        string host = compiler.HostProfile.Name;
        var table = new TextTable("target", "architecture", ">vector bits", "here", "instruction sets");
        foreach (var target in compiler.Targets.All)
            table.Add(target.Name, target.Architecture, $"{target.VectorBits}",
                target.Name == host ? "host" : HostTarget.Runs(target) ? "yes" : "no", string.Join(" ", target.Features));
        call.Output.Table(table);
        call.Output.Json(new
        {
            targets = compiler.Targets.All.Select(t => new
            {
                name = t.Name, architecture = t.Architecture, vectorBits = t.VectorBits, features = t.Features.Items,
                    runsHere = HostTarget.Runs(t),
            }),
            host,
        });
        return ExitCode.Ok;
    }
}

/// <summary>Shows a target.</summary>
internal sealed class TargetsShowVerb : Verb
{
    private readonly Argument<string> name = new("name") { Description = "Name of the target, or host", HelpName = "NAME" };

    public TargetsShowVerb() : base("show", "Show what is assumed of a target") => Takes(name);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples => [new("nncc targets show cpu-avx512", "its features and figures")];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("name", "name for --target"),
        new("architecture", "x64, arm64, wasm or any"),
        new("features[]", "instruction sets that the code needs"),
        new("vectorBits", "width of vectors; 0 for scalar code"),
        new("vectorRegisters", "architectural vector registers"),
        new("hasFma", "whether a fused multiply-add is one instruction"),
        new("clockGHz", "assumed clock in GHz"),
        new("cores", "assumed cores"),
        new("peakGFlops", "peak of binary32 on one core, in GFLOP/s"),
        new("memoryGBs", "bandwidth of main memory for one core, in GB/s"),
        new("caches[].kiB", "size of a cache in KiB"),
        new("caches[].gBs", "its bandwidth in GB/s"),
        new("hazards[]", "known traps"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var target = new Compiler(new CompilerOptions { Target = call.Get(name)! }).Target;
        var table = new TextTable("figure", "value");
        foreach (var (figure, value) in new (string, string)[]
                 {
                     ("name", target.Name), ("architecture", target.Architecture), ("instruction sets", string.Join(" ", target.Features)),
                     ("vectors", target.VectorBits == 0 ? "none" : $"{target.VectorBits} bits, {target.VectorRegisters} registers"),
                     ("multiply-add", target.HasFma ? "fused" : "two roundings"), ("clock", $"{Text(target.ClockGHz)} GHz"),
                         ("cores", $"{target.Cores}"),
                     ("peak", $"{Text(target.PeakGFlops)} GFLOP/s a core"),
                     ("caches", string.Join(", ", target.Caches.Select(c => $"{c.KiB} KiB at {Text(c.GBs)} GB/s"))),
                         ("memory", $"{Text(target.MemoryGBs)} GB/s"),
                     ("hazards", target.Hazards.IsEmpty ? "none" : string.Join(" ", target.Hazards)),
                 })
            table.Add(figure, value);
        call.Output.Table(table);
        call.Output.Json(new
        {
            name = target.Name, architecture = target.Architecture, features = target.Features.Items, vectorBits = target.VectorBits,
            vectorRegisters = target.VectorRegisters, hasFma = target.HasFma, clockGHz = target.ClockGHz, cores = target.Cores,
            peakGFlops = target.PeakGFlops, memoryGBs = target.MemoryGBs,
            caches = target.Caches.Select(c => new { kiB = c.KiB, gBs = c.GBs }), hazards = target.Hazards.Items,
        });
        return ExitCode.Ok;
    }

    private static string Text(double number) => number.ToString("G4", CultureInfo.InvariantCulture);
}
