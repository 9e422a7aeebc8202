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
