using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;
using Nncc.IR.Text;

namespace Nncc.Tests.Evaluate;

/// <summary>What only running can tell about a model: what the standard says, or a fault with the node; loops always end.</summary>
public class BadInputTests
{
    private static readonly OpRegistry Ops = OpRegistry.Standard();

    [Theory, InlineData(0), InlineData(-1), InlineData(long.MinValue)]
    public void Without_an_iteration_carried_values_stay_and_stacks_are_empty(long trips)
    {
        var results = Run(Doubling, Tensor.Scalar(trips), Tensor.Scalar(true), Tensor.Vector(1f, 2f));
        Assert.Equal(Tensor.Vector(1f, 2f), results[0]);
        Assert.Equal("f32[0x2]", results[1].Type.ToString());
    }

    [Fact]
    public void A_false_condition_is_no_iteration_and_trips_limit_a_true_one()
    {
        Assert.Equal("f32[0x2]", Run(Doubling, Tensor.Scalar(5L), Tensor.Scalar(false), Tensor.Vector(1f, 2f))[1].Type.ToString());
        Assert.Equal("f32[3x2]", Run(Doubling, Tensor.Scalar(3L), Tensor.Scalar(true), Tensor.Vector(1f, 2f))[1].Type.ToString());
    }

    [Fact]
    public void A_loop_that_nothing_ends_is_a_fault()
    {
        string text = Doubling.Replace("%3, %4 = Loop(%0, %1, %2", "%3, %4 = Loop(_, %1, %2", StringComparison.Ordinal);
        var e = Assert.Throws<NnccException>(() => Run(text, Tensor.Scalar(0L), Tensor.Scalar(true), Tensor.Vector(1f, 2f)));
        Assert.Contains("no end", e.Message);
        Assert.Contains("\"looping\"", e.Message);
    }

    [Fact]
    public void A_long_loop_ends_when_it_is_told_to()
    {
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.ThrowsAny<OperationCanceledException>(() => new Evaluator(cancellation: source.Token).Run(Parser.Parse(Doubling, Ops),
            [Tensor.Scalar(long.MaxValue - 1), Tensor.Scalar(true), Tensor.Vector(1f, 2f)]));
    }

    [Fact]
    public void A_scan_over_nothing_gives_nothing()
    {
        var results = Run("""
            nnir 1
            graph "scan" {
              input %0 "state" f32[2]
              input %1 "x" f32[n,2]
              %2, %3 = Scan(%0, %1; body=graph "adding" {
                input %0 "s" f32[2]
                input %1 "x" f32[2]
                %2 = Add(%0, %1) "t" f32[2]
                output "t" %2
                output "u" %2
              }, num_scan_inputs=1) "last", "all"
              output "last" %2
              output "all" %3
            }
            """, Tensor.Vector(1f, 2f), Tensor.Of<float>([0, 2], []));
        Assert.Equal(Tensor.Vector(1f, 2f), results[0]);
        Assert.Equal("f32[0x2]", results[1].Type.ToString());
    }

    // Operands of unknown rank: what does not fit shows at run time only, and names its node.
    [Theory]
    [InlineData("MatMul(%0, %1)", "[2,3]", "[4,2]")]
    [InlineData("Gemm(%0, %1)", "[2,3]", "[4,2]")]
    [InlineData("Add(%0, %1)", "[2,3]", "[4]")]
    [InlineData("Concat(%0, %1; axis=0)", "[2,3]", "[2,4]")]
    [InlineData("Concat(%0, %1; axis=2)", "[2,3]", "[2,3]")]
    [InlineData("Conv(%0, %1)", "[1,2,4,4]", "[1,3,2,2]")]
    [InlineData("Conv(%0, %1)", "[1,2,2,2]", "[1,2,3,3]")]
    [InlineData("Softmax(%0; axis=2)", "[2,3]", "[1]")]
    [InlineData("Transpose(%0; perm=[0, 2, 1])", "[2,3]", "[1]")]
    [InlineData("BatchNormalization(%0, %1, %1, %1, %1)", "[2,3,4]", "[2]")]
    [InlineData("LayerNormalization(%0, %1)", "[2,3]", "[2]")]
    [InlineData("LSTM(%0, %1, %1; hidden_size=3)", "[2,1,3]", "[1,12,4]")]
    [InlineData("Einsum(%0, %1; equation=\"ij,jk->ik\")", "[2,3]", "[4,2]")]
    [InlineData("Attention(%0, %1, %1)", "[1,2,3,4]", "[1,2,3,5]")]
    [InlineData("DepthToSpace(%0; blocksize=2)", "[1,3,2,2]", "[1]")]
    [InlineData("MaxPool(%0; kernel_shape=[3, 3])", "[1,1,2,2]", "[1]")]
    [InlineData("GridSample(%0, %1; padding_mode=\"border\")", "[1,1,0,2]", "[1,1,1,2]")]
    [InlineData("GridSample(%0, %1; padding_mode=\"reflection\")", "[1,1,2,0]", "[1,1,1,2]")]
    public void Sizes_that_do_not_fit_at_run_time_are_faults_of_their_node(string node, string first, string second)
    {
        var e = Assert.Throws<NnccException>(() => Run($$"""
            nnir 1
            graph "open" {
              input %0 "x" f32[*]
              input %1 "w" f32[*]
              %2 = {{node}} "y" @"the node"
              output "y" %2
            }
            """, Of(first), Of(second)));
        Assert.Contains("the node", e.Message);
    }

