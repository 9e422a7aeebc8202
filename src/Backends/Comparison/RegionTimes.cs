using System.Collections.Immutable;
using Nncc.Backends.Benchmarks;
using Nncc.Backends.CSharp;
using Nncc.Passes.Programs;

namespace Nncc.Backends.Comparison;

/// <summary>Times the regions of several programs of a model in turns, each step with its time.</summary>
internal static class RegionTimes
{
    private const int Rounds = 12, RunsInTurn = 4;

    /// <summary>The regions of each program with their measured times.</summary>
    /// <param name="compilers">A compiler for each program.</param>
    /// <param name="model">The model with its sizes bound.</param>
    /// <param name="inputs">Inputs in the model's order.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellation">Ends it.</param>
    public static ImmutableArray<ImmutableArray<PredictedRegion>> Measure(IReadOnlyList<Compiler> compilers, Model model,
        ImmutableArray<Datum?> inputs, TimeProvider clock, CancellationToken cancellation)
    {
        var programs = new List<(Graph Graph, ModelProgram Program, HostedProgram Hosted, HostedModel Model, List<long[]> Times)>();
        try
        {
            foreach (var compiler in compilers)
            {
                var scheduled = compiler.Schedule(model, cancellation).Graph;
                var program = compiler.CSharp.Build(scheduled);
                var hosted = HostCompiler.Compile(compiler.CSharp, program, isTimed: true);
                programs.Add((scheduled, program, hosted, hosted.Load(), []));
            }
            for (int round = -1; round < Rounds; round++)
                foreach (var (_, program, _, hosted, times) in programs)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var arrays = CompiledContestant.Arrays(program, model.Graph, inputs);
                    var outputs = new Array?[program.Outputs.Length];
                    for (int run = 0; run < RunsInTurn; run++)
                    {
                        Array.Clear(hosted.Ticks!);
                        hosted.Run(arrays, outputs);
                        // The first of a turn finds what another program left in the caches.
                        if (round >= 0 && run > 0) times.Add([.. hosted.Ticks!]);
                    }
                }
            double unit = 1e6 / clock.TimestampFrequency;
            return [.. programs.Select(p => StrategyComparison.Regions(p.Graph, p.Program,
                [.. p.Program.Steps.Select((_, step) => RunTimes.Median(p.Times.Select(t => (double)t[step])) * unit)]))];
        }
        finally
        {
            foreach (var program in programs)
            {
                program.Model.Dispose();
                program.Hosted.Dispose();
            }
        }
    }
}
