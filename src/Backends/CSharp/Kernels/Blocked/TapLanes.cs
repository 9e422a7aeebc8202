using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// Filters [c, 1, taps...] of a depthwise convolution in blocks of channels: for each block and tap a weight for each channel, the last
/// block filled up with zeros.
/// </summary>
/// <param name="Lanes">Channels of a block.</param>
public sealed record TapLanes(int Lanes) : WeightTransform
{
    /// <inheritdoc/>
    public override string Name => $"taps{Lanes}";

    /// <inheritdoc/>
    public override long PackedBytes(Tensor? source)
    {
        var (channels, taps) = Extents(source!.Type);
        return (channels + Lanes - 1) / Lanes * Lanes * taps * sizeof(float);
    }

    /// <inheritdoc/>
    public override Tensor Pack(Tensor? source)
    {
        var (channels, taps) = Extents(source!.Type);
        var from = source.Span<float>();
        var to = new float[PackedBytes(source) / sizeof(float)];
        for (long c = 0; c < channels; c++)
            for (long t = 0; t < taps; t++) to[Place(c, t, taps)] = from[(int)(c * taps + t)];
        return Tensor.Vector(to);
    }

    /// <inheritdoc/>
    public override Tensor Unpack(Tensor packed, TensorType source)
    {
        var (channels, taps) = Extents(source);
        var from = packed.Span<float>();
        var to = new float[channels * taps];
        for (long c = 0; c < channels; c++)
            for (long t = 0; t < taps; t++) to[c * taps + t] = from[(int)Place(c, t, taps)];
        return Tensor.Of(source.Shape!.ToStatic()!, to);
    }

    private long Place(long channel, long tap, long taps) => (channel / Lanes * taps + tap) * Lanes + channel % Lanes;

    private static (long Channels, long Taps) Extents(TensorType type)
    {
        var dims = type.Shape!.ToStatic()!;
        return (dims[0], ((ReadOnlySpan<long>)dims.AsSpan(1)).Product());
    }
}
