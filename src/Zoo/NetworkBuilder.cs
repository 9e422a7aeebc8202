using System.Collections.Immutable;
using Nncc.IR.Ops;

namespace Nncc.Zoo;

/// <summary>
/// Builds networks layer by layer with seeded weights: products get He's variance (He et al., "Delving deep into rectifiers", 2015), batch
/// norms the statistics of one pass of noise through what stands before them (at <c>probeSize</c> pixels a side: a small image costs
/// little, but where it leaves a deep network a few places a channel, what they say is off, and errors of many layers multiply).
/// </summary>
public sealed class NetworkBuilder
{
    private readonly GraphBuilder graph;
    private readonly SeededRandom random;
    private readonly Probe probe;

    /// <summary>An empty network.</summary>
    /// <param name="name">Name of the graph.</param>
    /// <param name="options">Seed and batch.</param>
    /// <param name="probeSize">Pixels a side of the noise image for statistics.</param>
    public NetworkBuilder(string name, ZooOptions options, int probeSize = 64)
    {
        graph = new GraphBuilder(name);
        random = new SeededRandom(options.Seed);
        probe = new Probe(new SeededRandom(options.Seed ^ 0x5EED), probeSize);
        Options = options;
    }

    /// <summary>Seed and batch.</summary>
    public ZooOptions Options { get; }

    /// <summary>Prefix of names, such as <c>layer1.0</c>.</summary>
    public string Scope
    {
        get => graph.Scope;
        set => graph.Scope = value;
    }

    /// <summary>An input of images [batch, 3, side, side] of the resolution of the options, or of this one.</summary>
    public int Image(int side) => Image("input", 3, Options.Resolution ?? side, Options.Resolution ?? side);

    /// <summary>An input of images [batch, channels, height, width].</summary>
    public int Image(string name, int channels, int height, int width) =>
        graph.Input(name, DType.Float32, Options.Batch, channels, height, width);

    /// <summary>An input of any sizes behind the batch axis.</summary>
    public int Input(string name, DType dtype, params ReadOnlySpan<Dim> sizes) => graph.Input(name, dtype, [Options.Batch, .. sizes]);

    /// <summary>A node of one result.</summary>
    public int Add(string name, Op op, params ReadOnlySpan<int> inputs)
    {
        int result = graph.Add(name, op, inputs);
        probe.Record(result, op, inputs);
        return result;
    }

    /// <summary>A node of several results.</summary>
    public ImmutableArray<int> AddMany(string name, Op op, int results, params ReadOnlySpan<int> inputs)
    {
        var values = graph.AddMany(name, op, results, inputs);
        for (int i = 0; i < results; i++) probe.Record(values[i], op, inputs, i, results);
        return values;
    }

    /// <summary>A constant.</summary>
    public int Constant(string name, Tensor tensor)
    {
        int value = graph.Constant(name, tensor);
        probe.Record(value, tensor);
        return value;
    }

    /// <summary>A constant list of integers.</summary>
    public int Integers(string name, params long[] items) => Constant(name, Tensor.Vector(items));

    /// <summary>Random weights around 0 with a standard deviation.</summary>
    public int Weights(string name, double deviation, params long[] dims)
    {
        if (!Options.HasWeights) return Constant(name, Absent(dims));
        float bound = (float)(deviation * Math.Sqrt(3)); // a uniform distribution of half-width b has the deviation b / sqrt(3)
        return Constant(name, random.Uniform(-bound, bound, dims));
    }

    /// <summary>Random numbers in a range.</summary>
    public int Scales(string name, float low, float high, params long[] dims) =>
        Constant(name, Options.HasWeights ? random.Uniform(low, high, dims) : Absent(dims));

    /// <summary>Shape of a value, all static.</summary>
    public long[] Shape(int value) => graph.Shape(value).ToStatic()!;

