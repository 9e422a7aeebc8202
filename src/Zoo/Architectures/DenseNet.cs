using Nncc.IR.Ops;

namespace Nncc.Zoo.Architectures;

/// <summary>DenseNet (Huang et al. 2017), as torchvision has it.</summary>
internal sealed class DenseNet : IArchitectures
{
    public static IEnumerable<Architecture> All =>
    [
        Of("densenet121", "DenseNet-121, 224x224, 7,978,856 parameters (torchvision)", 32, 64, [6, 12, 24, 16]),
        Of("densenet161", "DenseNet-161, 224x224, 28,681,000 parameters (torchvision)", 48, 96, [6, 12, 36, 24]),
        Of("densenet169", "DenseNet-169, 224x224, 14,149,480 parameters (torchvision)", 32, 64, [6, 12, 32, 32]),
        Of("densenet201", "DenseNet-201, 224x224, 20,013,928 parameters (torchvision)", 32, 64, [6, 12, 48, 32]),
    ];

    private static Architecture Of(string name, string summary, int growth, int first, int[] blocks) =>
        new(name, summary, o => Build(name, o, growth, first, blocks), ZooScaling.Resolution | ZooScaling.Classes);

    private static Graph Build(string name, ZooOptions options, int growth, int first, int[] blocks)
    {
        var b = new NetworkBuilder(name, options, probeSize: 128); // few places left at the end say little
        int x = b.Conv("features.conv0", b.Image(224), first, 7, stride: 2, pad: 3);
        x = b.Relu("features.relu0", b.BatchNorm("features.norm0", x));
        x = b.Add("features.pool0", new MaxPool([3, 3], Pads: [1, 1, 1, 1], Strides: [2, 2]), x);
        for (int block = 0; block < blocks.Length; block++)
        {
            for (int layer = 0; layer < blocks[block]; layer++)
                x = Layer(b, $"features.denseblock{block + 1}.denselayer{layer + 1}", x, growth);
            if (block == blocks.Length - 1) continue;
            string transition = $"features.transition{block + 1}";
            x = b.Relu($"{transition}.relu", b.BatchNorm($"{transition}.norm", x));
            x = b.Conv($"{transition}.conv", x, (int)b.Shape(x)[1] / 2, 1);
            x = b.Add($"{transition}.pool", new AveragePool([2, 2], Strides: [2, 2]), x);
        }
        b.Classify("classifier", b.Relu("features.relu5", b.BatchNorm("features.norm5", x)));
        return b.Build();
    }

    private static int Layer(NetworkBuilder b, string name, int x, int growth)
    {
        int y = b.Conv($"{name}.conv1", b.Relu($"{name}.relu1", b.BatchNorm($"{name}.norm1", x)), 4 * growth, 1);
        y = b.Conv($"{name}.conv2", b.Relu($"{name}.relu2", b.BatchNorm($"{name}.norm2", y)), growth, 3, pad: 1);
        return b.Add($"{name}.concat", new Concat(1), x, y);
    }
}
