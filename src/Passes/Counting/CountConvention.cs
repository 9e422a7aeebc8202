using System.Collections.Immutable;
using Nncc.IR;
using Nncc.Passes.Counting.Conventions;

namespace Nncc.Passes.Counting;

/// <summary>
/// How some counter counts: what it adds for each node. A convention is the one of the tool's own current code; figures that a tool has
/// published may come from older code.
/// </summary>
/// <param name="Name">Name for <c>--as</c>.</param>
/// <param name="Unit">What it adds up, by its right name: <c>MACs</c> or <c>FLOPs</c>.</param>
/// <param name="Printed">What the tool itself calls that.</param>
/// <param name="Summary">What is counted.</param>
/// <param name="Once">The figure of one execution of a node.</param>
public sealed record CountConvention(string Name, string Unit, string Printed, string Summary, Func<NodeCount, Dim> Once)
{
    /// <summary>All conventions.</summary>
    public static ImmutableArray<CountConvention> All { get; } =
    [
        Products.Mac, Products.Flop2, Products.Exact, Products.Torchvision, Fvcore.Convention, Thop.Convention, Ptflops.Module,
        Ptflops.Aten, OnnxTool.Convention, TfProfiler.Convention, DeepSpeed.Convention, SourceText.Convention,
    ];

    /// <summary>The convention of that name, or null. calflops counts as DeepSpeed does.</summary>
    public static CountConvention? Find(string name) => All.FirstOrDefault(c => c.Name == (name == "calflops" ? "deepspeed" : name));

    /// <summary>The figure of a node over all its executions.</summary>
    public Dim Of(NodeCount node) => Once(node) * node.Times;
}