    /// <summary>A convolution of square windows.</summary>
    public int Conv(string name, int x, int filters, int kernel, int stride = 1, int pad = 0, int groups = 1, bool bias = false)
    {
        long channels = Shape(x)[1] / groups;
        double deviation = Math.Sqrt(2.0 / (channels * kernel * kernel));
        int w = Weights($"{name}.weight", deviation, filters, channels, kernel, kernel);
        var op = new Conv(Group: groups, KernelShape: [kernel, kernel], Pads: [pad, pad, pad, pad], Strides: [stride, stride],
            Dilations: [1, 1]);
        return bias ? Add(name, op, x, w, Weights($"{name}.bias", 0.05, filters)) : Add(name, op, x, w);
    }

    /// <summary>A batch norm with the statistics of the noise that reaches it.</summary>
    public int BatchNorm(string name, int x, float epsilon = 1e-5f)
    {
        long channels = Shape(x)[1];
        var (mean, variance) = Options.HasWeights ? probe.Statistics(x) : (Absent(channels), Absent(channels));
        int scale = Scales($"{name}.weight", 0.8f, 1.2f, channels);
        int bias = Scales($"{name}.bias", -0.2f, 0.2f, channels);
        return Add(name, new BatchNormalization(Epsilon: epsilon), x, scale, bias,
            Constant($"{name}.running_mean", mean), Constant($"{name}.running_var", variance));
    }

    /// <summary>A fully connected layer as Gemm with transposed weights, [features, inputs] as PyTorch has them.</summary>
    public int Linear(string name, int x, int features)
    {
        long inputs = Shape(x)[^1];
        int w = Weights($"{name}.weight", Math.Sqrt(1.0 / inputs), features, inputs);
        return Add(name, new Gemm(TransB: true), x, w, Weights($"{name}.bias", 0.05, features));
    }

    /// <summary>A fully connected layer over the last axis of more than two, as MatMul and Add.</summary>
    public int TokenLinear(string name, int x, int features)
    {
        long inputs = Shape(x)[^1];
        int w = Weights($"{name}.weight", Math.Sqrt(1.0 / inputs), inputs, features);
        int product = Add($"{name}.matmul", new MatMul(), x, w);
        return Add(name, new Add(), product, Weights($"{name}.bias", 0.05, features));
    }

    /// <summary>A layer norm over the last axis.</summary>
    public int LayerNorm(string name, int x, float epsilon)
    {
        long width = Shape(x)[^1];
        int scale = Scales($"{name}.weight", 0.8f, 1.2f, width);
        return Add(name, new LayerNormalization(Epsilon: epsilon), x, scale, Weights($"{name}.bias", 0.05, width));
    }

    /// <summary>GELU by the error function, in the five ops that PyTorch exports.</summary>
    public int Gelu(string name, int x)
    {
        int scaled = Add($"{name}.div", new Div(), x, Constant($"{name}.sqrt2", Tensor.Scalar(1.41421356f)));
        int one = Add($"{name}.add", new Add(), Add($"{name}.erf", new Erf(), scaled), Constant($"{name}.one", Tensor.Scalar(1f)));
        return Add($"{name}.half", new Mul(), Add($"{name}.mul", new Mul(), x, one), Constant($"{name}.0.5", Tensor.Scalar(0.5f)));
    }

    /// <summary>ReLU that stops at 6.</summary>
    public int Relu6(string name, int x) =>
        Add(name, new Clip(), x, Constant($"{name}.min", Tensor.Scalar(0f)), Constant($"{name}.max", Tensor.Scalar(6f)));

    /// <summary>A ReLU.</summary>
    public int Relu(string name, int x) => Add(name, new Relu(), x);

    /// <summary>Other sizes; one may be -1.</summary>
    public int Reshape(string name, int x, params long[] dims) => Add(name, new Reshape(), x, Integers($"{name}.shape", dims));

    /// <summary>Adds an output.</summary>
    public void Output(string name, int value) => graph.Output(name, value);

    /// <summary>The classifier: a global average, and a fully connected layer of the classes of the options as output.</summary>
    public void Classify(string name, int x)
    {
        x = Add("flatten", new Flatten(), Add("avgpool", new GlobalAveragePool(), x));
        Output("logits", Linear(name, x, Options.Classes ?? 1000));
    }

    private static Tensor Absent(params long[] dims) =>
        Tensor.WithoutContent(DType.Float32, dims, "the network was built without weights");

    /// <summary>The network.</summary>
    public Graph Build() => graph.Build();
}
