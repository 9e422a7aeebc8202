using System.IO;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>Copies of elements along axes whose sizes are given at run time and were known before.</summary>
internal static unsafe class Expansion
{
    /// <summary>As <see cref="Strided.Copy"/>, where the sizes give the result.</summary>
    /// <param name="to">The result.</param>
    /// <param name="from">The data.</param>
    /// <param name="sizes">The sizes that are asked for, aligned with the last axes.</param>
    /// <param name="count">How many.</param>
    /// <param name="data">Sizes of the data.</param>
    /// <param name="result">Sizes of the result.</param>
    /// <param name="place">The node, for messages.</param>
    /// <param name="extents">Extents of the copy.</param>
    /// <param name="toSteps">Steps in the result.</param>
    /// <param name="fromSteps">Steps in the data.</param>
    /// <exception cref="InvalidDataException">The sizes give another result, or none.</exception>
    public static void Copy<T>(T* to, T* from, long* sizes, nint count, ReadOnlySpan<long> data, ReadOnlySpan<long> result, string place,
        ReadOnlySpan<long> extents, ReadOnlySpan<long> toSteps, ReadOnlySpan<long> fromSteps) where T : unmanaged
    {
        for (int axis = 1; axis <= result.Length; axis++)
        {
            long size = axis <= count ? sizes[count - axis] : 1, own = axis <= data.Length ? data[^axis] : 1;
            if ((size != 1 && own != 1 && size != own) || (own == 1 ? size : own) != result[^axis])
                throw new InvalidDataException($"{place}: the size {size} does not make {result[^axis]} of {own}");
        }
        Strided.Copy(to, from, extents, toSteps, fromSteps);
    }
}
