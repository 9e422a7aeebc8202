using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Backends;

internal static partial class KernelGraphs
{
    private static Op[] AllReductions =>
    [
        new ReduceSum(), new ReduceMean(), new ReduceMax(), new ReduceMin(), new ReduceProd(), new ReduceSumSquare(), new ReduceL1(),
            new ReduceL2(),
        new ReduceLogSumExp(),
    ];

    // One without a center, one that is no sum, one that folds twice.
    private static Op[] SomeReductions => [new ReduceMean(), new ReduceMax(), new ReduceLogSumExp()];

    public static GraphList Reductions => new()
    {
        ["reduce rows"] = () => Reduce(DType.Float32, AllReductions, [-1], 3, 7, 131),
        ["reduce short rows"] = () => Reduce(DType.Float32, SomeReductions, [1], 5, 6),
        ["reduce columns"] = () => Reduce(DType.Float32, AllReductions, [1], 3, 9, 83),
        ["reduce first"] = () => Reduce(DType.Float32, SomeReductions, [0], 11, 3),
        ["reduce planes"] = () => Reduce(DType.Float32, SomeReductions, [0, 2], 4, 3, 5, 7),
        ["reduce around"] = () => Reduce(DType.Float32, SomeReductions, [1, 3], 2, 3, 4, 5),
        ["reduce all"] = () => Reduce(DType.Float32, SomeReductions, [0, 1], 5, 7),
        ["reduce nothing"] = () => Reduce(DType.Float32, SomeReductions, [0], 1, 4, 37),
        ["reduce of none"] = () => Reduce(DType.Float32,
            [new ReduceSum(), new ReduceMax(), new ReduceMin(), new ReduceProd(), new ReduceLogSumExp(), new ReduceMean()], [1], 3, 0, 2),
        ["reduce f64"] = () => Reduce(DType.Float64, AllReductions, [1], 3, 9, 5),
        ["reduce f64 rows"] = () => Reduce(DType.Float64, SomeReductions, [2], 3, 2, 29),
        ["reduce i32"] = () => Reduce(DType.Int32, AllReductions, [1], 3, 9, 5),
        ["reduce i64"] = () => Reduce(DType.Int64, AllReductions, [2], 3, 2, 19),
        ["reduce u64"] = () => Reduce(DType.UInt64, SomeReductions, [2], 3, 2, 19),
        ["reduce u32"] = () => Reduce(DType.UInt32, SomeReductions, [0], 3, 7),
        ["reduce i8"] = () => Reduce(DType.Int8, [new ReduceMax(), new ReduceMin()], [0], 3, 7),
        ["reduce bool"] = () => Reduce(DType.Bool, [new ReduceMax(), new ReduceMin()], [1], 3, 7),
        ["reduce without axes"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 3, 17);
            return [b.Add("sum", new ReduceSum(Keepdims: false), x), b.Add("noop", new ReduceSumSquare(NoopWithEmptyAxes: true), x)];
        }),
        ["reduce logsum"] = () => BuildMany(b =>
        {
            int x = b.Add("exp", new Exp(), b.Input("x", DType.Float32, 3, 17, 20));
            return [b.Add("rows", new ReduceLogSum(), x, Axes(b, 2)), b.Add("columns", new ReduceLogSum(), x, Axes(b, 0))];
        }),
        ["reduce long"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 70_000), y = b.Input("y", DType.Float32, 70_000, 2);
            return [b.Add("rows", new ReduceSumSquare(), x, Axes(b, 1)), b.Add("columns", new ReduceSumSquare(), y, Axes(b, 0))];
        }),
        ["reduce then"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 5, 6, 37), bias = b.Input("bias", DType.Float32, 6, 1);
            int rows = b.Add("rows", new ReduceMean(), x, Axes(b, 2));
            rows = b.Add("add", new Add(), rows, bias);
            int columns = b.Add("columns", new ReduceMean(Keepdims: false), x, Axes(b, 1));
            columns = b.Add("eps", new Add(), columns, b.Constant("c", Tensor.Scalar(0.5f)));
            columns = b.Add("scale", new Mul(), columns, b.Constant("s", Random(3, 37)));
            return [b.Add("relu", new Relu(), rows), b.Add("abs", new Abs(), columns)];
        }),
        ["reduce then i64"] = () => Build(b =>
        {
            int x = b.Input("x", DType.Int64, 5, 6);
            return b.Add("mul", new Mul(), b.Add("sum", new ReduceSum(Keepdims: false), x, Axes(b, 0)), b.Constant("c", Tensor.Scalar(3L)));
        }),
        ["reduce special"] = () => BuildMany(b =>
        {
            const float inf = float.PositiveInfinity, nan = float.NaN;
            int x = b.Constant("x", Tensor.Of<float>([4, 3], [-inf, -inf, -inf, inf, 1, -inf, nan, 1, 2, inf, inf, -1]));
            var values = new List<int>();
            foreach (var op in new Op[] { new ReduceMax(), new ReduceMin(), new ReduceLogSumExp(), new ReduceSum() })
                for (int axis = 0; axis < 2; axis++) values.Add(b.Add($"{op.Name}{axis}", op, x, Axes(b, axis)));
            return values;
        }),
        ["global pool"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 3, 7, 9), bias = b.Constant("c", Random(1, 3, 1, 1));
            return [b.Add("relu", new Relu(), b.Add("add", new Add(), b.Add("average", new GlobalAveragePool(), x), bias)),
                b.Add("max", new GlobalMaxPool(), x),
                b.Add("l1", new GlobalLpPool(1), x), b.Add("l2", new GlobalLpPool(2), x), b.Add("l3", new GlobalLpPool(3), x),
                    b.Add("l6", new GlobalLpPool(6), x)];
        }),
        ["global pool f64"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float64, 1, 3, 25);
            return [b.Add("average", new GlobalAveragePool(), x), b.Add("max", new GlobalMaxPool(), x),
                b.Add("l3", new GlobalLpPool(3), x)];
        }),
    };

    private static Graph Reduce(DType dtype, Op[] ops, long[] axes, params long[] dims) => BuildMany(b =>
    {
        int x = b.Input("x", dtype, [.. dims.Select(Dim.Of)]);
        return ops.Select(op => b.Add(op.Name, op, x, Axes(b, axes))).ToArray();
    });

    private static int Axes(GraphBuilder b, params long[] axes) => b.Constant("axes", Tensor.Vector(axes));
}
