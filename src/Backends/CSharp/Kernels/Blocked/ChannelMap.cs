using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes.Strategies;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// A region that only moves channels of images: for each channel of each result the channel that it is. It is found by the ops' own
/// meaning, on images of few pixels whose elements say where they come from.
/// </summary>
/// <param name="Results">For each result of the region its channels: operand of the region, channel.</param>
internal sealed record ChannelMap(ImmutableArray<ImmutableArray<(int Operand, int Channel)>> Results)
{
    // As many as show whether an op turns pixels or images round.
    private const long FewPixels = 2;

    /// <summary>Reads a region; null where it is no chain of ops that only move channels of binary32 images.</summary>
    public static ChannelMap? Of(KernelRegion region)
    {
        var nodes = region.Body.Nodes;
        if (nodes.Any(n => !IsCandidate(n.Op)) || region.Constants.Any(c => c is { DType: DType.Float32 })) return null;
        int image = nodes[0].Inputs[0];
        if (region.Constant(image) is not null || region.DType(image) != DType.Float32) return null;
        long[] first = region.Dims(image);
        if (first.Length is not (3 or 4) || first.Contains(0)) return null;
        // What ops read beside images must be known.
        var images = region.Body.Values.Where(v => !v.IsInput || region.Constant(v.Id) is null).ToArray();
        if (images.Any(v => region.DType(v.Id) != DType.Float32 || !HasPixelsOf(region.Dims(v.Id), first))) return null;

        var content = new Dictionary<int, Datum>();
        foreach (var value in region.Body.Values.Where(v => v.IsInput))
            content[value.Id] = region.Constant(value.Id) ?? Numbered(value.Slot, Few(region.Dims(value.Id)));
        foreach (var node in nodes)
        {
            var types = node.Outputs.Select(o => (IrType)(o == Node.Absent ? IrType.Unknown : new TensorType(DType.Int64, null)));
            var context = new EvaluateContext([.. node.Inputs.Select(i => i == Node.Absent ? null : content[i])], [.. types],
                isWide: false, static (_, _) => [], default);
            var results = node.Op.Evaluate(context);
            for (int i = 0; i < node.Outputs.Length; i++)
                if (node.Outputs[i] != Node.Absent) content[node.Outputs[i]] = results[i];
        }
        var maps = region.Body.Outputs.Select(o => Channels((Tensor)content[o.Value])).ToArray();
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
