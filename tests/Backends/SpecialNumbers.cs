using Nncc.Backends.CSharp;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Tests.Laws;

namespace Nncc.Tests.Backends;

/// <summary>Elementwise ops on the numbers where functions go wrong: ends of ranges, zeros of both signs, infinities, NaN, ties.</summary>
internal static class SpecialNumbers
{
    // Enough for whole vectors and a tail.
    private const int Length = 67;

    /// <summary>
    /// Cases of the laws of elementwise ops, on vectors of such numbers. A mean whose sum overflows is not the evaluator's, which sums in
    /// binary64.
    /// </summary>
    public static IReadOnlyList<OpCase> Cases { get; } = [.. OpCase.All
        .Where(c => ElementwiseCode.IsElementwise(c.Op) && c.Op is not (BatchNormalization or Dropout or Mean)
            && c.Operands.All(o => o is Tensor t && Takes(t.DType)))
        .Where(c => c.Op is not (Cast or CastLike)
            || Takes(c.Op is Cast cast ? cast.To : c.Operands[1]!.Type is TensorType t ? t.DType : default))
        .DistinctBy(c => (c.Op, string.Join(",", c.Operands.Select(o => ((Tensor)o!).DType))))
        .Select(c => c with { Operands = [.. c.Operands.Select((o, i) => Content(c, (Tensor)o!, i))] })];

    /// <summary>Fails unless each element agrees, relative to itself.</summary>
    public static void AssertClose(Tensor expected, Array actual, string what)
    {
        if (!expected.DType.IsFloat())
        {
            Arrays.AssertClose(expected, actual, what);
            return;
        }
        double[] a = expected.ToDoubles();
        double unit = expected.DType switch { DType.Float64 => 1e-12, DType.Float32 => 1e-6, DType.Float16 => 1e-3, _ => 8e-3 };
        int i = 0;
        foreach (object item in actual)
        {
            double b = item is Half h ? (double)h
                : expected.DType == DType.BFloat16 ? BitConverter.UInt32BitsToSingle((uint)(ushort)item << 16) : Convert.ToDouble(item);
            Assert.True(a[i].Equals(b) || Math.Abs(a[i] - b) <= unit * (4 * Math.Abs(a[i]) + 0.1),
                $"{what}: element {i} is {b:R}, should be {a[i]:R}");
            i++;
        }
    }

    private static bool Takes(DType dtype) => CSharpTypes.IsSupported(dtype) && dtype is not (DType.Float16 or DType.BFloat16);

    // Scalars (limits, exponents) stay; divisors have no zero.
    private static Tensor Content(OpCase c, Tensor operand, int index)
    {
        if (operand.Rank == 0 && index > 0) return operand;
        if (c.Op is CastLike && index > 0) return operand;
        double[] numbers = operand.DType.IsFloat() ? Floats(operand.DType) : Integers(operand.DType);
        if (c.Op is Div or Mod && index == 1) numbers = [.. numbers.Where(n => n != 0)];
        if (c.Op is Pow && index == 1) numbers = [0, 1, 2, 3, 5];
        var items = new double[Length];
        // The second operand runs through them at another pace, so that many pairs meet.
        for (int i = 0; i < Length; i++) items[i] = numbers[(index == 0 ? i : i * 3 + i / numbers.Length) % numbers.Length];
        return Tensor.FromDoubles(operand.DType, [Length], items);
    }

    private static double[] Floats(DType dtype)
    {
        double least = dtype == DType.Float64 ? double.Epsilon : float.Epsilon, greatest = dtype == DType.Float64 ? double.MaxValue
            : float.MaxValue;
        return [0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, -3, 1e-4, -1e-4, 10, -10, 0.7, -20, 30, 88, -87, 120, -120, 1e9, -3e9, 1e19,
            -1e19, 255, -129,
            least, -least, greatest, -greatest, double.PositiveInfinity, double.NegativeInfinity, double.NaN];
    }

    private static double[] Integers(DType dtype)
    {
        if (dtype == DType.Bool) return [0, 1];
        int bits = dtype.Bits();
        double greatest = dtype.IsUnsigned() ? Math.Pow(2, bits) : Math.Pow(2, bits - 1);
        // 64 bits are more than binary64 holds: a little below the end.
        double last = bits == 64 ? Math.BitDecrement(greatest) : greatest - 1;
        return dtype.IsUnsigned() ? [0, 1, 2, 3, 7, last, last - 1, 100] : [0, 1, -1, 2, -2, 3, -3, 7, -7, last, -greatest, 100, -100];
    }
}
