using System.Collections.Immutable;
using Nncc.Passes.Cost;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Programs;

/// <summary>
/// Chooses which steps are computed in bands: those for which less time is predicted so, by dynamic programming over the steps in order.
/// Streaming rows through several layers is known from image processing (Ragan-Kelley and others, "Halide", 2013) and, for neural networks,
/// as layer fusion (Alwani and others, "Fused-layer CNN accelerators", 2016).
/// </summary>
/// <param name="target">The machine.</param>
/// <param name="cost">Predicts each step.</param>
/// <param name="threads">Threads that an instance may have at most.</param>
internal sealed class BandPlanner(TargetProfile target, ICostModel cost, int threads)
{
    // More steps need more rows of the first ones, of which each thread computes some again.
    private const int MostSteps = 4;

    /// <summary>What is known of each step's kernel.</summary>
    public Dictionary<int, KernelFeatures> Features { get; } = [];

    // What is held between steps, and the band of the last result: half of the second level of cache.
    private double Room => target.Caches[Math.Min(1, target.Caches.Count - 1)].KiB * 512.0;

    // Bytes in a nanosecond of what kernels read and write beyond the second level, where they wait for latency too, beside what the
    // bandwidth says: chosen on Zen 4, by the times of mobilenet_v2 with one thread and two.
    private const double FarBytesPerNs = 20;

    private sealed record Choice(BandChain Chain, ImmutableArray<KernelCost> Costs, double Ns, double Judged);

    /// <summary>Chooses, and changes steps and buffers accordingly.</summary>
    public ImmutableArray<BandChain> Plan(List<ProgramStep> steps, List<ProgramBuffer> buffers, double modelBytes)
    {
        var best = new double[steps.Count + 1];
        var choices = new Choice?[steps.Count + 1];
        for (int end = 1; end <= steps.Count; end++)
        {
            best[end] = best[end - 1] + steps[end - 1].Cost.TotalNs;
            for (int first = end - 2; first >= Math.Max(0, end - MostSteps) && IsLink(steps, buffers, first); first--)
                if (Choose(steps, first, end, modelBytes) is { } choice && best[first] + choice.Judged < best[end])
                    (best[end], choices[end]) = (best[first] + choice.Judged, choice);
        }
        var chains = new List<BandChain>();
        for (int end = steps.Count; end > 0;)
            if (choices[end] is { } choice)
            {
                Apply(choice, steps, buffers);
                chains.Add(choice.Chain);
                end = choice.Chain.First;
            }
            else end--;
        chains.Reverse();
        return threads == 1 ? [.. chains] : [.. chains.Concat(Alone(steps, chains, buffers)).OrderBy(c => c.First)];
    }

    private double Saved(List<ProgramStep> steps, int first, int last) => Enumerable.Range(first, last - first)
        .Select(i => (double)steps[i].Bands!.Bytes).Where(bytes => bytes > Room).Sum() / FarBytesPerNs;

    // Steps of which each thread computes some rows, where that is better than blocks of the result: threads that compute the same rows of
    // one result and the next find them in their own caches, but each reads all weights.
    private IEnumerable<BandChain> Alone(List<ProgramStep> steps, List<BandChain> chains, List<ProgramBuffer> buffers)
    {
        var taken = chains.SelectMany(c => Enumerable.Range(c.First, c.Count)).ToHashSet();
        double bandwidth = target.BandwidthFor(target.Caches[^1].KiB * 1024.0);
        foreach (var (i, step) in steps.Index().ToList())
        {
            if (step.Bands is not { } bands || taken.Contains(i) || bands.Rows < threads
                || step.Cost.TotalNs < ProgramBuilder.LeastNsForThreads) continue;
            var features = Features[i];
            double byBlocks = step.Split is not { } split ? step.Cost.TotalNs
                : Shared((split.Count + split.Grain - 1) / split.Grain, features.BytesIn);
            if (Shared(bands.Rows, features.BytesWeights) >= byBlocks) continue;
            var chain = new BandChain(i, bands.Rows, []);
            Apply(new Choice(chain, [step.Cost], step.Cost.TotalNs, 0), steps, buffers);
            yield return chain;

            // The thread with the most pieces, and what every thread reads.
            double Shared(long pieces, double bytes) =>
                step.Cost.TotalNs * ((pieces + threads - 1) / threads) / pieces + bytes * (threads - 1) / threads / bandwidth;
        }
    }

    // Whether the step behind it reads the step's result by windows, and nobody else does.
    private static bool IsLink(List<ProgramStep> steps, List<ProgramBuffer> buffers, int step)
    {
        if (steps[step] is not { Bands: { } made, Arguments: [PointerArgument result, ..] }) return false;
        if (steps[step + 1].Bands?.Image is not { } image) return false;
        var buffer = buffers[result.Buffer];
        return buffer is { Kind: BufferKind.Arena } && (buffer.First, buffer.Last) == (step, step + 1)
            && buffer.Bytes.Value == made.Bytes && result.ByteOffset.Value == 0
            && steps[step + 1].Arguments[image.Argument] is PointerArgument read && read.Buffer == result.Buffer
            && Pointers(step) == 1 && Pointers(step + 1) == 1
            && image.Reach >= image.Stride && image.Begin < image.Reach && made.Top <= image.Begin;

        int Pointers(int of) => steps[of].Arguments.OfType<PointerArgument>().Count(p => p.Buffer == result.Buffer);
    }

