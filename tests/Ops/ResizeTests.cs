using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests;

public class ResizeTests
{
    private static readonly Tensor Four = OpRun.F32([1, 1, 2, 2], 1, 2, 3, 4);

    private static Tensor Line(int size, params float[] items) => OpRun.F32([size], items);

    [Fact]
    public void NearestRepeats()
    {
        var y = OpRun.One(new Resize(), Four, null, Tensor.Vector<float>(1, 1, 2, 3));
        Assert.Equal(OpRun.F32([1, 1, 4, 6], 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4), y);
        Assert.Equal(y, OpRun.One(new Resize(), Four, null, null, Tensor.Vector<long>(1, 1, 4, 6)));
        Assert.Equal(y, OpRun.One(new Resize(Axes: [3, -2]), Four, null, Tensor.Vector<float>(3, 2)));
        Assert.Equal(Tensor.Of([4], ["a", "a", "b", "b"]), OpRun.One(new Resize(), Tensor.Of([2], ["a", "b"]), null,
            Tensor.Vector<float>(2)));
    }

    [Theory]
    [InlineData(NearestMode.Floor, new float[] { 1, 1, 2, 2, 3 })]
    [InlineData(NearestMode.Ceil, new float[] { 1, 2, 3, 3, 3 })]
    [InlineData(NearestMode.RoundPreferFloor, new float[] { 1, 2, 2, 3, 3 })]
    [InlineData(NearestMode.RoundPreferCeil, new float[] { 1, 2, 2, 3, 3 })]
    public void NearestModes(NearestMode mode, float[] expected) => // places 0, 0.6, 1.2, 1.8, 2.4
        Assert.Equal(Line(5, expected), OpRun.One(new Resize(CoordinateTransformationMode: CoordinateTransformationMode.Asymmetric,
            NearestMode: mode),
            Line(3, 1, 2, 3), null, null, Tensor.Vector<long>(5)));

    [Theory]
    [InlineData(CoordinateTransformationMode.HalfPixel, new float[] { 10, 12.5f, 17.5f, 20 })] // places -0.25, 0.25, 0.75, 1.25
    [InlineData(CoordinateTransformationMode.PytorchHalfPixel, new float[] { 10, 12.5f, 17.5f, 20 })]
    [InlineData(CoordinateTransformationMode.HalfPixelSymmetric, new float[] { 10, 12.5f, 17.5f, 20 })]
    [InlineData(CoordinateTransformationMode.Asymmetric, new float[] { 10, 15, 20, 20 })] // places 0, 0.5, 1, 1.5
    [InlineData(CoordinateTransformationMode.AlignCorners, new float[] { 10, 40 / 3f, 50 / 3f, 20 })] // places 0, 1/3, 2/3, 1
    public void LinearPlaces(CoordinateTransformationMode mode, float[] expected) =>
        OpRun.Close(Line(4, expected), OpRun.One(new Resize(CoordinateTransformationMode: mode, Mode: ResizeMode.Linear), Line(2, 10, 20),
            null, Tensor.Vector<float>(2)));

    [Fact]
    public void OneElementStandsAtTheBeginningOrInTheMiddle()
    {
        Tensor x = Line(3, 1, 2, 9), one = Tensor.Vector<long>(1);
        Assert.Equal(Line(1, 1), OpRun.One(new Resize(CoordinateTransformationMode: CoordinateTransformationMode.PytorchHalfPixel,
            Mode: ResizeMode.Linear), x, null, null, one));
        Assert.Equal(Line(1, 1), OpRun.One(new Resize(CoordinateTransformationMode: CoordinateTransformationMode.AlignCorners,
            Mode: ResizeMode.Linear), x, null, null, one));
        Assert.Equal(Line(1, 2), OpRun.One(new Resize(Mode: ResizeMode.Linear), x, null, null, one));
    }

    [Fact]
    public void CubicWeightsByTheFormula()
    {
        // At 0.25 between the second and third of four, a = -0.5: weights -0.0703125, 0.8671875, 0.2265625, -0.0234375.
        var op = new Resize(CoordinateTransformationMode: CoordinateTransformationMode.TfCropAndResize, CubicCoeffA: -0.5f,
            Mode: ResizeMode.Cubic);
        float place = 1.25f / 3;
        OpRun.Close(Line(1, -0.0703125f + 8.671875f + 22.65625f - 23.4375f),
            OpRun.One(op, Line(4, 1, 10, 100, 1000), Tensor.Vector(place, place), null, Tensor.Vector<long>(1)), 1e-4);
        // A straight line stays one away from the ends.
        var line = OpRun.One(new Resize(CubicCoeffA: -0.5f, Mode: ResizeMode.Cubic), Line(6, 0, 1, 2, 3, 4, 5), null,
            Tensor.Vector<float>(2)).ToDoubles();
        for (int i = 4; i < 8; i++) Assert.Equal((i + 0.5) / 2 - 0.5, line[i], 1e-6);
    }

