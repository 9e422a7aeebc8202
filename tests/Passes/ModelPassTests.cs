using System.Collections.Immutable;
using Nncc.IR.Evaluate;
using Nncc.IR.Onnx;
using Nncc.IR.Text;
using Nncc.Passes;
using Nncc.Tests.Support;

namespace Nncc.Tests.Passes;

/// <summary>Real models go through the canonical pipeline, with their own sizes and with those of their data.</summary>
public class ModelPassTests
{
    private static readonly OpRegistry Ops = OpRegistry.Standard();

    public static TheoryData<string> Models => [.. SharedModels.Names];

    [TheoryNeeding(Needs.Shared), MemberData(nameof(Models))]
    public void A_model_is_canonical_after_one_run_and_reads_back_from_text(string name)
    {
        var graph = OnnxReader.Read(SharedModels.File(name), Ops).Graph;
        GraphAssert.Identical(graph, Parser.Parse(Printer.Print(graph, Ops), Ops));
        var after = Pipelines.Canonicalize().Run(graph, new PassContext(Ops));
        Assert.Equal(Stage.Canonical, after.Stage);
        GraphAssert.Identical(after, Parser.Parse(Printer.Print(after, Ops), Ops));
        var again = Pipelines.Canonicalize().Run(after, new PassContext(Ops));
        Assert.True(ReferenceEquals(after, again), TextDifference.Show(Printer.Print(after, Ops), Printer.Print(again, Ops)));
    }

    [TheoryNeeding(Needs.Shared), MemberData(nameof(Models))]
    public void Sizes_of_the_data_leave_no_symbol_that_data_does_not_decide(string name)
    {
        var graph = OnnxReader.Read(SharedModels.File(name), Ops).Graph;
        var after = Pipelines.Canonicalize().Run(graph, new PassContext(Ops) { Options = Bound(graph, name) });
        Assert.All(after.Inputs, i => Assert.DoesNotContain(after[i.Value].Type.Sizes, size => !size.IsConstant));
        Assert.All(after.Values.SelectMany(v => v.Type.Symbols), symbol =>
            Assert.True(FreshSymbols.IsFresh(symbol) || symbol[0] == '?', symbol));
    }

    [TheoryNeeding(Needs.Shared), MemberData(nameof(Models))]
    [Trait("speed", "slow")]
    public void The_meaning_stays_the_same_bits(string name)
    {
        var graph = OnnxReader.Read(SharedModels.File(name), Ops).Graph;
        var data = SharedModels.Inputs(name);
        ImmutableArray<Datum?> inputs = [.. graph.Inputs.Select((input, i) => Given(graph, data, i))];
        var expected = Run(graph, inputs);
        foreach (var options in (CompileOptions[])[new(), Bound(graph, name)])
        {
            var after = Pipelines.Canonicalize().Run(graph, new PassContext(Ops) { Options = options });
            Assert.Equal(expected, Run(after, inputs));
        }
    }

    // What the evaluator gives; for a model with ops that it does not know, that it does not.
    private static IEnumerable<object> Run(Graph graph, ImmutableArray<Datum?> inputs)
    {
        try
        {
            return new Evaluator().Run(graph, inputs);
        }
        catch (NnccException e) when (e.Faults is [{ Code: var code }] && code == FaultCodes.OpaqueOp)
        {
            return [e.Message];
        }
    }

    private static Datum? Given(Graph graph, IReadOnlyList<(string Name, Tensor Content)> data, int input)
    {
        string name = graph[graph.Inputs[input].Value].Name;
        return data.FirstOrDefault(d => d.Name == name).Content
            ?? (input < data.Count && data.All(d => d.Name.Length == 0) ? data[input].Content : null);
    }

    private static CompileOptions Bound(Graph graph, string name)
    {
        var data = SharedModels.Inputs(name);
        var shapes = new CompileOptions().Shapes;
        for (int i = 0; i < graph.Inputs.Length; i++)
            if (Given(graph, data, i) is Tensor tensor && graph.Inputs[i].Default is null)
                shapes = shapes.Add(graph[graph.Inputs[i].Value].Name, tensor.Type.Shape!);
        return new CompileOptions { Shapes = shapes };
    }
}
