namespace Nncc.Zoo.Architectures;

/// <summary>
/// MobileNet V1 (Howard et al. 2017), and the network of full convolutions that the paper compares it with. The paper's grid is widths of
/// 0.25 to 1 and resolutions of 128 to 224.
/// </summary>
internal sealed class MobileNetV1 : IArchitectures
{
    private const ZooScaling Scaling = ZooScaling.Width | ZooScaling.Resolution | ZooScaling.Classes;

    public static IEnumerable<Architecture> All =>
    [
        new("mobilenet_v1", "MobileNet V1 1.0, 224x224, 4,231,976 parameters (Howard et al. 2017)", o => Build("mobilenet_v1", o, true),
            Scaling),
        new("conv_mobilenet", "MobileNet V1 of full convolutions, 224x224, 29,294,088 parameters (Howard et al. 2017)",
            o => Build("conv_mobilenet", o, false), Scaling),
    ];

    private static Graph Build(string name, ZooOptions options, bool isSeparable)
    {
        var b = new NetworkBuilder(name, options);
        double width = options.Width ?? 1;
        int x = ConvNorm.Add(b, "conv1", b.Image(224), Scaled(32), 3, stride: 2, activation: Activation.Relu6);
        int index = 2;
        foreach (var (filters, stride) in new[]
                 {
                     (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2),
                     (1024, 1),
                 })
        {
            string block = $"conv{index++}";
            if (isSeparable)
            {
                int channels = (int)b.Shape(x)[1];
                x = ConvNorm.Add(b, $"{block}.dw", x, channels, 3, stride, groups: channels, activation: Activation.Relu6);
                x = ConvNorm.Add(b, $"{block}.pw", x, Scaled(filters), 1, activation: Activation.Relu6);
            }
            else x = ConvNorm.Add(b, block, x, Scaled(filters), 3, stride, activation: Activation.Relu6);
        }
        b.Classify("fc", x);
        return b.Build();

        int Scaled(int channels) => Math.Max(8, (int)(channels * width));
    }
}
