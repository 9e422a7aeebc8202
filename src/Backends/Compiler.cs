using Nncc.Backends.Benchmarks;
using System.Collections.Immutable;
using Nncc.Backends.CSharp;
using Nncc.Backends.Engines;
using Nncc.Backends.Models;
using Nncc.Backends.Onnx;
using Nncc.Backends.OnnxRuntime;
using Nncc.Backends.Verification;
using Nncc.Passes;
using Nncc.Passes.Plugins;
using Nncc.Passes.Programs;
using Nncc.Passes.Rules;
using Nncc.Passes.Rules.Checking;
using Nncc.Passes.Plans;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;
using Nncc.Passes.Transforms;

namespace Nncc.Backends;

/// <summary>
/// nncc as a library; every verb of the command line is calls of this. Reads models, lowers them, emits C# and ONNX and runs models in this
/// process. Holds options and registries, no model; to be used by one thread at a time.
/// </summary>
/// <param name="options">What the caller decides; null for the defaults.</param>
public sealed class Compiler(CompilerOptions? options = null)
{
    private readonly Lazy<OrtLibrary> onnxRuntime = new(() =>
        OrtLibrary.Load(options?.OnnxRuntime.Library, options?.OnnxRuntime.Roots.Items ?? []));

    private Lazy<RuleLibrary>? rules;
    private PluginSet? plugins;
    private OpRegistry? ops;
    private TargetProfile? host;
    private IPass? simplification;
    private Plan? plan;
    private FusionStrategies? strategies;
    private TargetProfiles? targets;
    // The same for all compilers that were made from one: what is predicted of regions is remembered with a catalog.
    private Dictionary<bool, KernelCatalog> catalogs = [];

    /// <summary>What the caller decided.</summary>
    public CompilerOptions Options { get; } = options ?? new();

    /// <summary>The plugins of the options; loaded at first use.</summary>
    /// <exception cref="NnccException">One cannot be loaded, or fails: all faults.</exception>
    public PluginSet Plugins
    {
        get => plugins ??= PluginSet.Load(Options.Plugins.Items);
        private init => plugins = value;
    }

    /// <summary>The ops that models may have: those of nncc and of plugins.</summary>
    /// <exception cref="NnccException">A plugin cannot be loaded, or fails: all faults.</exception>
    public OpRegistry Ops
    {
        get => ops ??= Plugins.AddTo(OpRegistry.Standard());
        init => ops = value;
    }

    /// <summary>The targets that C# is emitted for.</summary>
    /// <exception cref="NnccException">A plugin's target cannot be read, or its name stands for another.</exception>
    public TargetProfiles Targets
    {
        get => targets ??= Plugins.AddTo(TargetProfiles.Standard());
        init => targets = value;
    }

    /// <summary>The fusion strategies.</summary>
    /// <exception cref="NnccException">A plugin's strategy has the name of another.</exception>
    public FusionStrategies Strategies
    {
        get => strategies ??= Plugins.AddTo(FusionStrategies.Standard());
        init => strategies = value;
    }

    /// <summary>The runtimes that ONNX is written for.</summary>
    public RuntimeProfiles Runtimes { get; init; } = RuntimeProfiles.Standard();

    /// <summary>The rules that models are rewritten with.</summary>
    /// <exception cref="NnccException">A rule of the user is wrong: all faults.</exception>
    public RuleLibrary Rules =>
        (rules ??= new Lazy<RuleLibrary>(() => RuleLibrary.Load(Ops, Plugins.AddTo(RuleFunctions.Standard()), Options.RuleFolders,
            Plugins.Rules))).Value;

    /// <summary>The target of the options.</summary>
    /// <exception cref="NnccException">There is none of that name, or there are several.</exception>
    public TargetProfile Target => ChosenTargets is [var target] ? target
        : throw new NnccException(FaultCodes.UnknownTarget, $"\"{Options.Target}\" are several targets, and here one is taken",
            advice: "one output for several targets is written by \"nncc compile\"");

