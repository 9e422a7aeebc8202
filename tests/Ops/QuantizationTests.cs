using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests;

public class QuantizationTests
{
    [Fact]
    public void HalvesGoToEvenAndRangesSaturate()
    {
        var x = OpRun.F32([8], -100, -1.5f, -0.5f, 0.5f, 1.5f, 2.5f, 100, float.NaN);
        Assert.Equal(Tensor.Of<byte>([8], [28, 126, 128, 128, 130, 130, 228, 0]),
            OpRun.One(new QuantizeLinear(), x, Tensor.Scalar(1f), Tensor.Scalar((byte)128)));
        Assert.Equal(Tensor.Of<sbyte>([8], [-128, -3, -1, 1, 3, 5, 127, -128]),
            OpRun.One(new QuantizeLinear(), x, Tensor.Scalar(0.5f), Tensor.Scalar((sbyte)0)));
        Assert.Equal(Tensor.Of<short>([1], [short.MaxValue]), OpRun.One(new QuantizeLinear(), OpRun.F32([1], 1e9f), Tensor.Scalar(1f),
            Tensor.Scalar((short)0)));
    }

    [Fact]
    public void TheQuotientIsRoundedToTheScalesType()
    {
        // 0.50001 is 0.5 in f16, which goes to 0.
        Assert.Equal(Tensor.Of<byte>([1], [0]), OpRun.One(new QuantizeLinear(), OpRun.F32([1], 0.50001f), Tensor.Scalar((Half)1)));
        Assert.Equal(Tensor.Of<byte>([1], [1]), OpRun.One(new QuantizeLinear(Precision: DType.Float32), OpRun.F32([1], 0.50001f),
            Tensor.Scalar((Half)1)));
    }

    [Fact]
    public void ScalesAlongAnAxisAndInBlocks()
    {
        var x = OpRun.F32([2, 3], 1, 2, 3, 4, 5, 6);
        Assert.Equal(Tensor.Of<byte>([2, 3], [1, 1, 1, 4, 2, 2]), OpRun.One(new QuantizeLinear(), x, OpRun.F32([3], 1, 2, 3)));
        Assert.Equal(Tensor.Of<byte>([2, 3], [1, 2, 3, 3, 3, 4]), OpRun.One(new QuantizeLinear(-2), x, OpRun.F32([2], 1, 2),
            Tensor.Vector<byte>(0, 1)));
        Assert.Equal(Tensor.Of<byte>([2, 3], [11, 12, 23, 14, 15, 26]),
            OpRun.One(new QuantizeLinear(1, 2), x, OpRun.F32([2, 2], 1, 1, 1, 1), Tensor.Of<byte>([2, 2], [10, 20, 10, 20])));
        Assert.Equal(OpRun.F32([2, 3], 2, 4, 30, 8, 10, 60), OpRun.One(new DequantizeLinear(1, 2),
            Tensor.Of<sbyte>([2, 3], [1, 2, 3, 4, 5, 6]), OpRun.F32([2, 2], 2, 10, 2, 10)));
    }

    [Theory]
    [InlineData(DType.Int8)]
    [InlineData(DType.UInt8)]
    [InlineData(DType.Int16)]
    [InlineData(DType.UInt16)]
    [InlineData(DType.Int4)]
    [InlineData(DType.UInt4)]
    [InlineData(DType.Int2)]
    [InlineData(DType.UInt2)]
    [InlineData(DType.Float8E4M3FN)]
    [InlineData(DType.Float8E5M2)]
    [InlineData(DType.Float4E2M1)]
    public void WhatQuantizationGivesDequantizesBack(DType dtype)
    {
        var zero = Tensor.FromDoubles(dtype, [], [dtype.IsUnsigned() ? 1 : 0]);
        var scale = Tensor.Scalar(0.25f);
        var whole = Tensor.FromDoubles(dtype, [3], dtype.IsUnsigned() ? [0, 1, 2] : [-1, 0, 1]);
        var real = OpRun.One(new DequantizeLinear(), whole, scale, zero);
        Assert.Equal(OpRun.F32([3], -0.25f, 0, 0.25f), real);
        Assert.Equal(whole, OpRun.One(new QuantizeLinear(), real, scale, zero));
        if (!dtype.IsUnsigned()) Assert.Equal(whole, OpRun.One(new QuantizeLinear(OutputDtype: dtype), real, scale));
    }

