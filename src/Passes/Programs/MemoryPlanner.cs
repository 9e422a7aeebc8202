using System.Collections.Immutable;

namespace Nncc.Passes.Programs;

/// <summary>
/// Places buffers in the arena: the largest first, each at the lowest place that no buffer of an overlapping lifetime takes (greedy by size;
/// Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020). Deterministic; needs static sizes.
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
        var placed = new List<(long Start, long End, int First, int Last)>();
        long total = 0;
        foreach (var buffer in buffers.Where(b => b.Kind == BufferKind.Arena).OrderByDescending(b => b.Bytes.Value).ThenBy(b => b.Id))
        {
            long size = Align(buffer.Bytes.Value ?? throw new InvalidOperationException($"buffer \"{buffer.Name}\" has no static size"));
            long start = 0;
            foreach (var other in placed.Where(o => o.First <= buffer.Last && buffer.First <= o.Last).OrderBy(o => o.Start))
            {
                if (start + size <= other.Start) break;
                start = Math.Max(start, other.End);
            }
            placed.Add((start, start + size, buffer.First, buffer.Last));
            result[buffer.Id] = buffer with { Offset = start };
            total = Math.Max(total, start + size);
        }
        return (result.ToImmutable(), total);
    }
}
