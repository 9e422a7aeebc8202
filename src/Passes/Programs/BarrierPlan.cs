using System.Collections.Immutable;

namespace Nncc.Passes.Programs;

/// <summary>
/// Where the threads of a program must wait for each other. Every thread goes through the steps in order and computes its pieces; steps
/// that are not split are the first thread's. Before a step all threads wait where otherwise one of them could touch bytes that another
/// one writes, or write such that another one touches, for any number of threads.
/// </summary>
public static class BarrierPlan
{
    /// <summary>The cut between pieces: the first iteration of a thread's piece.</summary>
    /// <param name="split">The loop.</param>
    /// <param name="thread">The thread; that of the number of threads gives the end of the last piece.</param>
    /// <param name="threads">Number of threads.</param>
    public static long Cut(KernelSplit split, int thread, int threads)
    {
        long units = (split.Count + split.Grain - 1) / split.Grain;
        return Math.Min(units * thread / threads * split.Grain, split.Count);
    }

    /// <summary>For each step whether all threads wait before it.</summary>
    public static ImmutableArray<bool> Of(ModelProgram program)
    {
        var waits = new bool[program.Steps.Length];
        var pending = new List<Access>();
        var chains = program.Chains.ToDictionary(c => c.First);
        for (int i = 0; i < waits.Length; i++)
        {
            // Within a chain nobody waits: its threads share nothing that its steps write.
            int count = chains.TryGetValue(i, out var chain) ? chain.Count : 1;
            var accesses = program.Steps.Skip(i).Take(count).SelectMany(step => step.Arguments.OfType<PointerArgument>()
                .Where(p => program.Buffers[p.Buffer].Kind != BufferKind.Weight)
                .Select(p => new Access(program, step.Split, p))).ToList();
            if (accesses.Exists(a => pending.Exists(b => b.Conflicts(a, program.Threads))))
            {
                waits[i] = true;
                pending.Clear();
            }
            pending.AddRange(accesses);
            i += count - 1;
        }
        return [.. waits];
    }

    // The bytes that each thread touches through a pointer.
    private sealed class Access
    {
        private readonly (BufferKind, long) space;
        private readonly KernelSplit? split;
        private readonly PointerArgument pointer;
        private readonly long start;
        private readonly long end;

        public Access(ModelProgram program, KernelSplit? split, PointerArgument pointer)
        {
            (this.split, this.pointer) = (split, pointer);
            var buffer = program.Buffers[pointer.Buffer];
            bool isArena = buffer.Kind == BufferKind.Arena;
            long first = isArena ? buffer.Offset.Value!.Value : 0;
            // Inputs and outputs are memory of their own, of the caller.
            space = (buffer.Kind, isArena ? 0 : buffer.Offset.Value!.Value);
            start = first + pointer.ByteOffset.Value!.Value;
            end = first + buffer.Bytes.Value!.Value;
        }

        public bool Conflicts(Access other, int most)
        {
            if (space != other.space || (!pointer.IsWritten && !other.pointer.IsWritten) || end <= other.start || other.end <= start)
                return false;
            for (int threads = 2; threads <= most; threads++)
                for (int thread = 0; thread < threads; thread++)
                {
                    var (from, to) = Of(thread, threads);
                    if (from >= to) continue;
                    // What other threads touch, before and behind.
                    for (int side = 0; side < 2; side++)
                    {
                        long low = long.MaxValue, high = long.MinValue;
                        for (int t = side == 0 ? 0 : thread + 1; t < (side == 0 ? thread : threads); t++)
                        {
                            var (otherFrom, otherTo) = other.Of(t, threads);
                            if (otherFrom < otherTo) (low, high) = (Math.Min(low, otherFrom), Math.Max(high, otherTo));
                        }
                        if (low < to && from < high) return true;
                    }
                }
            return false;
        }

        // Half-open; empty where the thread touches nothing.
        private (long From, long To) Of(int thread, int threads)
        {
            if (split is null) return thread == 0 ? (start, end) : (0, 0);
            long first = Cut(split, thread, threads), last = Cut(split, thread + 1, threads);
            if (first == last) return (0, 0);
            if (pointer.ThreadBytes > 0)
                return (start + thread * pointer.ThreadBytes, start + (thread + 1) * pointer.ThreadBytes);
            return pointer.PieceBytes == 0 || pointer.IsShared ? (start, end)
                : (start + first * pointer.PieceBytes, start + last * pointer.PieceBytes);
        }
    }
}
