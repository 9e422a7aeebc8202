using System.Collections.Immutable;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// What an op that treats each axis by itself (Slice, Pad, CenterCropPad) does to one axis, found by its own meaning: it is evaluated on
/// the numbers of the places.
/// </summary>
internal static class AxisPlaces
{
    /// <summary>For each place of the result's axis the place in an axis of that size that it comes from; -1 for a new element.</summary>
    /// <param name="op">The op.</param>
    /// <param name="size">Size of the axis.</param>
    /// <param name="operands">The op's other operands for this axis alone; null for an absent one.</param>
    public static long[] Of(Op op, long size, params ReadOnlySpan<Tensor?> operands)
    {
        // Counted from 1, so that new elements, which are 0, stand apart.
        var places = new long[size];
        for (long i = 0; i < size; i++) places[i] = i + 1;
        ImmutableArray<Datum?> inputs = [Tensor.Vector(places), .. operands];
        var type = new TensorType(DType.Int64, null);
        var result = (Tensor)op.Evaluate(new EvaluateContext(inputs, [type], isWide: false, static (_, _) => [], default))[0];
        long[] found = result.ToLongs();
        for (int i = 0; i < found.Length; i++) found[i]--;
        return found;
    }
}
