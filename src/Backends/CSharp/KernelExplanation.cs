using System.Collections.Immutable;
using System.Globalization;
using Nncc.Passes.Cost;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp;

/// <summary>Why a kernel is predicted to take its time, and what other schedules would take.</summary>
/// <param name="Nodes">The ONNX nodes that it computes.</param>
/// <param name="Schedule">Its schedule.</param>
/// <param name="Features">What it does.</param>
/// <param name="Cost">What that is predicted to cost.</param>
/// <param name="Target">The machine.</param>
/// <param name="Legal">Number of legal schedules.</param>
/// <param name="Others">The cheapest schedule of each other template, and the cheapest others of its own.</param>
public sealed record KernelExplanation(ImmutableArray<string> Nodes, Schedule Schedule, KernelFeatures Features, KernelCost Cost,
    TargetProfile Target, int Legal, ImmutableArray<(Schedule Schedule, double Ns)> Others)
{
    /// <summary>The lines of the explanation.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{Schedule}, predicted {Us(Cost.TotalNs)}";
        double cycles = Features.VectorOps / (Target.FmasPerCycle * Features.Efficiency);
        yield return Number($"arithmetic: {Features.VectorOps:#,0} vector multiply-adds as executed, at {Target.FmasPerCycle:0.##} a cycle")
            + (Features.Efficiency < 1 ? Number($" and {Features.Efficiency:0%} of the peak") : "")
            + Number($": {cycles:#,0} cycles")
            + (Features.Cycles > 0 ? Number($", and {Features.Cycles:#,0} of calls, waiting, indices and single elements") : "")
            + Number($" at {Target.ClockGHz:0.##} GHz, {Us(Cost.ComputeNs)}");
        foreach (var term in Cost.Traffic)
            yield return Number($"{term.What}: {term.Bytes:#,0} bytes, {term.Level} at {term.Bytes / term.Ns:0.#} GB/s: {Us(term.Ns)}");
        yield return $"together {Us(Cost.TotalNs - Cost.FixedNs)}, as arithmetic hides a part of the traffic, "
            + Number($"and {Cost.FixedNs:0.#} ns for the call");
        if (Cost.MemoryNs > 0 || Cost.ComputeNs > 0)
            yield return Cost.ComputeNs >= Cost.MemoryNs ? "bound by arithmetic" : "bound by traffic";
        foreach (var (schedule, ns) in Others)
            yield return Number($"instead {schedule}: {Us(ns)}, {ns / Cost.TotalNs:0.00} times as long");
        if (Legal > Others.Length + 1) yield return $"{Legal} schedules are legal";
    }

    private static string Us(double ns) => Number($"{ns / 1000:#,0.00} us");

    private static string Number(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
