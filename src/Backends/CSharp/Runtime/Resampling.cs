namespace Nncc.Backends.CSharp.Runtime;

/// <summary>Interpolation along one axis of a tensor, by tables of places and weights.</summary>
internal static unsafe class Resampling
{
    /// <summary>
    /// For each outer index: element i of the result's axis is the sum over its taps of weight times the operand's element at the tap's
    /// place; a
    /// place of -1 stands for the value given for what is outside. Elements inside of the axis are contiguous.
    /// </summary>
    /// <param name="to">The result, [outer, result, inner].</param>
    /// <param name="from">The operand, [outer, size, inner].</param>
    /// <param name="places">For each element of the result the place of each tap.</param>
    /// <param name="weights">For each element of the result the weight of each tap.</param>
    /// <param name="outside">What stands outside of the operand.</param>
    /// <param name="taps">Taps of an element.</param>
    /// <param name="outer">Product of the sizes before the axis.</param>
    /// <param name="size">Size of the operand's axis.</param>
    /// <param name="result">Size of the result's axis.</param>
    /// <param name="inner">Product of the sizes behind the axis.</param>
    public static void Axis(float* to, float* from, int* places, float* weights, float* outside, nint taps, nint outer, nint size,
        nint result, nint inner)
    {
        if (inner == 1 && taps == 2 && IsInside(places, 2 * result))
        {
            for (nint o = 0; o < outer; o++, from += size, to += result) Pairs(to, from, places, weights, result);
            return;
        }
        for (nint o = 0; o < outer; o++, from += size * inner)
            for (nint i = 0; i < result; i++, to += inner)
            {
                var place = places + i * taps;
                var weight = weights + i * taps;
                if (*place < 0) new Span<float>(to, checked((int)inner)).Fill(*outside);
                else if (inner == 1)
                {
                    float sum = 0;
                    for (nint t = 0; t < taps; t++) sum += weight[t] * from[place[t]];
                    *to = sum;
                }
                else Rows(to, from, place, weight, taps, inner);
            }
    }

    private static bool IsInside(int* places, nint count)
    {
        for (nint i = 0; i < count; i++)
            if (places[i] < 0) return false;
        return true;
    }

    // Each element between two others.
    private static void Pairs(float* to, float* from, int* places, float* weights, nint count)
    {
        for (nint i = 0; i < count; i++)
            to[i] = weights[2 * i] * from[places[2 * i]] + weights[2 * i + 1] * from[places[2 * i + 1]];
    }

    private static void Rows(float* to, float* from, int* place, float* weight, nint taps, nint inner)
    {
        nint j = 0;
        for (; j <= inner - System.Numerics.Vector<float>.Count; j += System.Numerics.Vector<float>.Count)
        {
            var sum = System.Numerics.Vector<float>.Zero;
            for (nint t = 0; t < taps; t++) sum += System.Numerics.Vector.Load(from + place[t] * inner + j) * weight[t];
            System.Numerics.Vector.Store(sum, to + j);
        }
        for (; j < inner; j++)
        {
            float sum = 0;
            for (nint t = 0; t < taps; t++) sum += from[place[t] * inner + j] * weight[t];
            to[j] = sum;
        }
    }
}
