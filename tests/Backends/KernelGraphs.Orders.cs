using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Backends;

/// <summary>Best elements and running sums; random integers repeat themselves, so that ties occur.</summary>
internal static partial class KernelGraphs
{
    public static GraphList Orders => new()
    {
        ["arg max"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 3, 7, 4), y = b.Input("y", DType.Int8, 6, 9);
            int gap = b.Add("gap", new Where(), b.Add("less", new Less(), x, Number(b, "limit", -1f)), Number(b, "nan", float.NaN), x);
            return [b.Add("middle", new ArgMax(1), x), b.Add("last", new ArgMin(-1, Keepdims: false), x),
                b.Add("ties", new ArgMax(1, SelectLastIndex: true), y),
                b.Add("first ties", new ArgMin(0, Keepdims: false), y), b.Add("nan max", new ArgMax(2), gap),
                    b.Add("nan min", new ArgMin(2), gap)];
        }),
        ["top k"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 3, 17, 4), y = b.Input("y", DType.UInt8, 5, 11);
            var best = b.AddMany("best", new TopK(1), 2, x, b.Constant("five", Tensor.Vector(5L)));
            var least = b.AddMany("least", new TopK(-1, Largest: false), 2, y, b.Constant("eleven", Tensor.Vector(11L)));
            var one = b.AddMany("one", new TopK(0), 2, y, b.Constant("one-k", Tensor.Vector(1L)));
            var places = b.AddMany("places", new TopK(1), 2, y, b.Constant("four", Tensor.Vector(4L)));
            return [.. best, .. least, one[0], places[1]];
        }),
        ["running sums"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 3, 7, 4), y = b.Input("y", DType.Int32, 5), axis = Number(b, "axis", 1),
                zero = Number(b, "zero", 0L);
            return [b.Add("sum", new CumSum(), x, axis), b.Add("exclusive", new CumSum(Exclusive: true), x, axis),
                b.Add("reverse", new CumSum(Reverse: true), x, axis),
                b.Add("both", new CumSum(true, true), y, zero), b.Add("product", new CumProd(), x, axis),
                    b.Add("integers", new CumProd(Exclusive: true), y, zero)];
        }),
    };
}
