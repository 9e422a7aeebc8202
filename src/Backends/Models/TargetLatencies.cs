using System.Collections.Immutable;
using Nncc.Passes.Cost;
using Nncc.Passes.Counting;

namespace Nncc.Backends.Models;

/// <summary>The time that a model takes at least on a target.</summary>
/// <param name="Target">Name of the target.</param>
/// <param name="Nanoseconds">By the roofline, on one core.</param>
/// <param name="Stage">The stage whose nodes were taken as kernels.</param>
public sealed record TargetLatency(string Target, double Nanoseconds, string Stage);

/// <summary>The time that a model takes at least on each target.</summary>
public static class TargetLatencies
{
    /// <summary>
    /// For all targets of the compiler, in their order: of the fused graph, or of the canonical one where no kernel computes a node.
    /// </summary>
    /// <exception cref="NnccException">The model cannot be counted.</exception>
    public static ImmutableArray<TargetLatency> Of(Compiler compiler, Model model, CancellationToken cancellation = default) =>
    [
        .. compiler.Targets.All.Select(target =>
        {
            var other = compiler.With(compiler.Options with { Target = target.Name });
            var (count, stage) = Count(other, model, cancellation);
            return new TargetLatency(target.Name, Roofline.Of(count, target).TotalNs, stage);
        }),
    ];

    private static (ModelCount Count, string Stage) Count(Compiler compiler, Model model, CancellationToken cancellation)
    {
        try
        {
            return (StageCounts.At(compiler, model, StageCounts.Stages[2], new CountOptions(), cancellation), StageCounts.Stages[2]);
        }
        catch (NnccException e) when (e.Faults.All(f => f.Code.Exit == ExitCode.Unsupported))
        {
            return (StageCounts.At(compiler, model, StageCounts.Stages[1], new CountOptions(), cancellation), StageCounts.Stages[1]);
        }
    }
}
