using System.Numerics;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>Series of numbers.</summary>
internal static unsafe class Series
{
    /// <summary><c>to[i] = start + i · delta</c>; integers wrap, floats are computed in binary64.</summary>
    public static void Range<T>(T* to, nint count, T* start, T* delta) where T : unmanaged, INumberBase<T>
    {
        if (typeof(T) == typeof(float) || typeof(T) == typeof(double))
        {
            double first = double.CreateTruncating(*start), step = double.CreateTruncating(*delta);
            for (nint i = 0; i < count; i++) to[i] = T.CreateTruncating(first + i * step);
        }
        else
        {
            var value = *start;
            for (nint i = 0; i < count; i++, value += *delta) to[i] = value;
        }
    }
}
