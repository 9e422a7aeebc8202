using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nncc.IR.Evaluate;

/// <summary>
/// Sums of products over dense row-major matrices, in binary64 or in wrapping 64 bit integers. Each sum runs over k in ascending
/// order with separate multiply and add, so that its bits depend neither on vector width nor on blocking.
/// </summary>
internal static class MatrixProduct
{
    private const int ColumnBlock = 512, DepthBlock = 64;

    /// <summary>c[m×n] += a[m×k] · b[k×n], where the rows of b and c may lie further apart than n.</summary>
    public static void Add<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, int rowOfB, Span<T> c, int rowOfC, int m, int k, int n)
        where T : struct, INumberBase<T>
    {
        for (int j = 0; j < n; j += ColumnBlock)
        {
            int columns = Math.Min(ColumnBlock, n - j);
            for (int p = 0; p < k; p += DepthBlock)
            {
                int depth = Math.Min(DepthBlock, k - p);
                for (int i = 0; i < m; i++)
                    AddRow(a.Slice(i * k + p, depth), b[(p * rowOfB + j)..], rowOfB, c.Slice(i * rowOfC + j, columns));
            }
        }
    }

    /// <summary>a[m×k] · b[k×n].</summary>
    public static T[] Multiply<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, int m, int k, int n) where T : struct, INumberBase<T>
    {
        var c = new T[m * n];
        Add(a, b, n, c, n, m, k, n);
        return c;
    }

    /// <summary>sums[j] += Σ weights[k] · rows[k · stride + j].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // one call may be all there is: no time to warm up
    public static void AddRow<T>(ReadOnlySpan<T> weights, ReadOnlySpan<T> rows, int stride, Span<T> sums) where T : struct, INumberBase<T>
    {
        int k = 0;
        for (; k + 4 <= weights.Length; k += 4)
            AddFour(weights.Slice(k, 4), rows.Slice(k * stride, sums.Length), rows.Slice((k + 1) * stride, sums.Length),
                rows.Slice((k + 2) * stride, sums.Length), rows.Slice((k + 3) * stride, sums.Length), sums);
        for (; k < weights.Length; k++)
        {
            T weight = weights[k];
            var row = rows.Slice(k * stride, sums.Length);
            for (int j = 0; j < sums.Length; j++) sums[j] += weight * row[j];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour<T>(ReadOnlySpan<T> weights, ReadOnlySpan<T> r0, ReadOnlySpan<T> r1, ReadOnlySpan<T> r2, ReadOnlySpan<T> r3,
        Span<T> sums) where T : struct, INumberBase<T>
    {
        T w0 = weights[0], w1 = weights[1], w2 = weights[2], w3 = weights[3];
        var v = MemoryMarshal.Cast<T, Vector<T>>(sums);
        var v0 = MemoryMarshal.Cast<T, Vector<T>>(r0)[..v.Length];
        var v1 = MemoryMarshal.Cast<T, Vector<T>>(r1)[..v.Length];
        var v2 = MemoryMarshal.Cast<T, Vector<T>>(r2)[..v.Length];
        var v3 = MemoryMarshal.Cast<T, Vector<T>>(r3)[..v.Length];
        for (int j = 0; j < v.Length; j++)
            v[j] = v[j] + v0[j] * w0 + v1[j] * w1 + v2[j] * w2 + v3[j] * w3;
        for (int j = v.Length * Vector<T>.Count; j < sums.Length; j++)
            sums[j] = sums[j] + w0 * r0[j] + w1 * r1[j] + w2 * r2[j] + w3 * r3[j];
    }
}