    [Fact]
    public void WhatIsOutsideIsTheBorderOrNothing()
    {
        // Place -0.25: the border again, or only the first element.
        var line = Line(2, 10, 20);
        Assert.Equal(10, OpRun.One(new Resize(Mode: ResizeMode.Linear, ExcludeOutside: true), line, null,
            Tensor.Vector<float>(2)).ToDoubles()[0]);
        double cubic = OpRun.One(new Resize(Mode: ResizeMode.Cubic, ExcludeOutside: true), line, null,
            Tensor.Vector<float>(2)).ToDoubles()[0];
        // a = -0.75; distances 0.25 and 1.25 of the elements inside.
        double near = 1.25 * Math.Pow(0.25, 3) - 2.25 * Math.Pow(0.25, 2) + 1,
            far = -0.75 * Math.Pow(1.25, 3) + 3.75 * Math.Pow(1.25, 2) - 6 * 1.25 + 3;
        Assert.Equal((10 * near + 20 * far) / (near + far), cubic, 1e-5);
    }

    [Fact]
    public void AntialiasingAveragesWhatIsLeftOut()
    {
        var op = new Resize(Antialias: true, Mode: ResizeMode.Linear);
        // Halving: the filter reaches two elements to each side of the place 0.5, 2.5, with weights 1, 3, 3, 1 over 8; the border repeats.
        OpRun.Close(Line(2, (0 + 3 * 0 + 3 * 8 + 16) / 8f, (8 + 3 * 16 + 3 * 24 + 24) / 8f),
            OpRun.One(op, Line(4, 0, 8, 16, 24), null, Tensor.Vector(0.5f)));
        Assert.Equal(OpRun.One(op with { Antialias = false }, Line(2, 10, 20), null, Tensor.Vector<float>(2)),
            OpRun.One(op, Line(2, 10, 20), null, Tensor.Vector<float>(2)));
    }

    [Fact]
    public void OneScaleForAllKeepsTheRatio()
    {
        var x = OpRun.Random(new Random(1), 4, 6);
        Assert.Equal(Shape.Of(4, 6), OpRun.One(new Resize(KeepAspectRatioPolicy: KeepAspectRatioPolicy.NotLarger), x, null, null,
            Tensor.Vector<long>(8, 6)).Type.Shape);
        Assert.Equal(Shape.Of(8, 12), OpRun.One(new Resize(KeepAspectRatioPolicy: KeepAspectRatioPolicy.NotSmaller), x, null, null,
            Tensor.Vector<long>(8, 6)).Type.Shape);
        // 4.5 goes up
        Assert.Equal(Shape.Of(3, 5), OpRun.One(new Resize(KeepAspectRatioPolicy: KeepAspectRatioPolicy.NotLarger), x, null, null,
            Tensor.Vector<long>(3, 5)).Type.Shape);
    }

    [Fact]
    public void CroppingExtrapolates()
    {
        var op = new Resize(CoordinateTransformationMode: CoordinateTransformationMode.TfCropAndResize, ExtrapolationValue: -7,
            Mode: ResizeMode.Linear);
        Assert.Equal([15, 30, -7], OpRun.One(op, Line(3, 10, 20, 30), Tensor.Vector(0.25f, 1.75f), null,
            Tensor.Vector<long>(3)).ToDoubles());
    }

    [Fact]
    public void IntegersRoundAndSaturate()
    {
        var two = Tensor.Vector<float>(2);
        Assert.Equal(Tensor.Vector<byte>(10, 11, 14, 15), OpRun.One(new Resize(Mode: ResizeMode.Linear), Tensor.Vector<byte>(10, 15),
            null, two));
        var middle = new Resize(CoordinateTransformationMode: CoordinateTransformationMode.Asymmetric, Mode: ResizeMode.Linear);
        Assert.Equal(Tensor.Vector(0, 0, 1, 2, 3, 3), OpRun.One(middle, Tensor.Vector(0, 1, 3), null, two)); // 0.5 and 2 lie between
        var cubic = OpRun.One(new Resize(Mode: ResizeMode.Cubic), Tensor.Vector<byte>(0, 255, 255, 0), null, two);
        Assert.Equal(255, cubic.ToLongs()[3]);
        Assert.Equal(0, cubic.ToLongs()[0]);
    }

