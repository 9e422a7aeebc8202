using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Laws;

internal static class ShapeCases
{
    private static IEnumerable<OpCase> Moves =>
        from dtype in DTypes.All
        from c in new[]
        {
            new OpCase(new Constant(Sample.Of(dtype, 2, 3))),
            new OpCase(new Unsqueeze(), Sample.Of(dtype, 2, 3), Sample.Longs(0, -1)),
            new OpCase(new Squeeze(), Sample.Of(dtype, 1, 3, 1), Sample.Longs(0, -1)),
            new OpCase(new Reshape(), Sample.Of(dtype, 2, 3, 4), Sample.Longs(0, -1, 2)),
            new OpCase(new Transpose(), Sample.Of(dtype, 2, 3, 4)),
            new OpCase(new Transpose([2, 0, 1]), Sample.Of(dtype, 2, 3, 4)),
            new OpCase(new Flatten(2), Sample.Of(dtype, 2, 3, 4)),
            new OpCase(new Concat(-1), Sample.Of(dtype, 2, 3), Sample.Of(dtype, 2, 1), Sample.Of(dtype, 2, 0)),
            new OpCase(new Split(1, 2), Sample.Of(dtype, 2, 5)) { Results = 2 },
            new OpCase(new Slice(), Sample.Of(dtype, 5, 6), Sample.Longs(-2, 1), Sample.Longs(-9, 99), Sample.Longs(0, -1),
                Sample.Longs(-1, 2)),
            new OpCase(new Pad(), Sample.Of(dtype, 2, 3), Sample.Longs(1, -1, 0, 2)),
            new OpCase(new Pad(), Sample.Of(dtype, 2, 3), Sample.Longs(1, 2), Sample.Of(dtype), Sample.Longs(-1)),
            new OpCase(new Pad(PadMode.Reflect), Sample.Of(dtype, 2, 3), Sample.Longs(1, 2, 0, 1)),
            new OpCase(new Pad(PadMode.Edge), Sample.Of(dtype, 2, 3), Sample.Longs(1, -1, 0, 2)),
            new OpCase(new Pad(PadMode.Wrap), Sample.Of(dtype, 2, 3), Sample.Longs(2, 0, 0, 3)),
            new OpCase(new Expand(), Sample.Of(dtype, 3, 1), Sample.Longs(2, 1, 4)),
            new OpCase(new Tile(), Sample.Of(dtype, 2, 3), Sample.Longs(2, 3)),
            new OpCase(new DepthToSpace(2), Sample.Of(dtype, 1, 8, 2, 3)),
            new OpCase(new DepthToSpace(2, DepthOrder.ColumnRowDepth), Sample.Of(dtype, 1, 8, 2, 3)),
            new OpCase(new SpaceToDepth(2), Sample.Of(dtype, 1, 2, 4, 6)),
            new OpCase(new ShapeOf(), Sample.Of(dtype, 2, 3)),
            new OpCase(new Size(), Sample.Of(dtype, 2, 3)),
            new OpCase(new ConstantOfShape(Sample.Of(dtype, 1)), Sample.Longs(2, 3)),
            new OpCase(new Trilu(), Sample.Of(dtype, 2, 3, 4)),
            new OpCase(new Trilu(Upper: false), Sample.Of(dtype, 3, 4), Tensor.Scalar(-1L)),
            new OpCase(new CenterCropPad([0, 2]), Sample.Of(dtype, 5, 3, 4), Sample.Longs(2, 7)),
            new OpCase(new ReverseSequence(), Sample.Of(dtype, 3, 2, 2), Sample.Longs(1, 3)),
        }
        select c;

    private static IEnumerable<OpCase> Sizes =>
    [
        new(new Reshape(), Sample.Floats(2, 3, 4), Sample.Longs(4, 6)),
        new(new Reshape(Allowzero: true), Sample.Floats(0, 3), Sample.Longs(3, 0)),
        new(new Reshape(), Sample.Longs(5), Sample.Longs()),
        new(new Squeeze(), Sample.Floats(1, 3, 1)),
        new(new Flatten(0), Sample.Floats(2, 3)),
        new(new Flatten(-1), Sample.Floats(2, 3, 4)),
        new(new Concat(0), Sample.Longs(2, 3), Sample.Longs(4)),
        new(new Split(), Sample.Longs(1, 2, 3, 4, 5), Sample.Longs(2, 0, 3)) { Results = 3 },
        new(new Split(-1, 3), Sample.Floats(2, 7)) { Results = 3 },
        new(new Slice(), Sample.Longs(1, 2, 3, 4, 5), Sample.Longs(-1), Sample.Longs(long.MinValue), Sample.Longs(0), Sample.Longs(-2)),
        new(new Slice(), Sample.Longs(1, 2, 3, 4, 5), Sample.Longs(3), Sample.Longs(1)),
        new(new Slice(), Sample.Floats(5, 6, 7), Sample.Longs(1, 9), Sample.Longs(long.MaxValue, 2)),
        new(new Expand(), Sample.Longs(7), Sample.Longs(3)),
        new(new Expand(), Sample.Floats(2, 3), Sample.Longs(1)),
        new(new Tile(), Sample.Floats(2), Sample.Longs(0)),
        new(new ShapeOf(-2, 9), Sample.Floats(2, 3, 4)),
        new(new ShapeOf(2, 1), Sample.Floats(2, 3, 4)),
        new(new ConstantOfShape(), Sample.Longs()),
        new(new ConstantOfShape(Sample.Longs(3)), Sample.Longs(4)),
        new(new IR.Ops.Range(), Tensor.Scalar(1L), Tensor.Scalar(10L), Tensor.Scalar(4L)),
        new(new IR.Ops.Range(), Tensor.Scalar(10), Tensor.Scalar(1), Tensor.Scalar(-3)),
        new(new IR.Ops.Range(), Tensor.Scalar(1), Tensor.Scalar(-5), Tensor.Scalar(3)),
        new(new IR.Ops.Range(), Tensor.Scalar(0.5f), Tensor.Scalar(3f), Tensor.Scalar(0.25f)),
        new(new EyeLike(), Sample.Floats(3, 4)),
        new(new EyeLike(DType.Int8, -1), Sample.Floats(3, 4)),
        new(new CenterCropPad(), Sample.Floats(4, 5), Sample.Longs(5, 2)),
        new(new ReverseSequence(0, 1), Sample.Floats(2, 4, 3), Sample.Longs(4, 2)),
        new(new DepthToSpace(3), Sample.Floats(2, 9, 1, 2)),
    ];
}
