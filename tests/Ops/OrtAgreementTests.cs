using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests;

/// <summary>
/// The evaluator against ONNX Runtime on ops with many attributes, chosen at random. Left out is where ONNX Runtime is known to differ
/// from ONNX's own documents and cases; each such place says so.
/// </summary>
public class OrtAgreementTests
{
    private static readonly OpRegistry Registry = OpRegistry.Standard();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 60)];

    [TheoryNeeding(Needs.OnnxRuntime)]
    [MemberData(nameof(Seeds))]
    public void Windows(int seed)
    {
        var random = new Random(seed);
        int rank = random.Next(1, 4), group = random.Next(1, 3);
        long[] Sizes(int low, int high) => [.. Enumerable.Range(0, rank).Select(_ => (long)random.Next(low, high))];
        var autoPad = (AutoPad)random.Next(4);
        bool isSame = autoPad is AutoPad.SameUpper or AutoPad.SameLower, ceil = random.Next(2) == 0, counted = random.Next(2) == 0;
        long[] kernel = Sizes(1, 4);
        // With padding SAME it takes no dilations in convolutions, and leaves them and negative padding in pools as they are.
        long[] dilations = isSame ? [.. kernel.Select(_ => 1L)] : Sizes(1, 3),
            strides = isSame ? [.. kernel.Select(k => random.NextInt64(1, k + 1))] : Sizes(1, 4);
        long[] size = [.. Enumerable.Range(0, rank).Select(i => (kernel[i] - 1) * dilations[i] + 1 + random.Next(0, 8))];
        var pads = autoPad != AutoPad.NotSet ? default
            : Enumerable.Range(0, 2 * rank).Select(i => random.NextInt64(0, kernel[i % rank])).ToEquatable();
        var (k, d, s) = (kernel.ToEquatable(), dilations.ToEquatable(), strides.ToEquatable());
        var x = OpRun.Random(random, [2, 2 * group, .. size]);
        Agree(new MaxPool(k, autoPad, ceil, d, pads, random.Next(2) == 0, s), 2, x);
        Agree(new AveragePool(k, autoPad, ceil, counted, d, pads, s), 1, x);
        Agree(new LpPool(k, autoPad, ceil, d, random.Next(1, 4), pads, s), 1, x);
        Agree(new Conv(autoPad, d, group, default, pads, s), 1, x, OpRun.Random(random, [3 * group, 2, .. kernel]),
            OpRun.Random(random, 3 * group));
        var w = OpRun.Random(random, [2 * group, 3, .. kernel]);
        long[] larger = [.. strides.Select(stride => random.NextInt64(0, stride))];
        Agree(new ConvTranspose(autoPad, d, group, default, larger.ToEquatable(), default, pads, s), 1, x, w,
            OpRun.Random(random, 3 * group));
        long[] given = [.. Enumerable.Range(0, rank).Select(i => Math.Max(1,
            strides[i] * (size[i] - 1) + (kernel[i] - 1) * dilations[i] + 1 - random.Next(0, 3)))];
        Agree(new ConvTranspose(autoPad == AutoPad.Valid ? AutoPad.NotSet : autoPad, d, group, default, default, given.ToEquatable(),
            default, s), 1, x, w);
    }

    [TheoryNeeding(Needs.OnnxRuntime)]
    [MemberData(nameof(Seeds))]
    public void Recurrences(int seed)
    {
        var random = new Random(seed);
        var direction = (RecurrentDirection)random.Next(3);
        int d = direction == RecurrentDirection.Bidirectional ? 2 : 1, steps = random.Next(1, 5), batch = random.Next(1, 4),
            inputs = random.Next(1, 4), hidden = random.Next(1, 6);
        float? clip = random.Next(3) == 0 ? 0.4f : null;
        bool named = random.Next(2) == 0, flag = random.Next(2) == 0;
        // It takes 0 where ONNX's default for alpha or beta is another number: of ThresholdedRelu, Affine and ScaledTanh.
        string[] functions = ["Tanh", "Sigmoid", "Relu", "HardSigmoid", "LeakyRelu", "Elu", "Softsign", "Softplus"];
        EquatableArray<string> Activations(int count) => named ? Enumerable.Range(0, count * d).Select(_ =>
            functions[random.Next(functions.Length)]).ToEquatable() : default;
        Tensor? Maybe(params long[] dims) => random.Next(2) == 0 ? null : OpRun.Random(random, dims);
        var lengths = random.Next(2) == 0 ? null : Tensor.Vector([.. Enumerable.Range(0, batch).Select(_ => random.Next(1, steps + 1))]);
        var x = OpRun.Random(random, steps, batch, inputs);
        Tensor? h = Maybe(d, batch, hidden), c = Maybe(d, batch, hidden), p = Maybe(d, 3 * hidden);
        Tensor?[] Weights(int gates) => [OpRun.Random(random, d, gates * hidden, inputs), OpRun.Random(random, d, gates * hidden, hidden),
            Maybe(d, 2 * gates * hidden)];
        Agree(new LSTM(Activations: Activations(3), Clip: clip, Direction: direction, HiddenSize: hidden, InputForget: flag), 3,
            [x, .. Weights(4), lengths, h, c, p]);
        Agree(new GRU(Activations: Activations(2), Clip: clip, Direction: direction, HiddenSize: hidden, LinearBeforeReset: flag), 2,
            [x, .. Weights(3), lengths, h]);
        Agree(new RNN(Activations: Activations(1), Clip: clip, Direction: direction, HiddenSize: hidden), 2,
            [x, .. Weights(1), lengths, h]);
    }

    [TheoryNeeding(Needs.OnnxRuntime)]
    [MemberData(nameof(Seeds))]
    public void Sampling(int seed)
    {
        var random = new Random(seed);
        var mode = (ResizeMode)random.Next(3);
        var places = (CoordinateTransformationMode)random.Next(6);
        bool isAligned = places == CoordinateTransformationMode.AlignCorners,
            isCropped = places == CoordinateTransformationMode.TfCropAndResize;
        int height = random.Next(2, 8), width = random.Next(2, 8);
        // It aligns corners to the size in whole elements, ONNX's cases to the scaled size; and does not crop an axis that keeps its size.
        bool sized = isAligned || isCropped || random.Next(2) == 0;
        long Size(int old) => random.Next(1, 15) is var wanted && isCropped && wanted == old ? wanted + 1 : wanted;
        float[] scales = [0.5f, 2, 1.5f, 3, 0.75f, 1, 2.5f, 0.6f];
        var resize = new Resize(Antialias: mode != ResizeMode.Nearest && random.Next(4) == 0, Axes: [2, 3],
            CoordinateTransformationMode: places,
            ExcludeOutside: mode == ResizeMode.Cubic && random.Next(3) == 0, ExtrapolationValue: 3, Mode: mode,
                NearestMode: (NearestMode)random.Next(4));
        Agree(resize, 1, OpRun.Random(random, 1, 2, height, width), isCropped ? Tensor.Vector(0.1f, 0.2f, 0.8f, 1.2f) : null,
            sized ? null : Tensor.Vector(scales[random.Next(8)], scales[random.Next(8)]),
                sized ? Tensor.Vector(Size(height), Size(width)) : null);
        bool isVolume = mode != ResizeMode.Cubic && random.Next(3) == 0;
        var grid = OpRun.One(new Add(), OpRun.Random(random, isVolume ? [2, 2, 3, 2, 3] : [2, 4, 3, 2]), Tensor.Scalar(0.5f));
        Agree(new GridSample(random.Next(2) == 0, mode, (GridPadding)random.Next(3)), 1,
            OpRun.Random(random, isVolume ? [2, 2, 3, 4, 5] : [2, 2, 4, 5]), grid);
    }

    private static void Agree(Op op, int results, params Tensor?[] operands)
    {
        var edit = new GraphEdit("agree");
        int[] values = [.. operands.Select((o, i) => o is null ? Node.Absent : i == 0 ? edit.AddInput("x", o.Type) : edit.AddConstant(o))];
        var node = edit.Insert(op, values, Provenance.Of("agree"), [.. Enumerable.Range(0, results).Select(i => $"y{i}")]);
        foreach (int output in node.Outputs) edit.AddOutput(edit[output].Name, output);
        var graph = edit.Freeze();
        var expected = new Evaluator().Run(graph, [operands[0]]);
        using var session = Judge.Open(OnnxWriter.ToBytes(new Model(graph, ModelHeader.Empty), Registry));
        var actual = session.Run(new Dictionary<string, Datum> { ["x"] = operands[0]! });
        for (int i = 0; i < results; i++)
        {
            double error = Closeness.Error(actual[i], expected[i]);
            Assert.True(error <= 2e-5,
                $"{op} of {string.Join(", ", operands.Select(o => o?.Type.ToString() ?? "-"))}: result {i} has error {error:g3}");
        }
    }
}
