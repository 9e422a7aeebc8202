namespace Nncc.Backends.CSharp;

/// <summary>
/// Conversions between element types as the evaluator has them: floats are truncated towards zero, NaN and what is beyond 64 bits becomes
/// the least 64 bit integer, integers wrap, to bool is a comparison with zero.
/// </summary>
internal static class CastCode
{
    /// <summary>The expression for <paramref name="x"/>, or null where a type is not supported.</summary>
    public static string? Expression(string x, DType from, DType to)
    {
        if (!CSharpTypes.IsSupported(from) || !CSharpTypes.IsSupported(to)) return null;
        if (from == to) return x;
        if (from == DType.BFloat16) return Expression($"Numbers.FromBFloat16({x})", DType.Float32, to);
        if (to == DType.BFloat16) return $"Numbers.ToBFloat16({Expression(x, from, DType.Float32)})";
        if (from == DType.Float16) return Expression($"(float){x}", DType.Float32, to);
        if (to == DType.Float16)
            return from is DType.Float32 or DType.Float64 ? $"(Half){x}" : $"(Half)({Expression(x, from, DType.Float32)})";
        if (to == DType.Bool) return $"({x} != 0)";
        string type = CSharpTypes.Name(to);
        if (from == DType.Bool) return $"({type})({x} ? 1 : 0)";
        if (to == DType.Float32 && from == DType.UInt64) return $"Numbers.ToSingle({x})";
        if (to.IsFloat()) return $"({type}){x}";
        if (!from.IsFloat()) return $"unchecked(({type}){x})";
        return to switch
        {
            DType.Int64 => $"Numbers.ToInt64({x})",
            DType.UInt64 => $"Numbers.ToUInt64({x})",
            _ => $"unchecked(({type})Numbers.ToInt64({x}))",
        };
    }
}
