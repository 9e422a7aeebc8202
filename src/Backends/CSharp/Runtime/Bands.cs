namespace Nncc.Backends.CSharp.Runtime;

/// <summary>What lies between steps that are computed in bands of rows.</summary>
internal static unsafe class Bands
{
    /// <summary>Moves what the next band needs again to the beginning of each plane.</summary>
    /// <param name="held">The first plane.</param>
    /// <param name="planes">Planes.</param>
    /// <param name="step">Bytes from a plane to the next.</param>
    /// <param name="skipped">Bytes at the beginning of a plane that are not needed any more.</param>
    /// <param name="kept">Bytes behind them that are.</param>
    public static void Keep(byte* held, nint planes, nint step, nint skipped, nint kept)
    {
        for (nint plane = 0; plane < planes; plane++, held += step)
            new ReadOnlySpan<byte>(held + skipped, checked((int)kept)).CopyTo(new Span<byte>(held, (int)kept));
    }
}
