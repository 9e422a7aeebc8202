using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Backends;

/// <summary>Graphs of f16 and bf16, which are computed in binary32.</summary>
internal static partial class KernelGraphs
{
    public static GraphList Halves => new()
    {
        ["f16 network"] = () => HalfNetwork(DType.Float16),
        ["bf16 network"] = () => HalfNetwork(DType.BFloat16),
        ["f16 in and out"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float16, 3, 5), y = b.Input("y", DType.Float32, 3, 5);
            int narrow = b.Add("narrow", new Cast(DType.Float16), y);
            return [x, b.Add("sum", new Add(), x, narrow), narrow, b.Add("wide", new Cast(DType.Float64), x),
                b.Add("eye", new EyeLike(DType.BFloat16), x),
                b.Add("like", new CastLike(), y, x), b.Constant("c", Tensor.Scalar((Half)1.5f)), b.Add("moved", new Transpose(), x)];
        }),
    };

    private static Graph HalfNetwork(DType dtype) => BuildMany(b =>
    {
        int x = b.Input("x", dtype, 2, 3, 9, 8);
        int t = b.Add("conv", new Conv(Pads: [1, 1, 1, 1]), x, b.Constant("w", Narrow(Random(1, 8, 3, 3, 3))),
            b.Constant("b", Narrow(Random(2, 8))));
        t = b.Add("relu", new Relu(), t);
        t = b.Add("flat", new Flatten(), t);
        t = b.Add("product", new MatMul(), t, b.Constant("v", Narrow(Random(3, 576, 10))));
        int large = b.Add("large", new Greater(), t, b.Constant("limit", Narrow(Random(4, 1))));
        int filled = b.Add("filled", new ConstantOfShape(Narrow(Random(5, 1))), b.Constant("sizes", Tensor.Vector(2L, 10)));
        return [t, b.Add("chosen", new Where(), large, t, filled)];

        Tensor Narrow(Tensor wide) => Tensor.FromDoubles(dtype, wide.Dims.AsSpan(), wide.ToDoubles());
    });
}
