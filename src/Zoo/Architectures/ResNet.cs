using Nncc.IR.Ops;

namespace Nncc.Zoo.Architectures;

/// <summary>
/// ResNet (He et al. 2015), ResNeXt (Xie et al. 2017) and Wide ResNet (Zagoruyko and Komodakis 2016), as torchvision has them: the stride
/// of a bottleneck is in its 3x3 convolution; in those called v1 in its first, as in the paper.
/// </summary>
internal sealed class ResNet : IArchitectures
{
    private const ZooScaling Scaling = ZooScaling.Width | ZooScaling.Resolution | ZooScaling.Classes;

    private static readonly int[] Blocks18 = [2, 2, 2, 2], Blocks50 = [3, 4, 6, 3], Blocks101 = [3, 4, 23, 3], Blocks152 = [3, 8, 36, 3];

    /// <summary>What the sizes differ in.</summary>
    /// <param name="Blocks">Blocks in each stage.</param>
    /// <param name="IsBottleneck">Whether blocks have three convolutions.</param>
    /// <param name="Groups">Groups of the 3x3 convolution of a bottleneck.</param>
    /// <param name="GroupWidth">Channels of a group for each 64 of the stage.</param>
    /// <param name="StrideFirst">Whether the first convolution of a bottleneck has the stride.</param>
    private sealed record Size(int[] Blocks, bool IsBottleneck = true, int Groups = 1, int GroupWidth = 64, bool StrideFirst = false);

    public static IEnumerable<Architecture> All =>
    [
        Of("resnet18", "ResNet-18, 224x224, 11,689,512 parameters (torchvision)", new(Blocks18, IsBottleneck: false)),
        Of("resnet34", "ResNet-34, 224x224, 21,797,672 parameters (torchvision)", new(Blocks50, IsBottleneck: false)),
        Of("resnet50", "ResNet-50, 224x224, 25,557,032 parameters (torchvision)", new(Blocks50)),
        Of("resnet101", "ResNet-101, 224x224, 44,549,160 parameters (torchvision)", new(Blocks101)),
        Of("resnet152", "ResNet-152, 224x224, 60,192,808 parameters (torchvision)", new(Blocks152)),
        Of("resnet50_v1", "ResNet-50 with strides in 1x1 convolutions, 224x224 (He et al. 2015)", new(Blocks50, StrideFirst: true)),
        Of("resnet101_v1", "ResNet-101 with strides in 1x1 convolutions, 224x224 (He et al. 2015)", new(Blocks101, StrideFirst: true)),
        Of("resnet152_v1", "ResNet-152 with strides in 1x1 convolutions, 224x224 (He et al. 2015)", new(Blocks152, StrideFirst: true)),
        Of("resnext50_32x4d", "ResNeXt-50 of 32 groups of 4, 224x224 (torchvision)", new(Blocks50, Groups: 32, GroupWidth: 4)),
        Of("resnext101_32x8d", "ResNeXt-101 of 32 groups of 8, 224x224 (torchvision)", new(Blocks101, Groups: 32, GroupWidth: 8)),
        Of("resnext101_64x4d", "ResNeXt-101 of 64 groups of 4, 224x224 (torchvision)", new(Blocks101, Groups: 64, GroupWidth: 4)),
        Of("wide_resnet50_2", "Wide ResNet-50-2, 224x224, 68,883,240 parameters (torchvision)", new(Blocks50, GroupWidth: 128)),
        Of("wide_resnet101_2", "Wide ResNet-101-2, 224x224, 126,886,696 parameters (torchvision)", new(Blocks101, GroupWidth: 128)),
    ];

    private static Architecture Of(string name, string summary, Size size) => new(name, summary, o => Build(name, o, size), Scaling);

    private static Graph Build(string name, ZooOptions options, Size size)
    {
        var b = new NetworkBuilder(name, options);
        int width = Math.Max(1, (int)(64 * (options.Width ?? 1)));
        int x = b.Relu("relu", b.BatchNorm("bn1", b.Conv("conv1", b.Image(224), width, 7, stride: 2, pad: 3)));
        x = b.Add("maxpool", new MaxPool([3, 3], Pads: [1, 1, 1, 1], Strides: [2, 2]), x);
        for (int stage = 0; stage < 4; stage++)
            for (int block = 0; block < size.Blocks[stage]; block++)
                x = Block(b, $"layer{stage + 1}.{block}", x, width << stage, stage > 0 && block == 0 ? 2 : 1, size);
        b.Classify("fc", x);
        return b.Build();
    }

    private static int Block(NetworkBuilder b, string name, int x, int width, int stride, Size size)
    {
        int filters = size.IsBottleneck ? 4 * width : width;
        int y;
        if (size.IsBottleneck)
        {
            int inner = width * size.GroupWidth / 64 * size.Groups, first = size.StrideFirst ? stride : 1;
            y = b.Relu($"{name}.relu1", b.BatchNorm($"{name}.bn1", b.Conv($"{name}.conv1", x, inner, 1, first)));
            y = b.Conv($"{name}.conv2", y, inner, 3, stride / first, pad: 1, groups: size.Groups);
            y = b.Relu($"{name}.relu2", b.BatchNorm($"{name}.bn2", y));
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
