using Nncc.IR.Ops;

namespace Nncc.Zoo.Architectures;

/// <summary>ShuffleNet V2 (Ma et al. 2018), as torchvision has it.</summary>
internal sealed class ShuffleNetV2 : IArchitectures
{
    private static readonly int[] Repeats = [4, 8, 4];

    public static IEnumerable<Architecture> All =>
    [
        Of("shufflenet_v2_x0_5", "0.5", [48, 96, 192, 1024]), Of("shufflenet_v2_x1_0", "1.0", [116, 232, 464, 1024]),
        Of("shufflenet_v2_x1_5", "1.5", [176, 352, 704, 1024]), Of("shufflenet_v2_x2_0", "2.0", [244, 488, 976, 2048]),
    ];

    private static Architecture Of(string name, string size, int[] channels) => new(name,
        $"ShuffleNet V2 {size}, 224x224 (torchvision)", o => Build(name, o, channels), ZooScaling.Resolution | ZooScaling.Classes);

    private static Graph Build(string name, ZooOptions options, int[] channels)
    {
        var b = new NetworkBuilder(name, options, probeSize: options.Resolution ?? 224); // shuffling names sizes
        int x = ConvNorm.Add(b, "conv1", b.Image(224), 24, 3, stride: 2);
        x = b.Add("maxpool", new MaxPool([3, 3], Pads: [1, 1, 1, 1], Strides: [2, 2]), x);
        for (int stage = 0; stage < Repeats.Length; stage++)
            for (int i = 0; i < Repeats[stage]; i++)
            {
                string unit = $"stage{stage + 2}.{i}";
                x = Shuffle(b, unit, i == 0 ? Down(b, unit, x, channels[stage]) : Keep(b, unit, x));
            }
        b.Classify("fc", ConvNorm.Add(b, "conv5", x, channels[^1], 1));
        return b.Build();
    }

    // Both branches see all channels and halve the size.
    private static int Down(NetworkBuilder b, string name, int x, int filters)
    {
        int channels = (int)b.Shape(x)[1];
        int left = ConvNorm.Add(b, $"{name}.branch1.dw", x, channels, 3, 2, channels, Activation.None);
        left = ConvNorm.Add(b, $"{name}.branch1.pw", left, filters / 2, 1);
        return b.Add($"{name}.concat", new Concat(1), left, Branch(b, name, x, filters / 2, stride: 2));
    }

    // One half of the channels goes through.
    private static int Keep(NetworkBuilder b, string name, int x)
    {
        int half = (int)b.Shape(x)[1] / 2;
        var halves = b.AddMany($"{name}.split", new Split(1), 2, x, b.Integers($"{name}.halves", half, half));
        return b.Add($"{name}.concat", new Concat(1), halves[0], Branch(b, name, halves[1], half, stride: 1));
    }

    private static int Branch(NetworkBuilder b, string name, int x, int filters, int stride)
    {
        x = ConvNorm.Add(b, $"{name}.branch2.pw1", x, filters, 1);
        x = ConvNorm.Add(b, $"{name}.branch2.dw", x, filters, 3, stride, filters, Activation.None);
        return ConvNorm.Add(b, $"{name}.branch2.pw2", x, filters, 1);
    }

    private static int Shuffle(NetworkBuilder b, string name, int x)
    {
        long[] dims = b.Shape(x);
        int y = b.Reshape($"{name}.shuffle.split", x, 0, 2, dims[1] / 2, dims[2], dims[3]);
        y = b.Add($"{name}.shuffle.transpose", new Transpose([0, 2, 1, 3, 4]), y);
        return b.Reshape($"{name}.shuffle.merge", y, 0, dims[1], dims[2], dims[3]);
    }
}
