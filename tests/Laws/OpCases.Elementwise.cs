using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Laws;

internal static class ElementwiseCases
{
    private static readonly DType[] Floats = [DType.Float32, DType.Float64, DType.Float16, DType.BFloat16];
    private static readonly DType[] Integers =
        [DType.Int64, DType.Int32, DType.Int16, DType.Int8, DType.UInt64, DType.UInt32, DType.UInt16, DType.UInt8];

    private static IEnumerable<OpCase> FloatFunctions =>
        from op in new Op[]
        {
            new Exp(), new Log(), new Sqrt(), new Reciprocal(), new Floor(), new Ceil(), new Round(), new Erf(), new Sin(), new Cos(),
                new Tan(),
            new Asin(), new Acos(), new Atan(), new Sinh(), new Cosh(), new Tanh(), new Asinh(), new Acosh(), new Atanh(), new Sigmoid(),
            new LeakyRelu(0.1f), new Elu(2), new Selu(), new Celu(2), new ThresholdedRelu(0.5f), new HardSigmoid(), new HardSwish(),
                new Softplus(),
            new Softsign(), new Mish(), new Gelu(), new Gelu(GeluFormula.Tanh), new Swish(1.5f), new IsNaN(),
                new IsInf(DetectNegative: false),
            new Relu(), new Neg(), new Abs(), new Sign(), new Shrink(0.25f, 1),
        }
        from dtype in Floats
        select new OpCase(op, Sample.Of(dtype, 2, 3, 4));

    private static IEnumerable<OpCase> IntegerFunctions =>
        from op in new Op[] { new Neg(), new Abs(), new Sign(), new BitwiseNot(), new Shrink() }
        from dtype in Integers
        select new OpCase(op, Sample.Of(dtype, 5));

    private static IEnumerable<OpCase> BinaryFunctions =>
        from op in new Op[] { new Add(), new Sub(), new Mul(), new Max(), new Min(), new Sum(), new Less(), new LessOrEqual(),
            new Greater(),
            new GreaterOrEqual(), new Equal() }
        from dtype in (DType[])[.. Floats, .. Integers]
        from c in new[]
        {
            new OpCase(op, Sample.Of(dtype, 2, 3), Sample.Of(dtype, 2, 3)),
            new OpCase(op, Sample.Of(dtype, 2, 3), Sample.Of(dtype, 3)),
            new OpCase(op, Sample.Of(dtype, 4, 1), Sample.Of(dtype, 2, 1, 3)),
            new OpCase(op, Sample.Of(dtype), Sample.Of(dtype, 3)),
            new OpCase(op, Sample.Of(dtype, 0, 2), Sample.Of(dtype, 1)),
        }
        select c;

    private static IEnumerable<OpCase> Divisions =>
        from op in new Op[] { new Div(), new Mod(Fmod: true), new Mod() }
        from dtype in (DType[])[.. op is Mod { Fmod: false } ? [] : Floats, .. Integers]
        select new OpCase(op, Sample.Of(dtype, 2, 3), Tensor.FromLongs(dtype, [3], [2, 1, 3]));

    private static IEnumerable<OpCase> Bitwise =>
        from op in new Op[] { new BitwiseAnd(), new BitwiseOr(), new BitwiseXor(), new BitShift(ShiftDirection.Left),
            new BitShift(ShiftDirection.Right) }
        from dtype in Integers
        where op is not BitShift || dtype.IsUnsigned()
        select new OpCase(op, Sample.Of(dtype, 2, 3), Tensor.FromLongs(dtype, [3], [0, 1, 2]));

    private static IEnumerable<OpCase> Others =>
    [
        new(new Mean(), Sample.Floats(2, 3), Sample.Floats(3), Sample.Floats(1, 1)),
        new(new Mean(), Sample.Floats(2, 3), Sample.Floats(2, 3)),
        new(new Pow(), Sample.Fractions(2, 3), Sample.Floats(2, 3)),
        new(new PRelu(), Sample.Floats(2, 3), Tensor.Vector(0.5f)),
        new(new Sum(), Sample.Floats(2, 3)),
        new(new Max(), Sample.Longs(1, 2, 3), Sample.Longs(2), Sample.Longs(0, 5, 1)),
        new(new Pow(), Sample.Fractions(2, 3), Sample.Of(DType.Int32, 3)),
        new(new Pow(), Sample.Of(DType.Int32, 3), Sample.Longs(2, 0, 3)),
        new(new Pow(), Sample.Of(DType.UInt8, 3), Sample.Floats(1)),
        new(new PRelu(), Sample.Floats(2, 3, 4), Sample.Floats(3, 1)),
        new(new PRelu(), Sample.Of(DType.Int64, 2, 3), Sample.Of(DType.Int64, 3)),
        new(new PRelu(), Sample.Of(DType.UInt64, 2, 3), Sample.Of(DType.UInt64, 3)),
        new(new Clip(), Sample.Floats(2, 3), Tensor.Scalar(-1f), Tensor.Scalar(2f)),
        new(new Clip(), Sample.Floats(2, 3), null, Tensor.Scalar(2f)),
        new(new Clip(), Sample.Of(DType.UInt64, 4), Tensor.Scalar(2UL)),
        new(new Clip(), Sample.Of(DType.Int8, 4), Tensor.Scalar((sbyte)-1), Tensor.Scalar((sbyte)3)),
        new(new Relu(), Sample.Of(DType.Int32, 7)),
        new(new Not(), Sample.Of(DType.Bool, 2, 3)),
        new(new And(), Sample.Of(DType.Bool, 2, 3), Sample.Of(DType.Bool, 3)),
        new(new Or(), Sample.Of(DType.Bool, 2, 3), Sample.Of(DType.Bool, 2, 1)),
        new(new Xor(), Sample.Of(DType.Bool, 2, 3), Sample.Of(DType.Bool)),
        new(new Equal(), Sample.Of(DType.String, 2, 3), Sample.Of(DType.String, 3)),
        new(new Equal(), Sample.Of(DType.Bool, 4), Sample.Of(DType.Bool, 1)),
        new(new Dropout(), Sample.Floats(2, 3)) { Results = 2 },
        new(new Dropout(7), Sample.Floats(2, 3), Tensor.Scalar(0f), Tensor.Scalar(true)) { Results = 2 },
        new(new Identity(), new SequenceDatum(Sample.Floats(2).Type, [Sample.Floats(2)])),
        new(new Erf(), Sample.Of(DType.Int16, 4)),
    ];

    private static IEnumerable<OpCase> Casts =>
        from source in DTypes.All
        from to in DTypes.All
        where !source.IsComplex() && !to.IsComplex() && source != DType.String
        from c in new[] { new OpCase(new Cast(to), Sample.Of(source, 2, 3)),
            new OpCase(new CastLike(), Sample.Of(source, 4), Sample.Of(to, 1)) }
        select c;

    private static IEnumerable<OpCase> Moves =>
        from dtype in DTypes.All
        from c in new[]
        {
            new OpCase(new Identity(), Sample.Of(dtype, 2, 3)),
            new OpCase(new Where(), Sample.Of(DType.Bool, 2, 1), Sample.Of(dtype, 3), Sample.Of(dtype, 2, 3)),
        }
        select c;

    private static IEnumerable<OpCase> FromText =>
        from to in DTypes.All
        where !to.IsComplex()
        select new OpCase(new Cast(to), Tensor.Vector("1", "0", to.IsFloat() ? "1.5e0" : "+1", "2"));
}
