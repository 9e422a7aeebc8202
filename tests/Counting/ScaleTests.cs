using Nncc.Backends.Models;
using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;
using Nncc.Passes.Counting;
using Nncc.Tests.Cli;
using Nncc.Tests.Support;
using Nncc.Zoo;

namespace Nncc.Tests.Counting;

/// <summary>Models for other inputs than they were made for.</summary>
public class ScaleTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Full_hd_to_hd_takes_four_ninths_of_a_convolutional_network()
    {
        var b = new Layers();
        int x = b.Conv("first", b.Input("image", 1, 3, 1080, 1920), 16, 3, pad: 1);
        var graph = b.Build(b.Conv("second", b.Add("relu", new Relu(), x), 8, 3, pad: 1));
        var model = new Model(graph, ModelHeader.Empty);
        var small = ModelScaling.WithShapes(model, ModelScaling.Resolution(graph, 1280, 720));
        ModelCount before = ModelCounter.Count(graph), after = ModelCounter.Count(small.Graph);
        Assert.Equal(0.4444, (double)after.Totals.Macs.Value!.Value / before.Totals.Macs.Value!.Value, 4);
        Assert.Equal(before.Parameters.Trainable, after.Parameters.Trainable);
        Assert.Equal("f32[1x8x720x1280]", small.Graph[small.Graph.Outputs[0].Value].Type.ToString());
    }

    [Fact]
    public void A_network_that_is_scaled_is_the_network_that_is_built_so()
    {
        foreach (string name in new[] { "squeezenet1_0", "resnet18", "mobilenet_v3_small", "densenet121" })
        {
            var options = new ZooOptions { HasWeights = false };
            var graph = ModelZoo.Build(name, options).Graph;
            var scaled = InputShapes.Apply(graph, ModelScaling.Resolution(graph, 320, 320));
            var built = ModelZoo.Build(name, options with { Resolution = 320 }).Graph;
            Assert.Equal(built.Values.Select(v => (v.Name, v.Type)), scaled.Values.Select(v => (v.Name, v.Type)));
        }
        var vit = ModelZoo.Build("resnet18", new ZooOptions { HasWeights = false }).Graph;
        var images = InputShapes.Apply(vit, ModelScaling.Batch(vit, 3));
        Assert.Equal(3 * 1_814_073_344L, ModelCounter.Count(images).Totals.Macs.Value);
    }

    [Theory]
    [InlineData("alexnet", "classifier.1")]
    [InlineData("vgg11", "classifier.0")]
    [InlineData("vit_b_16", "pos")]
    [InlineData("shufflenet_v2_x1_0", "stage2.0.shuffle.split")]
    public void What_depends_on_the_resolution_is_named(string network, string node)
    {
        var graph = ModelZoo.Build(network, new ZooOptions { HasWeights = false }).Graph;
        var fault = Assert.Throws<NnccException>(() => InputShapes.Apply(graph, ModelScaling.Resolution(graph, 448, 448))).Faults[0];
        Assert.Contains($"\"{node}\"", fault.Place);
        Assert.Contains("other weights", fault.Advice);
    }

    [Fact]
    public void Pixels_are_not_taken_for_images()
    {
        // A reshape to [-1, 48] makes 4 rows of an image of twice the side, which the product takes.
        var b = new Layers();
        int x = b.Input("image", 1, 3, 4, 4), rows = b.Add("rows", new Reshape(), x, b.Constant("shape", Tensor.Vector(-1L, 48L)));
        var graph = b.Build(b.Linear("fc", rows, 10));
        var fault = Assert.Throws<NnccException>(() => InputShapes.Apply(graph, ModelScaling.Resolution(graph, 8, 8))).Faults[0];
        Assert.Contains("\"rows\"", fault.Place);
        Assert.Contains("4 elements in place of 1", fault.Message);
    }

    [Fact]
    public void The_command_writes_the_model_and_refuses_what_it_cannot()
    {
        CliRun.Good("zoo", "squeezenet1_1", "-o", folder.At("s.onnx"), "-q");
        var json = CliRun.Good("scale", folder.At("s.onnx"), "--resolution", "320x240", "-o", folder.At("t.onnx"), "--json").Json;
        Assert.Equal(544_829_632, json.GetProperty("after").GetProperty("macs").GetInt64());
        var graph = OnnxReader.Read(folder.At("t.onnx"), OpRegistry.Standard()).Graph;
        Assert.Equal("f32[1x3x240x320]", graph[graph.Inputs[0].Value].Type.ToString());

        CliRun.Good("zoo", "toy_cnn", "-o", folder.At("toy.onnx"), "-q");
        CliRun.Bad(2, ["NNC1002", "\"fc1\""], "scale", folder.At("toy.onnx"), "--resolution", "64");
        Assert.Equal(2 * 529_940, CliRun.Good("scale", folder.At("toy.onnx"), "--shape", "input=2x1x28x28", "--json").Json
            .GetProperty("after").GetProperty("macs").GetInt64());
        CliRun.Bad(1, ["NNC7001", "nothing"], "scale", folder.At("toy.onnx"));
        CliRun.Bad(1, ["NNC7001", "--resolution"], "scale", folder.At("toy.onnx"), "--resolution", "0x4");
        CliRun.Bad(1, ["NNC3005", "did you mean \"input\"?"], "scale", folder.At("toy.onnx"), "--shape", "inpt=1");
        CliRun.Bad(1, ["NNC3005", "image"], "scale", CliModels.Write(folder), "--resolution", "64");
    }
}
