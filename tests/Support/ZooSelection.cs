namespace Nncc.Tests.Support;

/// <summary>
/// The networks of the zoo that tests make with all their weights: a few small ones of different kinds. All others are counted.
/// </summary>
internal static class ZooSelection
{
    /// <summary>Their names.</summary>
    public static string[] WithWeights =>
        ["bert_small", "lenet", "mobilenet_v2", "resnet18", "resnet50", "squeezenet1_1", "toy_cnn", "vit_tiny"];
}
