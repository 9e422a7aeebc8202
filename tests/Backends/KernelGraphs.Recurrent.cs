using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Backends;

internal static partial class KernelGraphs
{
    public static GraphList RecurrentOps => new()
    {
        ["lstm"] = () => BuildAll(b =>
        {
            int x = b.Input("x", DType.Float32, 5, 2, 7), h = b.Input("h", DType.Float32, 1, 2, 19),
                c = b.Input("c", DType.Float32, 1, 2, 19);
            return b.AddMany("lstm", new LSTM(), 3, x, b.Constant("w", Random(1, 1, 76, 7)), b.Constant("r", Random(2, 1, 76, 19)),
                b.Constant("b", Random(3, 1, 152)), Node.Absent, h, c, b.Constant("p", Random(4, 1, 57)));
        }),
        ["lstm bidirectional"] = () => BuildAll(b =>
        {
            int x = b.Input("x", DType.Float32, 3, 6, 7);
            int lengths = b.Constant("lengths", Tensor.Vector(6, 2, 0));
            return b.AddMany("lstm", new LSTM(Direction: RecurrentDirection.Bidirectional, Layout: true, Clip: 0.7f, InputForget: true,
                    Activations: ["HardSigmoid", "Softsign", "Elu", "Sigmoid", "LeakyRelu", "ScaledTanh"], ActivationAlpha: [0.3f, 0.9f],
                        ActivationBeta: [0.4f]),
                3, x, b.Constant("w", Random(1, 2, 32, 7)), b.Constant("r", Random(2, 2, 32, 8)), b.Constant("b", Random(3, 2, 64)),
                    lengths);
        }),
        ["gru"] = () => BuildAll(b =>
        {
            int x = b.Input("x", DType.Float32, 4, 1, 16);
            return b.AddMany("gru", new GRU(), 2, x, b.Constant("w", Random(1, 1, 51, 16)), b.Constant("r", Random(2, 1, 51, 17)),
                b.Constant("b", Random(3, 1, 102)));
        }),
        ["gru linear before reset"] = () => BuildAll(b =>
        {
            int x = b.Input("x", DType.Float32, 4, 3, 16);
            return b.AddMany("gru", new GRU(LinearBeforeReset: true, Direction: RecurrentDirection.Reverse), 2, x,
                b.Constant("w", Random(1, 1, 96, 16)), b.Constant("r", Random(2, 1, 96, 32)), b.Constant("b", Random(3, 1, 192)));
        }),
        ["rnn"] = () => BuildAll(b =>
        {
            int x = b.Input("x", DType.Float32, 4, 3, 5);
            return b.AddMany("rnn", new RNN(Activations: ["Relu"]), 2, x, b.Constant("w", Random(1, 1, 9, 5)),
                b.Constant("r", Random(2, 1, 9, 9)));
        }),
    };

    public static GraphList Resizes => new()
    {
        ["resize nearest"] = () => Build(b => Resize(b, new Resize(CoordinateTransformationMode: CoordinateTransformationMode.Asymmetric,
            NearestMode: NearestMode.Floor), 1, 1, 2, 3)),
        ["resize linear"] = () => Build(b => Resize(b, new Resize(Mode: ResizeMode.Linear), 1, 1, 2.5f, 0.6f)),
        ["resize cubic"] = () => Build(b => Resize(b, new Resize(Mode: ResizeMode.Cubic, Antialias: true,
            CoordinateTransformationMode: CoordinateTransformationMode.AlignCorners), 1, 2, 0.5f, 1.7f)),
        ["resize one axis"] = () => Build(b => Resize(b, new Resize(Mode: ResizeMode.Linear), 1, 1, 2, 1)),
    };

    private static int Resize(GraphBuilder b, Resize op, params float[] scales)
    {
        int x = b.Input("x", DType.Float32, 2, 3, 6, 21);
        return b.Add("resize", op, x, Node.Absent, b.Constant("scales", Tensor.Vector(scales)));
    }

    private static Graph BuildAll(Func<GraphBuilder, IEnumerable<int>> build)
    {
        var builder = new GraphBuilder("test");
        int index = 0;
        foreach (int result in build(builder).ToArray()) builder.Output($"result{index++}", result);
        return builder.Build();
    }
}
