using System.Collections.Immutable;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Targets;

namespace Nncc.Backends.Benchmarks;

/// <summary>
/// The time that a layer takes at least on this machine as it is at the moment: the larger of its arithmetic at the peak and its bytes at
/// the bandwidth of the level that they come from. Activations come from the level that holds those of the layer; weights from the one that
/// holds the weights and the working memory of the whole model, for each run goes through all of them.
/// </summary>
internal sealed class LayerBounds
{
    private readonly TargetProfile target;
    private readonly int weightLevel;

    /// <summary>The bounds of a program's layers; measures the machine.</summary>
    public LayerBounds(TargetProfile target, ModelProgram program, MachineProbe probe, int threads)
    {
        this.target = target;
        Peak = probe.Peak().Best * threads;
        Bandwidths = [.. probe.Bandwidths().Select(b => b * threads)];
        weightLevel = Level(program.WeightBytes + program.ArenaBytes.Value!.Value);
    }

    /// <summary>GFLOP/s of multiply-adds from registers alone.</summary>
    public double Peak { get; }

    /// <summary>GB/s of reading from each level, the nearest first.</summary>
    public ImmutableArray<double> Bandwidths { get; }

    /// <summary>Milliseconds of a layer and what they are spent on.</summary>
    /// <param name="work">Its work by definition.</param>
    /// <param name="features">Its work as executed: an algorithm with fewer products has another bound.</param>
    /// <param name="weights">Bytes of its constants.</param>
    public (double Milliseconds, string By) Of(Work work, KernelFeatures features, double weights)
    {
        double operations = LayerTimes.Operations(work), executed = 2 * features.VectorOps * target.Lanes(sizeof(float));
        double activations = work.BytesIn.Value!.Value + work.BytesOut.Value!.Value - weights;
        bool isFaster = work.Macs.Value!.Value > 0 && executed < operations;
        return Larger(isFaster ? executed : operations, Math.Max(0, activations), isFaster ? features.BytesWeights : weights);
    }

    /// <summary>Milliseconds of copying an output.</summary>
    public (double Milliseconds, string By) OfCopy(ProgramStep step) =>
        Larger(0, 2 * ((IntegerArgument)step.Arguments[2]).Value.Value!.Value, 0);

    private (double Milliseconds, string By) Larger(double operations, double activations, double weights)
    {
        int level = Level(activations);
        double compute = operations / Peak / 1e6, moved = activations / Bandwidths[level] / 1e6;
        double read = weights / Bandwidths[weightLevel] / 1e6;
        return compute >= moved + read ? (compute, "compute") : (moved + read, Name(read > moved ? weightLevel : level));
    }

    private int Level(double bytes)
    {
        int level = 0;
        while (level < target.Caches.Count && bytes > target.Caches[level].KiB * 1024.0) level++;
        return level;
    }

    private string Name(int level) => level < target.Caches.Count ? $"L{level + 1}" : "memory";
}
