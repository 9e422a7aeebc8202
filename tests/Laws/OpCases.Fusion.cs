using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Laws;

internal static class FusionCases
{
    private static IEnumerable<OpCase> Own =>
    [
        new(new Relayout(), Sample.Floats(2, 3)),
        new(new Fusion(Body()), Sample.Floats(2, 3), Sample.Floats(3)),
    ];

    private static Graph Body()
    {
        var body = new GraphBuilder("body");
        int sum = body.Add("sum", new Add(), body.Input("x", DType.Float32, 2, 3), body.Input("y", DType.Float32, 3));
        body.Output("z", body.Add("relu", new Relu(), sum));
        return body.Build();
    }
}
