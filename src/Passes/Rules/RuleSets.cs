using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>The sets that rules stand in.</summary>
public static class RuleSets
{
    /// <summary>Simpler or more usual spellings of the same.</summary>
    public const string Canonical = "canonical";

    /// <summary>Arithmetic with constants moved into constants.</summary>
    public const string Fold = "fold";

    /// <summary>Idioms into one op.</summary>
    public const string Recognize = "recognize";

    /// <summary>Names of all sets.</summary>
    public static ImmutableArray<string> All { get; } = [Canonical, Fold, Recognize];

    /// <summary>Whether the set's order is that of <see cref="RuleOrder"/>.</summary>
    internal static bool HasCountOrder(string set) => All.Contains(set);
}
