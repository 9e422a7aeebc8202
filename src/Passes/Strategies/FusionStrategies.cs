using System.Collections.Immutable;

namespace Nncc.Passes.Strategies;

/// <summary>The strategies that a compilation knows.</summary>
public static class FusionStrategies
{
    /// <summary>The strategies of this library, simplest first.</summary>
    public static ImmutableArray<IFusionStrategy> All { get; } = [new NoFusion(), new EpilogueFusion(), new GreedyFusion(),
        new CostFusion()];

    /// <summary>The strategy of that name.</summary>
    /// <exception cref="NnccException">There is none.</exception>
    public static IFusionStrategy Find(string name) => All.FirstOrDefault(s => s.Name == name)
        ?? throw new NnccException(FaultCodes.UnknownStrategy, $"there is no fusion strategy \"{name}\"",
            advice: $"strategies are {string.Join(", ", All.Select(s => s.Name))}");
}
