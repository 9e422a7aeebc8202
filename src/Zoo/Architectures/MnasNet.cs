using Nncc.IR.Ops;

namespace Nncc.Zoo.Architectures;

/// <summary>MNASNet (Tan et al. 2019), as torchvision has it.</summary>
internal sealed class MnasNet : IArchitectures
{
    private static readonly (int Filters, int Kernel, int Stride, int Expand, int Count)[] Stages =
        [(24, 3, 2, 3, 3), (40, 5, 2, 3, 3), (80, 5, 2, 6, 3), (96, 3, 1, 6, 2), (192, 5, 2, 6, 4), (320, 3, 1, 6, 1)];

    public static IEnumerable<Architecture> All => new[] { ("0_5", 0.5), ("0_75", 0.75), ("1_0", 1), ("1_3", 1.3) }.Select(size =>
        new Architecture($"mnasnet{size.Item1}", $"MNASNet {size.Item1.Replace('_', '.')}, 224x224 (torchvision)",
            o => Build($"mnasnet{size.Item1}", o, o.Width ?? size.Item2), ZooScaling.Width | ZooScaling.Resolution | ZooScaling.Classes));

    private static Graph Build(string name, ZooOptions options, double width)
    {
        var b = new NetworkBuilder(name, options);
        int first = Channels.Divisible(32 * width);
        int x = ConvNorm.Add(b, "layers.0", b.Image(224), first, 3, stride: 2);
        x = ConvNorm.Add(b, "layers.3", x, first, 3, groups: first);
        x = ConvNorm.Add(b, "layers.6", x, Channels.Divisible(16 * width), 1, activation: Activation.None);
        for (int stage = 0; stage < Stages.Length; stage++)
            for (int i = 0; i < Stages[stage].Count; i++) x = Residual(b, $"layers.{8 + stage}.{i}", x, Stages[stage], i == 0, width);
        b.Classify("classifier.1", ConvNorm.Add(b, "layers.14", x, 1280, 1));
        return b.Build();
    }

    private static int Residual(NetworkBuilder b, string name, int x, (int Filters, int Kernel, int Stride, int Expand, int Count) stage,
        bool isFirst, double width)
    {
        int channels = (int)b.Shape(x)[1], inner = channels * stage.Expand, filters = Channels.Divisible(stage.Filters * width);
        int y = ConvNorm.Add(b, $"{name}.expand", x, inner, 1);
        y = ConvNorm.Add(b, $"{name}.depthwise", y, inner, stage.Kernel, isFirst ? stage.Stride : 1, groups: inner);
        y = ConvNorm.Add(b, $"{name}.project", y, filters, 1, activation: Activation.None);
        return isFirst ? y : b.Add($"{name}.add", new Add(), y, x);
    }
}
