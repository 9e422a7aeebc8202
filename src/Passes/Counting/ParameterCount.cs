using System.Collections.Immutable;
using Nncc.IR;

namespace Nncc.Passes.Counting;

/// <summary>What a constant is for.</summary>
public enum ParameterKind
{
    /// <summary>Weights of a product, a table of embeddings, a scale of a normalization: what training sets.</summary>
    Weight,
    /// <summary>What is added to each channel: what training sets as well.</summary>
    Bias,
    /// <summary>A running mean or variance, which training observes.</summary>
    Statistic,
    /// <summary>Shapes, axes, indices, scales and zero points of quantization, single numbers of formulas.</summary>
    Other,
}

/// <summary>A constant of a model.</summary>
/// <param name="Name">Name.</param>
/// <param name="Content">Its content, of which only the type is looked at.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="Uses">In how many places it is an operand.</param>
public sealed record ParameterTensor(string Name, Tensor Content, ParameterKind Kind, int Uses);

/// <summary>Numbers of elements of constants by kind; each constant once.</summary>
/// <param name="Tensors">The constants in the order of the graph.</param>
public sealed record ParameterCount(ImmutableArray<ParameterTensor> Tensors)
{
    /// <summary>Elements of weights.</summary>
    public long Weights => Sum(ParameterKind.Weight);

    /// <summary>Elements of biases.</summary>
    public long Biases => Sum(ParameterKind.Bias);

    /// <summary>Elements of running means and variances.</summary>
    public long Statistics => Sum(ParameterKind.Statistic);

    /// <summary>Elements of all other constants.</summary>
    public long Others => Sum(ParameterKind.Other);

    /// <summary>What training sets: weights and biases, each once. This is what papers call the number of parameters.</summary>
    public long Trainable => checked(Weights + Biases);

    /// <summary>Weights and biases, those that several nodes use counted at each use.</summary>
    public long Used => Trained.Aggregate(0L, (sum, t) => checked(sum + t.Content.Count * t.Uses));

    /// <summary>Elements of weights and biases that are used in several places.</summary>
    public long Shared => Trained.Where(t => t.Uses > 1).Aggregate(0L, (sum, t) => checked(sum + t.Content.Count));

    /// <summary>Bytes of weights and biases.</summary>
    public long TrainableBytes => Trained.Aggregate(0L, (sum, t) => checked(sum + t.Content.ByteCount));

    /// <summary>Bytes of all constants.</summary>
    public long Bytes => Tensors.Aggregate(0L, (sum, t) => checked(sum + t.Content.ByteCount));

    private IEnumerable<ParameterTensor> Trained => Tensors.Where(t => t.Kind is ParameterKind.Weight or ParameterKind.Bias);

    private long Sum(ParameterKind kind) =>
        Tensors.Where(t => t.Kind == kind).Aggregate(0L, (sum, t) => checked(sum + t.Content.Count));
}
