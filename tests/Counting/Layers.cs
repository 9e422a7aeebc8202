using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes.Counting;

namespace Nncc.Tests.Counting;

/// <summary>Graphs of a few layers whose weights have types and no content: whoever read one would fail.</summary>
internal sealed class Layers(string name = "layers")
{
    private readonly GraphBuilder graph = new(name);

    /// <summary>An input of floats.</summary>
    public int Input(string input, params ReadOnlySpan<Dim> sizes) => graph.Input(input, DType.Float32, sizes);

    /// <summary>An input of another type.</summary>
    public int Input(string input, DType dtype, params ReadOnlySpan<Dim> sizes) => graph.Input(input, dtype, sizes);

    /// <summary>Weights.</summary>
    public int Weights(string constant, params long[] dims) => Weights(constant, DType.Float32, dims);

    /// <summary>Weights of another type.</summary>
    public int Weights(string constant, DType dtype, params long[] dims) =>
        graph.Constant(constant, Tensor.WithoutContent(dtype, dims, "the test gives none"));

    /// <summary>A constant with its content.</summary>
    public int Constant(string constant, Tensor content) => graph.Constant(constant, content);

    /// <summary>A node.</summary>
    public int Add(string node, Op op, params ReadOnlySpan<int> inputs) => graph.Add(node, op, inputs);

    /// <summary>A convolution with square windows.</summary>
    public int Conv(string node, int x, long filters, long kernel, long stride = 1, long pad = 0, long groups = 1, bool bias = false)
    {
        long channels = graph.Shape(x)[1].Value!.Value / groups;
        var op = new Conv(Group: groups, Pads: [pad, pad, pad, pad], Strides: [stride, stride]);
        int w = Weights($"{node}.weight", filters, channels, kernel, kernel);
        return bias ? Add(node, op, x, w, Weights($"{node}.bias", filters)) : Add(node, op, x, w);
    }

    /// <summary>A fully connected layer.</summary>
    public int Linear(string node, int x, long features, bool bias = true)
    {
        int w = Weights($"{node}.weight", features, graph.Shape(x)[^1].Value!.Value);
        var op = new Gemm(TransB: true);
        return bias ? Add(node, op, x, w, Weights($"{node}.bias", features)) : Add(node, op, x, w);
    }

    /// <summary>The graph with one output.</summary>
    public Graph Build(int output)
    {
        graph.Output("y", output);
        return graph.Build();
    }

    /// <summary>What the graph costs.</summary>
    public ModelCount Count(int output, CountOptions? options = null) => ModelCounter.Count(Build(output), options);

    /// <summary>The total by a convention.</summary>
    public static long As(ModelCount count, string convention) => count.As(CountConvention.Find(convention)!).Value!.Value;
}
