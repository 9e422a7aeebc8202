using Nncc.IR.Ops;

namespace Nncc.Zoo.Architectures;

/// <summary>ResNet (He et al. 2015), as torchvision has it: the stride of a bottleneck is in its 3x3 convolution.</summary>
internal sealed class ResNet : IArchitectures
{
    public static IEnumerable<Architecture> All =>
    [
        new("resnet18", "ResNet-18, 224x224, 11,689,512 parameters (torchvision)", o =>
            Build("resnet18", o, [2, 2, 2, 2], bottleneck: false)),
        new("resnet50", "ResNet-50, 224x224, 25,557,032 parameters (torchvision)", o =>
            Build("resnet50", o, [3, 4, 6, 3], bottleneck: true)),
    ];

    private static Graph Build(string name, ZooOptions options, int[] blocks, bool bottleneck)
    {
        var b = new NetworkBuilder(name, options);
        int x = b.Image("input", 3, 224, 224);
        x = b.Relu("relu", b.BatchNorm("bn1", b.Conv("conv1", x, 64, 7, stride: 2, pad: 3)));
        x = b.Add("maxpool", new MaxPool([3, 3], Pads: [1, 1, 1, 1], Strides: [2, 2]), x);
        for (int stage = 0; stage < 4; stage++)
            for (int block = 0; block < blocks[stage]; block++)
                x = Block(b, $"layer{stage + 1}.{block}", x, 64 << stage, stage > 0 && block == 0 ? 2 : 1, bottleneck);
        x = b.Add("avgpool", new GlobalAveragePool(), x);
        b.Output("logits", b.Linear("fc", b.Add("flatten", new Flatten(), x), 1000));
        return b.Build();
    }

    private static int Block(NetworkBuilder b, string name, int x, int width, int stride, bool bottleneck)
    {
        int filters = bottleneck ? 4 * width : width;
        int y;
        if (bottleneck)
        {
            y = b.Relu($"{name}.relu1", b.BatchNorm($"{name}.bn1", b.Conv($"{name}.conv1", x, width, 1)));
            y = b.Relu($"{name}.relu2", b.BatchNorm($"{name}.bn2", b.Conv($"{name}.conv2", y, width, 3, stride, pad: 1)));
            y = b.BatchNorm($"{name}.bn3", b.Conv($"{name}.conv3", y, filters, 1));
        }
        else
        {
            y = b.Relu($"{name}.relu1", b.BatchNorm($"{name}.bn1", b.Conv($"{name}.conv1", x, width, 3, stride, pad: 1)));
            y = b.BatchNorm($"{name}.bn2", b.Conv($"{name}.conv2", y, filters, 3, pad: 1));
        }
        if (stride != 1 || b.Shape(x)[1] != filters)
            x = b.BatchNorm($"{name}.downsample.1", b.Conv($"{name}.downsample.0", x, filters, 1, stride));
        return b.Relu($"{name}.relu", b.Add($"{name}.add", new Add(), y, x));
    }
}
