using Nncc.Backends;
using Nncc.Backends.Models;
using Nncc.IR;
using Nncc.Passes.Counting;
using Nncc.Tests.Support;
using Nncc.Zoo;

namespace Nncc.Tests.Counting;

/// <summary>The zoo's networks against known values, and ResNet-50 and others by the conventions of other counters.</summary>
public class AnchorTests
{
    public static TheoryData<string> Rows => [.. Anchor.All.Where(a => a.Find() is not null).Select(a => a.ToString())];

    [TheoryNeeding(Needs.Shared)]
    [MemberData(nameof(Rows))]
    public void A_network_of_the_zoo_has_its_known_values(string row)
    {
        var anchor = Anchor.All.First(a => a.ToString() == row);
        var (architecture, options) = anchor.Find()!.Value;
        var count = ModelCounter.Count(architecture.Build(options));
        long parameters = count.Parameters.Trainable, macs = count.Totals.Macs.Value!.Value;
        Assert.True(Anchor.Fits(anchor.Parameters, parameters), $"{parameters} parameters in place of {anchor.Parameters}");
        Assert.True(Anchor.Fits(anchor.Macs, macs), $"{macs} MACs in place of {anchor.Macs}");
        Assert.Empty(count.Uncounted);
    }

    [FactNeeding(Needs.Shared)]
    public void Every_exact_row_is_of_a_network_of_the_zoo() =>
        Assert.Empty(Anchor.All.Where(a => a.IsExact && a.Find() is null).Select(a => a.Network));

    [Theory]
    [InlineData("resnet50", 25_557_032, 4_089_184_256)]
    [InlineData("resnet50_v1", 25_557_032, 3_857_973_248)]
    [InlineData("squeezenet1_0", 1_248_424, 818_924_576)]
    [InlineData("vgg16", 138_357_544, 15_470_264_320)]
    [InlineData("vit_b_16", 86_567_656, 17_563_828_224)]
    [InlineData("efficientnet_b7", 66_347_960, 37_745_884_192)]
    [InlineData("mobilenet_v3_large", 5_483_032, 216_589_760)]
    [InlineData("densenet161", 28_681_000, 7_727_907_072)]
    [InlineData("shufflenet_v2_x2_0", 7_393_996, 583_253_464)]
    [InlineData("mnasnet1_3", 6_282_256, 526_362_432)]
    public void Known_without_the_table(string network, long parameters, long macs)
    {
        var count = Count(network);
        Assert.Equal((parameters, macs), (count.Parameters.Trainable, count.Totals.Macs.Value));
    }

    [Theory]
    [InlineData(0.75, 6_675_352, 1_042_639_872)]
    [InlineData(0.5, 3_055_880, 483_149_824)]
    [InlineData(0.25, 831_096, 135_603_200)]
    public void Narrow_networks(double width, long parameters, long macs)
    {
        var count = Count("resnet18", new ZooOptions { Width = width, HasWeights = false });
        Assert.Equal((parameters, macs), (count.Parameters.Trainable, count.Totals.Macs.Value));
    }

    [Theory]
    [InlineData("mac", 4_089_184_256)]
    [InlineData("torchvision", 4_089_184_256)]
    [InlineData("flop2", 8_178_368_512)]
    [InlineData("fvcore", 4_111_512_576)]
    [InlineData("thop", 4_133_742_592)]
    [InlineData("ptflops-aten", 4_089_185_256)]
    [InlineData("deepspeed", 8_211_108_352)]
    [InlineData("calflops", 8_211_108_352)]
    public void Resnet50_as_other_counters_have_it(string convention, long figure) =>
        Assert.Equal(figure, Layers.As(Count("resnet50"), convention));

    [Fact]
    public void Resnet50_as_tables_print_it()
    {
        var count = Count("resnet50");
        Assert.True(Anchor.Fits("4.13G", Layers.As(count, "ptflops")));
        long unfolded = Layers.As(count, "onnx-tool");
        Assert.InRange(unfolded, 4_430_000_000, 4_460_000_000);
    }

    // The table of onnx-tool has the network of the ONNX model zoo, whose norms are folded into convolutions.
    [Fact]
    public void Resnet50_v1_with_folded_norms()
    {
        // Two convolutions whose results are added stay two, as there.
        var compiler = new Compiler(new CompilerOptions { Passes = new() { Disabled = ["conv-of-joined-operands"] } });
        var folded = StageCounts.At(compiler, ModelZoo.Build("resnet50_v1"), "canonical", new CountOptions());
        Assert.DoesNotContain(folded.Rows, row => row.Node.Op is IR.Ops.BatchNormalization);
        var convention = CountConvention.Find("onnx-tool")!;
        Assert.Equal(3_868_561_384,
            folded.Rows.Where(r => r.Node.Op is IR.Ops.Conv or IR.Ops.Gemm).Sum(r => convention.Of(r).Value!.Value));
        Assert.Equal(3_857_973_248, folded.Totals.Macs.Value);
    }

    // The table of calflops; DeepSpeed's profiler has the same rule.
    [Theory]
    [InlineData("resnet18", 3_636_250_112)]
    [InlineData("resnet152", 23_094_313_472)]
    [InlineData("vgg16", 30_973_778_432)]
    [InlineData("alexnet", 1_429_741_184)]
    [InlineData("squeezenet1_0", 1_648_970_968)]
    [InlineData("densenet121", 5_716_881_152)]
    public void Networks_as_calflops_has_them(string network, long flops) => Assert.Equal(flops, Layers.As(Count(network), "deepspeed"));

    [Theory]
    [InlineData("vit_b_16", 715_327_488)]
    [InlineData("vit_b_32", 46_080_000)]
    [InlineData("vit_l_16", 1_907_539_968)]
    public void The_products_of_attention_are_among_those_of_transformers(string network, long macs) =>
        Assert.Equal(macs, Count(network).Rows.Where(r => r.Node.Op is IR.Ops.MatMul && !r.HasConstantFactor).Sum(r => r.Macs.Value));

    [Theory]
    [InlineData("resnet50", 53_120)]
    [InlineData("mobilenet_v2", 34_112)]
    [InlineData("mobilenet_v1", 21_888)]
    public void Running_statistics_are_no_parameters(string network, long statistics) =>
        Assert.Equal(statistics, Count(network).Parameters.Statistics);

    private static ModelCount Count(string network, ZooOptions? options = null) =>
        ModelCounter.Count(ModelZoo.Build(network, options ?? new ZooOptions { HasWeights = false }).Graph);
}
