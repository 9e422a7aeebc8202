using System.Collections.Immutable;
using Nncc.IR.Ops;

namespace Nncc.Backends.Models;

/// <summary>An input or output.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Type.</param>
/// <param name="HasDefault">Whether an input may be left out.</param>
public sealed record PortInfo(string Name, IrType Type, bool HasDefault = false);

/// <summary>How often an op occurs.</summary>
/// <param name="Op">Name with domain.</param>
/// <param name="Count">Nodes, those of bodies included.</param>
public sealed record OpCount(string Op, int Count);

/// <summary>Something that part of nncc cannot do with a model.</summary>
/// <param name="By">Who cannot: <c>evaluator</c>, or <c>csharp</c> with its target.</param>
/// <param name="Fault">What and where.</param>
public sealed record Limitation(string By, Fault Fault);

/// <summary>What a model is, without running it.</summary>
/// <param name="Name">Name of its graph.</param>
/// <param name="Header">What the file says beside the graph.</param>
/// <param name="Inputs">Inputs in order.</param>
/// <param name="Outputs">Outputs in order.</param>
/// <param name="Nodes">Nodes without constants, those of bodies included.</param>
/// <param name="Ops">Histogram, the most frequent op first.</param>
/// <param name="Parameters">
/// Elements of constants and defaults of floats and of 8 bit and smaller integers that have an axis, each constant once, without
/// <paramref name="Statistics"/>.
/// </param>
/// <param name="Statistics">Elements of running means and variances of batch normalizations.</param>
/// <param name="ConstantBytes">Bytes of all constants and defaults, each once.</param>
/// <param name="Macs">Multiply-accumulates of convolutions and matrix products of one run, bodies left out.</param>
/// <param name="Limitations">What the evaluator or the C# backend cannot do with it.</param>
public sealed record ModelInspection(string Name, ModelHeader Header, ImmutableArray<PortInfo> Inputs, ImmutableArray<PortInfo> Outputs,
    int Nodes,
    ImmutableArray<OpCount> Ops, long Parameters, long Statistics, long ConstantBytes, Dim Macs, ImmutableArray<Limitation> Limitations)
{
    /// <summary>Describes a model; sizes of the options are bound.</summary>
    /// <exception cref="NnccException">The options do not fit the model.</exception>
    public static ModelInspection Of(Compiler compiler, Model model, CancellationToken cancellation = default)
    {
        model = compiler.Specialize(model, cancellation);
        var graph = model.Graph;
        var nodes = WithBodies(graph).ToList();
        var constants = nodes.Select(n => n.Node.Op).OfType<Constant>().Select(c => c.Value)
            .Concat(graph.Inputs.Select(i => i.Default).OfType<Tensor>()).Distinct().ToList();
        var statistics = nodes.Where(n => n.Node.Op is BatchNormalization)
            .SelectMany(n => n.Node.Inputs.Skip(3).Select(v => n.Graph.TryConstant(v, out var t) ? t : null))
            .OfType<Tensor>().ToHashSet();
        return new ModelInspection(graph.Name, model.Header,
            [.. graph.Inputs.Select(i => new PortInfo(graph[i.Value].Name, graph[i.Value].Type, i.Default is not null))],
            [.. graph.Outputs.Select(o => new PortInfo(o.Name, graph[o.Value].Type))],
            nodes.Count(n => n.Node.Op is not Constant),
            [.. nodes.Where(n => n.Node.Op is not Constant).GroupBy(n => n.Node.Op.FullName).Select(g => new OpCount(g.Key, g.Count()))
                .OrderByDescending(c => c.Count).ThenBy(c => c.Op, StringComparer.Ordinal)],
            constants.Where(c => IsParameter(c) && !statistics.Contains(c)).Sum(c => c.Count), statistics.Sum(c => c.Count),
                constants.Sum(c => c.ByteCount),
            graph.Nodes.Where(n => n.Op.Bodies.IsEmpty && n.Op is not Opaque)
                .Aggregate(Dim.Of(0), (sum, n) => sum + n.Op.Measure(graph.MeasureContext(n)).Macs),
            [.. Opaques(nodes), .. CSharp(compiler, model, cancellation)]);
    }

    private static bool IsParameter(Tensor t) => t.Rank > 0 && (t.DType.IsFloat() || (t.DType.IsInteger() && t.DType.Bits() <= 8));

    private static IEnumerable<Limitation> Opaques(IEnumerable<(Graph, Node Node)> nodes) => nodes.Where(n => n.Node.Op is Opaque)
        .Select(n => new Limitation("evaluator",
            new Fault(FaultCodes.OpaqueOp, $"{n.Node.Op.FullName} is not an op that nncc knows", n.Node.Place)));

    private static IEnumerable<Limitation> CSharp(Compiler compiler, Model model, CancellationToken cancellation)
    {
        try
        {
            var quiet = compiler.With(compiler.Options with { Passes = compiler.Options.Passes.WithoutSizes,
                Notify = null, Observe = null });
            quiet.Schedule(model, cancellation);
            return [];
        }
        catch (NnccException e)
        {
            return e.Faults.Select(f => new Limitation($"csharp {compiler.Target.Name}", f));
        }
    }

    // A stack of its own: bodies may be nested as deep as Graph.NestingLimit, and each has its nodes.
    private static IEnumerable<(Graph Graph, Node Node)> WithBodies(Graph graph)
    {
        var work = new Stack<Graph>([graph]);
        while (work.TryPop(out var next))
            foreach (var node in next.Nodes)
            {
                yield return (next, node);
                foreach (var body in node.Op.Bodies) work.Push(body);
            }
    }
}
