using Google.Protobuf;
using Google.Protobuf.Collections;
using Nncc.Backends;
using Nncc.Backends.Models;
using Nncc.Backends.OnnxRuntime;
using Nncc.IR;
using Nncc.IR.Onnx.Proto;
using Nncc.Passes;
using Nncc.Passes.Counting;
using Nncc.Tests.Support;

namespace Nncc.Tests.Counting;

/// <summary>
/// Real models are counted a second time, by other means: from the file's own nodes and the shapes of every value that ONNX Runtime
/// computes. Nodes in bodies of control flow, whose values ONNX Runtime does not show, are left out on both sides.
/// </summary>
public class IndependentCountTests
{
    public static TheoryData<string> Models => [.. SharedModels.Names];

    [TheoryNeeding(Needs.OnnxRuntime | Needs.Shared)]
    [MemberData(nameof(Models))]
    public void Totals_agree_with_the_shapes_that_onnx_runtime_reports(string name)
    {
        using var folder = new TemporaryFolder();
        var inputs = SharedModels.Inputs(name);
        var proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(SharedModels.File(name)));
        var shapes = Observe(folder, name, proto, inputs);
        var (macs, elements, gaps) = Count(name, inputs, StageCounts.Stages[0], shapes);
        // Where ranks are known only after folding, the rest comes from there.
        if (gaps)
        {
            var folded = Count(name, inputs, StageCounts.Stages[1], shapes);
            foreach (var (value, count) in folded.Macs) macs.TryAdd(value, count);
            foreach (var (value, count) in folded.Elements) elements.TryAdd(value, count);
        }

        var products = proto.Graph.Node.Where(node => Macs(node, shapes) > 0).ToList();
        foreach (var node in products)
            Assert.True(macs.TryGetValue(node.Output[0], out long counted) && counted == Macs(node, shapes),
                $"{node.OpType} {node.Output[0]}: {Macs(node, shapes)} multiply-accumulates by shapes, counted {counted}");
        if (!gaps) Assert.Equal(products.Sum(node => Macs(node, shapes)), macs.Values.Sum());

