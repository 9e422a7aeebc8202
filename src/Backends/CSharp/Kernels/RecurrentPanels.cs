using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Some rows of one direction of recurrent weights [directions, rows, k], as panels of columns for a product with their transpose: for each
/// panel k rows of as many columns, the last panel filled up with zeros.
/// </summary>
/// <param name="Columns">Columns of a panel.</param>
/// <param name="Direction">Which direction.</param>
/// <param name="First">First row.</param>
/// <param name="Rows">Number of rows.</param>
public sealed record RecurrentPanels(int Columns, int Direction, int First, int Rows) : WeightTransform
{
    /// <inheritdoc/>
    public override string Name => $"recurrent-panels{Columns}-{Direction}-{First}-{Rows}";

    /// <inheritdoc/>
    public override long PackedBytes(Tensor? source) => (long)(Rows + Columns - 1) / Columns * Columns * source!.Dims[2] * sizeof(float);

    /// <inheritdoc/>
    public override Tensor Pack(Tensor? source)
    {
        int k = (int)source!.Dims[2];
        var rows = source.Span<float>()[checked((int)((Direction * source.Dims[1] + First) * k))..];
        return new PanelTransform(Columns, Transposed: true).Pack(Tensor.Of([Rows, k], rows[..(Rows * k)].ToArray()));
    }

    /// <inheritdoc/>
    public override Tensor? Unpack(Tensor packed, TensorType source)
    {
        // Only some rows are kept: the constant does not follow from them unless they are all.
        var dims = source.Shape!.ToStatic()!;
        return dims[0] == 1 && First == 0 && Rows == dims[1]
            ? new PanelTransform(Columns, Transposed: true).Unpack(packed, new TensorType(DType.Float32, Shape.Of(dims[1], dims[2])))
                .Reshape(dims) : null;
    }
}