    /// <summary>The targets of the options, which may be several names between commas.</summary>
    /// <exception cref="NnccException">One is not there, or stands twice.</exception>
    public ImmutableArray<TargetProfile> ChosenTargets
    {
        get
        {
            ImmutableArray<TargetProfile> chosen = [.. Options.Target.Split(',', StringSplitOptions.TrimEntries)
                .Select(name => name == HostTarget.Name ? HostProfile : Runtimes.Find(name) is { } runtime ? throw NoMachine(runtime)
                    : Targets.Resolve(name))];
            return chosen.GroupBy(t => t.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { Key: var twice }
                ? throw new NnccException(FaultCodes.UnknownTarget, $"the target \"{twice}\" is given twice", advice: "give each once")
                : chosen;
        }
    }

    private static NnccException NoMachine(RuntimeProfile runtime) => new(FaultCodes.UnknownTarget,
        $"\"{runtime.Name}\" is a runtime that ONNX is written for, and here the machine that C# is for is asked",
        advice: $"write nncc compile MODEL -o FILE.onnx --target {runtime.Name}, or give a machine: see nncc targets list");

    /// <summary>The profile of this machine.</summary>
    /// <exception cref="NnccException">It runs none of them.</exception>
    public TargetProfile HostProfile =>
        host ??= HostTarget.Find(Targets, HostTarget.Processor,
            Options.Clock is { } clock ? profile => new MachineProbe(profile, clock).Peak().Best : null);

    /// <summary>The shared library of ONNX Runtime; loaded at first use.</summary>
    /// <exception cref="NnccException">It is not there or not usable.</exception>
    public OrtLibrary OnnxRuntime => onnxRuntime.Value;

    /// <summary>The C# backend for the target, strategy and names of the options.</summary>
    /// <exception cref="NnccException">There is no such target or strategy.</exception>
    public CSharpBackend CSharp => Backend(Target);

    private CSharpBackend Backend(TargetProfile target) =>
        new(target, Strategy, Options.CSharp, Simplification, Catalog(Options.CSharp.ExactConv));

    private KernelCatalog Catalog(bool isExact) =>
        catalogs.TryGetValue(isExact, out var known) ? known : catalogs[isExact] = KernelCatalog.Standard(isExact, Plugins);

    private IFusionStrategy Strategy
    {
        get
        {
            if (Options.PlanFile is null) return Strategies.Find(Options.Strategy);
            return new PlannedFusion(plan ??= PlanText.Parse(ModelFile.ReadText(Options.PlanFile), Options.PlanFile), Options.PlanFile);
        }
    }

    private IPass? Simplification => simplification ??= Pipelines.Simplification(Options.Passes, Rules);

    /// <summary>A compiler with other options and the same registries.</summary>
    public Compiler With(CompilerOptions other) =>
        new(other)
        {
            Plugins = Plugins, Ops = Ops, Targets = Targets, Strategies = Strategies, Runtimes = Runtimes, catalogs = catalogs,
            rules = other.RuleFolders == Options.RuleFolders ? rules : null,
        };

    /// <summary>Reads a model: ONNX, or a graph in .nnir text where the file's name ends so.</summary>
    /// <param name="path">The file.</param>
    /// <param name="needsContent">
    /// Whether files of external data must be there; where not, constants in absent ones have types
    /// and no elements, which is enough to count.
    /// </param>
    /// <exception cref="NnccException">The file cannot be read or the model in it is wrong: all faults.</exception>
    public Model Read(string path, bool needsContent = true) => ModelFile.Read(path, Ops, needsContent);

    /// <summary>The model with the shapes and sizes of the options bound; nothing else is changed.</summary>
    /// <exception cref="NnccException">The options do not fit the model.</exception>
    public Model Specialize(Model model, CancellationToken cancellation = default) =>
        Run(new Pipeline("specialize", new Specialization()), model, cancellation);

    /// <summary>The passes to the canonical form under these options.</summary>
    /// <exception cref="NnccException">A rule of the user is wrong, or what is to be left out is no rule and no pass: all
    /// faults.</exception>
    public Pipeline Optimization
    {
        get
        {
            CheckDisabled();
            return Plugins.AddTo(Pipelines.Optimize(Options.Passes, Rules, Options.Passes.IsSeparating ? Target : null),
                Options.Passes.Disabled);
        }
    }

    private void CheckDisabled()
    {
        if (Options.Passes.Disabled.IsEmpty) return;
        var all = Options.Passes with { Disabled = Options.Passes.Disabled.Clear(), Level = 3 };
        var passes = Plugins.AddTo(Pipelines.Optimize(all, Rules, Target), []).Passes.Concat(Pipelines.Canonicalize().Passes)
            .Select(p => p.Name);
        var names = Rules.Rules.SelectMany(r => new[] { r.Name, r.Id }).Concat(passes).ToHashSet(StringComparer.Ordinal);
        var faults = Options.Passes.Disabled.Where(name => !names.Contains(name)).Select(name => new Fault(FaultCodes.NoSuchRule,
            $"there is no rule or pass \"{name}\" to leave out", "--disable", Suggestion.For(name, names, "there are"))).ToList();
        if (faults.Count > 0) throw new NnccException([.. faults]);
    }

    /// <summary>
    /// The canonical form of a model as read: what ONNX is written from and C# is lowered from. A canonical model stays as it is.
    /// </summary>
    /// <exception cref="NnccException">The options do not fit the model, or the model is inconsistent.</exception>
    public Model Canonicalize(Model model, CancellationToken cancellation = default) =>
        model.Graph.Stage != Stage.Imported ? model
        : Options.Passes.Check == RuleCheck.Final ? new FinalCheck(this, cancellation).Canonicalize(model)
        : Run(Optimization, model, cancellation);

    /// <summary>The graph of a model after fusion, layouts and schedules.</summary>
    /// <exception cref="NnccException">Sizes are not bound, or no kernel computes a node: all of them.</exception>
    public Model Schedule(Model model, CancellationToken cancellation = default)
    {
        var canonical = Canonicalize(model, cancellation);
        if (canonical.Graph.Stage != Stage.Canonical) return canonical;
        CSharp.Check(canonical.Graph);
        return Run(CSharp.Lowering, canonical, cancellation);
    }

    /// <summary>The program of a model: kernels, calls, buffers and weights, from which C# is printed.</summary>
    /// <exception cref="NnccException">As <see cref="Schedule"/>.</exception>
    public ModelProgram Lower(Model model, CancellationToken cancellation = default) => CSharp.Build(Schedule(model, cancellation).Graph);

    /// <summary>The files of a model as a C# project, for all targets of the options.</summary>
    /// <exception cref="NnccException">As <see cref="Lower"/>.</exception>
    public Artifact EmitCSharp(Model model, CancellationToken cancellation = default)
    {
        var targets = ChosenTargets;
        if (targets.Length == 1) return CSharp.Emit(Lower(model, cancellation));
        var canonical = Canonicalize(model, cancellation);
        var programs = targets.Select((target, i) =>
        {
            // What is to be said of the model is said once.
            var one = With(Options with { Target = target.Name, Notify = i == 0 ? Options.Notify : null });
            return one.Lower(canonical, cancellation);
        });
        return Backend(targets[0]).Emit(ProgramFamily.Of([.. programs]));
    }

    /// <summary>Writes a model as a C# folder.</summary>
    /// <param name="model">The model, as read.</param>
    /// <param name="folder">The folder; made where it is not there.</param>
    /// <param name="force">Whether a folder that nncc did not write may be written into.</param>
    /// <param name="cancellation">Ends it, with nothing written.</param>
    /// <returns>The files, by relative path.</returns>
    /// <exception cref="NnccException">As <see cref="Lower"/>, or the folder cannot be written.</exception>
    public IReadOnlyList<WrittenFile> WriteCSharp(Model model, string folder, bool force = false, CancellationToken cancellation = default)
    {
        ArtifactFolder.CheckTarget(folder, force);
        return ArtifactFolder.Write(EmitCSharp(model, cancellation), folder, force, cancellation);
    }

    /// <summary>Writes which kernels compute which nodes of a model, and how, as text that <see cref="CompilerOptions.PlanFile"/>
    /// reads.</summary>
    /// <exception cref="NnccException">As <see cref="Lower"/>, or the file cannot be written.</exception>
    public void WritePlan(Model model, string path, CancellationToken cancellation = default) => ArtifactFolder.WriteBeside(new Artifact(
        [ArtifactFile.OfText(Path.GetFileName(path), PlanText.Print(Plan.Of(Schedule(model, cancellation).Graph, Target.Name)))]), path,
        cancellation);

    /// <summary>Writes a model as ONNX: the file, and <c>NAME.data</c> beside it where weights are external.</summary>
    /// <param name="model">The model, as read or made.</param>
    /// <param name="path">The file.</param>
    /// <param name="isAsItIs">Whether the graph is written as it is, without any pass.</param>
    /// <param name="cancellation">Ends it, with nothing written.</param>
    /// <returns>The opset of ai.onnx and the files.</returns>
    /// <exception cref="NnccException">
    /// The opset of the options does not hold the graph, there is no such runtime, or the files cannot be written.
    /// </exception>
    public (int Opset, IReadOnlyList<WrittenFile> Files) WriteOnnx(Model model, string path, bool isAsItIs = false,
        CancellationToken cancellation = default)
    {
        var backend = new OnnxBackend(Path.GetFileName(path), Options.Onnx);
        int opset = OnnxBackend.LeastOpset(model, Options.Onnx.Opset);
        var runtime = isAsItIs || Options.Onnx.Runtime is null ? null : Runtime(Options.Onnx.Runtime);
        var canonical = isAsItIs ? model : CanonicalizeFor(runtime, model, cancellation);
        // What the opset does not have yet is written as simpler ops, which meet their neighbours here.
        if (!isAsItIs) canonical = Run(Lowering(opset), canonical, cancellation);
        var image = backend.Prepare(canonical, Ops);
        foreach (var notice in runtime?.Refusals(canonical.Graph, image.Opset) ?? []) Options.Notify?.Invoke(notice);
        return (image.Opset, ArtifactFolder.WriteBeside(backend.Emit(image, cancellation), path, cancellation));
    }

    private RuntimeProfile Runtime(string name) => Runtimes.Find(name) ?? throw new NnccException(FaultCodes.UnknownTarget,
        $"there is no runtime \"{name}\"", advice: Suggestion.For(name, Runtimes.All.Select(r => r.Name), "runtimes are"));

    private Model CanonicalizeFor(RuntimeProfile? runtime, Model model, CancellationToken cancellation)
    {
        foreach (var notice in runtime?.Notices ?? []) Options.Notify?.Invoke(notice);
        var passes = runtime?.Apply(Options.Passes) ?? Options.Passes;
        // Rules must not bring in what a demanded opset does not have.
        if (Options.Onnx.Opset is { } demanded) passes = passes with { NewestOpset = Math.Min(demanded, passes.NewestOpset ?? demanded) };
        return ReferenceEquals(passes, Options.Passes) ? Canonicalize(model, cancellation)
            : With(Options with { Passes = passes }).Canonicalize(model, cancellation);
    }

    private Pipeline Lowering(int opset)
    {
        var decomposition = new Decomposition("opset", (_, node) =>
            Ops.Find(node.Op) is { BodySince: { } since } op && since > (op.Domain.Length == 0 ? opset : 0));
        return new Pipeline("lower-for-opset",
            Simplification is { } pass ? [decomposition, new AfterDecomposition(decomposition.Name, pass)] : [decomposition]);
    }

    /// <summary>A model that runs in this process.</summary>
    /// <param name="engine">What computes it.</param>
    /// <param name="model">The model as read. For C# its sizes must be bound by the options.</param>
    /// <param name="path">The file that it was read from, for ONNX Runtime; null to write it anew for that.</param>
    /// <param name="cancellation">Ends the preparation.</param>
    /// <exception cref="NnccException">The engine cannot run the model, or it is not there.</exception>
    public IModelRunner Host(Engine engine, Model model, string? path = null, CancellationToken cancellation = default) => engine switch
    {
        Engine.CSharp => CSharpRunner.Load(CSharp, Lower(model, cancellation), model.Graph),
        Engine.OnnxRuntime => OnnxRuntimeRunner.Load(this, model, path),
        _ => new EvaluatorRunner(Specialize(model, cancellation).Graph, isWide: engine == Engine.Wide),
    };

    /// <summary>What passes work with under these options.</summary>
    public PassContext Context(CancellationToken cancellation = default) => new(Ops)
    {
        Options = Options.Passes,
        Checks = Options.Passes.Check is RuleCheck.Rules or RuleCheck.Each
            ? new ApplicationChecks(each: Options.Passes.Check == RuleCheck.Each) : null,
        Notify = Options.Notify,
        ReproducerPath = Options.ReproducerPath,
        Steps = Options.Steps ?? new StepLog(),
        Cancellation = cancellation,
    };

    /// <summary>Runs passes on a model under these options.</summary>
    /// <exception cref="NnccException">A pass found a fault in what the user gave.</exception>
    /// <exception cref="InternalFault">A mistake of nncc.</exception>
    public Model Run(Pipeline pipeline, Model model, CancellationToken cancellation = default) =>
        model with { Graph = new Pipeline(pipeline.Name, pipeline.Passes) { Observe = Options.Observe }.Run(model.Graph,
            Context(cancellation)) };
}
