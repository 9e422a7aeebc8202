using System.Security.Cryptography;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes.Counting;
using Nncc.Tests.Support;
using Nncc.Zoo;

namespace Nncc.Tests.Zoo;

/// <summary>The zoo's networks have the structure of their sources, and weights that are the same everywhere.</summary>
public class ZooTests
{
    public static TheoryData<string> Names => [.. ZooSelection.WithWeights, "shufflenet_v2_x0_5", "mnasnet0_5", "mobilenet_v3_small"];

    // Counting by hand for lenet and the toy network, the papers for the transformers. The others are in the table of known values.
    [Theory]
    [InlineData("lenet", 61_706, 416_520)]
    [InlineData("toy_cnn", 370_338, 529_940)]
    [InlineData("vit_tiny", 5_717_416, 1_253_683_200)]
    [InlineData("bert_small", 28_763_648, 1_677_983_744)]
    public void Has_the_parameters_and_macs_of_its_source(string name, long parameters, long macs)
    {
        var count = ModelCounter.Count(ModelZoo.Build(name, new ZooOptions { HasWeights = false }).Graph);
        Assert.Equal((parameters, macs), (count.Parameters.Trainable, count.Totals.Macs.Value));
    }

    [Fact]
    public void Weights_change_nothing_about_the_structure()
    {
        foreach (string name in new[] { "lenet", "mobilenet_v2", "shufflenet_v2_x0_5", "bert_small" })
        {
            Graph full = ModelZoo.Build(name).Graph, bare = ModelZoo.Build(name, new ZooOptions { HasWeights = false }).Graph;
            Assert.Equal(full.Values.Select(v => (v.Name, v.Type.ToString())), bare.Values.Select(v => (v.Name, v.Type.ToString())));
        }
    }

    [Fact]
    public void There_are_at_least_40_architectures() => Assert.True(ModelZoo.All.Length >= 40, $"{ModelZoo.All.Length}");

    [Fact]
    public void Options_that_an_architecture_does_not_take_are_refused()
    {
        Assert.Throws<ArgumentException>(() => ModelZoo.Build("vgg11", new ZooOptions { Resolution = 256 }));
        Assert.Throws<ArgumentException>(() => ModelZoo.Build("densenet121", new ZooOptions { Width = 0.5 }));
        Assert.Throws<ArgumentException>(() => ModelZoo.Build("resnet18", new ZooOptions { Depth = 2 }));
        Assert.Throws<ArgumentException>(() => ModelZoo.Build("mobilenet_v2", new ZooOptions { Width = 0 }));
        Assert.Throws<ArgumentException>(() => ModelZoo.Build("mobilenet_v2", new ZooOptions { Resolution = 3 }));
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

    [Theory]
    [InlineData("mobilenet_v3_small")]
    [InlineData("efficientnet_b0")]
    [InlineData("densenet121")]
    [Trait("speed", "slow")]
    public void Activations_stay_of_a_size(string name)
    {
        var graph = ModelZoo.Build(name, new ZooOptions { Resolution = 96 }).Graph;
        var image = Nncc.Backends.Models.ModelInputs.Random(graph, 0, seed: 1);
        double[] logits = ((Tensor)new Nncc.IR.Evaluate.Evaluator(isWide: true).Run(graph, [image])[0]).ToDoubles();
        Assert.InRange(Math.Sqrt(logits.Average(x => x * x)), 0.01, 100);
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
