using Nncc.IR.Ops;

namespace Nncc.Zoo.Architectures;

/// <summary>MobileNet V3 (Howard et al. 2019), as torchvision has it.</summary>
internal sealed class MobileNetV3 : IArchitectures
{
    private const ZooScaling Scaling = ZooScaling.Width | ZooScaling.Resolution | ZooScaling.Classes;
    private const float Epsilon = 1e-3f;

    /// <summary>An inverted residual.</summary>
    private sealed record Block(int Kernel, int Expanded, int Filters, bool HasExcitation, bool IsHardSwish, int Stride);

    private static readonly Block[] Large =
    [
        new(3, 16, 16, false, false, 1), new(3, 64, 24, false, false, 2), new(3, 72, 24, false, false, 1), new(5, 72, 40, true, false, 2),
        new(5, 120, 40, true, false, 1), new(5, 120, 40, true, false, 1), new(3, 240, 80, false, true, 2), new(3, 200, 80, false, true, 1),
        new(3, 184, 80, false, true, 1), new(3, 184, 80, false, true, 1), new(3, 480, 112, true, true, 1), new(3, 672, 112, true, true, 1),
        new(5, 672, 160, true, true, 2), new(5, 960, 160, true, true, 1), new(5, 960, 160, true, true, 1),
    ];

    private static readonly Block[] Small =
    [
        new(3, 16, 16, true, false, 2), new(3, 72, 24, false, false, 2), new(3, 88, 24, false, false, 1), new(5, 96, 40, true, true, 2),
        new(5, 240, 40, true, true, 1), new(5, 240, 40, true, true, 1), new(5, 120, 48, true, true, 1), new(5, 144, 48, true, true, 1),
        new(5, 288, 96, true, true, 2), new(5, 576, 96, true, true, 1), new(5, 576, 96, true, true, 1),
    ];

    public static IEnumerable<Architecture> All =>
    [
        new("mobilenet_v3_large", "MobileNet V3 large, 224x224, 5,483,032 parameters (torchvision)",
            o => Build("mobilenet_v3_large", o, Large, 1280), Scaling),
        new("mobilenet_v3_small", "MobileNet V3 small, 224x224, 2,542,856 parameters (torchvision)",
            o => Build("mobilenet_v3_small", o, Small, 1024), Scaling),
    ];

    private static Graph Build(string name, ZooOptions options, Block[] blocks, int last)
    {
        var b = new NetworkBuilder(name, options, probeSize: 224); // few places left at the end say little
        double width = options.Width ?? 1;
        int x = ConvNorm.Add(b, "features.0", b.Image(224), Channels.Divisible(16 * width), 3, stride: 2, activation: Activation.HardSwish,
            epsilon: Epsilon);
        for (int i = 0; i < blocks.Length; i++) x = InvertedResidual(b, $"features.{i + 1}.block", x, blocks[i], width);
        x = ConvNorm.Add(b, $"features.{blocks.Length + 1}", x, 6 * (int)b.Shape(x)[1], 1, activation: Activation.HardSwish,
            epsilon: Epsilon);
        x = b.Add("flatten", new Flatten(), b.Add("avgpool", new GlobalAveragePool(), x));
        x = b.Add("classifier.1", new HardSwish(), b.Linear("classifier.0", x, Channels.Divisible(last * width)));
        b.Output("logits", b.Linear("classifier.3", x, options.Classes ?? 1000));
        return b.Build();
    }

    private static int InvertedResidual(NetworkBuilder b, string name, int x, Block block, double width)
    {
        int channels = (int)b.Shape(x)[1], inner = Channels.Divisible(block.Expanded * width), part = 0;
        int filters = Channels.Divisible(block.Filters * width);
        var activation = block.IsHardSwish ? Activation.HardSwish : Activation.Relu;
        int y = x;
        if (inner != channels) y = ConvNorm.Add(b, $"{name}.{part++}", y, inner, 1, activation: activation, epsilon: Epsilon);
        y = ConvNorm.Add(b, $"{name}.{part++}", y, inner, block.Kernel, block.Stride, inner, activation, Epsilon);
        if (block.HasExcitation)
            y = ConvNorm.SqueezeExcite(b, $"{name}.{part++}", y, Channels.Divisible(inner / 4), Activation.Relu,
                new HardSigmoid(Alpha: 1 / 6f));
        y = ConvNorm.Add(b, $"{name}.{part}", y, filters, 1, activation: Activation.None, epsilon: Epsilon);
        return block.Stride == 1 && channels == filters ? b.Add($"{name}.add", new Add(), x, y) : y;
    }
}
