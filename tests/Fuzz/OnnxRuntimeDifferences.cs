using Nncc.IR.Ops;

namespace Nncc.Tests.Fuzz;

/// <summary>
/// Where ONNX Runtime 1.30 does not do what the standard says, or the standard says nothing, and the evaluator does not follow.
/// </summary>
internal static class OnnxRuntimeDifferences
{
    // The op, when it differs, and why.
    private static readonly (Func<Op, bool> Op, Func<FuzzCase, Node, bool> When, string Reason)[] Known =
    [
        (op => op is Gather, (c, n) => DTypeOf(c, n) == DType.String, "it copies the first string of each slice only"),
        (op => op is Cast or CastLike, (c, n) => c.Result(n)?.DType == DType.String && DTypeOf(c, n).IsFloat(),
            "it prints 8 digits, needed or not"),
        (op => op is Cast or CastLike, (c, n) => c.Result(n)?.DType is DType.Int4 or DType.UInt4 && DTypeOf(c, n).IsFloat(),
            "it rounds to integers of 4 bits, to others it truncates as the standard says"),
        (op => op is CastMap { CastTo: not (MapCast.Float or MapCast.Integer) }, Always, "it prints six decimals"),
        (op => op is Gelu, (c, n) => DTypeOf(c, n) == DType.Float64, "it computes in binary32"),
        (op => op is Shrink, (c, n) => DTypeOf(c, n) == DType.Float64, "it computes in binary32"),
        (op => op is Shrink, (c, n) => !DTypeOf(c, n).IsFloat(), "it computes in a float, and what is beyond an integer may be anything"),
        (op => op is Pow, (c, n) => !DTypeOf(c, n).IsFloat() && DTypeOf(c, n, 1).IsFloat(), "NaN as an integer may be anything"),
        (op => op is HammingWindow { OutputDatatype: DType.Float64 }, Always, "it computes in binary32"),
        (op => op is HammingWindow or HannWindow or BlackmanWindow, (c, n) => c.Result(n)?.Count == 1,
            "it divides by zero for a window of one place"),
        (op => op is StringSplit { Delimiter: not null }, Always, "it gives no piece of an empty string"),
        (op => op is MaxUnpool, (_, n) => n.Inputs.Length == 3, "it takes indices as places of the larger result, not of what was pooled"),
        (op => op is Squeeze, (c, n) => c.Content(n, 1) is Tensor { Count: 0 }, "it takes no axes for all of them"),
        (op => op is Split { NumOutputs: not null }, (_, n) => ((Split)n.Op).NumOutputs != n.Outputs.Length,
            "it goes by the number of results"),
        (op => op is Resize, (c, n) => c.Result(n)?.DType.IsInteger() == true, "how interpolated integers are rounded nobody says"),
        (op => op is NonMaxSuppression, (c, n) => !IsFinite(c, n), "it orders NaN by chance"),
        (op => op is DFT or STFT, (c, n) => !IsFinite(c, n), "it multiplies zeros with what is not finite"),
        (op => op is MicrosoftAttention, (_, n) => n.Inputs.Length < 3 || n.Inputs[2] == Node.Absent, "it ends the process without a bias"),
        (op => op is FusedMatMul, (c, n) => c.Result(n)?.Count == 0, "it ends the process where a batch is empty"),
        (op => op is Dropout, (_, n) => n.Inputs.Length > 2, "its random numbers are its own"),
        (op => op is LinearRegressor { PostTransform: PostTransform.Probit } or LinearClassifier { PostTransform: PostTransform.Probit }
            or TreeEnsembleClassifier { PostTransform: PostTransform.Probit }
            or TreeEnsembleRegressor { PostTransform: PostTransform.Probit },
            Always, "its probit of 0 and 1 is infinite, that of the reference is 0"),
        (op => op is MultiHeadAttention { Unidirectional: true }, (c, n) => c.Content(n, 1) is not Tensor { Rank: > 1 } k
            || c.Content(n, 0) is not Tensor { Rank: > 1 } q || k.Dims[1] > q.Dims[1], "it hides nothing from the last query"),
        (op => op is LayerNormalization or SkipLayerNormalization or RMSNormalization or SkipSimplifiedLayerNormalization
            or InstanceNormalization or GroupNormalization, (c, n) => !IsModerate(c, n), "its squares overflow in binary32"),
        (op => op is TopK { Sorted: false }, Always, "in which order they come nobody says"),
        (op => op is SplitToSequence { Keepdims: false }, (_, n) => n.Inputs.Length > 1,
            "it drops an axis of 1 although the attribute is for parts that are not given"),
        (op => op is DFT { Inverse: true, Onesided: true }, (_, n) => n.Inputs.Length > 1 && n.Inputs[1] != Node.Absent,
            "what a spectrum lacks for the length it does not take for zeros"),
        (op => op is MeanVarianceNormalization, (c, n) => c.Result(n) is not Tensor y || y.ToDoubles().Contains(0) || !IsModerate(c, n),
            "its variance is a difference of squares in binary32, which may overflow, or be below zero where it should be 0"),
        (op => op is GroupQueryAttention or MultiHeadAttention or MicrosoftAttention or Attention, (c, n) => !IsModerate(c, n),
            "its scores overflow in binary32, and it multiplies what is masked with zero"),
        (op => op is GroupNormalization { StashType: not DType.Float32 }, Always, "it computes in binary32 whatever the type is"),
        (op => op is MultiHeadAttention, (_, n) => n.Inputs.Length > 8,
            "it leaves new keys out of present unless past is the same memory"),
        // Memory that it takes for one value's alone.
        (op => op is GroupQueryAttention, (_, n) => n.Inputs.Length > 4 && n.Inputs[3] != Node.Absent && n.Inputs[3] == n.Inputs[4],
            "it writes present over past, and here one value is both"),
        (op => op is BatchNormalization { TrainingMode: true }, (_, n) => n.GivenInputs.Distinct().Count() < n.Inputs.Length,
            "it writes running means over an operand, and here one value is several"),
        (op => op is SkipLayerNormalization or SkipSimplifiedLayerNormalization,
            (_, n) => n.GivenInputs.Distinct().Count() < n.GivenInputs.Count(), "it frees a constant operand that is another one as well"),
        (op => op is DynamicQuantizeLinear or DynamicQuantizeMatMul, (c, n) => !IsFinite(c, n),
            "a range that is not finite has no scale, and NaN as an integer may be anything"),
        (op => op.Name.StartsWith('Q'), (c, n) => Enumerable.Range(0, n.Inputs.Length).Any(i =>
            c.Content(n, i) is Tensor { DType: DType.Float32 } t && t.ToDoubles().Any(x => !double.IsFinite(x) || x == 0)),
            "a quotient by a scale of 0, or of what is not finite, as an integer may be anything"),
        (op => op is SVMRegressor { PostTransform: not PostTransform.None }, Always, "it leaves away what follows the sum"),
        (op => op is TreeEnsemble { PostTransform: 1 or 2 }, Always, "1 is logistic for it and 2 softmax, in the standard otherwise"),
        (op => op is WindowPool { AutoPad: AutoPad.SameUpper or AutoPad.SameLower } pool && pool.Dilations.Any(d => d != 1), Always,
            "it pads as for windows without dilation"),
        (op => op is STFT, (c, n) => c.Content(n, 2) is not null && c.Content(n, 0) is Tensor { Dims: [.., 2] },
            "it reads the window of a complex signal as complex numbers"),
        (op => op is MatMulNBits { AccuracyLevel: 4 }, Always,
            "it rounds A to 8 bits, as that level allows, and takes scales that are not constant for 0"),
        (op => op is QLinearSoftmax, (c, n) => c.Content(n, 1) is Tensor scale && scale.ToDouble() < 0,
            "its exponentials are greatest for the greatest integer, which a scale below 0 makes the least number"),
        (op => op is QLinearSoftmax, (c, n) => c.Content(n, 0) is Tensor x && c.Content(n, 3) is Tensor scale
            && 1 / scale.ToDouble() > Math.Exp(5) * SoftmaxLength((QLinearSoftmax)n.Op, x),
            "its exponentials are as great as their sum over the axis allows, and e^5 times that is more than binary32 has"),
        (op => op is not (Concat or Pad or QLinearConcat or Loop or Scan or If), (c, n) => c.Result(n)?.Count > 0
            && Enumerable.Range(0, n.Inputs.Length).Any(i => c.Content(n, i) is Tensor { Count: 0 }),
            "a sum of nothing is what stood in memory, or has other sizes"),
    ];

