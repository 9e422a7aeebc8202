using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Nncc.Passes.Targets;

namespace Nncc.Backends.Benchmarks;

/// <summary>
/// What one core of this machine does at the moment, with the vectors of a target: multiply-adds from registers alone, and reading from
/// each level of memory. A short run that says whether the clock moved or somebody else took the core.
/// </summary>
/// <param name="target">Says how wide vectors are and how large caches.</param>
/// <param name="clock">The clock.</param>
internal sealed unsafe class MachineProbe(TargetProfile target, TimeProvider clock)
{
    private const int Chains = 12, Rounds = 1 << 15;
    private const double PeakMs = 6, ReadMs = 10;

    /// <summary>
    /// Speed over a few milliseconds, in GFLOP/s (a multiply-add is two): the mean, which falls when somebody else takes the core, and the
    /// best of short pieces, which does not.
    /// </summary>
    public (double Mean, double Best) Peak()
    {
        Action<int> rounds = target.VectorBits switch
        {
            512 => count => MultiplyAdds<Lanes512, Vector512<float>>(count),
            256 => count => MultiplyAdds<Lanes256, Vector256<float>>(count),
            128 when target.HasFma => count => MultiplyAdds<Lanes128, Vector128<float>>(count),
            128 => count => MultiplyAdds<Lanes128Apart, Vector128<float>>(count),
            _ => count => MultiplyAdds<LaneApart, float>(count),
        };
        var (mean, best) = Rate(() => rounds(Rounds), PeakMs);
        double operations = 2.0 * Rounds * Chains * target.Lanes(sizeof(float)) / 1e9;
        return (mean * operations, best * operations);
    }

    /// <summary>Bandwidth of reading, in GB/s, of each cache of the target and of memory, the nearest first.</summary>
    public double[] Bandwidths()
    {
        var result = new double[target.Caches.Count + 1];
        for (int level = 0; level < result.Length; level++)
        {
            // Half of a cache, so that it is this one; of memory so much that no cache keeps it.
            long bytes = level < target.Caches.Count ? target.Caches[level].KiB * 512L : Math.Max(target.Caches[^1].KiB * 4096L, 1L << 26);
            nuint size = (nuint)(bytes / 512 * 512);
            var memory = (float*)NativeMemory.AlignedAlloc(size, 64);
            try
            {
                new Span<float>(memory, checked((int)(size / sizeof(float)))).Fill(1); // pages that are never written are all one page
                result[level] = Rate(() => Read((nint)memory, (nint)size / sizeof(float)), ReadMs).Best * size / 1e9;
            }
            finally
            {
                NativeMemory.AlignedFree(memory);
            }
        }
        return result;
    }

    // Calls a second, over at least so many milliseconds: the mean, and by the shortest call.
    private (double Mean, double Best) Rate(Action work, double milliseconds)
    {
        work();
        long start = clock.GetTimestamp(), last = start, shortest = long.MaxValue, now;
        int count = 0;
        do
        {
            work();
            now = clock.GetTimestamp();
            (shortest, last) = (Math.Min(shortest, now - last), now);
            count++;
        }
        while (clock.GetElapsedTime(start, now).TotalMilliseconds < milliseconds);
        return (count / clock.GetElapsedTime(start, now).TotalSeconds, (double)clock.TimestampFrequency / shortest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float MultiplyAdds<TLanes, TVector>(int rounds)
        where TLanes : ILanes<TVector>
    {
        // More chains than the units have latency times width.
        TVector half = TLanes.Create(0.5f), one = TLanes.Create(1);
        TVector a = one, b = one, c = one, d = one, e = one, f = one, g = one, h = one, i = one, j = one, k = one, l = one;
        for (int n = 0; n < rounds; n++)
        {
            a = TLanes.MultiplyAdd(a, half, one);
            b = TLanes.MultiplyAdd(b, half, one);
            c = TLanes.MultiplyAdd(c, half, one);
            d = TLanes.MultiplyAdd(d, half, one);
            e = TLanes.MultiplyAdd(e, half, one);
            f = TLanes.MultiplyAdd(f, half, one);
            g = TLanes.MultiplyAdd(g, half, one);
            h = TLanes.MultiplyAdd(h, half, one);
            i = TLanes.MultiplyAdd(i, half, one);
            j = TLanes.MultiplyAdd(j, half, one);
            k = TLanes.MultiplyAdd(k, half, one);
            l = TLanes.MultiplyAdd(l, half, one);
        }
        return TLanes.First(a) + TLanes.First(b) + TLanes.First(c) + TLanes.First(d) + TLanes.First(e) + TLanes.First(f) + TLanes.First(g)
            + TLanes.First(h) + TLanes.First(i) + TLanes.First(j) + TLanes.First(k) + TLanes.First(l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Read(nint memory, nint count)
    {
        // The widest loads that the machine has read as fast as those of the target or faster.
        Vector512<float> a = default, b = default, c = default, d = default;
        var place = (float*)memory;
        for (var end = place + count / 64 * 64; place < end; place += 64)
        {
            a += Vector512.LoadAligned(place);
            b += Vector512.LoadAligned(place + 16);
            c += Vector512.LoadAligned(place + 32);
            d += Vector512.LoadAligned(place + 48);
        }
        return Vector512.Sum(a + b + c + d);
    }

    private interface ILanes<TVector>
    {
        static abstract TVector Create(float value);

        static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

        static abstract float First(TVector a);
    }

    private readonly struct Lanes512 : ILanes<Vector512<float>>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Create(float value) => Vector512.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
            Vector512.FusedMultiplyAdd(a, b, c);

        public static float First(Vector512<float> a) => a[0];
    }

    private readonly struct Lanes256 : ILanes<Vector256<float>>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Create(float value) => Vector256.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
            Vector256.FusedMultiplyAdd(a, b, c);

        public static float First(Vector256<float> a) => a[0];
    }

    private readonly struct Lanes128 : ILanes<Vector128<float>>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Create(float value) => Vector128.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
            Vector128.FusedMultiplyAdd(a, b, c);

        public static float First(Vector128<float> a) => a[0];
    }

    private readonly struct Lanes128Apart : ILanes<Vector128<float>>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Create(float value) => Vector128.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) => a * b + c;

        public static float First(Vector128<float> a) => a[0];
    }

    private readonly struct LaneApart : ILanes<float>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Create(float value) => value;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float MultiplyAdd(float a, float b, float c) => a * b + c;

        public static float First(float a) => a;
    }
}
