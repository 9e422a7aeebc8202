using System.Collections.Immutable;

namespace Nncc.IR.Evaluate;

/// <summary>
/// Outputs of a wide run, and what they become where every decision that is nearer to its threshold than a margin goes the other way.
/// Entries that differ between the two stand behind a decision that no comparison of rounded numbers can judge.
/// </summary>
/// <param name="Outputs">The outputs, in the graph's order.</param>
/// <param name="Nudged">The outputs behind the other decisions; the same objects where no decision is in doubt.</param>
public sealed record MarginRun(ImmutableArray<Datum> Outputs, ImmutableArray<Datum> Nudged);
