using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>Rows that become columns, by squares of four times four elements of 32 bits in registers.</summary>
internal static unsafe class Transposition
{
    // Rows that are turned at once: the lines of the target that they write stay in the nearest cache.
    private const int Piece = 16;

    /// <summary><c>to[row · toStep + column] = from[column · fromStep + row]</c>.</summary>
    public static void Copy(float* to, nint toStep, float* from, nint fromStep, nint rows, nint columns)
    {
        for (nint start = 0; start < rows; start += Piece)
        {
            nint end = nint.Min(rows, start + Piece), column = 0;
            for (; column <= columns - 4; column += 4)
            {
                var source = from + column * fromStep;
                var target = to + column;
                nint row = start;
                for (; row <= end - 4; row += 4) Square(target + row * toStep, toStep, source + row, fromStep);
                for (; row < end; row++)
                    Vector128.Store(Vector128.Create(source[row], source[fromStep + row], source[2 * fromStep + row],
                        source[3 * fromStep + row]), target + row * toStep);
            }
            for (; column < columns; column++)
                for (nint row = start; row < end; row++) to[row * toStep + column] = from[column * fromStep + row];
        }
    }

    /// <summary>Elements at even places go to one row, those at odd places to another.</summary>
    public static void Part(float* even, float* odd, float* from, nint count)
    {
        nint i = 0;
        for (; i <= count - 4; i += 4)
        {
            var (a, b) = (Vector128.Load(from + 2 * i), Vector128.Load(from + 2 * i + 4));
            // a0 b0 a1 b1 and a2 b2 a3 b3, then the same once more.
            var (low, high) = (Low(a, b), High(a, b));
            Vector128.Store(Low(low, high), even + i);
            Vector128.Store(High(low, high), odd + i);
        }
        for (; i < count; i++) (even[i], odd[i]) = (from[2 * i], from[2 * i + 1]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Square(float* to, nint toStep, float* from, nint fromStep)
    {
        var (a, b) = (Vector128.Load(from), Vector128.Load(from + fromStep));
        var (c, d) = (Vector128.Load(from + 2 * fromStep), Vector128.Load(from + 3 * fromStep));
        var (ac, bd) = (Low(a, c), Low(b, d));
        Vector128.Store(Low(ac, bd), to);
        Vector128.Store(High(ac, bd), to + toStep);
        (ac, bd) = (High(a, c), High(b, d));
        Vector128.Store(Low(ac, bd), to + 2 * toStep);
        Vector128.Store(High(ac, bd), to + 3 * toStep);
    }

    // a0 b0 a1 b1.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Low(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackLow(a, b)
        : Vector128.ConditionalSelect(Vector128.Create(-1, 0, -1, 0).AsSingle(), Vector128.Shuffle(a, Vector128.Create(0, 0, 1, 1)),
            Vector128.Shuffle(b, Vector128.Create(0, 0, 1, 1)));

    // a2 b2 a3 b3.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> High(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackHigh(a, b)
        : Vector128.ConditionalSelect(Vector128.Create(-1, 0, -1, 0).AsSingle(), Vector128.Shuffle(a, Vector128.Create(2, 2, 3, 3)),
            Vector128.Shuffle(b, Vector128.Create(2, 2, 3, 3)));
}
