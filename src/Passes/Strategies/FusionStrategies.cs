using System.Collections.Immutable;

namespace Nncc.Passes.Strategies;

/// <summary>The strategies that a compilation knows: those of this library, and those that plugins add.</summary>
public sealed class FusionStrategies
{
    private readonly List<IFusionStrategy> strategies = [];

    /// <summary>The strategies of this library, simplest first.</summary>
    public static ImmutableArray<IFusionStrategy> Shipped { get; } = [new NoFusion(), new EpilogueFusion(), new GreedyFusion(),
        new CostFusion()];

    /// <summary>A new table with the strategies of this library.</summary>
    public static FusionStrategies Standard()
    {
        var table = new FusionStrategies();
        table.strategies.AddRange(Shipped);
        return table;
    }

    /// <summary>All strategies, in the order in which they were added.</summary>
    public IReadOnlyList<IFusionStrategy> All => strategies;

    /// <summary>Adds a strategy.</summary>
    /// <exception cref="ArgumentException">There is one of that name.</exception>
    public void Add(IFusionStrategy strategy)
    {
        if (strategies.Any(s => s.Name == strategy.Name))
            throw new ArgumentException($"the fusion strategy {strategy.Name} is there already", nameof(strategy));
        strategies.Add(strategy);
    }

    /// <summary>The strategy of that name.</summary>
    /// <exception cref="NnccException">There is none.</exception>
    public IFusionStrategy Find(string name) => strategies.FirstOrDefault(s => s.Name == name)
        ?? throw new NnccException(FaultCodes.UnknownStrategy, $"there is no fusion strategy \"{name}\"",
            advice: Suggestion.For(name, strategies.Select(s => s.Name), "strategies are"));
}
