using System.Collections.Immutable;
using Microsoft.CodeAnalysis.CSharp;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Layouts;
using Nncc.Passes.Programs;
using Nncc.Passes.Schedules;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp;

/// <summary>Emits a model as C# source without dependencies, with its packed weights beside it.</summary>
/// <param name="target">The machine.</param>
/// <param name="strategy">What is fused.</param>
/// <param name="options">Names and form of the output.</param>
public sealed class CSharpBackend(TargetProfile target, IFusionStrategy strategy, CSharpOptions? options = null) : IBackend
{
    private readonly CSharpOptions options = options ?? new();
    private readonly KernelCatalog catalog = KernelCatalog.Standard();
    private readonly ICostModel cost = new RooflineCostModel();

    /// <inheritdoc/>
    public string Name => "csharp";

    /// <summary>The passes from a canonical graph to a scheduled one.</summary>
    public Pipeline Lowering => new("lower", new DefaultBinding(), new HalfWidening(),
        new FusionPartition(strategy, catalog, target), new LayoutAssignment(catalog, target), new ScheduleSelection(catalog, target, cost));

    /// <summary>The program of a canonical graph.</summary>
    /// <exception cref="NnccException">Sizes are not bound, or no kernel computes a node: all of them.</exception>
    public ModelProgram Lower(Graph graph, PassContext context)
    {
        Check(graph);
        return Build(Lowering.Run(graph, context));
    }

    /// <summary>The program of a scheduled graph.</summary>
    public ModelProgram Build(Graph scheduled) => ProgramBuilder.Build(scheduled, catalog, target, cost);

    /// <inheritdoc/>
    public Artifact Emit(Model model, PassContext context) => Emit(Lower(model.Graph, context));

    /// <summary>The files of a program.</summary>
    public Artifact Emit(ModelProgram program)
    {
        string name = options.Class ?? CSharpOptions.ClassName(program.Name);
        var files = Sources(program, out string hash).Select(f => ArtifactFile.OfText(f.File, f.Text)).ToList();
        files.Add(new ArtifactFile($"{name}.weights", stream => WeightsFile.Write(program, hash, stream)));
        return new Artifact([.. files.OrderBy(f => f.Path, StringComparer.Ordinal)]);
    }

    /// <summary>The full name of a program's class.</summary>
    internal string ClassOf(ModelProgram program) => $"{options.Namespace}.{options.Class ?? CSharpOptions.ClassName(program.Name)}";

    /// <summary>The source files of a program and the hash of its weights.</summary>
    internal ImmutableArray<(string File, string Text)> Sources(ModelProgram program, out string weightsHash)
    {
        string name = options.Class ?? CSharpOptions.ClassName(program.Name);
        weightsHash = WeightsFile.Hash(program);
        return new ProgramEmitter(program, catalog, name, options.Namespace, weightsHash).Print();
    }

    private void CheckNames(List<Fault> faults)
    {
        foreach (string? name in options.Namespace.Split('.').Append(options.Class))
            if (name is not null && !SyntaxFacts.IsValidIdentifier(name))
                faults.Add(new Fault(FaultCodes.BadName, $"\"{name}\" is no C# name", Advice: "letters, digits and _, not a digit first"));
    }

    /// <summary>Refuses what cannot be emitted, before anything is lowered.</summary>
    /// <exception cref="NnccException">Sizes of inputs are not bound, or a name is no C# name: all faults.</exception>
    public void Check(Graph graph)
    {
        var faults = new List<Fault>();
        CheckNames(faults);
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
        foreach (var node in graph.Nodes)
            if (node.Op is Opaque)
                faults.Add(new Fault(FaultCodes.NoKernel, $"{node.Op.FullName} is not an op that nncc knows", node.Place,
                    "the model can still be written as ONNX"));
        if (faults.Count > 0) throw new NnccException([.. faults]);
    }

    // The options that bind the sizes of an input.
    private static string Binding(string input, Shape? shape)
    {
        if (shape is null) return $"give --shape {input}=...";
        string sizes = string.Join("x", shape.Select(d => d.Value?.ToString() ?? "N"));
        string dims = string.Join(" ", shape.SelectMany(d => d.Symbols).Distinct().Select(s => $"--dim {s}=N"));
        return $"give --shape {input}={sizes}{(dims.Length > 0 ? $", or {dims}" : "")}";
    }
}
