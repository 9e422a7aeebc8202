using System.Collections.Immutable;
using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;

namespace Nncc.Tests.Evaluate;

/// <summary>Wide runs with a margin: exactly the entries behind a decision that is nearer than the margin differ.</summary>
public class MarginTests
{
    private const double Margin = 1e-4;

    // The threshold of a comparison lies 1e-6 beside the first of these after exp, and far from the others.
    private static readonly float[] Near = [MathF.Log(2 + 2e-6f), 0.2f, 1f];

    [Fact]
    public void A_comparison_tips_where_it_is_near()
    {
        var run = Run(Near, (build, x) =>
            build.Add("cast", new Cast(DType.Float32), build.Add("less", new Less(), x, build.Constant("two", Tensor.Scalar(2f)))));
        Assert.Equal([0, 1, 0], Numbers(run.Outputs));
        Assert.Equal([1, 1, 0], Numbers(run.Nudged));
    }

    [Fact]
    public void What_a_user_gives_is_exact()
    {
        var build = new GraphBuilder("exact");
        int x = build.Input("x", DType.Float32, 3);
        build.Output("y", build.Add("less", new Less(), x, build.Constant("two", Tensor.Scalar(2f))));
        var run = new Evaluator(isWide: true).RunWithMargin(build.Build(), [Tensor.Vector(2f, 1.999999f, 3f)], Margin);
        Assert.Same(run.Outputs[0], run.Nudged[0]);
    }

    [Fact]
    public void The_place_of_the_greatest_tips_to_the_one_just_below()
    {
        var run = Run([1f, 0.5f, 1.00001f, 0.9f], (build, x) => build.Add("argmax", new ArgMax(Keepdims: false), x));
        Assert.Equal([2], Numbers(run.Outputs));
        Assert.Equal([0], Numbers(run.Nudged));
        run = Run([1f, 0.5f, 1.1f, 0.9f], (build, x) => build.Add("argmax", new ArgMax(Keepdims: false), x));
        Assert.Equal(Numbers(run.Outputs), Numbers(run.Nudged));
    }

    [Fact]
    public void A_rounding_tips_at_halves_and_its_result_is_exact()
    {
        // exp gives 2.5 + 1e-5, 1.2, 4: the first may round either way; afterwards nothing is near a decision, although casts cut.
        float[] x = [MathF.Log(2.50001f), MathF.Log(1.2f), MathF.Log(4f)];
        var run = Run(x, (build, v) => build.Add("cast", new Cast(DType.Int64), build.Add("round", new Round(), v)));
        Assert.Equal([3, 1, 4], Numbers(run.Outputs));
        Assert.Equal([2, 1, 4], Numbers(run.Nudged));
    }

    [Fact]
    public void What_follows_from_a_tipped_decision_moves_and_the_rest_stays()
    {
        var run = Run(Near, (build, x) =>
        {
            int less = build.Add("less", new Less(), x, build.Constant("two", Tensor.Scalar(2f)));
            return build.Add("where", new Where(), less, build.Constant("ten", Tensor.Scalar(10f)), x);
        });
        var (wide, nudged) = (Numbers(run.Outputs), Numbers(run.Nudged));
        Assert.Equal(10, nudged[0]);
        Assert.InRange(wide[0], 2, 2.001);
        Assert.Equal(wide[1..], nudged[1..]);
    }

    [Fact]
    public void Without_a_doubtful_decision_nothing_is_computed_twice()
    {
        var run = Run([0.1f, 0.2f], (build, x) => build.Add("relu", new Relu(), x));
        Assert.Same(run.Outputs[0], run.Nudged[0]);
    }

    [Fact]
    public void Decisions_in_bodies_tip_and_the_branch_itself_stays()
    {
        Graph Branch(string name, float threshold)
        {
            var body = new GraphBuilder(name);
            int captured = body.Input("captured", DType.Float32, 3);
            body.Output("out", body.Add("cast", new Cast(DType.Float32),
                body.Add("less", new Less(), captured, body.Constant("t", Tensor.Scalar(threshold)))));
            return body.Build();
        }

        var run = Run(Near, (build, x) =>
        {
            // Nearly a tie as well: the branch that is taken is not in question.
            int greatest = build.Add("max", new ReduceMax(Keepdims: false), x);
            int isLess = build.Add("isLess", new Less(), greatest, build.Constant("e", Tensor.Scalar(MathF.E * 1.000001f)));
            return build.Add("if", new If(Branch("then", 2f), Branch("else", 100f), 1), isLess, x);
        });
        Assert.Equal([0, 1, 0], Numbers(run.Outputs));
        Assert.Equal([1, 1, 0], Numbers(run.Nudged));
    }

    [Fact]
    public void Observers_hear_of_both_runs()
    {
        var build = new GraphBuilder("observed");
        int x = build.Add("exp", new Exp(), build.Input("x", DType.Float32, 3));
        build.Output("y", build.Add("less", new Less(), x, build.Constant("two", Tensor.Scalar(2f))));
        var heard = new List<string>();
        new Evaluator(isWide: true)
        {
            Observe = (_, node, results) => heard.Add($"{node.Op.Name} {string.Join(",", ((Tensor)results[0]!).ToLongs())}"),
            ObserveNudged = (_, node, results) => heard.Add($"nudged {node.Op.Name} {string.Join(",", ((Tensor)results[0]!).ToLongs())}"),
        }.RunWithMargin(build.Build(), [Tensor.Vector(Near)], Margin);
        Assert.Equal(["Less 0,1,0", "nudged Less 1,1,0"], heard.Where(h => h.Contains("Less")));
    }

    // A graph whose input goes through exp, which rounds, before the part that is asked about.
    private static MarginRun Run(float[] input, Func<GraphBuilder, int, int> part)
    {
        var build = new GraphBuilder("margin");
        build.Output("y", part(build, build.Add("exp", new Exp(), build.Input("x", DType.Float32, input.Length))));
        return new Evaluator(isWide: true).RunWithMargin(build.Build(), [Tensor.Vector(input)], Margin);
    }

    private static double[] Numbers(ImmutableArray<Datum> outputs) => ((Tensor)outputs[0]).ToDoubles();
}
