using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Backends;

/// <summary>
/// Small graphs that between them reach every kernel template. A new template adds its own in a file of this class: a static property of
/// type
/// <see cref="GraphList"/>.
/// </summary>
internal static partial class KernelGraphs
{
    /// <summary>All graphs by name.</summary>
    public static SortedDictionary<string, Func<Graph>> All { get; } = new(
        typeof(KernelGraphs).GetProperties().Where(p => p.PropertyType == typeof(GraphList)).SelectMany(p => (GraphList)p.GetValue(null)!)
            .ToDictionary(g => g.Key, g => g.Value), StringComparer.Ordinal);

    public static GraphList Products => new()
    {
        ["elementwise chain"] = () => Build(b =>
        {
            int x = b.Input("x", DType.Float32, 3, 5, 7), y = b.Input("y", DType.Float32, 5, 1);
            int t = b.Add("add", new Add(), x, y);
            t = b.Add("mul", new Mul(), t, b.Add("sigmoid", new Sigmoid(), t));
            return b.Add("relu", new Relu(), t);
        }),
        ["functions"] = () => Build(b =>
        {
            int x = b.Input("x", DType.Float32, 61);
            int t = b.Add("exp", new Exp(), x);
            t = b.Add("log", new Log(), b.Add("add", new Add(), t, b.Constant("c", Tensor.Scalar(0.5f))));
            t = b.Add("tanh", new Tanh(), t);
            return b.Add("erf", new Erf(), t);
        }),
        ["matmul gelu"] = () => Build(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 19, 24);
            int t = b.Add("matmul", new MatMul(), x, b.Constant("w", Random(1, 24, 37)));
            t = b.Add("bias", new Add(), t, b.Constant("b", Random(2, 37)));
            return b.Add("gelu", new Gelu(), t);
        }),
        ["matmul batch"] = () => Build(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 3, 5, 8), y = b.Input("y", DType.Float32, 3, 8, 11);
            return b.Add("matmul", new MatMul(), x, y);
        }),
        ["gemm"] = () => Build(b =>
        {
            int x = b.Input("x", DType.Float32, 8, 13);
            return b.Add("gemm", new Gemm(Alpha: 0.5f, Beta: 2, TransA: true, TransB: true), x, b.Constant("w", Random(1, 20, 8)),
                b.Constant("b", Random(2, 13, 1)));
        }),
        ["gemm of wrapping integers"] = () => BuildMany(b => new[] { DType.UInt64, DType.UInt32, DType.Int64 }.Select(dtype =>
            b.Add($"gemm {dtype.Name()}", new Gemm(Alpha: -3, Beta: -1), b.Input($"x {dtype.Name()}", dtype, 3, 5),
                b.Input($"w {dtype.Name()}", dtype, 5, 4), b.Input($"b {dtype.Name()}", dtype, 4)))),
        ["conv without filters"] = () => Build(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 4, 1, 1);
            int none = b.Add("none", new Relu(), b.Add("first", new Conv(), x, b.Constant("w", Random(1, 0, 4, 1, 1))));
            return b.Add("second", new Conv(), none, b.Constant("v", Random(2, 4, 0, 1, 1)), b.Constant("b", Random(3, 4)));
        }),
        ["conv along rows without filters"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 1, 2, 5, 40);
            int none = b.Add("none", new Conv(), x, b.Constant("w", Random(1, 0, 2, 3, 3)));
            int back = b.Add("back", new ConvTranspose(), none, b.Constant("v", Random(2, 0, 2, 3, 3)));
            return [back, b.Add("nothing", new ConvTranspose(), x, b.Constant("u", Random(3, 2, 0, 3, 3)))];
        }),
        ["conv relu"] = () => Build(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 3, 17, 19);
            int t = b.Add("conv", new Conv(Strides: [2, 1], Pads: [1, 0, 2, 1], Dilations: [1, 2]), x,
                b.Constant("w", Random(1, 21, 3, 3, 2)), b.Constant("b", Random(2, 21)));
            return b.Add("relu", new Relu(), t);
        }),
        ["conv residual"] = () => Build(b =>
        {
            int x = b.Input("x", DType.Float32, 1, 16, 9, 9);
            int t = b.Add("conv", new Conv(Pads: [1, 1, 1, 1]), x, b.Constant("w", Random(1, 16, 16, 3, 3)));
            t = b.Add("norm", new BatchNormalization(), t, b.Constant("s", Random(2, 16)), b.Constant("o", Random(3, 16)),
                b.Constant("m", Random(4, 16)), b.Constant("v", Positive(5, 16)));
            return b.Add("add", new Add(), t, x);
        }),
        ["conv depthwise"] = () => Build(b =>
        {
            int x = b.Input("x", DType.Float32, 1, 12, 8, 10);
            return b.Add("conv", new Conv(Group: 12, Pads: [1, 1, 1, 1]), x, b.Constant("w", Random(1, 12, 1, 3, 3)));
        }),
        ["conv1d"] = () => Build(b =>
        {
            int x = b.Input("x", DType.Float32, 1, 4, 50);
            return b.Add("conv", new Conv(Group: 2, Pads: [2, 2], Strides: [3]), x, b.Constant("w", Random(1, 6, 2, 5)));
        }),
    };

    private static Graph Build(Func<GraphBuilder, int> build)
    {
        var builder = new GraphBuilder("test");
        builder.Output("result", build(builder));
        return builder.Build();
    }

    internal static Tensor Random(int seed, params long[] dims)
    {
        var random = new Random(seed);
        return Tensor.Of(dims, Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(_ => random.NextSingle() * 2 - 1)
            .ToArray());
    }

    private static Graph BuildMany(Func<GraphBuilder, IEnumerable<int>> build)
    {
        var builder = new GraphBuilder("test");
        int number = 0;
        foreach (int value in build(builder).ToArray()) builder.Output($"result{number++}", value);
        return builder.Build();
    }

    private static Tensor Positive(int seed, params long[] dims) =>
        Tensor.FromDoubles(DType.Float32, dims, [.. Random(seed, dims).ToDoubles().Select(v => Math.Abs(v) + 0.1)]);
}

/// <summary>Graphs by name.</summary>
internal sealed class GraphList : Dictionary<string, Func<Graph>>;
