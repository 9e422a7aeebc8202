using Nncc.Backends;
using Nncc.Backends.Models;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes.Cost;
using Nncc.Passes.Counting;
using Nncc.Passes.Targets;
using Nncc.Tests.Cli;
using Nncc.Tests.Support;
using Nncc.Zoo;

namespace Nncc.Tests.Counting;

/// <summary>What bounds layers on a target, and the totals over ranges of sizes.</summary>
public class RooflineTests : IDisposable
{
    private static readonly TargetProfile Target = TargetProfiles.Standard()["cpu-avx2"];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_layer_takes_the_longer_of_arithmetic_and_traffic()
    {
        var b = new Layers();
        int x = b.Conv("conv", b.Input("x", 1, 64, 56, 56), 64, 3, pad: 1);
        var count = b.Count(b.Add("reshape", new Flatten(), b.Add("relu", new Relu(), x)));
        var roofline = Roofline.Of(count, Target);
        Assert.Equal(["conv", "relu"], roofline.Rows.Select(r => r.Node.Name)); // a view takes nothing
        var conv = roofline.Rows[0];
        Assert.Equal("compute", conv.Bound);
        Assert.Equal(conv.Node.Macs.Value!.Value * 2 / Target.PeakGFlops, conv.ComputeNs, 6);
        var relu = roofline.Rows[1];
        long bytes = 2 * 4 * 64 * 56 * 56;
        Assert.Equal("L3", relu.Bound);
        Assert.Equal(bytes / Target.Caches[2].GBs, relu.MemoryNs, 6);
        Assert.Equal(relu.MemoryNs + Target.CallNs, relu.TotalNs, 6);
        Assert.Equal(conv.TotalNs + relu.TotalNs, roofline.TotalNs, 6);
    }

    [Theory]
    [InlineData(64, "L1")]
    [InlineData(64 * 1024, "L2")]
    [InlineData(1024 * 1024, "L3")]
    [InlineData(64 * 1024 * 1024, "memory")]
    public void The_level_is_the_nearest_that_holds_operands_and_results(long elements, string level)
    {
        var b = new Layers();
        // One reads and writes nothing but bytes.
        var row = Roofline.Of(b.Count(b.Add("transpose", new Transpose([1, 0]), b.Input("x", 2, elements))),
            Target with { CallNs = 0 }).Rows.Single();
        Assert.Equal(level, row.Bound);
    }

    [Fact]
    public void A_sweep_over_the_batch_doubles_products_and_not_weights()
    {
        string model = Zoo("lenet");
        var json = CliRun.Good("roofline", model, "--sweep", "batch=1..8", "--json").Json.GetProperty("sweep").EnumerateArray().ToList();
        Assert.Equal([1, 2, 4, 8], json.Select(row => row.GetProperty("value").GetInt32()));
        Assert.Equal([416_520, 833_040, 1_666_080, 3_332_160], json.Select(row => row.GetProperty("macs").GetInt64()));
        Assert.True(json[3].GetProperty("bytes").GetInt64() < 8 * json[0].GetProperty("bytes").GetInt64());
        Assert.True(json[3].GetProperty("intensity").GetDouble() > json[0].GetProperty("intensity").GetDouble());
    }

    [Fact]
    public void A_sweep_over_the_resolution_agrees_with_the_paper()
    {
        var compiler = new Compiler();
        var model = ModelZoo.Build("mobilenet_v1", new ZooOptions { HasWeights = false, Classes = 1001 });
        var sweep = ModelSweep.Parse("resolution=128..224");
        Assert.Equal([128L, 160, 192, 224], sweep.Values.AsEnumerable());
        Assert.Equal([186_401_792, 290_676_224, 418_122_752, 568_741_376],
            sweep.Values.Select(side => sweep.At(compiler, model, side, "imported").Totals.Macs.Value!.Value));
    }

    [Fact]
    public void A_sweep_binds_symbols_and_refuses_what_is_no_range()
    {
        string open = CliModels.WriteOpen(folder);
        var json = CliRun.Good("roofline", open, "--sweep", "batch=2..6:2", "--json").Json.GetProperty("sweep");
        Assert.Equal([24, 48, 72], json.EnumerateArray().Select(row => row.GetProperty("macs").GetInt32()));
        foreach (string wrong in new[] { "batch", "batch=", "batch=4..2", "batch=0..4", "batch=1..4:0", "batch=1..100000:1" })
            CliRun.Bad(1, ["NNC7001", "--sweep"], "roofline", open, "--sweep", wrong);
        CliRun.Bad(1, ["NNC7102", "did you mean \"batch\"?"], "roofline", open, "--sweep", "bach=1..2");
        CliRun.Bad(1, ["NNC3005", "image"], "roofline", open, "--sweep", "resolution=32..64");
        CliRun.Bad(1, ["NNC5001"], "roofline", open, "--dim", "batch=1", "--target", "cpu-avx3");
        CliRun.Bad(2, ["NNC3101"], "roofline", open, "--stage", "imported");
    }

    [Fact]
    public void The_zoo_tells_what_a_network_costs_on_each_target()
    {
        var json = CliRun.Good("zoo", "mobilenet_v2", "--width", "0.5", "--count", "--json").Json;
        Assert.Equal((1_968_680, 97_131_840), (json.GetProperty("parameters").GetInt64(), json.GetProperty("macs").GetInt64()));
        Assert.Equal(TargetProfiles.Standard().All.Select(t => t.Name),
            json.GetProperty("targets").EnumerateArray().Select(t => t.GetProperty("name").GetString()!));
        Assert.All(json.GetProperty("targets").EnumerateArray(), t => Assert.True(t.GetProperty("ms").GetDouble() > 0));
        CliRun.Bad(1, ["NNC7001", "no other depth", "width, resolution, classes"], "zoo", "mobilenet_v2", "--depth", "2");
    }

    private string Zoo(string name)
    {
        CliRun.Good("zoo", name, "-o", folder.At($"{name}.onnx"), "-q");
        return folder.At($"{name}.onnx");
    }
}
