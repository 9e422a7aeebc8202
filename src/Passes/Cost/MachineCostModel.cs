using Nncc.Passes.Targets;

namespace Nncc.Passes.Cost;

/// <summary>
/// Time of a kernel from its arithmetic as executed and its traffic with each level of memory. Activations and scratch are where what the
/// kernel touches fits; weights come, the first time, from the level that holds what a run of the whole model goes through, since all of it
/// passes between two calls; what is read again comes from the level that holds the range which is read between. Arithmetic hides traffic
/// only in part: the square root of the sum of both squares lies between full overlap (the roofline of Williams, Waterman, Patterson 2009)
/// and none.
/// </summary>
public sealed class MachineCostModel : ICostModel
{
    // What goes round and round in the order of its use stays in a cache only where it is well below its size.
    private const double PartOfCache = 1.5;

    // Lines that a kernel waits for one after the other before weights stream: of its arguments, its tables, and the weights themselves;
    // and every other line of its code, which a run of the whole model pushes out as it does the weights.
    private const int LinesAtStart = 4, Line = 64;

    private const string Weights = "weights";

    // Nanoseconds until a line comes, as commonly measured on processors of this decade; those of the nearest levels hide behind others.
    private static double Latency(string level) => level switch { "L1" or "L2" => 0, "memory" => 50, _ => 15 };

    /// <inheritdoc/>
    public KernelCost Predict(KernelFeatures features, TargetProfile target, double modelBytes = 0)
    {
        double compute = features.ComputeNs(target);
        double touched = features.BytesIn + features.BytesOut + features.BytesScratch;
        var traffic = new List<CostTerm>();
        Add("operands", features.BytesIn, PartOfCache * touched);
        Add("results", features.BytesOut, PartOfCache * touched);
        Add("scratch memory", features.BytesScratch, PartOfCache * touched);
        Add(Weights, features.BytesWeights, Math.Max(PartOfCache * modelBytes, features.BytesWeights + touched));
        Add("read again", features.BytesAgain, features.SpanAgain);
        double memory = traffic.Sum(term => term.Ns);
        double waits = features.AreWeightsFirst ? traffic.Where(term => term.What == Weights).Sum(term => term.Ns) : 0;
        double together = waits + Math.Sqrt(compute * compute + (memory - waits) * (memory - waits));
        double start = features.BytesWeights > Line
            ? (LinesAtStart + features.CodeBytes / Line / 2) * Latency(target.LevelFor(PartOfCache * modelBytes)) : 0;
        return new KernelCost(compute, memory, target.CallNs + start, together + target.CallNs + start)
        {
            Traffic = traffic.ToEquatable(),
        };

        void Add(string what, double bytes, double range)
        {
            if (bytes > 0) traffic.Add(new CostTerm(what, bytes, target.LevelFor(range), bytes / target.BandwidthFor(range)));
        }
    }

    /// <summary>Bytes that a run of a graph goes through from one use of a weight to the next: all its constants.</summary>
    public static double ModelBytes(Graph graph) => graph.Nodes.Where(n => n.Op is IR.Ops.Constant)
        .Sum(n => n.GivenOutputs.Sum(v => MeasureContext.Bytes(graph[v].Type).Value ?? 0));
}
