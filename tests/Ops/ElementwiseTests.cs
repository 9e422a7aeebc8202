using System.Collections.Immutable;
using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;

namespace Nncc.Tests.Ops;

/// <summary>Values of elementwise ops where the standard leaves room for mistakes, worked out by hand.</summary>
public class ElementwiseTests
{
    [Fact]
    public void IntegersDivideTowardsZeroAndWrap()
    {
        Check(new Div(), Tensor.Vector(-3, -2, 1, 1), Tensor.Vector(-7, 7, 7, int.MinValue + 6), Tensor.Vector(2, -3, 5, int.MinValue + 6));
        Check(new Div(), Tensor.Vector(int.MinValue), Tensor.Vector(int.MinValue), Tensor.Vector(-1));
        Check(new Div(), Tensor.Vector(long.MinValue), Tensor.Vector(long.MinValue), Tensor.Vector(-1L));
        Check(new Div(), Tensor.Vector(ulong.MaxValue / 2), Tensor.Vector(ulong.MaxValue), Tensor.Vector(2UL));
        Check(new Add(), Tensor.Vector((sbyte)-128), Tensor.Vector((sbyte)127), Tensor.Vector((sbyte)1));
        Check(new Sub(), Tensor.Vector((byte)255), Tensor.Vector((byte)0), Tensor.Vector((byte)1));
        Assert.Equal(FaultCodes.Data, Assert.Throws<NnccException>(() =>
            Run(new Div(), Tensor.Vector(1), Tensor.Vector(0))).Faults[0].Code);
    }

    [Fact]
    public void RemaindersHaveTheSignOfTheDivisorOrWithFmodOfTheDividend()
    {
        Tensor a = Tensor.Vector(-7, 7, -7, 7), b = Tensor.Vector(3, 3, -3, -3);
        Check(new Mod(), Tensor.Vector(2, 1, -1, -2), a, b);
        Check(new Mod(Fmod: true), Tensor.Vector(-1, 1, -1, 1), a, b);
        Check(new Mod(Fmod: true), Tensor.Vector(-1.5f, 1.5f), Tensor.Vector(-4.5f, 4.5f), Tensor.Vector(3f, -3f));
        Assert.Throws<NnccException>(() => Run(new Mod(), Tensor.Vector(1f), Tensor.Vector(1f)));
    }

    [Fact]
    public void UnsignedNumbersCompareAsUnsigned()
    {
        Tensor big = Tensor.Vector(ulong.MaxValue), one = Tensor.Vector(1UL);
        Check(new Less(), Tensor.Vector(false), big, one);
        Check(new Max(), big, big, one);
        Check(new BitShift(ShiftDirection.Right), one, big, Tensor.Vector(63UL));
        Check(new Sign(), one, big);
    }

    [Fact]
    public void NaNPassesThroughExtremesAndActivations()
    {
        Tensor nan = Tensor.Vector(float.NaN), one = Tensor.Vector(1f);
        foreach (var op in new Op[] { new Max(), new Min() })
        {
            Check(op, nan, nan, one);
            Check(op, nan, one, nan);
        }
        Op[] functions = [new Relu(), new Clip(), new LeakyRelu(), new Elu(), new Celu(), new Selu(), new HardSigmoid(), new HardSwish(),
            new Softplus(),
            new Sign(), new Round(), new Sigmoid(), new Tanh()];
        foreach (var op in functions) Assert.True(double.IsNaN(Run(op, nan).ToDouble()), op.Name);
        Check(new Equal(), Tensor.Vector(false), nan, nan);
    }

    [Fact]
    public void RoundTakesTheEvenOneOfTwoNeighbours() =>
        Check(new Round(), Tensor.Vector(-2f, -2, 0, 0, 2, 2, 3), Tensor.Vector(-2.5f, -1.5f, -0.5f, 0.5f, 1.5f, 2.5f, 2.6f));

