using Nncc.IR.Ops;

namespace Nncc.Zoo.Architectures;

/// <summary>
/// MobileNet V2 (Sandler et al. 2018), as torchvision has it; widths of 0.35 to 1.4 and resolutions of 96 to 224 in the paper.
/// </summary>
internal sealed class MobileNetV2 : IArchitectures
{
    public static IEnumerable<Architecture> All =>
    [
        new("mobilenet_v2", "MobileNet V2 1.0, 224x224, 3,504,872 parameters (torchvision)", Build,
            ZooScaling.Width | ZooScaling.Resolution | ZooScaling.Classes),
    ];

    private static Graph Build(ZooOptions options)
    {
        var b = new NetworkBuilder("mobilenet_v2", options);
        double width = options.Width ?? 1;
        int x = ConvNorm.Add(b, "features.0", b.Image(224), Channels.Divisible(32 * width), 3, stride: 2, activation: Activation.Relu6);
        int index = 1;
        foreach (var (expand, filters, count, stride) in new[]
                 {
                     (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
                 })
            for (int i = 0; i < count; i++)
                x = InvertedResidual(b, $"features.{index++}", x, expand, Channels.Divisible(filters * width), i == 0 ? stride : 1);
        x = ConvNorm.Add(b, "features.18", x, Channels.Divisible(1280 * Math.Max(1, width)), 1, activation: Activation.Relu6);
        b.Classify("classifier.1", x);
        return b.Build();
    }

    private static int InvertedResidual(NetworkBuilder b, string name, int x, int expand, int filters, int stride)
    {
        int channels = (int)b.Shape(x)[1], inner = channels * expand, part = 0;
        int y = x;
        if (expand != 1) y = ConvNorm.Add(b, $"{name}.conv.{part++}", y, inner, 1, activation: Activation.Relu6);
        y = ConvNorm.Add(b, $"{name}.conv.{part++}", y, inner, 3, stride, groups: inner, activation: Activation.Relu6);
        y = b.BatchNorm($"{name}.conv.{part + 1}", b.Conv($"{name}.conv.{part}", y, filters, 1));
        return stride == 1 && channels == filters ? b.Add($"{name}.add", new Add(), x, y) : y;
    }
}
