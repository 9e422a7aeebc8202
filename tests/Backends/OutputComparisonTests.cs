using System.Collections.Immutable;
using Nncc.Backends.Verification;
using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;

namespace Nncc.Tests.Backends;

/// <summary>The measure of whole models, its bars, and the search for the first value that differs.</summary>
public class OutputComparisonTests
{
    private const double Bar = 1e-3;

    [Fact]
    public void The_error_is_relative_to_the_greatest_entry()
    {
        var result = Compare([1, -200, 3], [1.1, -200, 3]);
        Assert.Equal(0.1 / 200, result.Error, 6);
        Assert.True(result.Agrees);
        Assert.False(Compare([1, -200, 3], [1.3, -200, 3]).Agrees);
        Assert.Equal(0.25, Compare([0, 0], [0, 0.25]).Error);
    }

    [Fact]
    public void What_is_not_finite_must_be_so_in_both()
    {
        Assert.True(Compare([1, double.NaN], [1, double.NaN]).Agrees);
        Assert.True(Compare([1, double.PositiveInfinity], [1, double.PositiveInfinity]).Agrees);
        Assert.False(Compare([1, double.PositiveInfinity], [1, double.NegativeInfinity]).Agrees);
        Assert.False(Compare([1, 2], [1, double.NaN]).Agrees);
        Assert.False(Compare([1, double.NaN], [1, 2]).Agrees);
        // The wide run holds what binary32 cannot.
        var wide = Tensor.Wide(DType.Float32, [2], [1e300, 1]);
        Assert.True(OutputComparison.Of("y", wide, wide, Tensor.Vector(float.PositiveInfinity, 1f), Bar).Agrees);
    }

    [Fact]
    public void Maps_have_no_order()
    {
        Assert.True(Agree(new(Tensor.Vector(3L, 2), Tensor.Vector(1f, 5)), new(Tensor.Vector(2L, 3), Tensor.Vector(5f, 1))));
        Assert.True(Agree(new(Tensor.Vector("b", "a"), Tensor.Vector(1L, 5)), new(Tensor.Vector("a", "b"), Tensor.Vector(5L, 1))));
        Assert.False(Agree(new(Tensor.Vector(3L, 2), Tensor.Vector(1f, 5)), new(Tensor.Vector(2L, 3), Tensor.Vector(1f, 5))));

        static bool Agree(MapDatum a, MapDatum b) => OutputComparison.Of("z", a, a, b, Bar).Agrees;
    }

    [Fact]
    public void Doubtful_entries_are_left_out_where_they_differ_and_few()
    {
        double[] reference = new double[2000], nudged = new double[2000], actual = new double[2000];
        Array.Fill(reference, 1);
        Array.Fill(nudged, 1);
        Array.Fill(actual, 1);
        (nudged[3], actual[3]) = (2, 2);
        nudged[4] = 2; // doubtful, and agrees
        var result = OutputComparison.Of("y", Of(reference), Of(nudged), Of(actual), Bar);
        Assert.Equal((0d, 1L, true), (result.Error, result.LeftOut, result.Agrees));
        for (int i = 10; i < 20; i++) (nudged[i], actual[i]) = (2, 2);
        result = OutputComparison.Of("y", Of(reference), Of(nudged), Of(actual), Bar);
        Assert.Equal((11L, false), (result.LeftOut, result.Agrees));
        Assert.Contains("11 of 2000", result.Difference);
        actual[100] = 2; // no decision excuses it
        Assert.Equal(1, OutputComparison.Of("y", Of(reference), Of(reference), Of(actual), Bar).Error);
    }

