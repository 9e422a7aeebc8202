using System.Collections.Immutable;
using Nncc.IR;

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

    /// <summary>
    /// Bytes that the results of a folded node may have where they are larger than its operands (<c>--fold-limit</c>).
    /// </summary>
    public long FoldLimit { get; init; } = 4L << 20;
}
