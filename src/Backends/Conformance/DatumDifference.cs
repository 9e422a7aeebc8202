using System.Globalization;

namespace Nncc.Backends.Conformance;

/// <summary>
/// The comparison of the ONNX backend tests: floats agree where |a - b| ≤ 1e-7 + 1e-3 |a|, a being what is expected (onnx/onnx
/// onnx/backend/test/runner); everything else must be equal. bfloat16, whose neighbours are 1/128 apart, is given one of them.
/// </summary>
public static class DatumDifference
{
    private const double Relative = 1e-3, Absolute = 1e-7, OfBFloat16 = 1.0 / 128;

    /// <summary>The first difference, for people; null where the two agree.</summary>
    public static string? Find(Datum expected, Datum actual) => (expected, actual) switch
    {
        (Tensor e, Tensor a) => OfTensors(e, a),
        (SequenceDatum e, SequenceDatum a) => e.Items.Length != a.Items.Length
            ? $"expected {e.Items.Length} elements, got {a.Items.Length}" : e.Items.Zip(a.Items, Find).FirstOrDefault(d => d is not null),
        (OptionalDatum { Item: null }, OptionalDatum { Item: null }) => null,
        (OptionalDatum { Item: { } e }, OptionalDatum { Item: { } a }) => Find(e, a),
        (OptionalDatum e, OptionalDatum a) => $"expected {(e.Item is null ? "nothing" : "something")} in an optional, got the contrary",
        (MapDatum e, MapDatum a) => Find(e.Keys, a.Keys) ?? Find(e.Values, a.Values),
        _ => $"expected {expected.Type}, got {actual.Type}",
    };

    private static string? OfTensors(Tensor expected, Tensor actual)
    {
        if (!expected.Type.Equals(actual.Type)) return $"expected {expected.Type}, got {actual.Type}";
        if (!expected.DType.IsFloat()) return expected.Equals(actual) ? null : $"expected {Text(expected)}, got {Text(actual)}";
        double relative = expected.DType == DType.BFloat16 ? OfBFloat16 : Relative;
        double[] e = expected.ToDoubles(), a = actual.ToDoubles();
        for (int i = 0; i < e.Length; i++)
            if (!e[i].Equals(a[i]) && !(Math.Abs(e[i] - a[i]) <= Absolute + relative * Math.Abs(e[i])))
                return string.Create(CultureInfo.InvariantCulture, $"element {i} should be {e[i]:g9}, is {a[i]:g9} ({expected.Type})");
        return null;
    }

    private static string Text(Tensor tensor)
    {
        const int most = 12;
        string items = tensor.DType == DType.String ? string.Join(", ", tensor.Strings.ToArray().Take(most).Select(s => $"\"{s}\""))
            : tensor.DType.IsComplex() ? $"{tensor.Type}" : string.Join(", ", tensor.ToLongs().Take(most));
        return $"[{items}{(tensor.Count > most ? ", ..." : "")}]";
    }
}
