using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>
/// Threads that go through the steps of a model together; the one that calls is the first of them. Between runs they spin for a moment and
/// then sleep. Work is never handed from one to another: which piece of a step is whose follows from the number of threads alone.
/// </summary>
internal sealed class ThreadTeam : IDisposable
{
    private readonly Crew crew;
    private readonly Thread[] others;

    /// <summary>A team of so many threads, the caller's included; the others start and wait.</summary>
    public ThreadTeam(int threads)
    {
        crew = new Crew(threads);
        others = new Thread[threads - 1];
        for (int i = 0; i < others.Length; i++)
        {
            others[i] = new Thread(crew.Serve) { IsBackground = true, Name = "model" };
            others[i].Start(i + 1);
        }
    }

    /// <summary>Ends threads that nobody ended; they know nothing of the model, so that it is collected like anything else.</summary>
    ~ThreadTeam() => crew.Close();

    /// <summary>Does some work in every thread, which is told its number, and waits for all.</summary>
    /// <param name="work">The work. What it throws in any thread ends the run in all of them, and comes out here.</param>
    public void Run(Action<int> work) => crew.Run(work);

    /// <summary>Waits, within work, until all threads are here.</summary>
    public void Wait() => crew.Wait();

    /// <summary>The piece of a loop that is a thread's: cuts are at multiples of the grain, the same in every run.</summary>
    public Piece Share(int thread, long count, long grain)
    {
        long units = (count + grain - 1) / grain;
        long first = Math.Min(units * thread / crew.Threads * grain, count);
        return new Piece((nint)first, (nint)(Math.Min(units * (thread + 1) / crew.Threads * grain, count) - first));
    }

    /// <summary>Ends the threads, behind a run that is going on.</summary>
    public void Dispose()
    {
        crew.Close();
        foreach (var thread in others) thread.Join();
        GC.SuppressFinalize(this);
    }

    // What the threads hold: neither the team nor, between runs, the model.
    private sealed class Crew(int threads)
    {
        // Together about a tenth of a millisecond.
        private const int SpinsBeforeSleep = 4000;
        private const int SpinsBeforeYield = 2000;

        private readonly object gate = new();
        private Counters counters;
        private Action<int>? work;
        private Exception? failure;
        private int sleepers;
        private bool isClosed;

        public int Threads => threads;

        public void Run(Action<int> next)
        {
            (work, failure) = (next, null);
            (counters.Arrived, counters.Left, counters.HasFailed) = (0, threads - 1, false);
            // A full fence: who goes to sleep sees the run, or is seen to sleep.
            Interlocked.Increment(ref counters.Run);
            if (Volatile.Read(ref sleepers) > 0) lock (gate) Monitor.PulseAll(gate);
            Do(0);
            for (int spins = 0; Volatile.Read(ref counters.Left) > 0;) Spin(ref spins);
            work = null;
            if (failure is { } fault) ExceptionDispatchInfo.Throw(fault);
        }

        public void Serve(object? number)
        {
            int seen = 0;
            while ((seen = Next(seen)) >= 0)
            {
                Do((int)number!);
                Interlocked.Decrement(ref counters.Left);
            }
        }

        public void Wait()
        {
            int phase = Volatile.Read(ref counters.Phase);
            if (Interlocked.Increment(ref counters.Arrived) == threads)
            {
                counters.Arrived = 0;
                Volatile.Write(ref counters.Phase, phase + 1);
                return;
            }
            for (int spins = 0; Volatile.Read(ref counters.Phase) == phase; Spin(ref spins))
                if (Volatile.Read(ref counters.HasFailed)) throw new OperationCanceledException("another thread of the run failed");
        }

        public void Close()
        {
            lock (gate)
            {
                isClosed = true;
                Monitor.PulseAll(gate);
            }
        }

        // The first fault ends the run: threads that wait for each other see it.
        private void Do(int thread)
        {
            try
            {
                work!(thread);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
                Volatile.Write(ref counters.HasFailed, true);
            }
        }

        // The number of the next run; -1 where there is none any more.
        private int Next(int seen)
        {
            for (int i = 0; i < SpinsBeforeSleep; i++)
            {
                if (Volatile.Read(ref counters.Run) is var run && run != seen) return run;
                if (Volatile.Read(ref isClosed)) return -1;
                Thread.SpinWait(1);
            }
            lock (gate)
            {
                Interlocked.Increment(ref sleepers);
                while (Volatile.Read(ref counters.Run) == seen && !isClosed) Monitor.Wait(gate);
                Interlocked.Decrement(ref sleepers);
                return Volatile.Read(ref counters.Run) is var run && run != seen ? run : -1;
            }
        }

        // A thread that lost its core to another one must get it back.
        private static void Spin(ref int spins)
        {
            if (++spins % SpinsBeforeYield == 0) Thread.Yield();
            else Thread.SpinWait(1);
        }

        // Each on cache lines of its own: some threads write one while others look at another.
        [StructLayout(LayoutKind.Explicit, Size = 768)]
        private struct Counters
        {
            [FieldOffset(128)] public int Run;
            [FieldOffset(256)] public int Arrived;
            [FieldOffset(384)] public int Phase;
            [FieldOffset(512)] public int Left;
            [FieldOffset(640)] public bool HasFailed;
        }
    }
}

/// <summary>Neighbouring iterations of a loop.</summary>
/// <param name="First">The first.</param>
/// <param name="Count">How many.</param>
internal readonly record struct Piece(nint First, nint Count);
