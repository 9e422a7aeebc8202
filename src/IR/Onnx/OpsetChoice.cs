using System.Collections.Immutable;

namespace Nncc.IR.Onnx;

/// <summary>Chooses the opset of ai.onnx that a graph is written at.</summary>
internal static class OpsetChoice
{
    /// <summary>Where the search starts for a model that was not read from a file: the newest opset that tools of 2022 read.</summary>
    public const int Unread = 17;

    /// <summary>
    /// The graph at the demanded opset; without a demand at the smallest that is at least the model's and holds every node.
    /// </summary>
    /// <exception cref="NnccException">The graph holds what is no operator of ONNX, the demand cannot be met, or no opset holds the graph:
    /// with every node that prevents it.</exception>
    public static (LoweredGraph Graph, FormLowering Forms, int Opset) Lower(Model model, OpRegistry registry, int? demanded)
    {
        if (demanded is < 1 or > OpSchemas.Newest)
            throw new NnccException(FaultCodes.OpsetDemand, $"opset {demanded} is demanded; nncc writes 1 to {OpSchemas.Newest}");
        int opset = demanded ?? Start(model);
        while (true)
        {
            var forms = new FormLowering(registry, opset, model.Header.Opsets);
            var graph = new GraphLowering(registry, forms).Lower(model.Graph);
            if (forms.Formless.Count > 0)
                throw new NnccException([.. forms.Formless.Select(n =>
                    new Fault(FaultCodes.NoOnnxForm, $"{n.Op.FullName} is no operator of ONNX",
                    n.Place, "write the graph as it is before fusion and layout assignment"))]);
            if (forms.Problems.Count == 0) return (graph, forms, opset);
            int? next = forms.Problems.All(p => p.Needed is not null) ? forms.Problems.Max(p => p.Needed) : null;
            if (demanded is not null || next is null or > OpSchemas.Newest || next <= opset)
                throw Refuse(forms.Problems, opset, demanded, next);
            opset = next.Value;
        }
    }

    /// <summary>Where the search starts without a demand.</summary>
    public static int Start(Model model) => model.Header.Opsets.TryGetValue("", out int read) ? read : Unread;

    private static NnccException Refuse(List<OpsetProblem> problems, int opset, int? demanded, int? next)
    {
        string? advice = next > OpSchemas.Newest ? $"nncc writes opsets up to {OpSchemas.Newest}"
            : demanded is null ? null : next is null ? "do not demand an opset" : $"demand opset {next} or later, or none";
        return new NnccException([.. problems.Select(p =>
            new Fault(FaultCodes.OpsetDemand, $"opset {opset} cannot hold it: {p.Reason}", p.Place, advice)).Distinct()
                .ToImmutableArray()]);
    }
}
