using Nncc.IR.Ops;

namespace Nncc.Zoo.Architectures;

/// <summary>AlexNet (Krizhevsky 2014), as torchvision has it.</summary>
internal sealed class AlexNet : IArchitectures
{
    public static IEnumerable<Architecture> All =>
        [new("alexnet", "AlexNet in one column, 224x224, 61,100,840 parameters (torchvision)", Build, ZooScaling.Classes)];

    private static Graph Build(ZooOptions options)
    {
        var b = new NetworkBuilder("alexnet", options);
        int x = b.Relu("features.1", b.Conv("features.0", b.Image(224), 64, 11, stride: 4, pad: 2, bias: true));
        x = Pool(b, "features.2", x);
        x = Pool(b, "features.5", b.Relu("features.4", b.Conv("features.3", x, 192, 5, pad: 2, bias: true)));
        foreach (var (index, filters) in new[] { (6, 384), (8, 256), (10, 256) })
            x = b.Relu($"features.{index + 1}", b.Conv($"features.{index}", x, filters, 3, pad: 1, bias: true));
        x = Pool(b, "features.12", x);
        x = b.Add("avgpool", new AveragePool([1, 1], Strides: [1, 1]), x); // adaptive to 6x6, which it is
        x = b.Add("flatten", new Flatten(), x);
        x = b.Relu("classifier.2", b.Linear("classifier.1", x, 4096));
        x = b.Relu("classifier.5", b.Linear("classifier.4", x, 4096));
        b.Output("logits", b.Linear("classifier.6", x, options.Classes ?? 1000));
        return b.Build();
    }

    private static int Pool(NetworkBuilder b, string name, int x) => b.Add(name, new MaxPool([3, 3], Strides: [2, 2]), x);
}
