using Nncc.IR.Ops;

namespace Nncc.Zoo.Architectures;

/// <summary>ConvNeXt (Liu et al. 2022), as torchvision has it: norms over the last axis between transpositions.</summary>
internal sealed class ConvNext : IArchitectures
{
    private const float Epsilon = 1e-6f;

    public static IEnumerable<Architecture> All =>
    [
        Of("convnext_tiny", "ConvNeXt tiny, 224x224, 28.6 million parameters (torchvision)", 96, [3, 3, 9, 3]),
        Of("convnext_small", "ConvNeXt small, 224x224, 50.2 million parameters (torchvision)", 96, [3, 3, 27, 3]),
        Of("convnext_base", "ConvNeXt base, 224x224, 88.6 million parameters (torchvision)", 128, [3, 3, 27, 3]),
        Of("convnext_large", "ConvNeXt large, 224x224, 197.8 million parameters (torchvision)", 192, [3, 3, 27, 3]),
    ];

    private static Architecture Of(string name, string summary, int width, int[] blocks) =>
        new(name, summary, o => Build(name, o, width, blocks), ZooScaling.Resolution | ZooScaling.Classes);

    private static Graph Build(string name, ZooOptions options, int width, int[] blocks)
    {
        var b = new NetworkBuilder(name, options);
        int x = Norm(b, "features.0.1", b.Conv("features.0.0", b.Image(224), width, 4, stride: 4, bias: true));
        for (int stage = 0; stage < blocks.Length; stage++)
        {
            if (stage > 0)
                x = b.Conv($"features.{2 * stage}.1", Norm(b, $"features.{2 * stage}.0", x), width << stage, 2, stride: 2, bias: true);
            for (int i = 0; i < blocks[stage]; i++) x = Block(b, $"features.{2 * stage + 1}.{i}", x, width << stage);
        }
        x = Norm(b, "classifier.0", b.Add("avgpool", new GlobalAveragePool(), x));
        b.Output("logits", b.Linear("classifier.2", b.Add("classifier.1", new Flatten(), x), options.Classes ?? 1000));
        return b.Build();
    }

    private static int Block(NetworkBuilder b, string name, int x, int width)
    {
        int y = b.Conv($"{name}.block.0", x, width, 7, pad: 3, groups: width, bias: true);
        y = b.Add($"{name}.block.1", new Transpose([0, 2, 3, 1]), y);
        y = b.Gelu($"{name}.block.4", b.TokenLinear($"{name}.block.3", b.LayerNorm($"{name}.block.2", y, Epsilon), 4 * width));
        y = b.Add($"{name}.block.6", new Transpose([0, 3, 1, 2]), b.TokenLinear($"{name}.block.5", y, width));
        y = b.Add($"{name}.scale", new Mul(), y, b.Scales($"{name}.layer_scale", 0.2f, 0.6f, width, 1, 1));
        return b.Add($"{name}.add", new Add(), x, y);
    }

    private static int Norm(NetworkBuilder b, string name, int x)
    {
        int y = b.LayerNorm(name, b.Add($"{name}.last", new Transpose([0, 2, 3, 1]), x), Epsilon);
        return b.Add($"{name}.first", new Transpose([0, 3, 1, 2]), y);
    }
}
