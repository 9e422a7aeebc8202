using Nncc.Backends;
using Nncc.Backends.OnnxRuntime;
using Nncc.IR.Onnx;
using Nncc.IR.Onnx.Proto;
using Nncc.Tests.Support;
using Nncc.Zoo;

namespace Nncc.Tests.Rules;

/// <summary>
/// Written ONNX has at -O2 at most as many nodes as the model had and as ONNX Runtime's "basic" level leaves, bodies included; calls of
/// functions count as what is in them.
/// </summary>
public class NodeCountTests
{
    public static TheoryData<string> Models => [.. SharedModels.Names];

    public static TheoryData<string> Networks => [.. ZooSelection.WithWeights];

    [TheoryNeeding(Needs.Shared | Needs.OnnxRuntime), MemberData(nameof(Models))]
    public void A_real_model_has_no_more_nodes_than_before_nor_than_onnx_runtime_leaves(string name)
    {
        using var folder = new TemporaryFolder();
        Compare(SharedModels.File(name), folder);
    }

    [TheoryNeeding(Needs.OnnxRuntime), MemberData(nameof(Networks))]
    public void A_network_of_the_zoo_has_no_more_nodes_than_before_nor_than_onnx_runtime_leaves(string name)
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("original.onnx");
        new Compiler().WriteOnnx(ModelZoo.Build(name), path, isAsItIs: true);
        Compare(path, folder);
    }

    private static void Compare(string path, TemporaryFolder folder)
    {
        string basic = folder.At("basic.onnx"), ours = folder.At("ours.onnx");
        var options = new OrtSessionOptions { Optimization = OrtOptimization.Basic, OptimizedModelPath = basic, IntraOpThreads = 1 };
        using (OrtSession.Open(Judge.Library, path, options)) { }
        var compiler = new Compiler();
        compiler.WriteOnnx(compiler.Read(path), ours);
        int bar = Math.Min(Count(path), Count(basic));
        Assert.InRange(Count(ours), 0, bar);
    }

    private static int Count(string path)
    {
        using var file = FileBytes.Open(path);
        var model = ProtoFile.ReadModel(file, path).Message;
        return Count(model.Graph.Node, model.Functions.ToDictionary(f => (f.Domain, f.Name), f => (IEnumerable<NodeProto>)f.Node));
    }

    private static int Count(IEnumerable<NodeProto> nodes, Dictionary<(string, string), IEnumerable<NodeProto>> functions) =>
        nodes.Where(n => n.OpType != "Constant").Sum(n => functions.TryGetValue((n.Domain, n.OpType), out var body) ? Count(body, functions)
            : 1 + n.Attribute.SelectMany(a => a.G is null ? a.Graphs : a.Graphs.Append(a.G)).Sum(g => Count(g.Node, functions)));
}