        var compared = elements.Where(value => shapes.ContainsKey(value.Key)).ToList();
        foreach (var (value, count) in compared)
            Assert.True(Product(shapes[value]) == count,
                $"{value}: ONNX Runtime gives [{string.Join(",", shapes[value])}], counted {count}");
        Assert.True(compared.Count >= 0.8 * elements.Count, $"{compared.Count} of {elements.Count} values were compared");
    }

    // By the name of a node's result: multiply-accumulates and elements, of nodes outside of bodies; and whether ranks were unknown.
    private static (Dictionary<string, long> Macs, Dictionary<string, long> Elements, bool HasGaps) Count(string name,
        IReadOnlyList<(string Name, Tensor Content)> inputs, string stage, Dictionary<string, long[]> shapes)
    {
        var none = new CompileOptions();
        var compiler = new Compiler(new CompilerOptions
        {
            Passes = none with { Shapes = none.Shapes.AddRange(inputs.Select(i => KeyValuePair.Create(i.Name, i.Content.Type.Shape!))) },
        });
        var graph = StageCounts.Graph(compiler, compiler.Read(SharedModels.File(name)), stage);
        var count = ModelCounter.Count(graph, new CountOptions { IsSymbolic = true, IncludesDead = true });
        var sizes = Sizes(graph, shapes);
        // Ids of nodes in bodies mean something else here; what has a body itself stands for several nodes.
        var outer = count.Rows.Where(row =>
            row.Node.Op.Bodies.IsEmpty && graph.Find(row.Node.Id) is { } node && ReferenceEquals(node.Op, row.Node.Op)).ToList();
        var macs = new Dictionary<string, long>(StringComparer.Ordinal);
        var elements = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var row in outer.Where(row => row.Gap is null))
        {
            string value = graph[row.Node.GivenOutputs.First()].Name;
            if ((row.Macs + row.IntegerMacs).Substitute(sizes).Value is { } products and > 0) macs[value] = products;
            if (row.Node.Outputs.Length == 1 && row.Activations.Substitute(sizes).Value is { } results) elements[value] = results;
        }
        return (macs, elements, count.Rows.Any(row => row.Gap is not null && row.Node.Op is not IR.Ops.Opaque));
    }

    // What is known only when the model runs is counted as a symbol; here it has run.
    private static Dictionary<string, Dim> Sizes(Graph graph, Dictionary<string, long[]> shapes)
    {
        var sizes = new Dictionary<string, Dim>(StringComparer.Ordinal);
        foreach (var value in graph.Values)
            if (value.Type is TensorType { Shape: { } shape } && shapes.TryGetValue(value.Name, out long[]? dims))
                for (int axis = 0; axis < shape.Rank; axis++)
                    if (shape[axis].SymbolName is { } symbol) sizes[symbol] = dims[axis];
        return sizes;
    }

    // Dims of all inputs, initializers and results.
    private static Dictionary<string, long[]> Observe(TemporaryFolder folder, string name, ModelProto proto,
        IReadOnlyList<(string Name, Tensor Content)> inputs)
    {
        var shapes = new Dictionary<string, long[]>(StringComparer.Ordinal);
        foreach (var initializer in proto.Graph.Initializer) shapes[initializer.Name] = [.. initializer.Dims];
        foreach (var (input, content) in inputs) shapes[input] = [.. content.Dims];
        string[] wanted = [.. proto.Graph.Node.SelectMany(n => n.Output).Where(o => o.Length > 0).Distinct()];
        byte[] model = AddedOutputs.Append(File.ReadAllBytes(SharedModels.File(name)), [.. wanted], name);
        string path = folder.At("model.onnx"), source = Path.GetDirectoryName(SharedModels.File(name))!;
        File.WriteAllBytes(path, model);
        foreach (string data in proto.Graph.Initializer.SelectMany(i => i.ExternalData).Where(e => e.Key == "location").Select(e => e.Value)
            .Distinct())
            File.Copy(Path.Combine(source, data), folder.At(data));
        using var session = Judge.Open(path);
        var results = session.Run(inputs.ToDictionary(i => i.Name, i => (Datum)i.Content));
        for (int i = 0; i < results.Length; i++)
            if (results[i] is Tensor tensor) shapes[session.Outputs[i].Name] = [.. tensor.Dims];
        return shapes;
    }

    // By other formulas than the ops': every weight is used once for each position, every pair of a recurrence once a step.
    private static long Macs(NodeProto node, Dictionary<string, long[]> shapes)
    {
        long[] In(int i) => shapes[node.Input[i]];
        long[] Out() => shapes[node.Output.First(o => o.Length > 0)];
        switch (node.OpType)
        {
            case "Conv" or "ConvInteger": return Out()[0] * Product(Out()[2..]) * Product(In(1));
            case "QLinearConv": return Out()[0] * Product(Out()[2..]) * Product(In(3));
            case "ConvTranspose": return In(0)[0] * Product(In(0)[2..]) * Product(In(1));
            case "Gemm": return Product(In(0)) * Out()[1];
            case "MatMul" or "MatMulInteger": return Product(Out()) * In(0)[^1];
            case "QLinearMatMul": return Product(Out()) * In(0)[^1];
            case "LSTM" or "GRU" or "RNN": return In(0)[0] * In(0)[1] * (Product(In(1)) + Product(In(2)));
            case "LinearClassifier" or "LinearRegressor":
                return In(0)[0] * node.Attribute.Single(a => a.Name == "coefficients").Floats.Count;
            case "Einsum" or "Attention" or "DeformConv": throw new InvalidOperationException($"no formula for {node.OpType}");
            default: return 0;
        }
    }

    private static long Product(ReadOnlySpan<long> dims)
    {
        long product = 1;
        foreach (long dim in dims) product *= dim;
        return product;
    }
}