    [Fact]
    public void Integers_strings_and_types_are_equal()
    {
        Tensor Longs(params long[] items) => Tensor.Vector(items);
        Assert.True(OutputComparison.Of("y", Longs(1, 2), Longs(1, 2), Longs(1, 2), Bar).Agrees);
        Assert.Equal("1 of 2 entries differ", OutputComparison.Of("y", Longs(1, 2), Longs(1, 2), Longs(1, 3), Bar).Difference);
        Assert.Equal(1, OutputComparison.Of("y", Longs(1, 2), Longs(1, 3), Longs(1, 3), Bar).LeftOut);
        Assert.False(OutputComparison.Of("y", Tensor.Vector("a"), Tensor.Vector("a"), Tensor.Vector("b"), Bar).Agrees);
        Assert.Equal("it is i64[2], should be i64[1]", OutputComparison.Of("y", Longs(1), Longs(1), Longs(1, 2), Bar).Difference);
        Assert.Contains("should be f32[1]", OutputComparison.Of("y", Tensor.Vector(1f), Tensor.Vector(1f), Longs(1), Bar).Difference);
    }

    [Fact]
    public void Lists_are_compared_by_their_elements()
    {
        var type = new TensorType(DType.Float32, null);
        SequenceDatum List(params float[] items) => new(type, [.. items.Select(i => (Datum)Tensor.Scalar(i))]);
        Assert.True(OutputComparison.Of("y", List(1, 2), List(1, 2), List(1, 2), Bar).Agrees);
        Assert.False(OutputComparison.Of("y", List(1, 2), List(1, 2), List(1, 3), Bar).Agrees);
        Assert.False(OutputComparison.Of("y", List(1, 2), List(1, 2), List(1), Bar).Agrees);
        Assert.True(OutputComparison.Of("y", List(), List(), List(), Bar).Agrees);
    }

    [Fact]
    public void Bars_follow_the_coarsest_type_on_the_way()
    {
        var build = new GraphBuilder("bars");
        int x = build.Input("x", DType.Float32, 2);
        int half = build.Add("half", new Cast(DType.Float16), x);
        int back = build.Add("back", new Cast(DType.Float32), half);
        int other = build.Add("other", new Exp(), x);
        int none = build.Add("none", new Cast(DType.Int64), other);
        build.Output("y", back);
        var bars = new ErrorBars(build.Build());
        Assert.Equal((ErrorBars.Float16, ErrorBars.Float32, ErrorBars.Float32), (bars[back], bars[other], bars[none]));
        Assert.Equal(4e-5, ErrorBars.Relaxed(ErrorBars.Float32, 1e-5), 12);
        Assert.Equal(ErrorBars.Float32, ErrorBars.Relaxed(ErrorBars.Float32, 1e-6));
        Assert.Equal(ErrorBars.Float32, ErrorBars.Relaxed(ErrorBars.Float32, 0.5));
        Assert.Equal(ErrorBars.Float16, ErrorBars.Relaxed(ErrorBars.Float16, 1));
    }

    [Fact]
    public void The_first_value_that_differs_is_found()
    {
        var build = new GraphBuilder("layers");
        int x = build.Input("x", DType.Float32, 2);
        foreach (string name in new[] { "a", "b", "c" }) x = build.Add(name, new Exp(), x);
        build.Output("y", x);
        var graph = build.Build();
        ImmutableArray<Datum?> inputs = [Tensor.Vector(0.1f, 0.2f)];
        var values = new Dictionary<string, Datum>();
        new Evaluator { Observe = (_, node, results) => values[graph[node.Outputs[0]].Name] = results[0]! }.Run(graph, inputs);
        var report = LayerComparison.Run(graph, inputs, values, new ErrorBars(graph), default);
        Assert.Equal(3, report.Compared);
        Assert.Null(report.First);
        values["b"] = Tensor.Vector(3f, 3.01f);
        values["c"] = Tensor.Vector(0f, 0f);
        report = LayerComparison.Run(graph, inputs, values, new ErrorBars(graph), default);
        Assert.Equal(("b", "c"), (report.First!.Value, report.Worst!.Value));
        Assert.Contains("\"b\" (Exp)", report.First.Node);
    }

    private static OutputComparison Compare(double[] reference, double[] actual) =>
        OutputComparison.Of("y", Of(reference), Of(reference), Of(actual), Bar);

    private static Tensor Of(double[] items) => Tensor.FromDoubles(DType.Float32, [items.Length], items);
}
