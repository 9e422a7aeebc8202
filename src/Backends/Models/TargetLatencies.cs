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
    /// For all targets of the compiler, in their order: of the last stage that the model gets to with what it has of weights.
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
        foreach (string stage in StageCounts.Stages.Reverse())
            try
            {
                return (StageCounts.At(compiler, model, stage, new CountOptions(), cancellation), stage);
            }
            catch (NnccException e) when (stage != StageCounts.Stages[0] && e.Faults.All(IsBeyond))
            {
                continue;
            }
        throw new InvalidOperationException("the first stage gives a count or a fault");
    }

    // No kernel computes a node; or what a rewrite would compute needs elements of weights that are not there.
    private static bool IsBeyond(Fault fault) => fault.Code.Exit == ExitCode.Unsupported || fault.Code == FaultCodes.NoContent;
}
