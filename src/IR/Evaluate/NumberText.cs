using System.Globalization;

namespace Nncc.IR.Evaluate;

/// <summary>Numbers as text and back, as ai.onnx Cast says: plain or scientific decimals, and INF, -INF and NaN in any case.</summary>
internal static class NumberText
{
    /// <summary>The shortest texts that name the elements among those of their dtype; bool gives 1 and 0.</summary>
    public static string[] Print(Tensor x)
    {
        if (x.DType == DType.UInt64) return Broadcasting.Map<long, string>(x.ToLongs(), item =>
            ((ulong)item).ToString(CultureInfo.InvariantCulture));
        if (!x.DType.IsFloat()) return Broadcasting.Map<long, string>(x.ToLongs(), item => item.ToString(CultureInfo.InvariantCulture));
        return Broadcasting.Map<double, string>(x.ToDoubles(), item => double.IsNaN(item) ? "NaN" : double.IsInfinity(item)
            ? (item > 0 ? "INF" : "-INF")
            : x.DType == DType.Float64 ? item.ToString(CultureInfo.InvariantCulture)
            : x.DType == DType.Float16 ? ((Half)item).ToString(CultureInfo.InvariantCulture)
            : ((float)item).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Floats of these texts, rounded once where the dtype is float32.</summary>
    public static double[] ParseFloats(ReadOnlySpan<string> texts, DType dtype) =>
        Broadcasting.Map<string, double>(texts, text => dtype == DType.Float32 ? Float32(text) : Float64(text));

    /// <summary>Integers of these texts; a fraction is cut off.</summary>
    public static long[] ParseIntegers(ReadOnlySpan<string> texts) => Broadcasting.Map<string, long>(texts, text =>
        long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture, out long signed) ? signed
        : ulong.TryParse(text, CultureInfo.InvariantCulture, out ulong unsigned) ? (long)unsigned
        : (long)Float64(text));

    private static double Float64(string text) => Special(text) ??
        (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : throw NoNumber(text));

    private static double Float32(string text) => Special(text) ??
        (float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) ? value : throw NoNumber(text));

    private static double? Special(string text) => text.Trim().ToUpperInvariant() switch
    {
        "INF" or "+INF" => double.PositiveInfinity,
        "-INF" => double.NegativeInfinity,
        "NAN" => double.NaN,
        _ => null,
    };

    private static NnccException NoNumber(string text) => EvaluateContext.Fault(FaultCodes.Data, $"\"{text}\" is no number");
}
