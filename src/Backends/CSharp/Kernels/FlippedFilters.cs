using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Filters of a transposed convolution [c, m/groups, taps...] as those of a convolution [m, c/groups, taps...], the taps in reverse order.
/// </summary>
/// <param name="Groups">Number of groups.</param>
public sealed record FlippedFilters(int Groups) : WeightTransform
{
    /// <inheritdoc/>
    public override string Name => $"flipped{Groups}";

    /// <inheritdoc/>
    public override long PackedBytes(Tensor? source) => source!.ByteCount;

    /// <inheritdoc/>
    public override Tensor Pack(Tensor? source)
    {
        var from = source!.Span<float>();
        var to = new float[from.Length];
        foreach (var (there, here) in Places(source.Type)) to[there] = from[here];
        return Tensor.Vector(to);
    }

    /// <inheritdoc/>
    public override Tensor Unpack(Tensor packed, TensorType source)
    {
        var from = packed.Span<float>();
        var to = new float[from.Length];
        foreach (var (there, here) in Places(source)) to[here] = from[there];
        return Tensor.Of(source.Shape!.ToStatic()!, to);
    }

    private IEnumerable<(int There, int Here)> Places(TensorType source)
    {
        var dims = source.Shape!.ToStatic()!;
        int channels = (int)dims[0] / Groups, filters = (int)dims[1], taps = (int)dims.Skip(2).Aggregate(1L, (a, b) => a * b);
        for (int g = 0; g < Groups; g++)
            for (int m = 0; m < filters; m++)
                for (int c = 0; c < channels; c++)
                    for (int t = 0; t < taps; t++)
                        yield return (((g * filters + m) * channels + c) * taps + t,
                            ((g * channels + c) * filters + m) * taps + taps - 1 - t);
    }
}
