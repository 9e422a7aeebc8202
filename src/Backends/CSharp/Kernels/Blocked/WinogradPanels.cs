using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// Filters [m, c, 3, 3] as G g Gᵀ, in panels: for each few blocks of filters and each product of a tile a row for each channel with the
/// product's weight for each filter. Filters that fill up the last block are zeros. Computed in binary64 and rounded, so that the filters
/// do not follow from it.
/// </summary>
/// <param name="Outputs">m of F(m, 3).</param>
/// <param name="Lanes">Filters of a block.</param>
/// <param name="Vectors">Blocks of a panel; the last one may have fewer.</param>
public sealed record WinogradPanels(int Outputs, int Lanes, int Vectors) : WeightTransform
{
    /// <inheritdoc/>
    public override string Name => $"winograd{Outputs}-{Lanes}x{Vectors}";

    /// <inheritdoc/>
    public override long PackedBytes(Tensor? source) =>
        Blocks(source!) * Lanes * source!.Dims[1] * WinogradForm.Of(Outputs).Products * sizeof(float);

    private long Blocks(Tensor source) => (source.Dims[0] + Lanes - 1) / Lanes;

    /// <inheritdoc/>
    public override Tensor Pack(Tensor? source)
    {
        var form = WinogradForm.Of(Outputs);
        int channels = (int)source!.Dims[1], filters = (int)source.Dims[0], side = form.Side;
        var from = source.Span<float>();
        var to = new float[PackedBytes(source) / sizeof(float)];
        var half = new double[side * 3];
        for (int m = 0; m < filters; m++)
        {
            int panel = m / (Lanes * Vectors), width = (int)Math.Min(Vectors, Blocks(source) - panel * Vectors) * Lanes;
            int start = panel * Vectors * Lanes * channels * form.Products + m % (Lanes * Vectors);
            for (int c = 0; c < channels; c++)
            {
                var g = from.Slice((m * channels + c) * 9, 9);
                for (int i = 0; i < side; i++)
                    for (int j = 0; j < 3; j++)
                        half[i * 3 + j] = form.Filter[i][0] * g[j] + form.Filter[i][1] * g[3 + j] + form.Filter[i][2] * g[6 + j];
                for (int i = 0; i < side; i++)
                    for (int j = 0; j < side; j++)
                        to[start + ((i * side + j) * channels + c) * width] = (float)(half[i * 3] * form.Filter[j][0]
                            + half[i * 3 + 1] * form.Filter[j][1] + half[i * 3 + 2] * form.Filter[j][2]);
            }
        }
        return Tensor.Vector(to);
    }

    /// <inheritdoc/>
    public override Tensor? Unpack(Tensor packed, TensorType source) => null;
}
