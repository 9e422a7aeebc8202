using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests;

public class RecurrentTests
{
    private const int Steps = 5, Batch = 3, Inputs = 2, Hidden = 4;

    private static readonly Random Random = new(11);
    private static readonly Tensor X = OpRun.Random(Random, Steps, Batch, Inputs);

    /// <summary>Operands W, R, B of an op of so many gates and directions.</summary>
    private static Tensor[] Weights(int gates, int directions) =>
        [OpRun.Random(Random, directions, gates * Hidden, Inputs), OpRun.Random(Random, directions, gates * Hidden, Hidden),
            OpRun.Random(Random, directions, 2 * gates * Hidden)];

    public static TheoryData<string> Names => ["RNN", "GRU", "GRU linear", "LSTM"];

    private static (Op Op, int Gates, int Results) Make(string name, RecurrentDirection direction = RecurrentDirection.Forward,
        bool layout = false) => name switch
    {
        "RNN" => (new RNN(Direction: direction, Layout: layout), 1, 2),
        "LSTM" => (new LSTM(Direction: direction, Layout: layout), 4, 3),
        _ => (new GRU(Direction: direction, Layout: layout, LinearBeforeReset: name == "GRU linear"), 3, 2),
    };

    [Fact]
    public void LstmOfOneByHand()
    {
        // Gates in the order i, o, f, c; all of R is 0, so that each step is easily followed.
        Tensor x = OpRun.F32([2, 1, 1], 1, 2), w = OpRun.F32([1, 4, 1], 0.1f, 0.2f, 0.3f, 0.4f), r = OpRun.F32([1, 4, 1], 0, 0, 0, 0);
        var peepholes = OpRun.F32([1, 3], 0.5f, 0.6f, 0.7f);
        double c1 = S(0.1) * Math.Tanh(0.4), h1 = S(0.2 + 0.6 * c1) * Math.Tanh(c1);
        double c2 = S(0.6 + 0.7 * c1) * c1 + S(0.2 + 0.5 * c1) * Math.Tanh(0.8), h2 = S(0.4 + 0.6 * c2) * Math.Tanh(c2);
        var y = OpRun.Many(new LSTM(), 3, x, w, r, null, null, null, null, peepholes);
        OpRun.Close(OpRun.F32([2, 1, 1, 1], (float)h1, (float)h2), y[0]);
        OpRun.Close(OpRun.F32([1, 1, 1], (float)h2), y[1]);
        OpRun.Close(OpRun.F32([1, 1, 1], (float)c2), y[2]);
        double coupled = S(0.1) * Math.Tanh(0.4);
        coupled = (1 - S(0.2)) * coupled + S(0.2) * Math.Tanh(0.8);
        OpRun.Close(OpRun.F32([1, 1, 1], (float)coupled), OpRun.Many(new LSTM(InputForget: true), 3, x, w, r)[2]);
    }

    [Fact]
    public void GruOfOneByHand()
    {
        // Gates in the order z, r, h, from a state of 0.5.
        Tensor x = OpRun.F32([1, 1, 1], 1), w = OpRun.F32([1, 3, 1], 0.1f, 0.2f, 0.3f), r = OpRun.F32([1, 3, 1], 0.4f, 0.5f, 0.6f);
        Tensor b = OpRun.F32([1, 6], 0, 0, 0.1f, 0, 0, 0.2f), start = OpRun.F32([1, 1, 1], 0.5f);
        double z = S(0.1 + 0.2), reset = S(0.2 + 0.25);
        double plain = (1 - z) * Math.Tanh(0.3 + 0.1 + reset * 0.5 * 0.6 + 0.2) + z * 0.5;
        double linear = (1 - z) * Math.Tanh(0.3 + 0.1 + reset * (0.5 * 0.6 + 0.2)) + z * 0.5;
        OpRun.Close(OpRun.F32([1, 1, 1, 1], (float)plain), OpRun.One(new GRU(), x, w, r, b, null, start));
        OpRun.Close(OpRun.F32([1, 1, 1, 1], (float)linear), OpRun.One(new GRU(LinearBeforeReset: true), x, w, r, b, null, start));
    }

