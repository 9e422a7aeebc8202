using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Nncc.Backends;
using Nncc.Backends.Benchmarks;
using Nncc.Backends.Models;
using Nncc.IR;

namespace Nncc.Bench;

/// <summary>
/// Times ONNX Runtime on each real model as it is and as nncc writes it at -O2, with the sizes of the data bound in both: one thread, all
/// its optimizations. In each round both run for a while, one after the other and in turn first; a model's ratio is the median over the
/// rounds of the original's median time by that of nncc's.
/// </summary>
internal static class RewrittenModels
{
    private const int WarmUps = 3;

    /// <summary>The verb.</summary>
    /// <param name="root">Gives the checkout.</param>
    public static Command Command(string root)
    {
        var only = BenchSet.Only(root);
        var rounds = new Option<int>("--rounds") { Description = "How many rounds", DefaultValueFactory = _ => 5 };
        var block = new Option<int>("--block") { Description = "Milliseconds of each engine in a round", DefaultValueFactory = _ => 100 };
        var disable = new Option<string[]>("--disable")
        {
            Description = "Rules and passes that are left out", DefaultValueFactory = _ => [],
        };
        var command = new Command("rewritten", "Times ONNX Runtime on real models as they are and as nncc writes them")
        {
            only, rounds, block, disable,
        };
        command.SetAction(parsed =>
        {
            var ratios = new List<double>();
            foreach (var model in BenchSet.Chosen(root, parsed.GetValue(only)!).Where(m => m.Group == BenchSet.Real))
            {
                try
                {
                    var (ratio, original, error) = Measure(model, parsed.GetValue(rounds), parsed.GetValue(block),
                        parsed.GetValue(disable)!, root);
                    ratios.Add(ratio);
                    Print($"{model.Name,-32} {ratio,6:F3}  {original,9:F3} ms, outputs differ by {error:0.0e+0}");
                }
                catch (NnccException e)
                {
                    Print($"{model.Name,-32} not measured: {e.Faults[0].Message}");
                }
            }
            if (ratios.Count > 0)
                Print($"geometric mean {Math.Exp(ratios.Average(Math.Log)):F3}, least {ratios.Min():F3}, of {ratios.Count} models");
        });
        return command;
    }

    private static (double Ratio, double OriginalMs, double Error) Measure(BenchModel model, int rounds, int blockMs, string[] disable,
        string root)
    {
        var plain = new Compiler();
        var read = plain.Read(model.Arguments[0]);
        var set = model.Arguments.Count > 1 ? TestDataSet.ReadAll(model.Arguments[^1], read.Graph)[0] : TestDataSet.Random(read.Graph, 1);
        var passes = ModelInputs.WithShapes(new() { Disabled = [.. disable] }, read.Graph, set.Inputs);
        var compiler = new Compiler(new CompilerOptions
        {
            Passes = passes, OnnxRuntime = new OnnxRuntimeOptions(null, [root]),
        });
        var bound = compiler.Specialize(read);
        string path = Path.Combine(Path.GetTempPath(), $"nncc-rewritten-{Environment.ProcessId}.onnx");
        try
        {
            compiler.WriteOnnx(read, path);
            using var before = new OnnxRuntimeContestant(compiler, bound, null, set.Inputs, threads: 1, TimeProvider.System);
            using var after = new OnnxRuntimeContestant(compiler, bound, path, set.Inputs, threads: 1, TimeProvider.System);
            Contestant[] both = [before, after];
            foreach (var engine in both)
                for (int i = 0; i < WarmUps; i++) engine.Run();
            var (error, _) = AnswerErrors.Of(bound.Graph, before.Outputs, after.Outputs);
            var ratios = new List<double>();
            var originals = new List<double>();
            for (int round = 0; round < rounds; round++)
            {
                var medians = new double[both.Length];
                for (int turn = 0; turn < both.Length; turn++)
                {
                    int engine = round % 2 == 0 ? turn : both.Length - 1 - turn;
                    medians[engine] = Block(both[engine], blockMs);
                }
                ratios.Add(medians[0] / medians[1]);
                originals.Add(medians[0]);
            }
            return (RunTimes.Median(ratios), RunTimes.Median(originals), error ?? 0);
        }
        finally
        {
            File.Delete(path);
        }
    }

    // The median time of a run, of at least five.
    private static double Block(Contestant engine, int milliseconds)
    {
        var times = new List<double>();
        for (long start = Stopwatch.GetTimestamp(); times.Count < 5 || Stopwatch.GetElapsedTime(start).TotalMilliseconds < milliseconds;)
        {
            long begin = Stopwatch.GetTimestamp();
            engine.Run();
            times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }
        return RunTimes.Median(times);
    }

    private static void Print(FormattableString line) => Console.Out.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