    [Fact]
    public void SymbolicSizes()
    {
        Dim n = Dim.Symbol("N"), h = Dim.Symbol("H");
        var edit = new GraphEdit("sizes");
        int x = edit.AddInput("x", new TensorType(DType.Float32, [n, 3, h, 5]));
        int scales = edit.AddConstant(Tensor.Vector<float>(1, 1, 1.5f, 0.7f));
        var y = edit.Insert(new Resize(), [x, Node.Absent, scales], Provenance.None).Outputs[0];
        var shape = ((TensorType)edit[y].Type).Shape!;
        Assert.Equal((n, Dim.Of(3), Dim.FloorDiv(h * 3, 2)), (shape[0], shape[1], shape[2]));
    }

    [Fact]
    public void OldFormsAreRead()
    {
        var x = OpRun.F32([1, 1, 1, 4], 1, 2, 3, 4);
        var twice = Tensor.Vector<float>(1, 1, 1, 2);
        var expected = OpRun.F32([1, 1, 1, 8], 1, 1, 2, 2, 3, 3, 4, 4);
        Assert.Equal(expected, OneNode.Run(1, "Upsample", [("height_scale", 1f), ("width_scale", 2f)], 1, x)[0]);
        Assert.Equal(expected, OneNode.Run(7, "Upsample", [("scales", new float[] { 1, 1, 1, 2 })], 1, x)[0]);
        Assert.Equal(expected, OneNode.Run(9, "Upsample", [], 1, x, twice)[0]);
        Assert.Equal(expected, OneNode.Run(10, "Resize", [], 1, x, twice)[0]);
        Assert.Equal(expected, OneNode.Run(11, "Resize", [], 1, x, Tensor.Of<float>([0], []), twice)[0]);
        Assert.Equal(expected, OneNode.Run(11, "Resize", [], 1, x, Tensor.Of<float>([0], []), Tensor.Of<float>([0], []),
            Tensor.Vector<long>(1, 1, 1, 8))[0]);
        // Linear interpolation was asymmetric; the nearest element of a shorter axis the upper one.
        Assert.Equal(OpRun.F32([1, 1, 1, 8], 1, 1.5f, 2, 2.5f, 3, 3.5f, 4, 4),
            OneNode.Run(9, "Upsample", [("mode", "linear")], 1, x, twice)[0]);
        Assert.Equal(OpRun.F32([1, 1, 1, 2], 1, 3), OneNode.Run(10, "Resize", [], 1, x, Tensor.Vector(1, 1, 1, 0.6f))[0]);
        Assert.Equal(OpRun.F32([1, 1, 2, 2], 1, 3, 1, 3), OneNode.Run(10, "Resize", [], 1, x, Tensor.Vector(1, 1, 2, 0.6f))[0]);
        // (i + 0.5) / 0.5 is 1 and 3.
        Assert.Equal(OpRun.F32([1, 1, 1, 2], 2, 4), OneNode.Run(11, "Resize",
            [("coordinate_transformation_mode", "tf_half_pixel_for_nn"), ("nearest_mode", "floor")], 1, x, Tensor.Of<float>([0], []),
                Tensor.Vector(1, 1, 1, 0.5f))[0]);
    }

    [Fact]
    public void OldFormsAreWritten()
    {
        var x = OpRun.F32([1, 1, 1, 4], 1, 2, 3, 4);
        foreach (int opset in new[] { 1, 7, 9, 10 })
        {
            var graph = OneNode.Read(9, "Upsample", [("mode", "linear")], 1, x, Tensor.Vector<float>(1, 1, 1, 2));
            byte[] bytes = OnnxWriter.ToBytes(new Model(graph, ModelHeader.Empty), OpRegistry.Standard(), opset);
            Assert.Contains(opset < 10 ? "Upsample" : "Resize", System.Text.Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
            Assert.Equal(graph.Nodes[^1].Op, OnnxReader.Read(bytes, OpRegistry.Standard()).Graph.Nodes[^1].Op);
        }
    }

    [Fact]
    public void FaultsSayWhatIsMissing()
    {
        TensorType x = new(DType.Float32, Shape.Of(2, 2)), scales = new(DType.Float32, Shape.Of(3));
        Assert.Contains("either scales or sizes, got neither", OpRun.Fault(new Resize(), x));
        Assert.Contains("a scale for each of 2 axes, got 3", OpRun.Fault(new Resize(), x, null, scales));
        Assert.Contains("no antialias in mode nearest", OpRun.Fault(new Resize(Antialias: true), x, null,
            new TensorType(DType.Float32, Shape.Of(2))));
        Assert.Contains("scales above 0", Assert.Throws<NnccException>(() =>
            OpRun.One(new Resize(), Four, null, Tensor.Vector<float>(1, 1, 0, 1))).Message);
    }
}
