using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Backends;

/// <summary>Ops that move elements.</summary>
internal static partial class KernelGraphs
{
    public static GraphList Moves => new()
    {
        ["transpose"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 3, 37, 21), y = b.Input("y", DType.Int64, 2, 3, 4, 5);
            return [b.Add("swap", new Transpose([0, 2, 1]), x), b.Add("reverse", new Transpose(), y),
                b.Add("outer", new Transpose([1, 0, 2]), x),
                b.Add("none", new Transpose([0, 1, 2]), x)];
        }),
        ["transpose small"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Bool, 5, 3), y = b.Input("y", DType.UInt8, 1, 4, 1, 2), z = b.Input("z", DType.Int16, 7),
                s = b.Input("s", DType.Float64);
            return [b.Add("a", new Transpose(), x), b.Add("b", new Transpose([2, 1, 3, 0]), y), b.Add("c", new Transpose(), z),
                b.Add("d", new Transpose(), s)];
        }),
        ["slice"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 6, 7, 8);
            return [Slice(b, "middle", x, [1, 2], [5, 6], [0, 2]), Slice(b, "steps", x, [0, -1], [6, -100], [0, 1], [2, -3]),
                Slice(b, "rows", x, [2], [4], [0]), Slice(b, "none", x, [3], [3], [1]), Slice(b, "open", x, [-3], [long.MaxValue], [-1])];
        }),
        // Views of views, of which some are outputs, and all are read by kernels.
        ["views"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 8, 6);
            int sum = b.Add("sum", new Add(), x, x), part = Slice(b, "part", sum, [2], [7], [0]),
                inner = Slice(b, "inner", part, [1], [3], [0]);
            int flat = b.Add("flat", new Reshape(), inner, b.Constant("shape", Tensor.Vector(12L)));
            return [b.Add("relu", new Relu(), flat), inner, sum, part, Slice(b, "first", sum, [0], [2], [0])];
        }),
        ["split"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 4, 9, 3);
            var rows = b.AddMany("rows", new Split(Axis: 1), 3, x, b.Constant("sizes", Tensor.Vector(2L, 3L, 4L)));
            var views = b.AddMany("views", new Split(Axis: 0, NumOutputs: 3), 3, x);
            var last = b.AddMany("last", new Split(Axis: -1, NumOutputs: 2), 2, x);
            return [.. rows, b.Add("neg", new Neg(), views[1]), views[0], views[2], last[1]];
        }),
        ["concat"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 3, 4, 5), y = b.Input("y", DType.Float32, 3, 2, 5),
                none = b.Input("none", DType.Float32, 3, 0, 5);
            int c = b.Constant("c", Random(3, 3, 1, 5));
            return [b.Add("three", new Concat(1), x, y, c), b.Add("twice", new Concat(-1), x, x), b.Add("outer", new Concat(0), y, y, y),
                b.Add("empty", new Concat(1), none, x, none), b.Add("nothing", new Concat(1), none, none), b.Add("one", new Concat(2), y)];
        }),
        ["expand"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 3, 1, 5), s = b.Input("s", DType.Int32);
            return [Expand(b, "middle", x, 3, 4, 5), Expand(b, "outer", x, 2, 2, 3, 1, 5), Expand(b, "none", x, 1, 1),
                Expand(b, "scalar", s, 3, 4),
                Expand(b, "zero", x, 0, 3, 1, 5)];
        }),
        ["tile"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 3, 4), z = b.Input("z", DType.UInt16, 5);
            return [Tile(b, "all", x, 2, 3, 4), Tile(b, "last", x, 1, 1, 3), Tile(b, "none", x, 1, 0, 1), Tile(b, "once", x, 1, 1, 1),
                Tile(b, "vector", z, 7)];
        }),
        ["depth and space"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 12, 3, 5), y = b.Input("y", DType.Int8, 2, 3, 6, 9);
            return [b.Add("dcr", new DepthToSpace(2), x), b.Add("crd", new DepthToSpace(2, DepthOrder.ColumnRowDepth), x),
                b.Add("back", new SpaceToDepth(3), y)];
        }),
        ["pad"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 5, 6), value = b.Input("value", DType.Float32), y = b.Input("y", DType.Int32, 4, 1);
            int axes = b.Constant("axes", Tensor.Vector(-1L)), pads = b.Constant("pads", Tensor.Vector(0L, 1, 2, 0, 3, -1));
            int two = b.Constant("two", Tensor.Vector(2L, 1)), column = b.Constant("column", Tensor.Vector(1L, 1, 0, 2));
            return [b.Add("zeros", new Pad(), x, pads), b.Add("value", new Pad(), x, pads, value),
                b.Add("reflect", new Pad(PadMode.Reflect), x, pads),
                b.Add("edge", new Pad(PadMode.Edge), x, pads), b.Add("wrap", new Pad(PadMode.Wrap), x, pads),
                b.Add("axis", new Pad(), x, two, Node.Absent, axes),
                b.Add("column", new Pad(), y, column), b.Add("all", new Pad(), y, b.Constant("away", Tensor.Vector(-4L, 0, 3, 0)))];
        }),
        ["crop"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 5, 6, 7);
            return [b.Add("all", new CenterCropPad(), x, b.Constant("sizes", Tensor.Vector(8L, 3, 7))),
                b.Add("one", new CenterCropPad([1]), x, b.Constant("size", Tensor.Vector(9L)))];
        }),
        ["triangles"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 5, 7), k = b.Input("k", DType.Int64);
            int far = b.Constant("far", Tensor.Scalar(long.MinValue)), minus = b.Constant("minus", Tensor.Scalar(-2L));
            return [b.Add("upper", new Trilu(), x), b.Add("lower", new Trilu(false), x), b.Add("moved", new Trilu(), x, k),
                b.Add("minus", new Trilu(false), x, minus),
                b.Add("far", new Trilu(), x, far), b.Add("nothing", new Trilu(false), x, far)];
        }),
        ["reverse sequence"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 4, 5, 3), lengths = b.Constant("lengths", Tensor.Vector(4L, 0, 1, 3, 2)),
                batches = b.Constant("batches", Tensor.Vector(5L, 2, 0, 4));
            return [b.Add("time", new ReverseSequence(), x, lengths), b.Add("batch", new ReverseSequence(0, 1), x, batches)];
        }),
        ["constants"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 4, 6), sizes = b.Constant("sizes", Tensor.Vector(2L, 3));
            return [b.Add("shape", new ShapeOf(), x), b.Add("part", new ShapeOf(Start: 1), x), b.Add("size", new Size(), x),
                b.Add("zeros", new ConstantOfShape(), sizes),
                b.Add("sevens", new ConstantOfShape(Tensor.Vector(7L)), sizes), b.Add("eye", new EyeLike(K: -1), x),
                b.Add("bool", new EyeLike(DType.Bool, 2), x),
                b.Add("range", new IR.Ops.Range(), Number(b, "a", 3L), Number(b, "z", -11L), Number(b, "by", -4L)),
                b.Add("floats", new IR.Ops.Range(), Number(b, "b", 0.5f), Number(b, "y", 3.1f), Number(b, "step", 0.3f))];
        }),
    };

    private static int Number<T>(GraphBuilder b, string name, T value) => b.Constant(name, Tensor.Scalar(value));

    private static int Slice(GraphBuilder b, string name, int x, long[] starts, long[] ends, long[] axes, long[]? steps = null) =>
        b.Add(name, new Slice(), x, b.Constant($"{name}-starts", Tensor.Vector(starts)), b.Constant($"{name}-ends", Tensor.Vector(ends)),
            b.Constant($"{name}-axes", Tensor.Vector(axes)), steps is null ? Node.Absent
            : b.Constant($"{name}-steps", Tensor.Vector(steps)));

    private static int Expand(GraphBuilder b, string name, int x, params long[] shape) =>
        b.Add(name, new Expand(), x, b.Constant($"{name}-shape", Tensor.Vector(shape)));

    private static int Tile(GraphBuilder b, string name, int x, params long[] repeats) =>
        b.Add(name, new Tile(), x, b.Constant($"{name}-repeats", Tensor.Vector(repeats)));
}
