using System.Collections.Immutable;

namespace Nncc.Passes.Programs;

/// <summary>
/// Places buffers in the arena: the largest first, each at the lowest place that no buffer of an overlapping lifetime takes (greedy by
/// size; Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020). Deterministic; needs static sizes.
/// </summary>
public static class MemoryPlanner
{
    private const long Alignment = 64;

    /// <summary>The next multiple of the alignment, 64 bytes: one cache line and one AVX-512 vector.</summary>
    public static long Align(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>The buffers with offsets for those of the arena, and the arena's size in bytes.</summary>
    public static (ImmutableArray<ProgramBuffer> Buffers, long Bytes) Place(ImmutableArray<ProgramBuffer> buffers)
    {
        var result = buffers.ToBuilder();
        var placed = new PlacedBuffers();
        long total = 0;
        foreach (var buffer in buffers.Where(b => b.Kind == BufferKind.Arena).OrderByDescending(b => b.Bytes.Value).ThenBy(b => b.Id))
        {
            long size = Align(buffer.Bytes.Value ?? throw new InvalidOperationException($"buffer \"{buffer.Name}\" has no static size"));
            long start = 0;
            foreach (var (otherStart, otherEnd) in placed.Overlapping(buffer.First, buffer.Last))
            {
                if (start + size <= otherStart) break;
                start = Math.Max(start, otherEnd);
            }
            placed.Add(start, start + size, buffer.First, buffer.Last);
            result[buffer.Id] = buffer with { Offset = start };
            total = Math.Max(total, start + size);
        }
        return (result.ToImmutable(), total);
    }

    // Lists of what lives in each span of steps, so that a buffer is compared with its neighbours in time and not with all.
    private sealed class PlacedBuffers
    {
        private const int Span = 64;
        private readonly Dictionary<int, List<(long Start, long End, int First, int Last)>> spans = [];

        public void Add(long start, long end, int first, int last)
        {
            for (int span = first / Span; span <= last / Span; span++)
            {
                if (!spans.TryGetValue(span, out var list)) spans[span] = list = [];
                list.Add((start, end, first, last));
            }
        }

        public IEnumerable<(long Start, long End)> Overlapping(int first, int last) =>
            Enumerable.Range(first / Span, last / Span - first / Span + 1)
                .SelectMany(span => spans.TryGetValue(span, out var list) ? list.Where(o => o.First <= last && first <= o.Last) : [])
                .Select(o => (o.Start, o.End)).Order();
    }
}
