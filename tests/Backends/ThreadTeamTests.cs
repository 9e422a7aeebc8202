using Nncc.Backends.CSharp.Runtime;

namespace Nncc.Tests.Backends;

/// <summary>The threads of emitted models.</summary>
public class ThreadTeamTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_thread_works_and_waits_for_the_others(int threads)
    {
        using var team = new ThreadTeam(threads);
        var slots = new int[threads];
        bool isTogether = true;
        void Work(int thread)
        {
            for (int round = 1; round <= 200; round++)
            {
                slots[thread]++;
                team.Wait();
                for (int t = 0; t < threads; t++)
                    if (Volatile.Read(ref slots[t]) < round) isTogether = false;
                team.Wait();
            }
        }
        for (int run = 1; run <= 3; run++)
        {
            Array.Clear(slots);
            team.Run(Work);
            Assert.Equal(Enumerable.Repeat(200, threads), slots);
            // Long enough for the others to fall asleep.
            if (run == 2) Thread.Sleep(30);
        }
        Assert.True(isTogether);
    }

    [Fact]
    public void What_one_thread_throws_ends_the_run_and_the_next_one_is_as_if_nothing_had_been()
    {
        using var team = new ThreadTeam(3);
        for (int bad = 0; bad < 3; bad++)
        {
            var fault = Assert.Throws<InvalidDataException>(() => team.Run(thread =>
            {
                team.Wait();
                if (thread == bad) throw new InvalidDataException("bad");
                team.Wait();
                team.Wait();
            }));
            Assert.Equal("bad", fault.Message);
            int done = 0;
            team.Run(_ =>
            {
                team.Wait();
                Interlocked.Increment(ref done);
            });
            Assert.Equal(3, done);
        }
    }

    [Fact]
    public void Shares_are_neighbours_and_make_up_the_whole()
    {
        using var team = new ThreadTeam(3);
        foreach (var (count, grain) in new[] { (10L, 1L), (2, 1), (200, 64), (64, 64), (1000, 7) })
        {
            long next = 0;
            for (int thread = 0; thread < 3; thread++)
            {
                var piece = team.Share(thread, count, grain);
                Assert.Equal(next, piece.First);
                Assert.True(piece.First % grain == 0 || piece.Count == 0);
                Assert.Equal(piece.First, Nncc.Passes.Programs.BarrierPlan.Cut(new(count, grain), thread, 3));
                next = piece.First + piece.Count;
            }
            Assert.Equal(count, next);
        }
    }
}