    [Theory]
    [InlineData("Gather(%0, %1)", -3L)]
    [InlineData("Gather(%0, %1)", 2L)]
    [InlineData("GatherElements(%0, %1)", 2L)]
    [InlineData("GatherND(%0, %1)", long.MaxValue)]
    [InlineData("Reshape(%0, %1)", -2L)]
    [InlineData("Reshape(%0, %1)", 5L)]
    [InlineData("Expand(%0, %1)", 3L)]
    [InlineData("Tile(%0, %1)", -1L)]
    [InlineData("Unsqueeze(%0, %1)", 3L)]
    [InlineData("Squeeze(%0, %1)", 0L)]
    [InlineData("TopK(%0, %1)", 3L)]
    [InlineData("ReduceSum(%0, %1)", 2L)]
    [InlineData("Split(%0, %1)", 1L)]
    [InlineData("Resize(%0, _, _, %1; axes=[0])", 2_000_000_000L)]
    [InlineData("Resize(%0, _, _, %1; axes=[0], mode=\"linear\")", 2_000_000_000L)]
    public void Numbers_that_do_not_fit_at_run_time_are_faults_of_their_node(string node, long number)
    {
        bool isTopK = node.StartsWith("TopK", StringComparison.Ordinal), isElements = node.Contains("Elements", StringComparison.Ordinal);
        var index = isElements ? Tensor.Of([1, 1], new[] { number }) : Tensor.Vector(number);
        var e = Assert.Throws<NnccException>(() => Run($$"""
            nnir 1
            graph "open" {
              input %0 "x" f32[*]
              input %1 "w" i64[*]
              {{(isTopK ? "%2, %3" : "%2")}} = {{node}} "y"{{(isTopK ? ", \"z\"" : "")}} @"the node"
              output "y" %2
            }
            """, Of("[2,2]"), index));
        Assert.Contains("the node", e.Message);
    }

    [Fact]
    public void Negative_steps_and_ends_beyond_the_axis_are_clamped_as_the_standard_says()
    {
        var x = Tensor.Vector(0f, 1f, 2f, 3f);
        Assert.Equal(Tensor.Vector(3f, 2f, 1f, 0f), Slice(x, 100, long.MinValue, -1));
        Assert.Equal(Tensor.Vector(3f, 1f), Slice(x, -1, -100, -2));
        Assert.Equal(Tensor.Vector(1f, 2f, 3f), Slice(x, 1, long.MaxValue, 1));
        Assert.Equal(Tensor.Of<float>([0], []), Slice(x, 3, 1, 1));
        Assert.Equal(Tensor.Of<float>([0], []), Slice(x, 1, 3, -1));
        Assert.Throws<NnccException>(() => Slice(x, 0, 4, 0));
        Assert.Equal(Tensor.Vector(3f), Slice(x, 3, long.MinValue, long.MinValue));
    }

    [Fact]
    public void Empty_tensors_have_the_neutral_element_or_a_fault()
    {
        var empty = Tensor.Of<float>([2, 0], []);
        Assert.Equal(Tensor.Of<float>([2, 1], [0, 0]), OpRun.One(new ReduceSum(), empty, Tensor.Vector(1L)));
        Assert.Equal(Tensor.Of<float>([2, 1], [1, 1]), OpRun.One(new ReduceProd(), empty, Tensor.Vector(1L)));
        Assert.Equal(Tensor.Of<float>([2, 1], [float.NegativeInfinity, float.NegativeInfinity]), OpRun.One(new ReduceMax(), empty,
            Tensor.Vector(1L)));
        Assert.Equal(empty, OpRun.One(new Softmax(), empty));
        Assert.Equal("f32[2x3]", OpRun.One(new MatMul(), empty, Tensor.Of<float>([0, 3], [])).Type.ToString());
        Assert.Contains("ArgMax", Assert.Throws<NnccException>(() => OpRun.One(new ArgMax(1), empty)).Message);
    }

    private static Tensor Slice(Tensor x, long start, long end, long step) =>
        OpRun.One(new Slice(), x, Tensor.Vector(start), Tensor.Vector(end), Tensor.Vector(0L), Tensor.Vector(step));

    private static Tensor[] Run(string text, params Tensor[] inputs) =>
        [.. new Evaluator().Run(Parser.Parse(text, Ops), [.. inputs]).Cast<Tensor>()];

    private static Tensor Of(string dims) => Laws.Sample.Floats([.. dims.Trim('[', ']').Split(',').Select(long.Parse)]);

    private const string Doubling = """
        nnir 1
        graph "doubling" {
          input %0 "trips" i64[]
          input %1 "go" bool[]
          input %2 "x" f32[*]
          %3, %4 = Loop(%0, %1, %2; body=graph "twice" {
            input %0 "i" i64[]
            input %1 "c" bool[]
            input %2 "x" f32[2]
            %3 = Add(%2, %2) "y" f32[2]
            output "c" %1
            output "y" %3
            output "ys" %3
          }) "last", "all" @"looping"
          output "last" %3
          output "all" %4
        }
        """;
}
