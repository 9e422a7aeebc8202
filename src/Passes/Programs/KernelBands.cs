namespace Nncc.Passes.Programs;

/// <summary>
/// How a call may be cut into bands of rows of its first result, the first argument: a band is the same call with fewer rows, with
/// pointers and numbers that are moved (<see cref="KernelArgument.RowBytes"/>, <see cref="KernelArgument.RowStep"/>), and only the first
/// and the last one write the rows that are stored around the image. A call whose result lies in fewer rows than it has gets another
/// distance between planes.
/// </summary>
/// <param name="Rows">Rows of the result.</param>
/// <param name="Top">Rows that are stored above them.</param>
/// <param name="Bottom">Rows that are stored below them.</param>
/// <param name="RowBytes">Bytes from a row to the next.</param>
/// <param name="Planes">Planes of such rows.</param>
/// <param name="RowsArgument">The argument that is the number of rows.</param>
/// <param name="TopArgument">The argument that is the number of rows stored above.</param>
/// <param name="BottomArgument">The argument that is the number of rows stored below.</param>
/// <param name="PlaneArgument">The argument that is the number of elements from a plane to the next.</param>
public sealed record KernelBands(long Rows, long Top, long Bottom, long RowBytes, long Planes, int RowsArgument, int TopArgument,
    int BottomArgument, int PlaneArgument)
{
    /// <summary>The image of which windows are read; null where no operand is read in bands.</summary>
    public BandedImage? Image { get; init; }

    /// <summary>Bytes of the whole result, as it lies.</summary>
    public long Bytes => Planes * (Top + Rows + Bottom) * RowBytes;
}

/// <summary>An operand of which each row of a result reads a window.</summary>
/// <param name="Argument">The argument that points to it.</param>
/// <param name="PlaneArgument">The argument that is the number of elements from a plane to the next.</param>
/// <param name="Top">Rows that are stored above it.</param>
/// <param name="Begin">How far the first window reaches out before the first row.</param>
/// <param name="Stride">Rows from a window to the next.</param>
/// <param name="Reach">Rows from the first to the last of a window, both included.</param>
public sealed record BandedImage(int Argument, int PlaneArgument, long Top, long Begin, long Stride, long Reach);
