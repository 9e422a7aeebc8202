using Nncc.IR.Ops;

namespace Nncc.Zoo.Architectures;

/// <summary>EfficientNet (Tan and Le 2019): one network scaled in width, depth and resolution together, as torchvision has it.</summary>
internal sealed class EfficientNet : IArchitectures
{
    private static readonly (int Expand, int Kernel, int Stride, int Filters, int Count)[] Stages =
        [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)];

    private static readonly (double Width, double Depth, int Side)[] Sizes =
        [(1, 1, 224), (1, 1.1, 240), (1.1, 1.2, 260), (1.2, 1.4, 300), (1.4, 1.8, 380), (1.6, 2.2, 456), (1.8, 2.6, 528), (2, 3.1, 600)];

    public static IEnumerable<Architecture> All => Sizes.Select((size, i) => new Architecture($"efficientnet_b{i}",
        $"EfficientNet-B{i}: width {size.Width:0.0}, depth {size.Depth:0.0}, {size.Side}x{size.Side} (Tan and Le 2019)",
        o => Build($"efficientnet_b{i}", o, o.Width ?? size.Width, o.Depth ?? size.Depth, size.Side, i < 5 ? 1e-5f : 1e-3f),
        ZooScaling.Width | ZooScaling.Depth | ZooScaling.Resolution | ZooScaling.Classes));

    private static Graph Build(string name, ZooOptions options, double width, double depth, int side, float epsilon)
    {
        var b = new NetworkBuilder(name, options, probeSize: 224); // few places left at the end say little
        int x = ConvNorm.Add(b, "features.0", b.Image(side), Channels.Divisible(32 * width), 3, 2, 1, Activation.Silu, epsilon);
        for (int stage = 0; stage < Stages.Length; stage++)
            for (int i = 0; i < Channels.Layers(Stages[stage].Count, depth); i++)
                x = Block(b, $"features.{stage + 1}.{i}.block", x, Stages[stage], i == 0, width, epsilon);
        x = ConvNorm.Add(b, "features.8", x, 4 * (int)b.Shape(x)[1], 1, activation: Activation.Silu, epsilon: epsilon);
        b.Classify("classifier.1", x);
        return b.Build();
    }

    private static int Block(NetworkBuilder b, string name, int x, (int Expand, int Kernel, int Stride, int Filters, int Count) stage,
        bool isFirst, double width, float epsilon)
    {
        int channels = (int)b.Shape(x)[1], inner = channels * stage.Expand, part = 0, stride = isFirst ? stage.Stride : 1;
        int filters = Channels.Divisible(stage.Filters * width);
        int y = x;
        if (stage.Expand != 1) y = ConvNorm.Add(b, $"{name}.{part++}", y, inner, 1, 1, 1, Activation.Silu, epsilon);
        y = ConvNorm.Add(b, $"{name}.{part++}", y, inner, stage.Kernel, stride, inner, Activation.Silu, epsilon);
        y = ConvNorm.SqueezeExcite(b, $"{name}.{part++}", y, Math.Max(1, channels / 4), Activation.Silu, new Sigmoid());
        y = ConvNorm.Add(b, $"{name}.{part}", y, filters, 1, 1, 1, Activation.None, epsilon);
        return stride == 1 && channels == filters ? b.Add($"{name}.add", new Add(), y, x) : y;
    }
}
