using System.Runtime.CompilerServices;

namespace Nncc.Backends.Benchmarks;

/// <summary>Multiply-adds from registers alone, with vectors of one width, and the clock at which they run.</summary>
internal static class MultiplyAddProbe
{
    /// <summary>Multiply-adds of a vector in a round.</summary>
    public const int Chains = 12;

    /// <summary>Additions in a round of <see cref="Additions"/>.</summary>
    public const int DependentAdditions = 16;

    /// <summary>Does so many rounds of multiply-adds.</summary>
    public static Action Rounds(int bits, bool hasFma, int rounds) => VectorLanes.With(bits, hasFma, new Work(rounds));

    /// <summary>Integer additions that wait for each other, so that each takes one cycle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static nint Additions(int rounds, nint step)
    {
        nint a = 0, b = step;
        for (int n = 0; n < rounds; n++)
        {
            // A sum that is the next summand: nothing can be done at once or ahead.
            a += b; b += a; a += b; b += a; a += b; b += a; a += b; b += a;
            a += b; b += a; a += b; b += a; a += b; b += a; a += b; b += a;
        }
        return a + b;
    }

    private readonly struct Work(int rounds) : IVectorWork<Action>
    {
        public Action With<TLanes, TVector>()
            where TLanes : struct, IVectorLanes<TVector>
            where TVector : struct
        {
            int count = rounds;
            return () => MultiplyAdds<TLanes, TVector>(count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float MultiplyAdds<TLanes, TVector>(int rounds)
        where TLanes : struct, IVectorLanes<TVector>
        where TVector : struct
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
}
