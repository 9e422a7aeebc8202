using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>A float for each channel, filled up with zeros to whole blocks.</summary>
/// <param name="Lanes">Channels of a block.</param>
public sealed record LanePadding(int Lanes) : WeightTransform
{
    /// <inheritdoc/>
    public override string Name => $"lanes{Lanes}";

    /// <inheritdoc/>
    public override long PackedBytes(Tensor? source) => Padded(source!.Count) * sizeof(float);

    /// <inheritdoc/>
    public override Tensor Pack(Tensor? source)
    {
        var to = new float[Padded(source!.Count)];
        source.Span<float>().CopyTo(to);
        return Tensor.Vector(to);
    }

    /// <inheritdoc/>
    public override Tensor Unpack(Tensor packed, TensorType source)
    {
        var dims = source.Shape!.ToStatic()!;
        return Tensor.Of(dims, packed.Span<float>()[..(int)((ReadOnlySpan<long>)dims).Product()].ToArray());
    }

    private long Padded(long count) => (count + Lanes - 1) / Lanes * Lanes;
}