    [Fact]
    public void ActivationsTakeTheirParametersInOrder()
    {
        Tensor x = OpRun.F32([1, 1, 1], 2), w = OpRun.F32([1, 1, 1], 1), r = OpRun.F32([1, 1, 1], 0);
        foreach (var (names, alpha, beta, expected) in new (string, float[], float[], double)[]
        {
            ("Affine", [3], [0.5f], 6.5), ("HardSigmoid", [0.1f], [0.3f], 0.5), ("hardsigmoid", [], [], 0.9), ("LeakyRelu", [], [], 2),
                ("Relu", [], [], 2),
            ("ThresholdedRelu", [2.5f], [], 0), ("ScaledTanh", [2], [0.5f], 2 * Math.Tanh(1)), ("Elu", [1], [], 2),
                ("Softsign", [], [], 2 / 3.0),
            ("Softplus", [], [], Math.Log(1 + Math.Exp(2))), ("Sigmoid", [], [], S(2)),
        })
        {
            var op = new RNN(alpha.ToEquatable(), beta.ToEquatable(), [names]);
            OpRun.Close(OpRun.F32([1, 1, 1, 1], (float)expected), OpRun.One(op, x, w, r));
        }
        // Only those that have an alpha take one: here the third takes the second value.
        var lstm = new LSTM(ActivationAlpha: [0.5f, 0.25f], Activations: ["LeakyRelu", "Tanh", "LeakyRelu"]);
        Tensor minus = OpRun.F32([1, 4, 1], -1, -1, -1, 1), none = OpRun.F32([1, 4, 1], 0, 0, 0, 0);
        double cell = -1 * Math.Tanh(2), hidden = -1 * (0.25 * cell);
        OpRun.Close(OpRun.F32([1, 1, 1, 1], (float)hidden), OpRun.One(lstm, x, minus, none));
        Assert.Contains("there is no activation \"Swish\"", OpRun.Fault(new RNN(Activations: ["Swish"]), x.Type, w.Type, r.Type));
        Assert.Contains("there must be 3 activations", OpRun.Fault(new LSTM(Activations: ["Tanh"]), x.Type, minus.Type, none.Type));
    }

    [Fact]
    public void ArgumentsAreClipped() => OpRun.Close(OpRun.F32([1, 1, 1, 1], MathF.Tanh(0.5f)),
        OpRun.One(new RNN(Clip: 0.5f), OpRun.F32([1, 1, 1], 7), OpRun.F32([1, 1, 1], 1), OpRun.F32([1, 1, 1], 0)));

