using System.Collections.Immutable;
using Nncc.Passes;
using Nncc.Passes.Counting;
using Nncc.Passes.Transforms;

namespace Nncc.Backends.Models;

/// <summary>What a model costs at one stage of the compilation.</summary>
/// <param name="Stage">Name of the stage: <c>imported</c>, <c>canonical</c>, <c>fused</c>.</param>
/// <param name="Count">The count; null where the model does not get there.</param>
/// <param name="Faults">Why it does not get there.</param>
/// <param name="ArenaBytes">Bytes of working memory of the program that is emitted; null for all stages but the last.</param>
public sealed record StageCount(string Stage, ModelCount? Count, ImmutableArray<Fault> Faults, long? ArenaBytes = null);

/// <summary>Counts a model at the stages of its compilation.</summary>
public static class StageCounts
{
    /// <summary>Names of the stages that can be counted, in order.</summary>
    public static ImmutableArray<string> Stages { get; } = ["imported", "canonical", "fused"];

    // Bodies of control flow say little of their types until these are brought in from outside.
    private static Pipeline AsRead => new("count", new Specialization(), new ShapeInference());

    /// <summary>The graph at one stage, with the sizes of the compiler's options bound.</summary>
    /// <exception cref="NnccException">There is no such stage, or the model does not get there.</exception>
    public static Graph Graph(Compiler compiler, Model model, string stage, CancellationToken cancellation = default)
    {
        if (!Stages.Contains(stage))
            throw new NnccException(FaultCodes.UnknownName, $"there is no stage \"{stage}\" that can be counted",
                advice: Suggestion.For(stage, Stages, "there are"));
        return stage == Stages[0] ? compiler.Run(AsRead, model, cancellation).Graph
            : StageDump.At(compiler, model, stage, cancellation: cancellation).Graph!;
    }

    /// <summary>Counts at one stage, with the sizes of the compiler's options bound.</summary>
    /// <exception cref="NnccException">There is no such stage, the model does not get there, or it cannot be counted.</exception>
    public static ModelCount At(Compiler compiler, Model model, string stage, CountOptions options,
        CancellationToken cancellation = default) => ModelCounter.Count(Graph(compiler, model, stage, cancellation), options);

    /// <summary>Counts at every stage that the model gets to.</summary>
    public static ImmutableArray<StageCount> All(Compiler compiler, Model model, CountOptions options,
        CancellationToken cancellation = default) =>
    [
        .. Stages.Select(stage =>
        {
            try
            {
                return new StageCount(stage, At(compiler, model, stage, options, cancellation), [],
                    stage == Stages[^1] ? compiler.Lower(model, cancellation).ArenaBytes.Value : null);
            }
            catch (NnccException e)
            {
                return new StageCount(stage, null, e.Faults);
            }
        }),
    ];
}
