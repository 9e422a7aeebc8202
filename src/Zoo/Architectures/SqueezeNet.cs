using Nncc.IR.Ops;

namespace Nncc.Zoo.Architectures;

/// <summary>SqueezeNet (Iandola et al. 2016), as torchvision has it.</summary>
internal sealed class SqueezeNet : IArchitectures
{
    private const ZooScaling Scaling = ZooScaling.Resolution | ZooScaling.Classes;

    public static IEnumerable<Architecture> All =>
    [
        new("squeezenet1_0", "SqueezeNet 1.0, 224x224, 1,248,424 parameters (torchvision)", V10, Scaling),
        new("squeezenet1_1", "SqueezeNet 1.1, 224x224, 1,235,496 parameters (torchvision)", V11, Scaling),
    ];

    private static Graph V10(ZooOptions options)
    {
        var b = new NetworkBuilder("squeezenet1_0", options);
        int x = b.Relu("features.1", b.Conv("features.0", b.Image(224), 96, 7, stride: 2, bias: true));
        x = Pool(b, "features.2", x);
        x = Fire(b, 5, Fire(b, 4, Fire(b, 3, x, 16, 64), 16, 64), 32, 128);
        x = Pool(b, "features.6", x);
        x = Fire(b, 8, Fire(b, 7, x, 32, 128), 48, 192);
        x = Fire(b, 10, Fire(b, 9, x, 48, 192), 64, 256);
        x = Pool(b, "features.11", x);
        return Classify(b, Fire(b, 12, x, 64, 256));
    }

    private static Graph V11(ZooOptions options)
    {
        var b = new NetworkBuilder("squeezenet1_1", options);
        int x = b.Relu("features.1", b.Conv("features.0", b.Image(224), 64, 3, stride: 2, bias: true));
        x = Pool(b, "features.2", x);
        x = Fire(b, 4, Fire(b, 3, x, 16, 64), 16, 64);
        x = Pool(b, "features.5", x);
        x = Fire(b, 7, Fire(b, 6, x, 32, 128), 32, 128);
        x = Pool(b, "features.8", x);
        x = Fire(b, 10, Fire(b, 9, x, 48, 192), 48, 192);
        return Classify(b, Fire(b, 12, Fire(b, 11, x, 64, 256), 64, 256));
    }

    private static Graph Classify(NetworkBuilder b, int x)
    {
        x = b.Relu("classifier.2", b.Conv("classifier.1", x, b.Options.Classes ?? 1000, 1, bias: true));
        x = b.Add("classifier.3", new GlobalAveragePool(), x);
        b.Output("logits", b.Add("flatten", new Flatten(), x));
        return b.Build();
    }

    private static int Pool(NetworkBuilder b, string name, int x) => b.Add(name, new MaxPool([3, 3], CeilMode: true, Strides: [2, 2]), x);

    private static int Fire(NetworkBuilder b, int index, int x, int squeeze, int expand)
    {
        string name = $"features.{index}";
        x = b.Relu($"{name}.squeeze_activation", b.Conv($"{name}.squeeze", x, squeeze, 1, bias: true));
        int one = b.Relu($"{name}.expand1x1_activation", b.Conv($"{name}.expand1x1", x, expand, 1, bias: true));
        int three = b.Relu($"{name}.expand3x3_activation", b.Conv($"{name}.expand3x3", x, expand, 3, pad: 1, bias: true));
        return b.Add($"{name}.concat", new Concat(1), one, three);
    }
}
