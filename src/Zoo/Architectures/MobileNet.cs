using Nncc.IR.Ops;

namespace Nncc.Zoo.Architectures;

/// <summary>MobileNet V2 (Sandler et al. 2018), as torchvision has it.</summary>
internal sealed class MobileNet : IArchitectures
{
    public static IEnumerable<Architecture> All =>
        [new("mobilenet_v2", "MobileNet V2 1.0, 224x224, 3,504,872 parameters (torchvision)", V2)];

    private static Graph V2(ZooOptions options)
    {
        var b = new NetworkBuilder("mobilenet_v2", options);
        int x = b.Image("input", 3, 224, 224);
        x = ConvNormRelu6(b, "features.0", x, 32, 3, stride: 2);
        int index = 1;
        foreach (var (expand, filters, count, stride) in new[]
                 {
                     (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
                 })
            for (int i = 0; i < count; i++) x = InvertedResidual(b, $"features.{index++}", x, expand, filters, i == 0 ? stride : 1);
        x = ConvNormRelu6(b, "features.18", x, 1280, 1);
        x = b.Add("avgpool", new GlobalAveragePool(), x);
        b.Output("logits", b.Linear("classifier.1", b.Add("flatten", new Flatten(), x), 1000));
        return b.Build();
    }

    private static int InvertedResidual(NetworkBuilder b, string name, int x, int expand, int filters, int stride)
    {
        int channels = (int)b.Shape(x)[1], part = 0;
        int y = x;
        if (expand != 1) y = ConvNormRelu6(b, $"{name}.conv.{part++}", y, channels * expand, 1);
        y = ConvNormRelu6(b, $"{name}.conv.{part++}", y, channels * expand, 3, stride, groups: channels * expand);
        y = b.BatchNorm($"{name}.conv.{part + 1}", b.Conv($"{name}.conv.{part}", y, filters, 1));
        return stride == 1 && channels == filters ? b.Add($"{name}.add", new Add(), x, y) : y;
    }

    private static int ConvNormRelu6(NetworkBuilder b, string name, int x, int filters, int kernel, int stride = 1, int groups = 1) =>
        b.Relu6($"{name}.2", b.BatchNorm($"{name}.1", b.Conv($"{name}.0", x, filters, kernel, stride, pad: kernel / 2, groups: groups)));
}