    // The same, of ops that are too frequent to be left out of bodies because of contents that are not at hand there.
    private static readonly (Func<Op, bool> Op, Func<FuzzCase, Node, bool> When, string Reason)[] KnownOfContents =
    [
        (op => op is Hardmax, HasNaN, "no element equals a greatest one that is NaN"),
        (op => op is ArgExtreme, HasNaN, "NaN is neither less nor greater for it, and so counts where it stands first only"),
        (op => op is ArgExtreme { Axis: < 0 }, (c, n) => c.Content(n, 0) is Tensor { Count: 0 },
            "it reduces no negative axis of what is empty"),
        (op => op is Reduction, (c, n) => c.Content(n, 0) is Tensor { Count: 0 } && c.Content(n, 1) is Tensor axes
            && axes.ToLongs().Any(axis => axis < 0), "it reduces no negative axes of what is empty"),
        (op => op is ReduceLogSum, (c, n) => c.Content(n, 0) is Tensor { DType: var dtype } x && dtype.IsInteger()
            && x.ToLongs().Any(item => item <= 0) && c.Result(n)!.ToLongs().Contains(0),
            "the logarithm of what is not above 0 as an integer may be anything"),
        (op => op is Clip, (c, n) => c.Content(n, 0) is Tensor { DType: var dtype } x && dtype.IsFloat() && x.ToDoubles().Any(item =>
            double.IsInfinity(item) && c.Content(n, item < 0 ? 1 : 2) is null),
            "a bound that is not given is the least or greatest number for it, as the text has it and the standard's function has not"),
    ];

