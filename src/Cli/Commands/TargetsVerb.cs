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
        new("targets[].aliases[]", "other names for it"),
        new("targets[].architecture", "x64, arm64, wasm or any"),
        new("targets[].vectorBits", "width of vectors; 0 for scalar code"),
        new("targets[].features[]", "instruction sets that the code needs"),
        new("targets[].runsHere", "whether this machine runs it"),
        new("targets[].isMeasured", "whether its predictions were compared with measurements of such a machine"),
        new("host", "the target that host stands for on this machine"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var compiler = new Compiler();
        string host = compiler.HostProfile.Name;
        var table = new TextTable("target", "also called", "architecture", ">vector bits", "here", "predictions", "instruction sets");
        foreach (var target in compiler.Targets.All)
            table.Add(target.Name, string.Join(" ", target.Aliases), target.Architecture, $"{target.VectorBits}",
                target.Name == host ? "host" : HostTarget.Runs(target) ? "yes" : "no", Trust(target), string.Join(" ", target.Features));
        call.Output.Table(table);
        call.Output.Json(new
        {
            targets = compiler.Targets.All.Select(t => new
            {
                name = t.Name, aliases = t.Aliases.Items, architecture = t.Architecture, vectorBits = t.VectorBits,
                features = t.Features.Items, runsHere = HostTarget.Runs(t), isMeasured = t.IsMeasured,
            }),
            host,
        });
        return ExitCode.Ok;
    }

    /// <summary>What is to be said of predictions with a profile.</summary>
    public static string Trust(TargetProfile target) => target.IsUnsure ? "unsure figures" : target.IsMeasured ? "compared" : "never measured";
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
        new("aliases[]", "other names for it"),
        new("architecture", "x64, arm64, wasm or any"),
        new("features[]", "instruction sets that the code needs"),
        new("vectorBits", "width of vectors; 0 for scalar code"),
        new("vectorRegisters", "architectural vector registers"),
        new("hasFma", "whether a fused multiply-add is one instruction"),
        new("fmasPerCycle", "vector multiply-adds started in a cycle"),
        new("clockGHz", "assumed clock in GHz"),
        new("cores", "assumed cores"),
        new("peakGFlops", "peak of binary32 on one core, in GFLOP/s"),
        new("memoryGBs", "bandwidth of reading main memory for one core, in GB/s"),
        new("memoryStoreGBs", "bandwidth of writing it, or null where it is not told apart"),
        new("caches[].kiB", "size of a cache in KiB"),
        new("caches[].gBs", "its bandwidth in GB/s"),
        new("caches[].storeGBs", "its bandwidth of writing, or null where it is not told apart"),
        new("callNs", "cost of a kernel call in nanoseconds"),
        new("forkJoinNs", "cost of a step for several threads in nanoseconds"),
        new("tileEfficiency.*", "share of the peak that a register tile of rows x vectors reaches"),
        new("hazards[]", "known traps"),
        new("source", "where the figures come from"),
        new("isMeasured", "whether its predictions were compared with measurements of such a machine"),
        new("isUnsure", "whether the machine was too busy when the figures were measured"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var target = new Compiler(new CompilerOptions { Target = call.Get(name)!, Clock = TimeProvider.System }).Target;
        var table = new TextTable("figure", "value");
        foreach (var (figure, value) in Figures(target)) table.Add(figure, value);
        call.Output.Table(table);
        call.Output.Json(new
        {
            name = target.Name, aliases = target.Aliases.Items, architecture = target.Architecture, features = target.Features.Items,
            vectorBits = target.VectorBits, vectorRegisters = target.VectorRegisters, hasFma = target.HasFma,
            fmasPerCycle = target.FmasPerCycle, clockGHz = target.ClockGHz, cores = target.Cores, peakGFlops = target.PeakGFlops,
            memoryGBs = target.MemoryGBs, memoryStoreGBs = target.MemoryStoreGBs,
            caches = target.Caches.Select(c => new { kiB = c.KiB, gBs = c.GBs, storeGBs = c.StoreGBs }), callNs = target.CallNs,
            forkJoinNs = target.ForkJoinNs, tileEfficiency = target.TileEfficiency.ToDictionary(t => $"{t.Rows}x{t.Vectors}", t => t.Share),
            hazards = target.Hazards.Items, source = target.Source, isMeasured = target.IsMeasured, isUnsure = target.IsUnsure,
        });
        return ExitCode.Ok;
    }

    private static IEnumerable<(string Figure, string Value)> Figures(TargetProfile target) =>
    [
        ("name", target.Name), ("also called", target.Aliases.IsEmpty ? "nothing else" : string.Join(" ", target.Aliases)),
        ("architecture", target.Architecture), ("instruction sets", string.Join(" ", target.Features)),
        ("vectors", target.VectorBits == 0 ? "none" : $"{target.VectorBits} bits, {target.VectorRegisters} registers"),
        ("multiply-add", $"{(target.HasFma ? "fused" : "two roundings")}, {Text(target.FmasPerCycle)} a cycle"),
        ("clock", $"{Text(target.ClockGHz)} GHz"), ("cores", $"{target.Cores}"), ("peak", $"{Text(target.PeakGFlops)} GFLOP/s a core"),
        ("caches", string.Join(", ", target.Caches.Select(c => $"{c.KiB} KiB at {Bandwidth(c.GBs, c.StoreGBs)}"))),
        ("memory", Bandwidth(target.MemoryGBs, target.MemoryStoreGBs)), ("call", $"{Text(target.CallNs)} ns"),
        ("step for several threads", $"{Text(target.ForkJoinNs)} ns"),
        ("tiles", target.TileEfficiency.IsEmpty ? "not known" : string.Join(", ", target.TileEfficiency
            .Select(t => $"{t.Rows}x{t.Vectors} {(100 * t.Share).ToString("F0", CultureInfo.InvariantCulture)} %"))),
        ("hazards", target.Hazards.IsEmpty ? "none" : string.Join(" ", target.Hazards)), ("predictions", TargetsListVerb.Trust(target)),
        ("source", target.Source),
    ];

    private static string Bandwidth(double read, double? store) =>
        $"{Text(read)} GB/s{(store is { } write ? $" ({Text(write)} GB/s written)" : "")}";

    private static string Text(double number) => number.ToString("G4", CultureInfo.InvariantCulture);
}
