using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Backends;

/// <summary>Ops that read or write at places which the data say. Random integers are from 0 to 4.</summary>
internal static partial class KernelGraphs
{
    public static GraphList Indices => new()
    {
        ["gather"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 5, 6, 7), rows = b.Input("rows", DType.Int64, 2, 3), one = b.Input("one", DType.Int32),
                table = b.Input("table", DType.Bool, 5);
            int back = b.Constant("back", Tensor.Vector(-1, -5, 4));
            return [b.Add("outer", new Gather(), x, rows), b.Add("inner", new Gather(-1), x, rows), b.Add("scalar", new Gather(1), x, one),
                b.Add("vector", new Gather(), table, rows), b.Add("back", new Gather(), x, back),
                    b.Add("none", new Gather(), x, b.Constant("no", Tensor.Of([0], new long[0])))];
        }),
        ["gather elements"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 5, 5, 6), places = b.Input("places", DType.Int64, 3, 4, 6),
                less = b.Input("less", DType.Int32, 5, 5, 2);
            return [b.Add("first", new GatherElements(), x, places), b.Add("middle", new GatherElements(1), x, places),
                b.Add("last", new GatherElements(-1), x, less)];
        }),
        ["gather nd"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float64, 5, 5, 3), pairs = b.Input("pairs", DType.Int64, 2, 4, 2),
                single = b.Input("single", DType.Int32, 5, 1);
            return [b.Add("rows", new GatherND(), x, pairs), b.Add("batch", new GatherND(1), x, single),
                b.Add("elements", new GatherND(), x, b.Constant("triples", Tensor.Of([2, 3], new long[] { 0, -1, 2, 4, 4, -3 })))];
        }),
        ["scatter elements"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 5, 6), places = b.Input("places", DType.Int64, 3, 4), u = b.Input("u", DType.Float32, 3, 4);
            int y = b.Input("y", DType.Int8, 5, 6), v = b.Input("v", DType.Int8, 3, 4);
            return [.. from how in Enum.GetValues<ScatterReduction>() select b.Add($"{how}", new ScatterElements(1, how), x, places, u),
                .. from how in Enum.GetValues<ScatterReduction>() select b.Add($"integer {how}", new ScatterElements(0, how), y, places,
                    v)];
        }),
        ["scatter nd"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 5, 5, 3), places = b.Input("places", DType.Int32, 4, 2),
                u = b.Input("u", DType.Float32, 4, 3);
            int y = b.Input("y", DType.UInt64, 6), rows = b.Input("rows", DType.Int64, 7, 1), v = b.Input("v", DType.UInt64, 7),
                t = b.Input("t", DType.Bool, 7);
            return [.. from how in Enum.GetValues<ScatterReduction>() select b.Add($"{how}", new ScatterND(how), x, places, u),
                .. from how in Enum.GetValues<ScatterReduction>() select b.Add($"integer {how}", new ScatterND(how), y, rows, v),
                b.Add("bool", new ScatterND(), t, rows, t)];
        }),
        ["constant places"] = () => BuildMany(b =>
        {
            // A part of rows as exporters write it, places in any order and again, and single elements.
            int x = b.Input("x", DType.Float32, 3, 4, 6);
            long[] part = [.. from i in Enumerable.Range(0, 3) from j in Enumerable.Range(1, 2) from k in Enumerable.Range(2, 3)
                from index in new long[] { i, j, k } select index];
            int places = b.Constant("part", Tensor.Of([3, 2, 3, 3], part));
            int some = b.Constant("some", Tensor.Of([4, 2], new long[] { 2, 3, 0, -1, 2, 3, -3, 0 }));
            int batch = b.Constant("batch", Tensor.Of([3, 2, 1], new long[] { 1, 2, 3, 0, -4, 1 }));
            return [b.Add("scatter", new ScatterND(), x, places, b.Input("u", DType.Float32, 3, 2, 3)),
                b.Add("rows", new ScatterND(), x, some, b.Input("v", DType.Float32, 4, 6)), b.Add("gather", new GatherND(), x, places),
                b.Add("blocks", new GatherND(), x, some), b.Add("batches", new GatherND(1), x, batch)];
        }),
        ["cache"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 3, 6, 4), u = b.Input("u", DType.Float32, 2, 3, 2, 4),
                starts = b.Input("starts", DType.Int64, 2);
            return [b.Add("from", new TensorScatter(), x, u, starts), b.Add("start", new TensorScatter(), x, u),
                b.Add("around", new TensorScatter(Mode: CacheMode.Circular), x, u, b.Constant("far", Tensor.Vector(5L, -7)))];
        }),
        ["one hot"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Int64, 3, 4), f = b.Input("f", DType.Float32, 5), depth = b.Constant("depth", Tensor.Scalar(4L)),
                values = b.Input("values", DType.Float32, 2);
            return [b.Add("last", new OneHot(), x, depth, values), b.Add("first", new OneHot(0), x, depth, values),
                b.Add("floats", new OneHot(), f, depth, b.Constant("bool", Tensor.Vector(false, true)))];
        }),
    };
}