    /// <summary>Why a node is not judged by ONNX Runtime; null where it is.</summary>
    public static string? Reason(FuzzCase c, Node node) =>
        Known.Concat(KnownOfContents).FirstOrDefault(k => k.Op(node.Op) && k.When(c, node)).Reason
        ?? node.Op.Bodies.Select(InBody).FirstOrDefault(reason => reason is not null);

    // Contents inside of bodies are not at hand.
    private static string? InBody(Graph body) => body.Nodes.Select(n => Known[..^1].FirstOrDefault(k => k.Op(n.Op)).Reason
        ?? (n.Op is not Constant && n.GivenInputs.Any(i => IsEmpty(body[i].Type)) ? Known[^1].Reason : null)
        ?? n.Op.Bodies.Select(InBody).FirstOrDefault(reason => reason is not null)).FirstOrDefault(reason => reason is not null);

    private static bool IsEmpty(IrType type) => type is TensorType { Shape: { } shape } && shape.Any(d => d.Value == 0);

    private static bool Always(FuzzCase c, Node node) => true;

    private static bool IsFinite(FuzzCase c, Node node) => Enumerable.Range(0, node.Inputs.Length).All(i =>
        c.Content(node, i) is not Tensor { DType: var dtype } tensor || !dtype.IsFloat() || tensor.ToDoubles().All(double.IsFinite));

    private static bool HasNaN(FuzzCase c, Node node) =>
        c.Content(node, 0) is Tensor { DType: var dtype } x && dtype.IsFloat() && x.ToDoubles().Any(double.IsNaN);

    private static long SoftmaxLength(QLinearSoftmax op, Tensor x)
    {
        int axis = (int)(op.Axis < 0 ? op.Axis + x.Rank : op.Axis);
        return op.Opset < 13 ? x.Dims.Skip(axis).Aggregate(1L, (count, size) => count * size) : x.Dims[axis];
    }

    // Small enough for its square to be a number of binary32.
    private static bool IsModerate(FuzzCase c, Node node) => Enumerable.Range(0, node.Inputs.Length).All(i =>
        c.Content(node, i) is not Tensor { DType: var dtype } tensor || !dtype.IsFloat()
        || tensor.ToDoubles().All(x => Math.Abs(x) < 1e15));

    private static DType DTypeOf(FuzzCase c, Node node, int operand = 0) => c.Content(node, operand) is Tensor tensor ? tensor.DType
        : DType.Unknown;
}
