using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;
using Nncc.IR.Ops;
using Nncc.Passes.Cost;
using Nncc.Passes.Layouts;
using Nncc.Passes.Programs;
using Nncc.Passes.Schedules;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;
using Nncc.Passes.Transforms;
using Nncc.Passes;

namespace Nncc.Backends.CSharp;

/// <summary>Emits a model as C# source without dependencies, with its packed weights beside it.</summary>
/// <param name="target">The machine.</param>
/// <param name="strategy">What is fused.</param>
/// <param name="options">Names and form of the output.</param>
/// <param name="simplification">Runs where ops without a kernel were replaced by simpler ones; null for nothing.</param>
/// <param name="kernels">The kernels; null for those of this library that the options allow.</param>
public sealed class CSharpBackend(TargetProfile target, IFusionStrategy strategy, CSharpOptions? options = null,
    IPass? simplification = null, KernelCatalog? kernels = null) : IBackend
{
    private readonly CSharpOptions options = options ?? new();
    private readonly KernelCatalog catalog = kernels ?? KernelCatalog.Standard((options ?? new()).ExactConv);
    private readonly ICostModel cost = new MachineCostModel();

    private Decomposition Decomposition => new(Name, (graph, node) => !catalog.Accepts(KernelRegion.Alone(graph, node), target).IsYes);

    /// <inheritdoc/>
    public string Name => "csharp";

    /// <summary>What is fused.</summary>
    public IFusionStrategy Strategy => strategy;

    /// <summary>The templates of a program's kernels.</summary>
    internal IEnumerable<IKernelTemplate> TemplatesOf(ModelProgram program) =>
        program.Kernels.Select(k => k.Schedule.Template).Distinct().Select(id => catalog[id]);

    /// <summary>The passes from a canonical graph to a scheduled one.</summary>
    public Pipeline Lowering => new("lower",
    [
        // First: weights must be constants before anything is asked of kernels.
        new DefaultBinding(),
        new HalfWidening(),
        // After widening: kernels are asked for what they will get. Before fusion, which does not look inside of ops.
        Decomposition,
        .. simplification is null ? ImmutableArray<IPass>.Empty : [new AfterDecomposition(Decomposition.Name, simplification)],
        // Before fusion, which sees who reads what is joined.
        new ConcatSharing(),
        // After it: a join that is read in another order only is part of one move, and shared with no other.
        new ChannelMoves(),
        new FusionPartition(strategy, catalog, target),
        new LayoutAssignment(catalog, target, strategy.LayoutCost, strategy.Plan),
        // Last: a kernel's schedules depend on the layouts.
        new ScheduleSelection(catalog, target, cost, strategy.Plan),
    ]);

    /// <summary>The program of a canonical graph.</summary>
    /// <exception cref="NnccException">Sizes are not bound, or no kernel computes a node: all of them.</exception>
    public ModelProgram Lower(Graph graph, PassContext context)
    {
        Check(graph);
        return Build(Lowering.Run(graph, context));
    }

    /// <summary>The program of a scheduled graph.</summary>
    public ModelProgram Build(Graph scheduled) =>
        Invariantly(() => ProgramBuilder.Build(scheduled, catalog, target, cost, options.Threads));

    /// <inheritdoc/>
    public Artifact Emit(Model model, PassContext context) => Emit(Lower(model.Graph, context));

    /// <summary>The files of a program: a project that builds with the .NET SDK alone.</summary>
    public Artifact Emit(ModelProgram program) => Emit(ProgramFamily.Of(program));

    /// <summary>The files of programs of one model for several targets, of which each processor runs the best.</summary>
    public Artifact Emit(ProgramFamily family) => Invariantly(() =>
    {
        var emitter = Emitter(family, out string hash);
        var sources = emitter.Print();
        var project = new ProjectFiles(family, emitter, options, NameOf(family.First)).Print(sources);
        var files = sources.Concat(project).Select(f => ArtifactFile.OfText(f.File, f.Text)).Append(WeightsOf(family, hash));
        return new Artifact([.. files.OrderBy(f => f.Path, StringComparer.Ordinal)]);
    });

    /// <summary>The sources of a program's class and its weights alone, for hosts that compile them.</summary>
    /// <param name="program">The program.</param>
    /// <param name="isTimed">Whether the class keeps the time of each step.</param>
    internal Artifact EmitSources(ModelProgram program, bool isTimed = false) => Invariantly(() =>
    {
        var family = ProgramFamily.Of(program);
        var sources = Emitter(family, out string hash, isTimed).Print();
        return new Artifact([.. sources.Select(f => ArtifactFile.OfText(f.File, f.Text)), WeightsOf(family, hash)]);
    });

    private ArtifactFile WeightsOf(ProgramFamily family, string hash) =>
        new($"{NameOf(family.First)}.weights", stream => WeightsFile.Write(family, hash, stream));

    // Numbers in source are written as C# reads them, whatever culture the caller's thread has.
    private static T Invariantly<T>(Func<T> make)
    {
        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            return make();
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    /// <summary>What a kernel does in a scheduled node, counted as executed.</summary>
    internal KernelFeatures Features(Graph graph, Node node) => catalog.Features(KernelRegion.Of(graph, node),
        Schedule.Parse(((Fusion)node.Op).Schedule!), target);

    /// <summary>The legal schedules of a node of a scheduled graph.</summary>
    internal IReadOnlyList<Schedule> Space(Graph graph, Node node) => catalog.Space(KernelRegion.Of(graph, node), target);

    /// <summary>
    /// What a node of a scheduled graph computes, as text that equal work has in common: kernel, numbers of its call, types of operands and
    /// results.
    /// </summary>
    internal string Workload(Graph graph, Node node)
    {
        var region = KernelRegion.Of(graph, node);
        var plan = catalog.Plan(region, catalog.Space(region, target)[0], target);
        var numbers = plan.Arguments.SelectMany(a => a switch
        {
            NumberArgument number => [number.Value],
            NumbersArgument list => list.Values.Items,
            _ => (IEnumerable<Dim>)[],
        });
        var body = region.Body;
        return $"{plan.Kernel} {string.Join(' ', numbers)} {string.Join(' ', body.Inputs.Select(i => body[i.Value].Type))} -> "
            + string.Join(' ', body.Outputs.Select(o => body[o.Value].Type));
    }

    /// <summary>Why the kernels that compute an ONNX node (all of them where it is null) are predicted to take their time.</summary>
    /// <param name="scheduled">A scheduled graph.</param>
    /// <param name="node">Name of the ONNX node.</param>
    public ImmutableArray<KernelExplanation> Explain(Graph scheduled, string? node = null)
    {
        double modelBytes = MachineCostModel.ModelBytes(scheduled);
        return [.. scheduled.Nodes.Where(n => n.Op is Fusion && (node is null || n.Origin.Nodes.Contains(node))).Select(Explained)];

        KernelExplanation Explained(Node fused)
        {
            var region = KernelRegion.Of(scheduled, fused);
            var taken = Schedule.Parse(((Fusion)fused.Op).Schedule!);
            var all = SchedulePredictions.All(catalog, target, cost, region, modelBytes);
            var others = all.Where(s => s.Schedule != taken).OrderBy(s => s.Cost.TotalNs).ToArray();
            return new KernelExplanation([.. fused.Origin.Nodes], taken, catalog.Features(region, taken, target),
                all.First(s => s.Schedule == taken).Cost, target, all.Count,
                [.. others.Where(s => s.Schedule.Template == taken.Template).Take(2).Concat(others.Where(s => s.Schedule.Template
                    != taken.Template).DistinctBy(s => s.Schedule.Template)).Select(s => (s.Schedule, s.Cost.TotalNs))]);
        }
    }

    /// <summary>Characters of the source files of a program, what its kernels share included.</summary>
    internal long CodeChars(ModelProgram program) => Invariantly(() =>
        new ProgramEmitter(ProgramFamily.Of(program), catalog, NameOf(program), options.Namespace, "").Print().Sum(f =>
            (long)f.Text.Length));

    /// <summary>The full name of a program's class.</summary>
    internal string ClassOf(ModelProgram program) => $"{options.Namespace}.{NameOf(program)}";

    private string NameOf(ModelProgram program) => options.Class ?? CSharpOptions.ClassName(program.Name);

    private ProgramEmitter Emitter(ProgramFamily family, out string weightsHash, bool isTimed = false)
    {
        weightsHash = WeightsFile.Hash(family);
        return new ProgramEmitter(family, catalog, NameOf(family.First), options.Namespace, weightsHash, isTimed);
    }

    /// <summary>Refuses what cannot be emitted, before anything is lowered.</summary>
    /// <exception cref="NnccException">Sizes of inputs are not bound, or a name is no C# name: all faults.</exception>
    public void Check(Graph graph)
    {
        var faults = CSharpNames.Faults(options).ToList();
        foreach (var input in graph.Inputs)
            if (graph[input.Value] is { Type: TensorType { Shape: var shape } } value && shape is not { IsStatic: true })
                faults.Add(new Fault(FaultCodes.UnboundSizes, $"input \"{value.Name}\" is {value.Type}, and emitted C# takes bound sizes",
                    Advice: Binding(value.Name, shape)));
        foreach (var (kind, value) in graph.Inputs.Select(i => ("input", graph[i.Value]))
            .Concat(graph.Outputs.Select(o => ("output", graph[o.Value]))))
            if (value.Type is not TensorType { DType: var dtype } || !CSharpTypes.IsSupported(dtype))
                faults.Add(new Fault(FaultCodes.PortType,
                    $"{kind} \"{value.Name}\" is {value.Type}, and emitted C# holds tensors of numbers and bool",
                    Advice: "cut the model behind it or before it with \"nncc extract\""));
        // Sizes and counts of elements are C#'s int in kernels and spans.
        foreach (var value in graph.Values)
            if (value.Type is TensorType { Shape: { } shape } type && IsTooLarge(shape))
                faults.Add(new Fault(FaultCodes.NoKernel, $"\"{value.Name}\" is {type}, and kernels count elements in 32 bits",
                    graph.Producer(value.Id)?.Place, "the model can still be written as ONNX"));
        foreach (var node in graph.Nodes)
            if (node.Op is Opaque)
                faults.Add(new Fault(FaultCodes.NoKernel, $"{node.Op.FullName} is not an op that nncc knows", node.Place,
                    "the model can still be written as ONNX"));
        if (faults.Count > 0) throw new NnccException([.. faults]);
    }

    private static bool IsTooLarge(Shape shape) => shape.Any(size => size.Value > int.MaxValue)
        || (shape.ToStatic() is { } dims && dims.Aggregate((Int128)1, (count, size) => count * size) > int.MaxValue);

    // The options that bind the sizes of an input.
    private static string Binding(string input, Shape? shape)
    {
        if (shape is null) return $"give --shape {input}=...";
        string sizes = string.Join("x", shape.Select(d => d.Value?.ToString() ?? "N"));
        string dims = string.Join(" ", shape.SelectMany(d => d.Symbols).Distinct().Select(s => $"--dim {s}=N"));
        return $"give --shape {input}={sizes}{(dims.Length > 0 ? $", or {dims}" : "")}";
    }
}
