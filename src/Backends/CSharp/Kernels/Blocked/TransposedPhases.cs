namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// An axis of a transposed convolution: elements of the result that stand a stride apart are windows of a convolution of stride 1 over the
/// operand, with the taps that meet them.
/// </summary>
/// <param name="Size">Elements of the operand.</param>
/// <param name="Result">Elements of the result.</param>
/// <param name="Taps">Taps.</param>
/// <param name="Stride">Elements of the result from one element of the operand to the next.</param>
/// <param name="Begin">Elements that are cut off before the first of the result.</param>
internal sealed record TransposedAxis(long Size, long Result, long Taps, long Stride, long Begin)
{
    /// <summary>An axis of one element.</summary>
    public static TransposedAxis One { get; } = new(1, 1, 1, 1, 0);

    /// <summary>Elements of a phase: those at phase, phase + stride and so on.</summary>
    public long Count(long phase) => (Result - phase + Stride - 1) / Stride;

    /// <summary>For element r of a phase, each tap that meets it and the offset: the operand's element is at r + offset.</summary>
    public IEnumerable<(long Tap, long Offset)> Meeting(long phase)
    {
        for (long tap = (phase + Begin) % Stride, at = (phase + Begin) / Stride; tap < Taps; tap += Stride, at--) yield return (tap, at);
    }

    /// <summary>How far taps reach out before the first element.</summary>
    public long Before => Offsets.Select(o => -o.Offset).Append(0).Max();

    /// <summary>How far taps reach out behind the last element.</summary>
    public long Behind => Offsets.Select(o => Count(o.Phase) + o.Offset - Size).Append(0).Max();

    private IEnumerable<(long Phase, long Offset)> Offsets =>
        Enumerable.Range(0, (int)Stride).SelectMany(phase => Meeting(phase).Select(m => ((long)phase, m.Offset)));
}

/// <summary>A phase of both axes: its first row and column, and its steps in order: channel, tap and offset along each axis.</summary>
/// <param name="Row">First row.</param>
/// <param name="Column">First column.</param>
/// <param name="Steps">Blocks of channels, taps, channels of the block.</param>
internal sealed record TransposedPhase(long Row, long Column, TransposedStep[] Steps)
{
    /// <summary>The phases of a transposed convolution, row by row.</summary>
    public static IEnumerable<TransposedPhase> Of(TransposedAxis rows, TransposedAxis columns, long channels, int lanes)
    {
        for (long i = 0; i < rows.Stride; i++)
            for (long j = 0; j < columns.Stride; j++)
            {
                var taps = rows.Meeting(i).SelectMany(_ => columns.Meeting(j), (r, c) => (Row: r, Column: c)).ToArray();
                yield return new TransposedPhase(i, j, [.. Enumerable.Range(0, (int)((channels + lanes - 1) / lanes)).SelectMany(block =>
                    taps.SelectMany(t => Enumerable.Range(block * lanes, (int)Math.Min(lanes, channels - block * lanes)).Select(channel =>
                        new TransposedStep(channel, t.Row.Tap, t.Column.Tap, t.Row.Offset, t.Column.Offset))))]);
            }
    }
}

/// <summary>A step of a sum: a channel, a tap, and where the operand's element stands.</summary>
internal readonly record struct TransposedStep(long Channel, long RowTap, long ColumnTap, long Row, long Column);
