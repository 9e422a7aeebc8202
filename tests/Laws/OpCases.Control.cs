using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Laws;

internal static class ControlCases
{
    private static readonly TensorType Number = new(DType.Int64, Shape.Scalar), Truth = new(DType.Bool, Shape.Scalar);

    private static IEnumerable<OpCase> Bodies =>
    [
        new(new If(Branch(new Relu(), [2, 3]), Branch(new Neg(), [2, 3]), 1), Tensor.Scalar(true), Sample.Floats(2, 3)),
        new(new If(Branch(new Relu(), null), Branch(new Neg(), [2, 3]), 1), Tensor.Vector(false), Sample.Floats(2, 3)),
        new(new If(Branch(new Relu(), null), Branch(new Neg(), [2, 3]), 1), Tensor.Vector(true), Sample.Floats(2, 3)) { IsDataDependent =
            true },
        new(new Loop(Adding(), 1), Tensor.Scalar(3L), null, Sample.Floats(2), Sample.Fractions(2)) { Results = 2 },
        new(new Loop(Adding(), 1), Tensor.Scalar(0L), Tensor.Scalar(true), Sample.Floats(2), Sample.Fractions(2)) { Results = 2 },
        new(new Loop(Growing()), Tensor.Vector(4L), Tensor.Scalar(true), Sample.Floats(2)) { IsDataDependent = true },
        new(new Scan(Summing(), 1), Sample.Floats(2), Sample.Floats(3, 2)) { Results = 2 },
        new(new Scan(Summing(), 1, [1], [1], [-1], [1]), Sample.Floats(2), Sample.Floats(2, 3)) { Results = 2 },
    ];

    private static IEnumerable<OpCase> Lists
    {
        get
        {
            var list = new SequenceDatum(new TensorType(DType.Float32, [Dim.Symbol("n")]),
                [Sample.Floats(2), Sample.Floats(3), Sample.Floats(4)]);
            return
            [
                new(new SequenceEmpty(DType.Int64)),
                new(new SequenceConstruct(), Sample.Floats(2), Sample.Floats(3)),
                new(new SequenceAt(), list, Tensor.Scalar(-2L)) { IsDataDependent = true },
                new(new SequenceLength(), list),
                new(new SequenceInsert(), list, Sample.Floats(7)),
                new(new SequenceInsert(), list, Sample.Floats(7), Tensor.Scalar(-3)),
                new(new SequenceErase(), list),
                new(new SequenceErase(), list, Tensor.Scalar(1L)),
                new(new SplitToSequence(), Sample.Floats(5, 2), Tensor.Scalar(2L)),
                new(new SplitToSequence(1, Keepdims: false), Sample.Floats(5, 2)),
                new(new SplitToSequence(), Sample.Floats(5, 2), Sample.Longs(1, 4)),
                new(new ConcatFromSequence(0), list) { IsDataDependent = true },
                new(new ConcatFromSequence(-1, NewAxis: true),
                    new SequenceDatum(Sample.Floats(2).Type, [Sample.Floats(2), Sample.Floats(2)]))
                    { IsDataDependent = true },
                new(new Optional(), Sample.Floats(2)),
                new(new Optional(list.Type)),
                new(new OptionalGetElement(), new OptionalDatum(list.Type, list)),
                new(new OptionalGetElement(), Sample.Floats(2)),
                new(new OptionalHasElement(), new OptionalDatum(list.Type, null)),
                new(new OptionalHasElement()),
            ];
        }
    }

    private static Graph Branch(Op op, Shape? shape)
    {
        var body = new GraphBuilder("branch");
        body.Output("y", body.Add("y", op, body.Input("x", new TensorType(DType.Float32, shape))));
        return body.Build();
    }

    // sum += captured; also gives each sum
    private static Graph Adding()
    {
        var body = new GraphBuilder("adding");
        body.Input("i", Number);
        int condition = body.Input("c", Truth), sum = body.Input("sum", DType.Float32, 2), step = body.Input("step", DType.Float32, 2);
        int next = body.Add("next", new Add(), sum, step);
        body.Output("c", body.Add("goes_on", new Identity(), condition));
        body.Output("sum", next);
        body.Output("sums", next);
        return body.Build();
    }

    // x = x and x, until the third iteration
    private static Graph Growing()
    {
        var body = new GraphBuilder("growing");
        int i = body.Input("i", Number);
        body.Input("c", Truth);
        int x = body.Input("x", new TensorType(DType.Float32, [Dim.Symbol("length")]));
        body.Output("c", body.Add("less", new Less(), i, body.Constant("two", Tensor.Scalar(2L))));
        body.Output("x", body.Add("twice", new Concat(0), x, x));
        return body.Build();
    }

    private static Graph Summing()
    {
        var body = new GraphBuilder("summing");
        int next = body.Add("next", new Add(), body.Input("sum", DType.Float32, 2), body.Input("x", DType.Float32, 2));
        body.Output("sum", next);
        body.Output("sums", next);
        return body.Build();
    }
}
