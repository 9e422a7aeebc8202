using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Matrices [.., k, n] (or [.., n, k] where transposed) as panels of columns: for each matrix and panel k rows of as many columns, the last
/// panel filled up with zeros.
/// </summary>
/// <param name="Columns">Columns of a panel.</param>
/// <param name="Transposed">Whether the source is [.., n, k].</param>
public sealed record PanelTransform(int Columns, bool Transposed) : WeightTransform
{
    /// <inheritdoc/>
    public override string Name => $"panels{Columns}{(Transposed ? "-transposed" : "")}";

    /// <inheritdoc/>
    public override long PackedBytes(Tensor? source)
    {
        var (matrices, k, n) = Extents(source!.Type);
        return source.DType.Bytes(matrices * ((n + Columns - 1) / Columns) * k * Columns);
    }

    /// <inheritdoc/>
    public override Tensor Pack(Tensor? source)
    {
        var (matrices, k, n) = Extents(source!.Type);
        long panels = (n + Columns - 1) / Columns;
        var from = source.Span<float>();
        var to = new float[matrices * panels * k * Columns];
        long at = 0;
        for (long matrix = 0; matrix < matrices; matrix++)
            for (long panel = 0; panel < panels; panel++)
                for (long row = 0; row < k; row++)
                    for (long column = 0; column < Columns; column++, at++)
                    {
                        long j = panel * Columns + column;
                        if (j < n) to[at] = from[(int)(matrix * k * n + (Transposed ? j * k + row : row * n + j))];
                    }
        return Tensor.Vector(to);
    }

    /// <inheritdoc/>
    public override Tensor Unpack(Tensor packed, TensorType source)
    {
        var (matrices, k, n) = Extents(source);
        long panels = (n + Columns - 1) / Columns;
        var from = packed.Span<float>();
        var to = new float[matrices * k * n];
        for (long matrix = 0; matrix < matrices; matrix++)
            for (long row = 0; row < k; row++)
                for (long j = 0; j < n; j++)
                    to[matrix * k * n + (Transposed ? j * k + row : row * n + j)] =
                        from[(int)(((matrix * panels + j / Columns) * k + row) * Columns + j % Columns)];
        return Tensor.Of(source.Shape!.ToStatic()!, to);
    }

    private (long Matrices, long K, long N) Extents(TensorType type)
    {
        var dims = type.Shape!.ToStatic()!;
        if (dims.Length == 1) return (1, dims[0], 1);
        long rows = dims[^2], columns = dims[^1], matrices = 1;
        foreach (long dim in dims.AsSpan(0, dims.Length - 2)) matrices *= dim;
        return Transposed ? (matrices, columns, rows) : (matrices, rows, columns);
    }
}