    [Fact]
    public void EightBitFloatsSaturateWhereAsked()
    {
        var x = OpRun.F32([2], 1e6f, -1e6f);
        double[] saturated = OpRun.One(new QuantizeLinear(OutputDtype: DType.Float8E5M2), x, Tensor.Scalar(1f)).ToDoubles();
        Assert.Equal([57344, -57344], saturated);
        Assert.Equal([double.PositiveInfinity, double.NegativeInfinity],
            OpRun.One(new QuantizeLinear(OutputDtype: DType.Float8E5M2, Saturate: false), x, Tensor.Scalar(1f)).ToDoubles());
        Assert.All(OpRun.One(new QuantizeLinear(OutputDtype: DType.Float8E4M3FN, Saturate: false), x, Tensor.Scalar(1f)).ToDoubles(),
            item => Assert.True(double.IsNaN(item)));
    }

    [Fact]
    public void DynamicQuantizationCoversTheRangeAndZero()
    {
        var results = OpRun.Many(new DynamicQuantizeLinear(), 3, OpRun.F32([3], -1, 0, 1.55f));
        Assert.Equal(Tensor.Scalar(0.01f), results[1]);
        Assert.Equal(Tensor.Scalar((byte)100), results[2]);
        Assert.Equal(Tensor.Vector<byte>(0, 100, 255), results[0]);
        results = OpRun.Many(new DynamicQuantizeLinear(), 3, OpRun.F32([2], 0, 0));
        Assert.Equal((Tensor.Vector<byte>(0, 0), Tensor.Scalar(1f)), (results[0], results[1]));
    }

    [Fact]
    public void IntegerProductsTakeZeroPointsAway()
    {
        Tensor a = Tensor.Of<byte>([2, 2], [1, 2, 3, 4]), b = Tensor.Of<sbyte>([2, 2], [-1, 0, 1, 2]);
        Assert.Equal(Tensor.Of([2, 2], [1, 4, 1, 8]), OpRun.One(new MatMulInteger(), a, b));
        Assert.Equal(Tensor.Of([2, 2], [1, 2, 1, 2]), OpRun.One(new MatMulInteger(), a, b, Tensor.Vector<byte>(1, 3)));
        Assert.Equal(Tensor.Of([2, 2], [1, -2, 1, -6]), OpRun.One(new MatMulInteger(), a, b, null, Tensor.Vector<sbyte>(0, 2)));
        Tensor x = Tensor.Of<byte>([1, 1, 2, 2], [2, 3, 4, 5]), w = Tensor.Of<byte>([2, 1, 1, 1], [1, 2]);
        Assert.Equal(Tensor.Of([1, 2, 2, 2], [-1, 0, 1, 2, 253, 0, -253, -506]),
            OpRun.One(new ConvInteger(), x, w, Tensor.Scalar((byte)3), Tensor.Vector<byte>(0, 255)));
        // Padding is the zero point, so it adds nothing.
        Assert.Equal(Tensor.Of([1, 1, 3], [-2, -1, 1]),
            OpRun.One(new ConvInteger(Pads: [1, 1]), Tensor.Of<byte>([1, 1, 2], [8, 11]), Tensor.Of<sbyte>([1, 1, 2], [1, 1]),
                Tensor.Scalar((byte)10)));
    }

    [Fact]
    public void OldFormsAreRead()
    {
        var x = OpRun.F32([2], 1, 2);
        Assert.Equal(Tensor.Vector<byte>(2, 4), OneNode.Run(10, "QuantizeLinear", [], 1, x, Tensor.Scalar(0.5f))[0]);
        Assert.Equal(OpRun.F32([2], 0.5f, 1), OneNode.Run(10, "DequantizeLinear", [], 1, Tensor.Vector<byte>(2, 3), Tensor.Scalar(0.5f),
            Tensor.Scalar((byte)1))[0]);
    }

    [Fact]
    public void FaultsSayTheShapes()
    {
        TensorType x = new(DType.Float32, Shape.Of(2, 3)), scale = new(DType.Float32, Shape.Of(2));
        Assert.Contains("f32[2] is no scale for f32[2x3] along axis 1", OpRun.Fault(new QuantizeLinear(), x, scale));
        Assert.Contains("one shape, got f32[2] and u8[3]", OpRun.Fault(new QuantizeLinear(0), x, scale,
            new TensorType(DType.UInt8, Shape.Of(3))));
        Assert.Contains("output_dtype is i8, and the zero point u8[2]",
            OpRun.Fault(new QuantizeLinear(0, OutputDtype: DType.Int8), x, scale, new TensorType(DType.UInt8, Shape.Of(2))));
        Assert.Contains("does not give f64", OpRun.Fault(new QuantizeLinear(0, OutputDtype: DType.Float64), x, scale));
    }
}
