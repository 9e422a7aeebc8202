namespace Nncc.IR.Evaluate;

/// <summary>
/// Runs bodies that write to disjoint outputs, on several cores where that pays. A body's result must not depend on the others,
/// so that the outcome is the same for any number of threads. Bodies must not throw faults.
/// </summary>
internal static class IndependentLoop
{
    private const long WorthSharing = 1 << 16;

    /// <summary>Calls <paramref name="body"/> for 0 to <paramref name="count"/> - 1; each call costs about so many operations.</summary>
    public static void For(int count, long operationsEach, CancellationToken cancellation, Action<int> body)
    {
        if (count == 1 || (Int128)count * operationsEach < WorthSharing)
        {
            for (int i = 0; i < count; i++) body(i);
            return;
        }
        Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellation }, body);
    }
}
