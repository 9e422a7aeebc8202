using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Backends;

internal static partial class KernelGraphs
{
    public static GraphList TransposedConvolutions => new()
    {
        ["transposed conv"] = () =>
            Build(b => Transposed(b, new ConvTranspose(Strides: [2, 3], Pads: [1, 0, 0, 2], OutputPadding: [1, 0]), 4, 5, 3, 3)),
        ["transposed conv groups"] = () => Build(b => Transposed(b, new ConvTranspose(Group: 2, Dilations: [2, 1]), 4, 3, 2, 3)),
        ["transposed conv cut"] = () => Build(b => Transposed(b, new ConvTranspose(Pads: [2, 1, 2, 2], Strides: [3, 2]), 4, 3, 2, 1)),
        ["transposed conv wide"] = () => Build(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 5, 4, 19);
            int t = b.Add("conv", new ConvTranspose(Strides: [2, 2], Pads: [1, 1, 0, 1]), x, b.Constant("w", Random(1, 5, 17, 3, 3)),
                b.Constant("b", Random(2, 17)));
            return b.Add("relu", new Relu(), t);
        }),
        ["transposed conv image"] = () => Image(20, 9, 13, (b, x) =>
        {
            int t = Convolve(b, "stem", x, 20, 40, 3);
            t = b.Add("up", new ConvTranspose(Strides: [2, 2], Pads: [1, 1, 1, 1]), t, b.Constant("w1", Random(1, 40, 36, 4, 4)),
                b.Constant("b1", Random(2, 36)));
            t = b.Add("silu", new Mul(), t, b.Add("sigmoid", new Sigmoid(), t));
            // Fewer taps than the stride: some pixels have none.
            t = b.Add("far", new ConvTranspose(Strides: [3, 2]), t, b.Constant("w2", Random(3, 36, 18, 2, 1)));
            return Convolve(b, "last", t, 18, 20, 3);
        }, batch: 2),
        ["transposed conv 1d"] = () => Build(b =>
        {
            int x = b.Input("x", DType.Float32, 1, 6, 11);
            return b.Add("conv", new ConvTranspose(Strides: [4]), x, b.Constant("w", Random(1, 6, 5, 4)));
        }),
    };

    private static int Transposed(GraphBuilder b, ConvTranspose op, int channels, int filters, int height, int width)
    {
        int x = b.Input("x", DType.Float32, 2, channels, 6, 5);
        int t = b.Add("conv", op, x, b.Constant("w", Random(1, channels, filters, height, width)),
            b.Constant("b", Random(2, filters * op.Group)));
        return b.Add("relu", new Relu(), t);
    }
}