    [Fact]
    public void CastsFollowTheTables()
    {
        var values = Tensor.Vector(-1.9f, 1.9f, 300, float.PositiveInfinity);
        Check(new Cast(DType.Int32), Tensor.Vector(-1, 1), Tensor.Vector(-1.9f, 1.9f));
        Check(new Cast(DType.Int8), Tensor.Vector((sbyte)-56), Tensor.Vector((short)200));
        Check(new Cast(DType.Bool), Tensor.Vector(true, false, true), Tensor.Vector(0.1f, -0f, float.NaN));
        Check(new Cast(DType.Float16), Tensor.Vector((Half)(-1.9f), (Half)1.9f, (Half)300, Half.PositiveInfinity), values);
        Assert.Equal([448, 448], Run(new Cast(DType.Float8E4M3FN), Tensor.Vector(500f, float.PositiveInfinity)).ToDoubles());
        Assert.All(Run(new Cast(DType.Float8E4M3FN, Saturate: false), Tensor.Vector(500f, float.PositiveInfinity)).ToDoubles(), x =>
            Assert.True(double.IsNaN(x)));
        Assert.Equal([57344, double.PositiveInfinity], [Run(new Cast(DType.Float8E5M2), Tensor.Vector(1e6f)).ToDouble(),
            Run(new Cast(DType.Float8E5M2, Saturate: false), Tensor.Vector(1e6f)).ToDouble()]);
        Assert.Equal([4, 2, 4, 2], [Power(3, PowerRounding.Up), Power(3, PowerRounding.Down), Power(3, PowerRounding.Nearest),
            Power(2.9f, PowerRounding.Nearest)]);
        // 2^60 + 2^36 + 1 lies above the middle of two float32 neighbours, 2^60 + 2^36 (the middle) rounds to even.
        Check(new Cast(DType.Float32), Tensor.Vector(1.15292164e18f, 1.15292150e18f),
            Tensor.Vector((1L << 60) + (1L << 36) + 1, (1L << 60) + (1L << 36)));

        static double Power(float x, PowerRounding mode) => Run(new Cast(DType.Float8E8M0, RoundMode: mode), Tensor.Vector(x)).ToDouble();
    }

    [Fact]
    public void NumbersAndTextConvert()
    {
        Check(new Cast(DType.Float32), Tensor.Vector(1e-5f, float.PositiveInfinity, float.NaN, 3.14f),
            Tensor.Vector("1e-5", "+inf", "NaN", "3.14"));
        Check(new Cast(DType.String), Tensor.Vector("0.1", "INF", "-3"), Tensor.Vector(0.1f, float.PositiveInfinity, -3));
        Check(new Cast(DType.UInt64), Tensor.Vector(ulong.MaxValue), Tensor.Vector("18446744073709551615"));
        Assert.Throws<NnccException>(() => Run(new Cast(DType.Float32), Tensor.Vector("Hello")));
    }

    [Fact]
    public void SizesGoThroughIntegerArithmetic()
    {
        Dim a = Dim.Symbol("a", 1), b = Dim.Symbol("b", 1);
        Assert.Equal([a * 2 + 1, b * 2 + 1], Known(new Add(), Known(new Mul(), [a, b], [2]), [1])!);
        Assert.Equal([Dim.FloorDiv(a, 2)], Known(new Div(), [a], [2])!);
        Assert.Equal([Dim.Of(0), Dim.Of(1)], Known(new Equal(), [a, 3], [0, 3])!);
        Assert.Null(Known(new Div(), [Dim.Symbol("c", -5)], [2]));
        Assert.Null(Known(new Mul(), [long.MaxValue], [2]));
    }

    private static Dim[]? Known(Op op, Dim[]? x, Dim[] y)
    {
        ImmutableArray<Dim>?[] known = [[.. x!], [.. y]];
        var context = new InferContext([new TensorType(DType.Int64, Shape.Of(x!.Length)),
            new TensorType(DType.Int64, Shape.Of(y.Length))], 1, "u",
            _ => null, i => known[i]);
        op.Infer(context);
        return context.KnownResult(0)?.ToArray();
    }

    private static Tensor Run(Op op, params Tensor[] operands)
    {
        var edit = new GraphEdit("case");
        int[] inputs = [.. operands.Select((o, i) => edit.AddInput($"x{i}", o.Type))];
        edit.AddOutput("y", edit.Insert(op, inputs, Provenance.None).Outputs[0]);
        return (Tensor)new Evaluator().Run(edit.Freeze(), [.. operands])[0];
    }

    private static void Check(Op op, Tensor expected, params Tensor[] operands)
    {
        var got = Run(op, operands);
        bool same = expected.DType == DType.String ? expected.Equals(got)
            : expected.Type.Equals(got.Type)
                && expected.ToDoubles().Zip(got.ToDoubles()).All(pair => pair.First.Equals(pair.Second) || pair.First == pair.Second);
        Assert.True(same, $"{op}: expected {Text(expected)}, got {Text(got)}");

        static string Text(Tensor t) =>
            $"{t.Type}[{(t.DType == DType.String ? string.Join(",", t.Strings.ToArray()) : string.Join(",", t.ToDoubles()))}]";
    }
}
