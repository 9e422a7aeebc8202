using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes.Strategies;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// A region that only moves channels of images: for each channel of each result the channel that it is. It is found by the op's own
/// meaning, on images of few pixels whose elements say where they come from.
/// </summary>
/// <param name="Results">For each result of the region its channels: operand of the region, channel.</param>
internal sealed record ChannelMap(ImmutableArray<ImmutableArray<(int Operand, int Channel)>> Results)
{
    // As many as show whether an op turns pixels or images round.
    private const long FewPixels = 2;

    /// <summary>Reads a region; null where it is a single op that does not only move channels of binary32 images.</summary>
    public static ChannelMap? Of(KernelRegion region)
    {
        if (region.Body.Nodes is not [var node] || !IsCandidate(node.Op)) return null;
        if (region.Constants.Any(c => c is { DType: DType.Float32 })) return null;
        var images = node.Inputs.Select(value => value != Node.Absent && region.Constant(value) is null).ToArray();
        if (!images[0] || region.DType(node.Inputs[0]) != DType.Float32) return null;
        long[] first = region.Dims(node.Inputs[0]);
        if (first.Length is not (3 or 4) || first.Contains(0)) return null;
        var all = node.Inputs.Where((_, i) => images[i]).Concat(node.GivenOutputs);
        if (all.Any(v => !HasPixelsOf(region.Dims(v), first))) return null;

        var operands = ImmutableArray.CreateBuilder<Datum?>();
        for (int i = 0; i < node.Inputs.Length; i++)
            operands.Add(node.Inputs[i] == Node.Absent ? null
                : images[i] ? Numbered(region.Body[node.Inputs[i]].Slot, Few(region.Dims(node.Inputs[i])))
                : region.Constant(node.Inputs[i]));
        var types = node.Outputs.Select(o => (IrType)(o == Node.Absent ? IrType.Unknown : new TensorType(DType.Int64, null)));
        var context = new EvaluateContext(operands.ToImmutable(), [.. types], isWide: false, static (_, _) => [], default);
        var results = node.Op.Evaluate(context);
        var maps = region.Body.Outputs.Select(o => Channels((Tensor)results[region.Body[o.Value].Slot])).ToArray();
        return maps.Any(m => m is null) ? null : new ChannelMap([.. maps.Select(m => m!.Value)]);
    }

    // Ops that leave the pixels of an image where they are, with these attributes.
    private static bool IsCandidate(Op op) => op
        is Concat { Axis: 1 } or Split { Axis: 1 } or Gather { Axis: 1 } or Slice or ChannelShuffle;

    private static bool HasPixelsOf(long[] dims, long[] first) =>
        dims.Length == first.Length && dims[0] == first[0] && dims[1] > 0 && dims.AsSpan(2).SequenceEqual(first.AsSpan(2));

    private static long[] Few(long[] dims) => [.. dims.Select((d, axis) => axis == 1 ? d : Math.Min(d, FewPixels))];

    // Each element as operand, image, channel and pixel.
    private static Tensor Numbered(int operand, long[] dims)
    {
        var elements = new long[((ReadOnlySpan<long>)dims).Product()];
        long pixels = ((ReadOnlySpan<long>)dims.AsSpan(2)).Product();
        for (long i = 0; i < elements.Length; i++)
            elements[i] = Code(operand, i / pixels / dims[1], i / pixels % dims[1], i % pixels);
        return Tensor.Of(dims, elements);
    }

    private static long Code(long operand, long image, long channel, long pixel) => operand << 48 | image << 44 | channel << 8 | pixel;

    // The channel of each channel of a result; null where elements of another pixel or image come there.
    private static ImmutableArray<(int Operand, int Channel)>? Channels(Tensor result)
    {
        long[] dims = [.. result.Dims], found = result.ToLongs();
        long pixels = ((ReadOnlySpan<long>)dims.AsSpan(2)).Product(), channels = dims[1];
        var map = ImmutableArray.CreateBuilder<(int Operand, int Channel)>((int)channels);
        for (long c = 0; c < channels; c++) map.Add(((int)(found[c * pixels] >> 48), (int)(found[c * pixels] >> 8 & 0xFFFFFFF)));
        for (long i = 0; i < found.Length; i++)
        {
            var (operand, channel) = map[(int)(i / pixels % channels)];
            if (found[i] != Code(operand, i / pixels / channels, channel, i % pixels)) return null;
        }
        return map.ToImmutable();
    }
}
