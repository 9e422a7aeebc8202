using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Nncc.Backends;
using Nncc.Passes.Targets;

namespace Nncc.Cli.Commands;

/// <summary>The targets that C# is emitted for, and the runtimes that ONNX is written for.</summary>
internal sealed class TargetsVerb() : Verb("targets", "List and show the machines that C# is emitted for, and the runtimes for ONNX")
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
        new("runtimes[].name", "name for --target where ONNX is written"),
        new("runtimes[].newestOpset", "newest opset whose ops are brought in"),
        new("runtimes[].isMeasured", "whether predictions were compared with measurements of the runtime"),
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
        call.Output.Line();
        var runtimes = new TextTable("runtime for ONNX", ">newest opset", "predictions", "left out");
        foreach (var runtime in compiler.Runtimes.All)
            runtimes.Add(runtime.Name, $"{runtime.NewestOpset}", Trust(runtime.IsMeasured),
                string.Join(" ", runtime.LeftOut.SelectMany(w => w.Names)));
        call.Output.Table(runtimes);
        call.Output.Json(new
        {
            targets = compiler.Targets.All.Select(t => new
            {
                name = t.Name, aliases = t.Aliases.Items, architecture = t.Architecture, vectorBits = t.VectorBits,
                features = t.Features.Items, runsHere = HostTarget.Runs(t), isMeasured = t.IsMeasured,
            }),
            host,
            runtimes = compiler.Runtimes.All.Select(r => new { name = r.Name, newestOpset = r.NewestOpset, isMeasured = r.IsMeasured }),
        });
        return ExitCode.Ok;
    }

    /// <summary>What is to be said of predictions with a profile.</summary>
    public static string Trust(TargetProfile target) => target.IsUnsure ? "unsure figures" : Trust(target.IsMeasured);

    /// <summary>What is to be said of predictions that were or were not compared with measurements.</summary>
    public static string Trust(bool isMeasured) => isMeasured ? "compared" : "never measured";
}

/// <summary>Shows a target.</summary>
internal sealed class TargetsShowVerb : Verb
{
    private readonly Argument<string> name = new("name")
    {
        Description = "Name of the target or runtime, host, or a file NAME.target.json", HelpName = "NAME",
    };

    public TargetsShowVerb() : base("show", "Show what is assumed of a target") => Takes(name);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc targets show cpu-avx512", "its features and figures"),
        new("nncc targets show tensorrt-like", "what is left for it where ONNX is written"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("name", "name for --target"),
        new("aliases[]", "other names for it"),
        new("processors[]", "processors that it describes, by vendor and family"),
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
        new("newestOpset", "of a runtime: newest opset whose ops are brought in"),
        new("leftOut[].names[]", "of a runtime: rules and passes that are left out"),
        new("leftOut[].because", "why"),
        new("unfolded[].names[]", "of a runtime: ops that are not computed ahead"),
        new("unfolded[].because", "why"),
        new("missingOps[]", "of a runtime: ops that it does not have"),
        new("opNs", "of a runtime: cost of each op in nanoseconds"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var compiler = new Compiler(new CompilerOptions { Target = call.Get(name)!, Clock = TimeProvider.System });
        if (compiler.Runtimes.Find(call.Get(name)!) is { } runtime) return Show(call.Output, runtime);
        var target = compiler.Target;
        var table = new TextTable("figure", "value");
        foreach (var (figure, value) in Figures(target)) table.Add(figure, value);
        call.Output.Table(table);
        call.Output.Json(new
        {
            name = target.Name, aliases = target.Aliases.Items, processors = target.Processors.Items,
            architecture = target.Architecture, features = target.Features.Items,
            vectorBits = target.VectorBits, vectorRegisters = target.VectorRegisters, hasFma = target.HasFma,
            fmasPerCycle = target.FmasPerCycle, clockGHz = target.ClockGHz, cores = target.Cores, peakGFlops = target.PeakGFlops,
            memoryGBs = target.MemoryGBs, memoryStoreGBs = target.MemoryStoreGBs,
            caches = target.Caches.Select(c => new { kiB = c.KiB, gBs = c.GBs, storeGBs = c.StoreGBs }), callNs = target.CallNs,
            forkJoinNs = target.ForkJoinNs, tileEfficiency = target.TileEfficiency.ToDictionary(t => $"{t.Rows}x{t.Vectors}", t => t.Share),
            hazards = target.Hazards.Items, source = target.Source, isMeasured = target.IsMeasured, isUnsure = target.IsUnsure,
        });
        return ExitCode.Ok;
    }

    private static ExitCode Show(Output output, RuntimeProfile runtime)
    {
        var table = new TextTable("figure", "value");
        table.Add("name", runtime.Name);
        table.Add("newest opset", $"{runtime.NewestOpset}");
        foreach (var wish in runtime.LeftOut) table.Add("left out", $"{string.Join(", ", wish.Names)}: {wish.Because}");
        foreach (var wish in runtime.Unfolded) table.Add("not computed ahead", $"{string.Join(", ", wish.Names)}: {wish.Because}");
        table.Add("missing ops", runtime.MissingOps.IsEmpty ? "none known" : string.Join(" ", runtime.MissingOps));
        table.Add("peak", $"{Text(runtime.PeakGFlops)} GFLOP/s");
        table.Add("memory", $"{Text(runtime.MemoryGBs)} GB/s");
        table.Add("op", $"{Text(runtime.OpNs)} ns");
        table.Add("predictions", TargetsListVerb.Trust(runtime.IsMeasured));
        table.Add("source", runtime.Source);
        output.Table(table);
        output.Json(new
        {
            name = runtime.Name, newestOpset = runtime.NewestOpset, leftOut = Wishes(runtime.LeftOut), unfolded = Wishes(runtime.Unfolded),
            missingOps = runtime.MissingOps.Items, peakGFlops = runtime.PeakGFlops, memoryGBs = runtime.MemoryGBs, opNs = runtime.OpNs,
            source = runtime.Source, isMeasured = runtime.IsMeasured,
        });
        return ExitCode.Ok;

        static IEnumerable<object> Wishes(EquatableArray<RuntimeWish> wishes) =>
            wishes.Select(w => new { names = w.Names.Items, because = w.Because });
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
        ("processors", target.Processors.IsEmpty ? "many" : string.Join(", ", target.Processors)), ("source", target.Source),
    ];

    private static string Bandwidth(double read, double? store) =>
        $"{Text(read)} GB/s{(store is { } write ? $" ({Text(write)} GB/s written)" : "")}";

    private static string Text(double number) => number.ToString("G4", CultureInfo.InvariantCulture);
}
