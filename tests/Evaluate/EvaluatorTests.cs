using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;

namespace Nncc.Tests.Evaluate;

/// <summary>The evaluator's loop: policies and results that a node does not have.</summary>
public class EvaluatorTests
{
    [Fact]
    public void The_wide_policy_takes_ops_that_give_more_results_than_the_node_has()
    {
        var builder = new GraphBuilder("test");
        int x = builder.Input("x", DType.Float32, 2);
        builder.Output("y", builder.Add("dropout", new Dropout(), x));
        var y = (Tensor)new Evaluator(isWide: true).Run(builder.Build(), [Tensor.Vector(1f, 2f)])[0];
        Assert.Equal([1.0, 2.0], y.ToDoubles());
    }

    [Fact]
    public void The_wide_policy_does_not_round_and_takes_decisions_from_the_declared_run()
    {
        var builder = new GraphBuilder("test");
        int x = builder.Input("x", DType.Float32, 1);
        int third = builder.Add("div", new Div(), x, builder.Constant("three", Tensor.Scalar(3f)));
        builder.Output("third", third);
        // 1/3 rounded to binary32 is greater than 1/3: whoever compares unrounded numbers says otherwise.
        builder.Output("greater", builder.Add("greater", new Greater(), third, builder.Constant("bound", Tensor.Scalar(0.33333331f))));
        var results = new Evaluator(isWide: true).Run(builder.Build(), [Tensor.Vector(1f)]);
        Assert.Equal(1 / 3.0, ((Tensor)results[0]).ToDouble());
        Assert.Equal(1, ((Tensor)results[1]).ToLong());
    }
}
