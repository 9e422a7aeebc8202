using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Backends;

internal static partial class KernelGraphs
{
    public static GraphList Attentions => new()
    {
        ["attention"] = () => Build(b =>
        {
            // Heads side by side in a row, as a product leaves them, and a mask for each column.
            int q = Heads(b, b.Input("q", DType.Float32, 2, 21, 36), 3, 12), k = Heads(b, b.Input("k", DType.Float32, 2, 37, 36), 3, 12);
            int v = Heads(b, b.Input("v", DType.Float32, 2, 37, 60), 3, 20);
            int scores = b.Add("scores", new MatMul(), q, b.Add("kt", new Transpose([0, 1, 3, 2]), k));
            scores = b.Add("scale", new Div(), scores, b.Constant("root", Tensor.Scalar(3.5f)));
            scores = b.Add("mask", new Add(), scores, b.Input("m", DType.Float32, 2, 1, 1, 37));
            int context = b.Add("context", new MatMul(), b.Add("softmax", new Softmax(), scores), v);
            context = b.Add("back", new Transpose([0, 2, 1, 3]), context);
            return b.Add("merge", new Reshape(), context, b.Constant("shape", Tensor.Vector<long>(2, 21, 60)));
        }),
        ["attention of one matrix"] = () => BuildMany(b =>
        {
            // Queries, keys and values in one row; a mask for each row and one for each score.
            int all = b.Add("reshape", new Reshape(), b.Input("x", DType.Float32, 1, 50, 96),
                b.Constant("shape", Tensor.Vector<long>(1, 50, 3, 2, 16)));
            all = b.Add("transpose", new Transpose([2, 0, 3, 1, 4]), all);
            int Part(long i) => b.Add($"part{i}", new Gather(), all, b.Constant($"i{i}", Tensor.Scalar(i)));
            int scores = b.Add("scores", new MatMul(), Part(0), b.Add("kt", new Transpose([0, 1, 3, 2]), Part(1)));
            scores = b.Add("row", new Mul(), b.Add("add", new Add(), scores, b.Constant("p", Random(1, 50, 50))), b.Constant("r",
                Random(2, 50, 1)));
            return [b.Add("context", new MatMul(), b.Add("softmax", new Softmax(-1), scores), Part(2))];
        }),
        ["attention plain"] = () => BuildMany(b =>
        {
            int q = b.Input("q", DType.Float32, 5, 7), k = b.Input("k", DType.Float32, 7, 16), v = b.Input("v", DType.Float32, 16, 33);
            int softmax = b.Add("softmax", new Softmax(), b.Add("scores", new MatMul(), q, k));
            int one = b.Add("one", new MatMul(), b.Input("a", DType.Float32, 1, 3), b.Input("b", DType.Float32, 3, 5));
            return [b.Add("context", new MatMul(), softmax, v),
                b.Add("short", new MatMul(), b.Add("weights", new Softmax(), one), b.Input("w", DType.Float32, 5, 2))];
        }),
        ["attention masked"] = () => Build(b =>
        {
            // Rows of which all but one score are minus infinity.
            int q = b.Input("q", DType.Float32, 20, 8), k = b.Input("k", DType.Float32, 8, 20), v = b.Input("v", DType.Float32, 20, 8);
            var mask = Tensor.Of<float>([20, 20], [.. Enumerable.Range(0, 400).Select(i => i % 20 <= i / 20 ? 0 : float.NegativeInfinity)]);
            int scores = b.Add("mask", new Add(), b.Add("scores", new MatMul(), q, k), b.Constant("m", mask));
            return b.Add("context", new MatMul(), b.Add("softmax", new Softmax(), scores), v);
        }),
    };

    public static GraphList MoreProducts => new()
    {
        ["matmul sizes"] = () => BuildMany(b =>
        {
            var results = new List<int>();
            foreach (var (m, k, n) in new[] { (1, 9, 300), (2, 33, 48), (15, 20, 17), (29, 7, 70), (43, 16, 96), (128, 5, 31) })
            {
                int x = b.Input($"x{m}", DType.Float32, m, k);
                int t = b.Add($"matmul{m}", new MatMul(), x, b.Constant($"w{m}", Random(m, k, n)));
                results.Add(b.Add($"tanh{m}", new Tanh(), b.Add($"bias{m}", new Add(), t, b.Constant($"b{m}", Random(n, n)))));
                results.Add(b.Add($"plain{m}", new MatMul(), x, b.Input($"y{m}", DType.Float32, k, n)));
            }
            return results;
        }),
        ["matmul broadcast"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 3, 5, 8), w = b.Constant("w", Random(1, 8, 18));
            int t = b.Add("add", new Add(), b.Add("matmul", new MatMul(), x, w), b.Constant("c", Random(2, 3, 1, 18)));
            int u = b.Add("erf", new Erf(), b.Add("left", new MatMul(), b.Input("y", DType.Float32, 5, 8),
                b.Input("z", DType.Float32, 2, 1, 8, 33)));
            return [t, u, b.Add("vector", new MatMul(), b.Input("v", DType.Float32, 8), w), b.Add("dot", new MatMul(), x,
                b.Input("d", DType.Float32, 8))];
        }),
        ["matmul f64"] = () => Build(b =>
            b.Add("matmul", new MatMul(), b.Input("x", DType.Float64, 3, 7, 5), b.Input("y", DType.Float64, 3, 5, 6))),
    };

    private static int Heads(GraphBuilder b, int x, long heads, long width)
    {
        int t = b.Add($"split{x}", new Reshape(), x, b.Constant($"shape{x}", Tensor.Vector(0, -1, heads, width)));
        return b.Add($"heads{x}", new Transpose([0, 2, 1, 3]), t);
    }
}
