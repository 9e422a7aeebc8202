using System.Collections.Immutable;
using Nncc.IR;
using Nncc.Passes.Rules;

namespace Nncc.Passes;

/// <summary>
/// What the user decides about a compilation. Built by the caller; passes read it from <see cref="PassContext.Options"/>.
/// </summary>
public sealed record CompileOptions
{
    /// <summary>Shapes that inputs get, by input name (<c>--shape input=1x3x224x224</c>).</summary>
    public ImmutableSortedDictionary<string, Shape> Shapes { get; init; } =
        ImmutableSortedDictionary.Create<string, Shape>(StringComparer.Ordinal);

    /// <summary>Sizes that symbols get, by symbol name (<c>--dim batch=1</c>).</summary>
    public ImmutableSortedDictionary<string, long> Dims { get; init; } =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>These without shapes and sizes, for another model or a model whose sizes are bound.</summary>
    public CompileOptions WithoutSizes => this with { Shapes = Shapes.Clear(), Dims = Dims.Clear() };

    /// <summary>
    /// Bytes by which constants may grow in a fold (<c>--fold-budget</c>): what the results of a folded node may have where they are larger
    /// than its operands.
    /// </summary>
    public long FoldLimit { get; init; } = 4L << 20;

    /// <summary>How much is rewritten, 0 to 3 (<c>-O2</c>); see <see cref="Pipelines.Canonicalize"/>.</summary>
    public int Level { get; init; } = 2;

    /// <summary>Rules and passes that are left out (<c>--disable</c>), by name.</summary>
    public ImmutableSortedSet<string> Disabled { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Ops of ai.onnx that are not computed ahead, by name: a runtime wants to find them behind constants.</summary>
    public ImmutableSortedSet<string> Unfolded { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>The rules that alone are applied (<c>--only</c>), by name; empty for all.</summary>
    public ImmutableSortedSet<string> Only { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>The newest opset of ai.onnx whose ops rules may bring in; null for any.</summary>
    public int? NewestOpset { get; init; }

    /// <summary>What is evaluated while rules are applied (<c>--check</c>).</summary>
    public RuleCheck Check { get; init; } = RuleCheck.Rules;

    /// <summary>Whether rules are left out that round floats elsewhere or in another order (<c>--strict-float</c>).</summary>
    public bool StrictFloat { get; init; }

    /// <summary>
    /// Whether what the caller may give in place of an initializer stays an input that nothing is folded into (<c>--keep-overridable</c>).
    /// </summary>
    public bool KeepOverridable { get; init; }

    /// <summary>
    /// The relative error that factors in place of a convolution may have (<c>--separable-error</c>), for the layer and for the outputs of
    /// the model; 0 for exact ones only.
    /// </summary>
    public double SeparableError { get; init; }

    /// <summary>
    /// Gives sets of inputs for a graph, in the order of its inputs, with which errors are weighted and measured (<c>--calibrate</c>); null
    /// for none.
    /// </summary>
    public Func<Graph, ImmutableArray<ImmutableArray<Datum?>>>? Calibration { get; init; }

    /// <summary>Whether weights are looked into: factors, groups, channels of zeros (level 3, or an error is allowed).</summary>
    public bool IsSeparating => Level >= 3 || (Level > 0 && SeparableError > 0);
}
