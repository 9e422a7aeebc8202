using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nncc.Backends.Benchmarks;

/// <summary>
/// Reads, writes and copies a piece of memory from its start to its end, with vectors of one width; a small piece over and over, so that
/// what it takes to look at the clock does not count.
/// </summary>
internal sealed unsafe class MemoryProbe : IDisposable
{
    private const int Alignment = 64, Unroll = 8;
    private const long LeastTraffic = 2 << 20;

    private readonly float* memory;
    private readonly Loops loops;

    /// <summary>A probe of at most so many bytes.</summary>
    /// <param name="bytes">Bytes that are held.</param>
    /// <param name="bits">Width of vectors; 0 for single numbers.</param>
    public MemoryProbe(long bytes, int bits)
    {
        memory = (float*)NativeMemory.AlignedAlloc(checked((nuint)bytes), Alignment);
        new Span<float>(memory, checked((int)(bytes / sizeof(float)))).Fill(1); // pages that are never written are all one page
        loops = VectorLanes.With(bits, hasFma: true, new Choice());
    }

    /// <summary>Reads the first bytes: whole blocks of eight vectors. Gives how many bytes were read.</summary>
    public long Read(long bytes)
    {
        var (count, passes) = Passes(bytes);
        loops.Read((nint)memory, count, passes);
        return count * sizeof(float) * passes;
    }

    /// <summary>Writes the first bytes: as reading.</summary>
    public long Write(long bytes)
    {
        var (count, passes) = Passes(bytes);
        loops.Write((nint)memory, count, passes);
        return count * sizeof(float) * passes;
    }

    /// <summary>Copies the first half of the first bytes to the second half. Gives how many bytes were copied.</summary>
    public long Copy(long bytes)
    {
        var (count, passes) = Passes(bytes / 2);
        loops.Copy((nint)memory, count, passes);
        return count * sizeof(float) * passes;
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(memory);

    // Whole blocks, and how often they are gone through.
    private static (nint Count, nint Passes) Passes(long bytes)
    {
        long whole = bytes / 512 * 512;
        return ((nint)(whole / sizeof(float)), (nint)Math.Max(1, LeastTraffic / whole));
    }

    private sealed record Loops(Action<nint, nint, nint> Read, Action<nint, nint, nint> Write, Action<nint, nint, nint> Copy);

    private readonly struct Choice : IVectorWork<Loops>
    {
        public Loops With<TLanes, TVector>()
            where TLanes : struct, IVectorLanes<TVector>
            where TVector : struct =>
            new((place, count, passes) => ReadAll<TLanes, TVector>((float*)place, count, passes),
                (place, count, passes) => WriteAll<TLanes, TVector>((float*)place, count, passes),
                (place, count, passes) => CopyAll<TLanes, TVector>((float*)place, count, passes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float ReadAll<TLanes, TVector>(float* start, nint count, nint passes)
        where TLanes : struct, IVectorLanes<TVector>
        where TVector : struct
    {
        // More sums than the latency of an addition times the loads of a cycle.
        TVector a = TLanes.Create(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
        for (; passes > 0; passes--)
            for (float* place = start, end = start + count; place < end; place += Unroll * TLanes.Count)
            {
                a = TLanes.Add(a, TLanes.Load(place));
                b = TLanes.Add(b, TLanes.Load(place + TLanes.Count));
                c = TLanes.Add(c, TLanes.Load(place + 2 * TLanes.Count));
                d = TLanes.Add(d, TLanes.Load(place + 3 * TLanes.Count));
                e = TLanes.Add(e, TLanes.Load(place + 4 * TLanes.Count));
                f = TLanes.Add(f, TLanes.Load(place + 5 * TLanes.Count));
                g = TLanes.Add(g, TLanes.Load(place + 6 * TLanes.Count));
                h = TLanes.Add(h, TLanes.Load(place + 7 * TLanes.Count));
            }
        return TLanes.First(TLanes.Add(TLanes.Add(TLanes.Add(a, b), TLanes.Add(c, d)), TLanes.Add(TLanes.Add(e, f), TLanes.Add(g, h))));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void WriteAll<TLanes, TVector>(float* start, nint count, nint passes)
        where TLanes : struct, IVectorLanes<TVector>
        where TVector : struct
    {
        var value = TLanes.Create(1);
        for (; passes > 0; passes--)
            for (float* place = start, end = start + count; place < end; place += Unroll * TLanes.Count)
            {
                TLanes.Store(place, value);
                TLanes.Store(place + TLanes.Count, value);
                TLanes.Store(place + 2 * TLanes.Count, value);
                TLanes.Store(place + 3 * TLanes.Count, value);
                TLanes.Store(place + 4 * TLanes.Count, value);
                TLanes.Store(place + 5 * TLanes.Count, value);
                TLanes.Store(place + 6 * TLanes.Count, value);
                TLanes.Store(place + 7 * TLanes.Count, value);
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void CopyAll<TLanes, TVector>(float* start, nint count, nint passes)
        where TLanes : struct, IVectorLanes<TVector>
        where TVector : struct
    {
        for (; passes > 0; passes--)
            for (float* from = start, to = start + count, end = to; from < end; from += Unroll * TLanes.Count, to += Unroll * TLanes.Count)
            {
                TLanes.Store(to, TLanes.Load(from));
                TLanes.Store(to + TLanes.Count, TLanes.Load(from + TLanes.Count));
                TLanes.Store(to + 2 * TLanes.Count, TLanes.Load(from + 2 * TLanes.Count));
                TLanes.Store(to + 3 * TLanes.Count, TLanes.Load(from + 3 * TLanes.Count));
                TLanes.Store(to + 4 * TLanes.Count, TLanes.Load(from + 4 * TLanes.Count));
                TLanes.Store(to + 5 * TLanes.Count, TLanes.Load(from + 5 * TLanes.Count));
                TLanes.Store(to + 6 * TLanes.Count, TLanes.Load(from + 6 * TLanes.Count));
                TLanes.Store(to + 7 * TLanes.Count, TLanes.Load(from + 7 * TLanes.Count));
            }
    }
}
