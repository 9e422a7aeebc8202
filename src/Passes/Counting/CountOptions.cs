using System.Collections.Immutable;

namespace Nncc.Passes.Counting;

/// <summary>What the user decides about a count.</summary>
public sealed record CountOptions
{
    /// <summary>Whether nodes that no output depends on count like the others (<c>--include-dead</c>).</summary>
    public bool IncludesDead { get; init; }

    /// <summary>Whether open sizes stay in the figures as symbols (<c>--symbolic</c>); otherwise they are faults.</summary>
    public bool IsSymbolic { get; init; }

    /// <summary>
    /// Iterations of loops by the loop node's name; the empty name stands for all loops whose number of iterations the model does not say.
    /// </summary>
    public ImmutableSortedDictionary<string, long> Trips { get; init; } =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);
}
