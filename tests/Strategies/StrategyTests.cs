using Nncc.Backends;
using Nncc.Backends.CSharp;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Layouts;
using Nncc.Passes.Schedules;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;
using Nncc.Zoo;

namespace Nncc.Tests.Strategies;

/// <summary>What strategies choose where it is known what is cheapest.</summary>
public class StrategyTests
{
    private const double Call = 10;

    private static readonly TargetProfile Target = TargetProfiles.Standard()["cpu-avx2"];

    // Seeds of made-up prices.
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    // A product with a chain and a diamond behind it, and a second chain.
    private static Graph Net()
    {
        var build = new GraphBuilder("net");
        int x = build.Input("x", DType.Float32, 4, 4), w = build.Constant("w", Tensor.Of([4, 4], new float[16]));
        int product = build.Add("product", new MatMul(), x, w);
        int relu = build.Add("relu", new Relu(), product);
        int gate = build.Add("gate", new Sigmoid(), relu);
        int gated = build.Add("gated", new Mul(), relu, gate);
        int second = build.Add("second", new MatMul(), gated, w);
        int sum = build.Add("sum", new Add(), second, gated);
        build.Output("y", build.Add("end", new Tanh(), sum));
        return build.Build();
    }

    private static List<string> Regions(Graph fused) => [.. fused.Nodes.Select(n => n.Op).OfType<Fusion>()
        .Select(f => string.Join('+', f.Body.Nodes.Select(n => f.Body[n.Outputs[0]].Name)))];

    private static double Price(Graph fused, ToyCatalog catalog) => fused.Nodes.Where(n => n.Op is Fusion)
        .Sum(n => catalog.Features(KernelRegion.Of(fused, n), new Schedule("toy", []), Target).VectorOps);

    private static Graph Run(IFusionStrategy strategy, ToyCatalog catalog) =>
        strategy.Run(Net(), catalog, Target, new PassContext(OpRegistry.Standard()));

    // Each op costs 1 and each region a call; where an op may not stand with others, that costs more than it saves.
    private static ToyCatalog Where(Func<Op, bool> isUnfriendly) => new(region => Call + region.Body.Nodes.Length
        + (region.Body.Nodes.Length > 1 && region.Body.Nodes.Any(n => isUnfriendly(n.Op)) ? 3 * Call : 0));

    [Fact]
    public void None_fuses_nothing_and_rules_all_that_follows_elementwise()
    {
        var catalog = Where(_ => false);
        Assert.Equal(["product", "relu", "gate", "gated", "second", "sum", "end"], Regions(Run(new NoFusion(), catalog)));
        Assert.Equal(["product+relu+gate+gated", "second+sum+end"], Regions(Run(new EpilogueFusion(), catalog)));
    }

    [Fact]
    public void What_loses_by_being_fused_is_left_alone_by_cost_and_greedy()
    {
        var catalog = Where(op => op is Tanh);
        Assert.Contains("second+sum+end", Regions(Run(new EpilogueFusion(), catalog)));
        foreach (var strategy in new IFusionStrategy[] { new GreedyFusion(catalog), new CostFusion(catalog) })
        {
            var regions = Regions(Run(strategy, catalog));
            Assert.Contains("end", regions);
            Assert.Contains("second+sum", regions);
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Cost_finds_no_dearer_partition_than_any_other_strategy_and_the_cheapest_of_all(int seed)
    {
        var catalog = Random(seed);
        double found = Price(Run(new CostFusion(catalog), catalog), catalog);
        foreach (var other in new IFusionStrategy[] { new NoFusion(), new EpilogueFusion(), new GreedyFusion(catalog) })
            Assert.True(found <= Price(Run(other, catalog), catalog) + 1e-9, other.Name);
        // What is better by less than half a percent may be left.
        Assert.InRange(found, 0, Cheapest(catalog) / (1 - 0.005) + 1e-9);
    }

    // Made-up prices by what is in a region, the same for the same names.
    private static ToyCatalog Random(int seed) => new(region =>
    {
        var random = new Random(HashCode(seed, region));
        return region.Body.Nodes.Length == 1 ? 10 : random.Next(5) == 0 ? double.PositiveInfinity : 4 + (20 * random.NextDouble());
    });

    private static int HashCode(int seed, KernelRegion region) => region.Body.Nodes
        .Aggregate(seed + 1, (hash, node) => (hash * 31) + region.Body[node.Outputs[0]].Name.Sum(c => c * 7) + region.Body.Nodes.Length);

    // All partitions of the chains of the network, by trying them.
    private static double Cheapest(ToyCatalog catalog)
    {
        var graph = Net();
        var candidates = new[] { "product", "product+relu", "product+relu+gate+gated", "relu", "relu+gate+gated", "gate", "gate+gated",
            "gated", "second", "second+sum", "second+sum+end", "sum", "sum+end", "end" };
        var prices = new Dictionary<string, double>();
        foreach (string candidate in candidates)
        {
            Node[] nodes = [.. candidate.Split('+').Select(name => graph.Nodes.First(n => n.GivenOutputs.Any(v => graph[v].Name == name)))];
            // A region of which one value leaves, the last one's.
            if (nodes.SkipLast(1).Any(n => graph.Users(n.Outputs[0]).Any(u => nodes.All(m => m.Id != u)))) continue;
            var region = Region.Outline(nodes, v => graph[v], v => graph.Users(v).Any(u => nodes.All(m => m.Id != u))
                || graph.Outputs.Any(o => o.Value == v));
            var kernel = new KernelRegion(region.Body, [.. region.Operands.Select(o => graph.TryConstant(o, out var t) ? t : null)]);
            if (catalog.Accepts(kernel, Target).IsYes)
                prices[candidate] = catalog.Features(kernel, new Schedule("toy", []), Target).VectorOps;
        }
        string[] order = ["product", "relu", "gate", "gated", "second", "sum", "end"];
        return Least(0);

        double Least(int at) => at == order.Length ? 0 : prices.Where(p => string.Join('+', order.Skip(at)).StartsWith(p.Key,
            StringComparison.Ordinal) && p.Key.Split('+')[0] == order[at]).Min(p => p.Value + Least(at + p.Key.Split('+').Length));
    }

    [Theory]
    [InlineData("cpu-avx2")]
    [InlineData("cpu-sse")]
    public void Layouts_searched_by_cost_are_predicted_to_take_no_longer(string name)
    {
        var target = TargetProfiles.Standard()[name];
        var cost = new MachineCostModel();
        foreach (string network in new[] { "lenet", "toy_cnn" })
        {
            var catalog = KernelCatalog.Standard();
            var fused = new EpilogueFusion().Run(new Compiler().Canonicalize(ModelZoo.Build(network)).Graph, catalog, target,
                new PassContext(OpRegistry.Standard()));
            Assert.InRange(Total(new LayoutAssignment(catalog, target, cost)), 0, Total(new LayoutAssignment(catalog, target)) * 1.001);

            double Total(LayoutAssignment pass)
            {
                var context = new PassContext(OpRegistry.Standard());
                var scheduled = new ScheduleSelection(catalog, target, cost).Run(pass.Run(fused, context), context);
                return scheduled.Nodes.Where(n => n.Op is Fusion).Sum(n => SchedulePredictions.Best(catalog, target, cost,
                    KernelRegion.Of(scheduled, n), MachineCostModel.ModelBytes(scheduled)).Cost.TotalNs);
            }
        }
    }
}
