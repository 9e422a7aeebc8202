using Nncc.IR.Ops;

namespace Nncc.Zoo.Architectures;

/// <summary>Small networks for digits of 28x28 pixels.</summary>
internal sealed class LeNet : IArchitectures
{
    public static IEnumerable<Architecture> All =>
    [
        new("lenet", "LeNet-5 with ReLU and max pooling, 28x28 (LeCun et al. 1998)", Lenet),
        new("toy_cnn", "two 3x3 convolutions of 5 filters and two fully connected layers, 28x28", ToyCnn),
    ];

    private static Graph Lenet(ZooOptions options)
    {
        var b = new NetworkBuilder("lenet", options, probeSize: 28);
        int x = b.Image("input", 1, 28, 28);
        x = Pool(b, "pool1", b.Relu("relu1", b.Conv("conv1", x, 6, 5, pad: 2, bias: true)));
        x = Pool(b, "pool2", b.Relu("relu2", b.Conv("conv2", x, 16, 5, bias: true)));
        x = b.Add("flatten", new Flatten(), x);
        x = b.Relu("relu3", b.Linear("fc1", x, 120));
        x = b.Relu("relu4", b.Linear("fc2", x, 84));
        b.Output("logits", b.Linear("fc3", x, 10));
        return b.Build();
    }

    private static Graph ToyCnn(ZooOptions options)
    {
        var b = new NetworkBuilder("toy_cnn", options, probeSize: 28);
        int x = b.Image("input", 1, 28, 28);
        x = b.Relu("relu1", b.Conv("conv1", x, 5, 3, bias: true));
        x = b.Relu("relu2", b.Conv("conv2", x, 5, 3, bias: true));
        x = b.Add("flatten", new Flatten(), x);
        x = b.Relu("relu3", b.Linear("fc1", x, 128));
        b.Output("logits", b.Linear("fc2", x, 10));
        return b.Build();
    }

    private static int Pool(NetworkBuilder b, string name, int x) => b.Add(name, new MaxPool([2, 2], Strides: [2, 2]), x);
}
