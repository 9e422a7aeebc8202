using System.Globalization;
using Nncc.Backends.CSharp;
using Nncc.Backends.Models;
using Nncc.Tests.Laws;

namespace Nncc.Tests.Fuzz;

/// <summary>Random graphs through all engines; what differs is shrunk as far as it still differs.</summary>
/// <param name="withoutOnnxRuntime">Seeds that ONNX Runtime is not asked about.</param>
internal sealed class GraphFuzz(IReadOnlySet<int> withoutOnnxRuntime)
{
    private const int Checks = 150;

    private readonly GraphJudge judge = new();
    private FuzzChunk chunk = new();

    /// <summary>Hears which seed is in which engine; null for nobody.</summary>
    public Action<int, string>? Entered { get; init; }

    /// <summary>
    /// Runs the graphs of these seeds: those from one on in emitted C#, whose programs are compiled together, then each in the other
    /// engines. Gives what has been found as soon as it is, for ONNX Runtime may end the process.
    /// </summary>
    public IEnumerable<FuzzChunk> Run(int first, int count, int firstCSharp)
    {
        int end = first + count;
        var cases = Enumerable.Range(first, count).Select(seed => (Seed: seed, Case: CaseOf(seed))).ToList();
        JudgeCSharp(cases.Where(c => c.Seed >= firstCSharp && c.Case is not null));
        firstCSharp = Math.Max(firstCSharp, end);
        yield return Found(first, firstCSharp);
        foreach (var (seed, c) in cases)
        {
            if (c is null) continue;
            chunk.Ops.UnionWith(c.Graph.Nodes.Select(n => n.Op.FullName));
            foreach (string engine in GraphJudge.Engines)
            {
                if (GraphJudge.IsOutside(engine) && withoutOnnxRuntime.Contains(seed)) continue;
                Entered?.Invoke(seed, engine);
                Take(seed, engine, judge.Judge(engine, c), x => judge.Judge(engine, x));
            }
            yield return Found(seed + 1, firstCSharp);
        }
        yield return Found(end, firstCSharp);
    }

    /// <summary>The graph of a seed, with what its values hold; null where nothing is computed.</summary>
    public FuzzCase? CaseOf(int seed)
    {
        Entered?.Invoke(seed, "evaluator");
        var (graph, inputs) = RandomGraph.Varied(seed, judge.Compiler.Ops);
        var c = FuzzCase.Of(graph, inputs);
        return c.NodeCount == 0 || graph.Outputs.IsEmpty ? null : c;
    }

    private void JudgeCSharp(IEnumerable<(int Seed, FuzzCase? Case)> cases)
    {
        using var batch = new ProgramBatch(judge.Compiler.Target);
        var prepared = new List<(int Seed, Func<FuzzVerdict> Run)>();
        foreach (var (seed, c) in cases)
        {
            Entered?.Invoke(seed, GraphJudge.CSharp);
            prepared.Add((seed, judge.Prepare(batch, $"seed {seed}", c!)));
        }
        foreach (var (seed, run) in prepared)
        {
            Entered?.Invoke(seed, GraphJudge.CSharp);
            Take(seed, GraphJudge.CSharp, run(), judge.JudgeCSharp);
        }
    }

    private FuzzChunk Found(int next, int nextCSharp)
    {
        var found = chunk;
        chunk = new FuzzChunk();
        (found.Next, found.NextCSharp) = (next, nextCSharp);
        foreach (var (text, times) in judge.RunFailures) found.RunFailures[text] = times;
        judge.RunFailures.Clear();
        return found;
    }

    private void Take(int seed, string engine, FuzzVerdict verdict, Func<FuzzCase, FuzzVerdict> again)
    {
        if (verdict.Judged is not { } c) return;
        chunk.Graphs[engine] = chunk.Graphs.GetValueOrDefault(engine) + 1;
        chunk.Nodes[engine] = chunk.Nodes.GetValueOrDefault(engine) + c.NodeCount;
        if (verdict.Difference is null) return;
        bool Shows(Model model)
        {
            try
            {
                return again(c.With(model.Graph)).Difference is not null;
            }
            catch (Exception e) when (e is NnccException or KeyNotFoundException)
            {
                return false; // a part that the evaluator does not run, or of which a content is not known
            }
        }
        var reduced = c.With(new ModelReduction(Shows, Checks).Run(new Model(c.Graph, ModelHeader.Empty)).Graph);
        chunk.Differences.Add(string.Create(CultureInfo.InvariantCulture,
            $"// seed {seed}, {engine}: {(again(reduced).Difference ?? verdict.Difference).Replace("\n", "\n// ")}\n{reduced}"));
    }
}
