using Nncc.IR.Ops;

namespace Nncc.Tests.Fuzz;

/// <summary>
/// Where ONNX Runtime 1.30 does not do what the standard says, or the standard says nothing, and the evaluator does not follow.
/// </summary>
internal static class OnnxRuntimeDifferences
{
    private static readonly (Func<FuzzCase, Node, bool> Where, string Reason)[] Known =
    [
        ((c, n) => n.Op is Gather && DTypeOf(c, n) == DType.String, "it copies the first string of each slice only"),
        ((c, n) => n.Op is Cast { To: DType.String } && DTypeOf(c, n).IsFloat(), "it prints 8 digits, needed or not"),
        ((c, n) => n.Op is CastLike && DTypeOf(c, n, 1) == DType.String && DTypeOf(c, n).IsFloat(), "it prints 8 digits, needed or not"),
        ((c, n) => DTypeOf(c, n).IsFloat() && n.Op is Cast or CastLike && c.Result(n)?.DType is DType.Int4 or DType.UInt4,
            "it rounds to integers of 4 bits, to others it truncates as the standard says"),
        ((c, n) => n.Op is Gelu or Shrink && DTypeOf(c, n) == DType.Float64, "it computes in binary32"),
        ((_, n) => n.Op is HammingWindow { OutputDatatype: DType.Float64 }, "it computes in binary32"),
        ((c, n) => n.Op is BlackmanWindow { Periodic: false } && c.Result(n)?.Count == 1, "it divides by zero for a window of one place"),
        ((_, n) => n.Op is StringSplit { Delimiter: not null }, "it gives no piece of an empty string"),
        ((_, n) => n.Op is MaxUnpool && n.Inputs.Length == 3, "it takes indices as places of the larger result, not of what was pooled"),
        ((_, n) => n.Op is MultiHeadAttention && n.Inputs.Length > 8, "it leaves new keys out of present unless past is the same memory"),
        ((_, n) => n.Op is GroupQueryAttention && n.Inputs.Length > 4 && n.Inputs[3] != Node.Absent && n.Inputs[3] == n.Inputs[4],
            "it writes present over past, and here one value is both"),
        ((_, n) => n.Op is BatchNormalization { TrainingMode: true } && n.GivenInputs.Distinct().Count() < n.Inputs.Length,
            "it writes running means over an operand, and here one value is several"),
        ((_, n) => n.Op is Split { NumOutputs: { } count } && count != n.Outputs.Length, "it goes by the number of results"),
        ((c, n) => n.Op.Name.StartsWith("Q", StringComparison.Ordinal) && Enumerable.Range(0, n.Inputs.Length).Any(i =>
            c.Content(n, i) is Tensor { DType: DType.Float32 } t && t.ToDoubles().Any(x => !double.IsFinite(x) || x == 0)),
            "a quotient by a scale of 0, or of what is not finite, as an integer may be anything"),
        ((c, n) => n.Op is Resize && c.Result(n)?.DType.IsInteger() == true, "how interpolated integers are rounded nobody says"),
        ((c, n) => n.Op is not (Concat or Pad or QLinearConcat) && c.Result(n)?.Count > 0 && Enumerable.Range(0, n.Inputs.Length)
            .Any(i => c.Content(n, i) is Tensor { Count: 0 }), "a sum of nothing is what stood in memory, or has other sizes"),
        ((c, n) => n.Op is Shrink && !DTypeOf(c, n).IsFloat(), "it computes in a float, and what is beyond an integer may be anything"),
        ((_, n) => n.Op is CastMap { CastTo: not (MapCast.Float or MapCast.Integer) }, "it prints six decimals"),
        ((c, n) => n.Op is DFT or STFT && !IsFinite(c, n), "it multiplies zeros with what is not finite"),
        ((c, n) => n.Op is Pow && !DTypeOf(c, n).IsFloat() && DTypeOf(c, n, 1).IsFloat(), "NaN as an integer may be anything"),
    ];

    /// <summary>Why a node is not judged by ONNX Runtime; null where it is.</summary>
    public static string? Reason(FuzzCase c, Node node) => Known.FirstOrDefault(k => k.Where(c, node)).Reason;

    private static bool IsFinite(FuzzCase c, Node node) => Enumerable.Range(0, node.Inputs.Length).All(i =>
        c.Content(node, i) is not Tensor { DType: var dtype } tensor || !dtype.IsFloat() || tensor.ToDoubles().All(double.IsFinite));

    private static DType DTypeOf(FuzzCase c, Node node, int operand = 0) => c.Content(node, operand) is Tensor tensor ? tensor.DType
        : DType.Unknown;
}
