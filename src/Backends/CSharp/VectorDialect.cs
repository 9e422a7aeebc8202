using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp;

/// <summary>
/// The words in which a kernel is printed for one vector width, or for scalars. Arithmetic is written with C#'s operators, which vectors
/// and scalars share; <c>MulAdd</c>, <c>Max</c> and the like are methods of the emitted class <c>Simd</c>, with an overload for each. So
/// the scalar tail of a loop does the same operations as a lane of its vector part, and gives the same bits.
/// </summary>
/// <param name="Bits">Vector width in bits; 0 for scalars.</param>
/// <param name="DType">Element type.</param>
/// <param name="HasFma">Whether a multiply-add rounds once.</param>
public sealed record VectorDialect(int Bits, DType DType, bool HasFma)
{
    /// <summary>
    /// The dialect of a target for elements of that type. Only binary32 has vectors; other types are computed as scalars.
    /// </summary>
    public static VectorDialect For(TargetProfile target, DType dtype) =>
        new(dtype == DType.Float32 ? target.VectorBits : 0, dtype, target.HasFma);

    /// <summary>The scalar dialect beside this one.</summary>
    public VectorDialect Scalar => this with { Bits = 0 };

    /// <summary>Whether this is the scalar dialect.</summary>
    public bool IsScalar => Bits == 0;

    /// <summary>Elements in a vector; 1 for scalars.</summary>
    public int Lanes => IsScalar ? 1 : Bits / DType.Bits();

    /// <summary>C# type of an element.</summary>
    public string Element => CSharpTypes.Name(DType);

    /// <summary>C# type of a vector (an element for scalars).</summary>
    public string Vector => IsScalar ? Element : $"Vector{Bits}<{Element}>";

    /// <summary>The class with the operations of this width.</summary>
    public string Class => $"Vector{Bits}";

    /// <summary>Ending of kernel names.</summary>
    public string Suffix => IsScalar ? "scalar" : $"v{Bits}";

    /// <summary>Reads a vector from memory without a demand on alignment.</summary>
    public string Load(string pointer) => IsScalar ? $"*({pointer})" : $"{Class}.Load({pointer})";

    /// <summary>Writes a vector to memory: a statement.</summary>
    public string Store(string pointer, string value) => IsScalar ? $"*({pointer}) = {value};" : $"{Class}.Store({value}, {pointer});";

    /// <summary>All lanes the same scalar.</summary>
    public string Splat(string scalar) => IsScalar ? scalar : $"{Class}.Create({scalar})";

    /// <summary>a * b + c, fused where the target has it.</summary>
    public string MulAdd(string a, string b, string c) => !HasFma ? $"{a} * {b} + {c}"
        : IsScalar ? (DType == DType.Float32 ? $"MathF.FusedMultiplyAdd({a}, {b}, {c})" : $"{a} * {b} + {c}")
        : $"{Class}.FusedMultiplyAdd({a}, {b}, {c})";

    /// <summary>
    /// A call of an elementwise function: of the emitted class <c>Simd</c> for binary32, of <c>Math</c> or <c>Elementary</c> for other
    /// types, which have scalars only.
    /// </summary>
    public string Call(string function, params ReadOnlySpan<string> arguments)
    {
        string list = string.Join(", ", arguments);
        return DType == DType.Float32 ? $"{function}({list})" : function is "Exp" or "Log" ? $"Elementary.{function}({list})"
            : $"Math.{function}({list})";
    }

    /// <summary>A float as a C# literal of the element type.</summary>
    public string Literal(double value) => Splat(CSharpTypes.Literal(DType, value));
}

/// <summary>C# names and literals of element types.</summary>
public static class CSharpTypes
{
    /// <summary>The C# type that holds an element; bfloat16, which .NET has not, is held as its bits.</summary>
    public static string Name(DType dtype) => dtype switch
    {
        DType.Float32 => "float",
        DType.Float64 => "double",
        DType.Float16 => "Half",
        DType.Int8 => "sbyte",
        DType.UInt8 => "byte",
        DType.Int16 => "short",
        DType.UInt16 => "ushort",
        DType.Int32 => "int",
        DType.UInt32 => "uint",
        DType.Int64 => "long",
        DType.UInt64 => "ulong",
        DType.BFloat16 => "ushort",
        DType.Bool => "bool",
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), $"{dtype.Name()} has no C# type"),
    };

    /// <summary>Whether emitted code can hold elements of that type.</summary>
    public static bool IsSupported(DType dtype) => dtype is DType.Float32 or DType.Float64 or DType.Float16 or DType.BFloat16 or DType.Bool
        or (>= DType.UInt8 and <= DType.Int64) or DType.UInt32 or DType.UInt64;

    /// <summary>The one element of a tensor as a C# literal.</summary>
    public static string Literal(Tensor scalar) => Enclosed(scalar.DType switch
    {
        DType.UInt64 => $"{(ulong)scalar.ToLong()}UL",
        DType.Int64 when scalar.ToLong() != long.MinValue => $"{scalar.ToLong()}L",
        _ => Literal(scalar.DType, scalar.ToDouble()),
    });

    /// <summary>The text in parentheses where it begins with a sign.</summary>
    public static string Enclosed(string literal) => literal[0] == '-' ? $"({literal})" : literal;

    /// <summary>A number as a C# literal that reads back to the same bits.</summary>
    public static string Literal(DType dtype, double value) => dtype switch
    {
        DType.Float32 => float.IsNaN((float)value) ? "float.NaN" : float.IsPositiveInfinity((float)value) ? "float.PositiveInfinity"
            : float.IsNegativeInfinity((float)value) ? "float.NegativeInfinity" : $"{((float)value).ToString("R")}f",
        DType.Float64 => double.IsNaN(value) ? "double.NaN" : double.IsPositiveInfinity(value) ? "double.PositiveInfinity"
            : double.IsNegativeInfinity(value) ? "double.NegativeInfinity" : $"{value.ToString("R")}d",
        DType.Float16 => $"(Half)({Literal(DType.Float32, value)})",
        DType.Bool => value != 0 ? "true" : "false",
        DType.UInt64 => $"{(ulong)value}UL",
        DType.Int64 => value <= long.MinValue ? "long.MinValue" : $"{(long)value}L",
        DType.UInt32 => $"{(uint)value}u",
        DType.Int32 => value <= int.MinValue ? "int.MinValue" : $"{(int)value}",
        _ => $"({Name(dtype)})({(long)value})",
    };
}
