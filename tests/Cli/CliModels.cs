using Nncc.Backends;
using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests.Cli;

/// <summary>Small models in a folder of a test.</summary>
internal static class CliModels
{
    /// <summary>A model of three nodes: <c>y = relu(x · w + b)</c>, with the nodes product, sum and relu.</summary>
    public static Graph Small(Dim batch)
    {
        var build = new GraphBuilder("small");
        int x = build.Input("x", DType.Float32, batch, 4);
        int w = build.Constant("w", Tensor.Of([4, 3], [.. Enumerable.Range(0, 12).Select(i => i * 0.25f - 1)]));
        int b = build.Constant("b", Tensor.Vector(0.5f, -0.5f, 1f));
        int product = build.Add("product", new MatMul(), x, w);
        int sum = build.Add("sum", new Add(), product, b);
        build.Output("y", build.Add("relu", new Relu(), sum));
        return build.Build();
    }

    /// <summary>The small model as a file.</summary>
    public static string Write(TemporaryFolder folder, string name = "small.onnx") => Write(folder, Small(1), name);

    /// <summary>The small model with an open size "batch" as a file.</summary>
    public static string WriteOpen(TemporaryFolder folder) => Write(folder, Small(Dim.Symbol("batch")), "open.onnx");

    /// <summary>A graph as a file.</summary>
    public static string Write(TemporaryFolder folder, Graph graph, string name)
    {
        string path = folder.At(name);
        new Compiler().WriteOnnx(new Model(graph, ModelHeader.Empty), path, isAsItIs: true);
        return path;
    }

    /// <summary>An input for the small model as a file.</summary>
    public static string WriteInput(TemporaryFolder folder, string name = "x.npy", params long[] dims)
    {
        if (dims.Length == 0) dims = [1, 4];
        string path = folder.At(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        long count = dims.Aggregate(1L, (a, b) => a * b);
        TensorFile.Write(path, Tensor.Of(dims, Enumerable.Range(0, (int)count).Select(i => i + 1f).ToArray()));
        return path;
    }
}
