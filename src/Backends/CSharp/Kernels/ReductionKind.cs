using Nncc.IR.Evaluate;
using Nncc.IR.Ops;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// What a reduction computes of elements, as code. Integers are folded in 64 bits, or as floats where the function is one of floats.
/// </summary>
/// <param name="Name">Name, for kernels.</param>
/// <param name="Fold">What is folded.</param>
/// <param name="Finish">The result of the folded value; the second text is the center, where there is one.</param>
/// <param name="Center">What is folded before, to be the center; null where there is none.</param>
/// <param name="IsMean">Whether <see cref="Finish"/> divides by the number of elements, <c>count</c>.</param>
internal sealed record ReductionKind(string Name, Fold Fold, Func<VectorDialect, string, string, string> Finish, Fold? Center = null,
    bool IsMean = false)
{
    /// <summary>Whether elements are set against a center.</summary>
    public bool HasCenter => Center is not null;

    /// <summary>Whether no functions of <c>Elementary</c> are called.</summary>
    public bool IsPlain => Fold.Accumulator != DType.Float64;

    /// <summary>The conversion of a finished scalar to the type of elements.</summary>
    public string Cast => Fold.DType == DType.Bool ? ""
        : Fold.DType.IsInteger() && Fold.Accumulator == DType.Float64 ? $"({CSharpTypes.Name(Fold.DType)})(long)"
            : $"({CSharpTypes.Name(Fold.DType)})";

    /// <summary>The reduction of an op for a type of elements; null and the reason where there is none.</summary>
    public static ReductionKind? Of(Op op, DType dtype, out string? reason)
    {
        reason = null;
        bool isFloat = dtype is DType.Float32 or DType.Float64;
        if (!isFloat && dtype.IsFloat())
        {
            reason = $"reductions of {dtype.Name()}";
            return null;
        }
        var whole = isFloat ? dtype : dtype.IsUnsigned() ? DType.UInt64 : DType.Int64;
        var real = isFloat ? dtype : DType.Float64;
        switch (op)
        {
            case ReduceSum: return new("sum", Sum("sum", dtype, whole, (_, x) => x), Same);
            case ReduceMean or GlobalAveragePool:
                return new("mean", Sum("sum", dtype, whole, (_, x) => x), (d, sum, _) => $"{sum} / {d.Splat("count")}", IsMean: true);
            case ReduceSumSquare: return new("squares", Sum("squares", dtype, whole, (_, x) => $"{x} * {x}"), Same);
            case ReduceL1 or GlobalLpPool { P: 1 }:
                return new("l1", Sum("magnitudes", dtype, whole,
                    (d, x) => isFloat ? d.Call("Abs", x) : whole == DType.UInt64 ? x : $"({x} < 0 ? -{x} : {x})"), Same);
            case ReduceL2 or GlobalLpPool { P: 2 }:
                return new("l2", Sum(isFloat ? "squares" : "realsquares", dtype, real, (_, x) => $"{x} * {x}"),
                    (d, sum, _) => d.Call("Sqrt", sum));
            case GlobalLpPool { P: <= PowerCode.MostOrder and var p }:
                return new($"l{p}", Sum($"power{p}", dtype, real, (d, x) => PowerCode.Power(d, x, p)),
                    (d, sum, _) => PowerCode.Root(d, sum, p));
            case ReduceLogSum:
                return new("logsum", Sum(isFloat ? "sum" : "realsum", dtype, real, (_, x) => x), (d, sum, _) => d.Call("Log", sum));
            case ReduceLogSumExp:
                var greatest = Fold.Max(dtype, real, double.NegativeInfinity, Item(dtype, real, (_, x) => x)) with
                {
                    Name = isFloat ? "max" : "realmax",
                };
                var exponentials = Fold.Sum("exponentials", dtype, real, (d, x, c) => d.Call("Exp", $"{Widen(dtype, real, x)} - {c}"),
                    isCentered: true);
                return new("logsumexp", exponentials, (d, sum, c) => $"{c} + {d.Call("Log", sum)}", greatest);
            case ReduceMax or GlobalMaxPool:
                return new("max", Fold.Max(dtype, whole, Least(dtype), Item(dtype, whole, (_, x) => x)), Truth(dtype));
            case ReduceMin:
                return new("min", new Fold("min", dtype, whole, Greatest(dtype), (d, a, b) => d.Call("Min", a, b),
                    Item(dtype, whole, (_, x) => x), "MinLanes"), Truth(dtype));
            case ReduceProd:
                return new("product", new Fold("product", dtype, whole, 1, (_, a, b) => $"{a} * {b}", Item(dtype, whole, (_, x) => x),
                    "ProductLanes"), Same);
            default:
                reason = $"{op.Name} of {dtype.Name()}";
                return null;
        }
    }

    private static Fold Sum(string name, DType dtype, DType accumulator, Func<VectorDialect, string, string> item) =>
        Fold.Sum(name, dtype, accumulator, Item(dtype, accumulator, item));

    private static Func<VectorDialect, string, string,
        string> Item(DType dtype, DType accumulator, Func<VectorDialect, string, string> item) =>
        (d, x, _) => item(d, Widen(dtype, accumulator, x));

    private static string Widen(DType from, DType to, string x) =>
        from == to ? x : from == DType.Bool ? $"({x} ? 1L : 0L)" : $"({CSharpTypes.Name(to)}){x}";

    private static string Same(VectorDialect d, string result, string center) => result;

    private static Func<VectorDialect, string, string, string> Truth(DType dtype) =>
        dtype == DType.Bool ? (_, result, _) => $"{result} != 0" : Same;

    /// <summary>The least value of a type of elements.</summary>
    public static double Least(DType dtype) => dtype is DType.Float32 or DType.Float64 ? double.NegativeInfinity
        : dtype.IsSigned() ? -Math.ScaleB(1, dtype.Bits() - 1) : 0;

    // Of 64 bits the greatest one is rounded up, and saturates where it is made an integer.
    private static double Greatest(DType dtype) => dtype is DType.Float32 or DType.Float64 ? double.PositiveInfinity
        : dtype == DType.Bool ? 1 : Math.ScaleB(1, dtype.Bits() - (dtype.IsSigned() ? 1 : 0)) - 1;
}