    [Theory]
    [MemberData(nameof(Names))]
    public void BackwardsIsForwardsOfTheMirrorImage(string name)
    {
        var (forward, gates, results) = Make(name);
        var w = Weights(gates, 1);
        var mirrored = Mirror(X);
        Tensor[] expected = OpRun.Many(forward, results, [mirrored, .. w]),
            actual = OpRun.Many(Make(name, RecurrentDirection.Reverse).Op, results, [X, .. w]);
        OpRun.Close(Mirror(expected[0]), actual[0]);
        for (int i = 1; i < results; i++) OpRun.Close(expected[i], actual[i]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void BothDirectionsAreOneAndTheOther(string name)
    {
        var (_, gates, results) = Make(name);
        Tensor[] w = Weights(gates, 2), first = [.. w.Select(t => Half(t, 0))], second = [.. w.Select(t => Half(t, 1))];
        var both = OpRun.Many(Make(name, RecurrentDirection.Bidirectional).Op, results, [X, .. w]);
        Tensor[] forward = OpRun.Many(Make(name).Op, results, [X, .. first]),
            backward = OpRun.Many(Make(name, RecurrentDirection.Reverse).Op, results, [X, .. second]);
        for (int i = 1; i < results; i++)
            Assert.Equal(forward[i].ToDoubles().Concat(backward[i].ToDoubles()), both[i].ToDoubles());
        int row = Batch * Hidden;
        for (int t = 0; t < Steps; t++)
            Assert.Equal(forward[0].ToDoubles().Skip(t * row).Take(row).Concat(backward[0].ToDoubles().Skip(t * row).Take(row)),
                both[0].ToDoubles().Skip(2 * t * row).Take(2 * row));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ShortSequencesEndEarly(string name)
    {
        foreach (var direction in new[] { RecurrentDirection.Forward, RecurrentDirection.Reverse })
        {
            var (op, gates, results) = Make(name, direction);
            var w = Weights(gates, 1);
            int[] lengths = [2, Steps, 1];
            var all = OpRun.Many(op, results, [X, .. w, Tensor.Vector(lengths)]);
            for (int b = 0; b < Batch; b++)
            {
                var alone = OpRun.Many(op, results, [Sequence(X, b, lengths[b]), .. w]);
                var padded = alone[0].ToDoubles().Concat(new double[(Steps - lengths[b]) * Hidden]);
                OpRun.Close(Tensor.FromDoubles(DType.Float32, [Steps, 1, Hidden], padded.ToArray()),
                    Sequence(all[0].Reshape([Steps, Batch, Hidden]), b, Steps));
                for (int i = 1; i < results; i++)
                    Assert.Equal(alone[i].ToDoubles(), all[i].ToDoubles().Skip(b * Hidden).Take(Hidden));
            }
        }
        Assert.Contains("are not 3 lengths from 0 to 5", Assert.Throws<NnccException>(() =>
            OpRun.Many(Make(name).Op, 2, [X, .. Weights(Make(name).Gates, 1), Tensor.Vector(1, 2, 6)])).Message);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void BatchFirstIsTheSameTransposed(string name)
    {
        var (op, gates, results) = Make(name, RecurrentDirection.Bidirectional);
        var w = Weights(gates, 2);
        var start = OpRun.Random(Random, 2, Batch, Hidden);
        var expected = OpRun.Many(op, results, [X, .. w, null, start]);
        var actual = OpRun.Many(Make(name, RecurrentDirection.Bidirectional, layout: true).Op, results,
            [Permuted(X, 1, 0, 2), .. w, null, Permuted(start, 1, 0, 2)]);
        Assert.Equal(Permuted(expected[0], 2, 0, 1, 3), actual[0]);
        for (int i = 1; i < results; i++) Assert.Equal(Permuted(expected[i], 1, 0, 2), actual[i]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AStateCarriesOn(string name)
    {
        var (op, gates, results) = Make(name);
        var w = Weights(gates, 1);
        var whole = OpRun.Many(op, results, [X, .. w]);
        Tensor front = Rows(X, 0, 2), back = Rows(X, 2, Steps - 2);
        var first = OpRun.Many(op, results, [front, .. w]);
        var second = OpRun.Many(op, results, [back, .. w, null, .. first[1..]]);
        for (int i = 1; i < results; i++) OpRun.Close(whole[i], second[i], 1e-5);
        OpRun.Close(Rows(whole[0], 2, Steps - 2), second[0], 1e-5);
    }

    [Fact]
    public void OldFormsAreRead()
    {
        var w = Weights(4, 1);
        Assert.Equal(OpRun.Many(new LSTM(), 3, [X, .. w]), OneNode.Run(1, "LSTM", [("hidden_size", 4L), ("output_sequence", 1L)], 3,
            [X, .. w]));
        w = Weights(3, 1);
        Assert.Equal(OpRun.Many(new GRU(), 2, [X, .. w]), OneNode.Run(7, "GRU", [("hidden_size", 4L), ("direction", "forward")], 2,
            [X, .. w]));
    }

    [Fact]
    public void FaultsSayTheShapes()
    {
        var w = Weights(4, 1);
        Assert.Contains("LSTM takes R [1x?x5], got f32[1x16x4]", OpRun.Fault(new LSTM(HiddenSize: 5), X.Type, w[0].Type, w[1].Type));
        Assert.Contains("LSTM takes B [1x32], got f32[1x30]", OpRun.Fault(new LSTM(), X.Type, w[0].Type, w[1].Type,
            new TensorType(DType.Float32, Shape.Of(1, 30))));
        Assert.Contains("LSTM takes W [2x?x?], got f32[1x16x2]", OpRun.Fault(new LSTM(Direction: RecurrentDirection.Bidirectional),
            X.Type, w[0].Type, w[1].Type));
    }

    [Fact]
    public void WorkIsExact()
    {
        // 64 to 64, 100 steps: 4 * 64 * (64 + 64) * 100 = 3,276,800 MACs.
        TensorType[] operands = [F32(100, 1, 64), F32(1, 256, 64), F32(1, 256, 64)];
        Assert.Equal(3_276_800, new LSTM().Measure(new MeasureContext([.. operands],
            [.. OpRun.Infer(new LSTM(), 3, [.. operands])])).Macs.Value);

        static TensorType F32(params long[] dims) => new(DType.Float32, Shape.Of(dims));
    }

    private static double S(double x) => 1 / (1 + Math.Exp(-x));

    private static Tensor Rows(Tensor t, int from, int count)
    {
        int row = (int)(t.Count / t.Dims[0]);
        return Tensor.FromDoubles(t.DType, [count, .. t.Dims.Skip(1)], t.ToDoubles().AsSpan(from * row, count * row));
    }

    private static Tensor Half(Tensor t, int which) => Rows(t, which, 1);

    private static Tensor Mirror(Tensor t)
    {
        int row = (int)(t.Count / t.Dims[0]);
        return Tensor.FromDoubles(t.DType, t.Dims.AsSpan(), t.ToDoubles().Chunk(row).Reverse().SelectMany(r => r).ToArray());
    }

    private static Tensor Sequence(Tensor t, int b, int length)
    {
        int inner = (int)t.Dims[2], batch = (int)t.Dims[1];
        return Tensor.FromDoubles(t.DType, [length, 1, inner], t.ToDoubles().Chunk(inner).Where((_, i) =>
            i % batch == b).Take(length).SelectMany(r => r).ToArray());
    }

    private static Tensor Permuted(Tensor t, params long[] axes) => OpRun.One(new Transpose(axes.ToEquatable()), t);
}