    private Choice? Choose(List<ProgramStep> steps, int first, int end, double modelBytes)
    {
        var last = steps[end - 1].Bands!;
        long rows = 0;
        while (rows < last.Rows && Bytes(rows + 1) <= Room) rows++;
        if (rows == 0 || rows == last.Rows) return null;
        // Bands of nearly equal size.
        long count = (last.Rows + rows - 1) / rows;
        rows = (last.Rows + count - 1) / count;
        var held = Held(rows);
        double span = Bytes(rows);
        var costs = Enumerable.Range(first, end - first).Select(i =>
        {
            var features = Features[i];
            double again = features.BytesAgain + (count - 1) * features.BytesWeights;
            double bytesIn = features.BytesIn, bytesOut = features.BytesOut;
            if (i > first)
            {
                var (made, image) = (steps[i - 1].Bands!, steps[i].Bands!.Image!);
                bytesIn = Math.Max(0, bytesIn - Features[i - 1].BytesOut);
                again += Features[i - 1].BytesOut + 2.0 * (count - 1) * (image.Reach - image.Stride) * made.RowBytes * made.Planes;
            }
            if (i < end - 1)
            {
                again += bytesOut;
                bytesOut = 0;
            }
            var banded = features with
            {
                BytesIn = bytesIn, BytesOut = bytesOut, BytesAgain = again, SpanAgain = span + features.BytesWeights,
            };
            var predicted = cost.Predict(banded, target, modelBytes);
            return predicted with
            {
                TotalNs = predicted.TotalNs + (count - 1) * predicted.FixedNs, FixedNs = count * predicted.FixedNs,
            };
        }).ToImmutableArray();
        return new Choice(new BandChain(first, rows, [.. held]), costs, costs.Sum(c => c.TotalNs),
            costs.Sum(c => c.TotalNs) - Saved(steps, first, end - 1));

        // Rows that each result but the last one is held in: those that the most rows of the next one need.
        long[] Held(long band)
        {
            var result = new long[end - 1 - first];
            for (int i = result.Length - 1; i >= 0; i--)
            {
                var image = steps[first + i + 1].Bands!.Image!;
                result[i] = band = (band - 1) * image.Stride + image.Reach;
            }
            return result;
        }

        double Bytes(long band) => band * last.RowBytes * last.Planes
            + Held(band).Select((count, i) => (double)count * steps[first + i].Bands!.RowBytes * steps[first + i].Bands!.Planes).Sum();
    }

    private void Apply(Choice choice, List<ProgramStep> steps, List<ProgramBuffer> buffers)
    {
        var chain = choice.Chain;
        bool isShared = threads > 1 && choice.Ns >= ProgramBuilder.LeastNsForThreads;
        var split = isShared ? new KernelSplit(steps[chain.Last].Bands!.Rows, chain.Count == 1 ? 1 : chain.Rows) : null;
        var own = new Dictionary<int, long>(); // bytes of a thread's part, by buffer
        for (int i = chain.First; i <= chain.Last; i++)
        {
            foreach (var pointer in steps[i].Arguments.OfType<PointerArgument>())
            {
                var buffer = buffers[pointer.Buffer];
                buffers[pointer.Buffer] = buffer with
                {
                    First = Math.Min(buffer.First, chain.First), Last = Math.Max(buffer.Last, chain.Last),
                };
            }
            foreach (var scratch in steps[i].Arguments.OfType<PointerArgument>().Where(p => p.IsScratch && p.ThreadBytes == 0 && isShared))
                Own(scratch.Buffer, buffers[scratch.Buffer].Bytes.Value!.Value);
            if (i < chain.Last)
                Own(((PointerArgument)steps[i].Arguments[0]).Buffer, chain.Held[i - chain.First] * steps[i].Bands!.RowBytes
                    * steps[i].Bands!.Planes);
        }
        for (int i = chain.First; i <= chain.Last; i++)
            steps[i] = steps[i] with
            {
                Split = split, Cost = choice.Costs[i - chain.First],
                Arguments = [.. steps[i].Arguments.Select(a => a is not PointerArgument pointer ? a : pointer with
                {
                    PieceBytes = 0, IsShared = true,
                    ThreadBytes = isShared ? own.GetValueOrDefault(pointer.Buffer, pointer.ThreadBytes) : 0,
                })],
            };

        void Own(int buffer, long bytes)
        {
            own[buffer] = MemoryPlanner.Align(bytes);
            buffers[buffer] = buffers[buffer] with { Bytes = isShared ? own[buffer] * threads : bytes };
        }
    }
}
