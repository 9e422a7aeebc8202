using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes.Cost;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Separable;

/// <summary>
/// Replaces convolutions by cheaper ones that their weights allow: factors, groups, merges; see the folder's README. What is taken is what
/// the cost model predicts to be fastest on a target, as it was included. Factors that are not exact are taken only within
/// <see cref="CompileOptions.SeparableError"/>.
/// </summary>
/// <param name="cost">Predicts.</param>
/// <param name="target">The machine.</param>
public sealed class SeparableConvolution(ICostModel cost, TargetProfile target) : IPass
{
    /// <inheritdoc/>
    public string Name => "separable-convolution";

    /// <inheritdoc/>
    public string Summary =>
        "Replaces convolutions with constant weights by factors, groups or merges that the cost model predicts to be faster. "
        + "Needs static sizes; never takes a form whose predicted or measured error is above the allowed one.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        if (context.Options.StrictFloat) return graph;
        graph = context.InBodies(graph, Run);
        var first = graph;
        var considered = new HashSet<int>();
        for (Graph? last = null; !ReferenceEquals(last, graph);) (last, graph) = (graph, Sweep(graph, considered, context));
        if (!ReferenceEquals(first, graph))
            context.Notice(FactoringReport.Say($"convolutions: {Macs(first):N0} multiply-accumulates became {Macs(graph):N0}"));
        return graph;
    }

    private Graph Sweep(Graph graph, HashSet<int> considered, PassContext context)
    {
        var choice = new FactoringChoice(cost, target, graph, context);
        var forms = choice.Of(graph.Nodes.Where(node => node.Op is Conv && considered.Add(node.Id)));
        var edit = new GraphEdit(graph);
        foreach (var original in graph.Nodes)
        {
            if (edit.Find(original.Id) is not { Op: Conv } node) continue;
            if (forms.TryGetValue(node.Id, out var form))
            {
                if (context.Step(edit, form.Form, () => Replace(edit, node, form))) choice.Tell(node, form);
            }
            else if (Merged(edit, node, choice, context) is var (producer, merged))
                context.Step(edit, merged.Form, () =>
                {
                    Replace(edit, node, producer.Inputs[0], merged);
                    edit.Erase(producer);
                });
        }
        if (edit.IsChanged) choice.TellModel(edit);
        return edit.Freeze();
    }

    private static (Node Producer, Factoring Form)? Merged(GraphEdit edit, Node node, FactoringChoice choice, PassContext context)
    {
        if (edit.Producer(node.Inputs[0]) is not { Op: Conv } producer || ConvolutionStep.Read(edit, node) is not { } second
            || ConvolutionStep.Read(edit, producer) is not { } first) return null;
        var form = DepthwiseMerge.Fits(first, second) ? DepthwiseMerge.Of(first, second)
            : AxisMerge.Fits(first, second) ? AxisMerge.Of(first, second) : null;
        if (form is null) return null;
        if (edit.UseCount(node.Inputs[0]) != 1 || edit.IsOutput(node.Inputs[0]))
        {
            context.Refuse(form.Form, node, () => "the result of the first convolution is used elsewhere");
            return null;
        }
        var x = ((TensorType)edit[producer.Inputs[0]].Type).Shape!;
        return choice.IsFaster(form, [first, second], x, node) ? (producer, form) : null;
    }

    /// <summary>Puts factors in the place of a convolution.</summary>
    internal static void Replace(GraphEdit edit, Node node, Factoring form) => Replace(edit, node, node.Inputs[0], form);

    private static void Replace(GraphEdit edit, Node node, int x, Factoring form)
    {
        var origin = Provenance.Merge([node.Origin], form.Form);
        int value = x;
        foreach (var step in form.Steps)
        {
            int[] operands = [value, edit.AddConstant(step.Weights, origin: origin, before: node),
                .. step.Bias is null ? Array.Empty<int>() : [edit.AddConstant(step.Bias, origin: origin, before: node)]];
            value = edit.Insert(step.Op, operands, origin, before: node).Outputs[0];
        }
        string name = edit[node.Outputs[0]].Name;
        edit.ReplaceValue(node.Outputs[0], value);
        edit.Erase(node);
        edit.Rename(value, name);
    }

    private static double Macs(Graph graph)
    {
        var edit = new GraphEdit(graph);
        return graph.Nodes.Where(n => n.Op is Conv).Sum(n =>
            ConvolutionStep.Read(edit, n)?.Macs(((TensorType)graph[n.Inputs[0]].Type).Shape!) ?? 0);
    }
}
