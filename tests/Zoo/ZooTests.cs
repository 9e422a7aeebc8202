using System.Security.Cryptography;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Zoo;

namespace Nncc.Tests.Zoo;

/// <summary>The zoo's networks have the structure of their sources, and weights that are the same everywhere.</summary>
public class ZooTests
{
    public static TheoryData<string> Names => [.. ModelZoo.All.Select(a => a.Name)];

    // Parameters without batch norm statistics; multiply-accumulates of convolutions and products. Sources: torchvision's documentation,
    // counting by hand for lenet and the toy network, the papers for the transformers.
    [Theory]
    [InlineData("lenet", 61_706, 416_520)]
    [InlineData("toy_cnn", 370_338, 529_940)]
    [InlineData("squeezenet1_1", 1_235_496, 349_151_936)]
    [InlineData("mobilenet_v2", 3_504_872, 300_774_272)]
    [InlineData("resnet18", 11_689_512, 1_814_073_344)]
    [InlineData("resnet50", 25_557_032, 4_089_184_256)]
    [InlineData("vit_tiny", 5_717_416, 1_253_683_200)]
    [InlineData("bert_small", 28_763_648, 1_677_983_744)]
    public void Has_the_parameters_and_macs_of_its_source(string name, long parameters, long macs)
    {
        var graph = ModelZoo.Build(name).Graph;
        long counted = graph.Nodes.Where(n =>
            n.Op is Constant { Value.DType: DType.Float32, Value.Count: > 1 } && !graph[n.Outputs[0]].Name.Contains("running_"))
            .Sum(n => ((Constant)n.Op).Value.Count);
        Assert.Equal(parameters, counted);
        Assert.Equal(macs, graph.Nodes.Sum(n => n.Op.Measure(graph.MeasureContext(n)).Macs.Value));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Weights_are_finite_and_not_denormal(string name)
    {
        foreach (var node in ModelZoo.Build(name).Graph.Nodes)
            if (node.Op is Constant { Value: { DType: DType.Float32 } tensor })
                foreach (float weight in tensor.Span<float>())
                    Assert.True(weight == 0 || float.IsNormal(weight), $"{node.Place}: {weight}");
    }

    [Fact]
    public void The_seed_decides_every_bit()
    {
        Assert.Equal(Hash(ModelZoo.Build("mobilenet_v2")), Hash(ModelZoo.Build("mobilenet_v2")));
        Assert.NotEqual(Hash(ModelZoo.Build("lenet")), Hash(ModelZoo.Build("lenet", new ZooOptions(Seed: 2))));
    }

    [Fact]
    public void The_batch_is_the_first_axis()
    {
        var graph = ModelZoo.Build("vit_tiny", new ZooOptions(Batch: 3)).Graph;
        Assert.Equal("f32[3x1000]", graph[graph.Outputs[0].Value].Type.ToString());
        Assert.Throws<ArgumentException>(() => ModelZoo.Build("vit_tiny", new ZooOptions(Batch: 0)));
        Assert.Throws<ArgumentException>(() => ModelZoo.Build("no such network"));
    }

    private static string Hash(Model model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var node in model.Graph.Nodes)
            if (node.Op is Constant { Value: var tensor })
                for (long at = 0; at < tensor.ByteCount; at += 1 << 20) hash.AppendData(tensor.Bytes(at, 1 << 20));
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
