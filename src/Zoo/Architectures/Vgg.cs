using Nncc.IR.Ops;

namespace Nncc.Zoo.Architectures;

/// <summary>VGG (Simonyan and Zisserman 2014), as torchvision has it, also with batch norms.</summary>
internal sealed class Vgg : IArchitectures
{
    public static IEnumerable<Architecture> All =>
        from size in new[] { (11, new[] { 1, 1, 2, 2, 2 }), (13, [2, 2, 2, 2, 2]), (16, [2, 2, 3, 3, 3]), (19, [2, 2, 4, 4, 4]) }
        from norms in new[] { false, true }
        let name = $"vgg{size.Item1}{(norms ? "_bn" : "")}"
        select new Architecture(name, $"VGG-{size.Item1}{(norms ? " with batch norms" : "")}, 224x224 (torchvision)",
            options => Build(name, options, size.Item2, norms), ZooScaling.Classes);

    private static Graph Build(string name, ZooOptions options, int[] stages, bool norms)
    {
        var b = new NetworkBuilder(name, options);
        int x = b.Image(224), index = 0;
        for (int stage = 0; stage < stages.Length; stage++)
        {
            for (int layer = 0; layer < stages[stage]; layer++)
            {
                x = b.Conv($"features.{index++}", x, Math.Min(64 << stage, 512), 3, pad: 1, bias: true);
                if (norms) x = b.BatchNorm($"features.{index++}", x);
                x = b.Relu($"features.{index++}", x);
            }
            x = b.Add($"features.{index++}", new MaxPool([2, 2], Strides: [2, 2]), x);
        }
        x = b.Add("avgpool", new AveragePool([1, 1], Strides: [1, 1]), x); // adaptive to 7x7, which it is
        x = b.Add("flatten", new Flatten(), x);
        x = b.Relu("classifier.1", b.Linear("classifier.0", x, 4096));
        x = b.Relu("classifier.4", b.Linear("classifier.3", x, 4096));
        b.Output("logits", b.Linear("classifier.6", x, options.Classes ?? 1000));
        return b.Build();
    }
}
