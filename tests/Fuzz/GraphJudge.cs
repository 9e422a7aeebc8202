using System.Collections.Immutable;
using Nncc.Backends;
using Nncc.Backends.CSharp;
using Nncc.Backends.Engines;
using Nncc.Backends.Models;
using Nncc.Backends.OnnxRuntime;
using Nncc.IR.Evaluate;
using Nncc.IR.Onnx;
using Nncc.Passes.Programs;
using Nncc.Tests.Support;

namespace Nncc.Tests.Fuzz;

/// <summary>How an engine came out.</summary>
/// <param name="Judged">The part of the graph that the engine takes; null for nothing.</param>
/// <param name="Difference">How its answers differ; null for not at all.</param>
internal sealed record FuzzVerdict(FuzzCase? Judged, string? Difference);

/// <summary>
/// Runs graphs in the engines and compares their answers with the evaluator's. What an engine does not take is cut out of the graph, and
/// the rest is judged. Whatever else is thrown is a difference.
/// </summary>
internal sealed class GraphJudge
{
    /// <summary>Engines that run a graph at once.</summary>
    public static readonly ImmutableArray<string> Engines = ["optimized", "written", "onnxruntime", "written onnxruntime"];

    /// <summary>The engine whose programs are compiled together.</summary>
    public const string CSharp = "csharp";

    private const int JudgeOpset = 24;

    private readonly Compiler compiler = new(new CompilerOptions { Target = "cpu-avx2" });

    /// <summary>What ONNX Runtime said where it failed at run time only, by its text.</summary>
    public SortedDictionary<string, int> RunFailures { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether an engine is ONNX Runtime.</summary>
    public static bool IsOutside(string engine) => engine.EndsWith("onnxruntime", StringComparison.Ordinal);

    /// <summary>The compiler.</summary>
    public Compiler Compiler => compiler;

    /// <summary>Judges a graph in one engine.</summary>
    public FuzzVerdict Judge(string engine, FuzzCase given)
    {
        bool isOutside = IsOutside(engine);
        var c = isOutside ? Known(given) : given;
        for (int round = 0; c is not null && round < 12; round++)
        {
            try
            {
                return new FuzzVerdict(c, c.Difference(Run(engine, c), isOutside ? 1 : 0));
            }
            catch (NnccException e) when (isOutside || IsRefusal(e))
            {
                var cut = c.Named(e.Message);
                if (e.Faults[0].Code == FaultCodes.OrtRun)
                {
                    string text = e.Message.Split('\n')[0];
                    RunFailures[text] = RunFailures.GetValueOrDefault(text) + 1;
                    if (cut.Count == 0) return new FuzzVerdict(null, null);
                }
                c = cut.Count == 0 ? null : c.Without(cut);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                return Failed(c, e);
            }
        }
        return new FuzzVerdict(null, null);
    }

    /// <summary>Adds a program for what emitted C# takes of a graph; gives how to judge it once all have been added.</summary>
    public Func<FuzzVerdict> Prepare(ProgramBatch batch, string name, FuzzCase given)
    {
        for (var c = given; c is not null;)
        {
            try
            {
                var (bound, model) = Bound(c);
                var program = bound.Lower(model);
                batch.Add(name, bound.CSharp.Strategy, _ => program);
                var judged = c;
                return () => Guarded(judged, () =>
                {
                    using var engine = CSharpRunner.Of(batch[name], program, model.Graph);
                    return engine.Run(judged.Inputs);
                });
            }
            catch (NnccException e)
            {
                var cut = c.Named(e.Message);
                c = cut.Count == 0 ? null : c.Without(cut);
            }
            catch (Exception e)
            {
                var verdict = Failed(c, e);
                return () => verdict;
            }
        }
        return () => new FuzzVerdict(null, null);
    }

    /// <summary>Judges a graph in emitted C#, alone.</summary>
    public FuzzVerdict JudgeCSharp(FuzzCase c)
    {
        var (bound, model) = Bound(c);
        try
        {
            using var engine = bound.Host(Engine.CSharp, model);
            return Guarded(c, () => engine.Run(c.Inputs));
        }
        catch (NnccException)
        {
            return new FuzzVerdict(null, null); // a part that it does not take
        }
        catch (Exception e)
        {
            return Failed(c, e);
        }
    }

    private static FuzzVerdict Guarded(FuzzCase c, Func<ImmutableArray<Datum>> run)
    {
        try
        {
            return new FuzzVerdict(c, c.Difference(run()));
        }
        catch (Exception e)
        {
            return Failed(c, e);
        }
    }

    private static FuzzVerdict Failed(FuzzCase c, Exception e) =>
        new(c, $"{e.GetType().Name}: {e.Message}\n{e.InnerException?.StackTrace ?? e.StackTrace}");

    private (Compiler Bound, Model Model) Bound(FuzzCase c) =>
        (compiler.With(compiler.Options with { Passes = ModelInputs.WithShapes(compiler.Options.Passes, c.Graph, c.Inputs) }), Of(c));

    private static Model Of(FuzzCase c) => new(c.Graph, ModelHeader.Empty);

    private ImmutableArray<Datum> Run(string engine, FuzzCase c)
    {
        switch (engine)
        {
            case "optimized": return Evaluate(c, compiler.Canonicalize(Of(c)).Graph);
            case "written": return Evaluate(c, OnnxReader.Read(OnnxWriter.ToBytes(Of(c), compiler.Ops), compiler.Ops).Graph);
            case "onnxruntime": return RunOutside(c, Of(c), OrtOptimization.None);
            default: return RunOutside(c, compiler.Canonicalize(Of(c)), OrtOptimization.All);
        }
    }

    // Passes may have taken an input away.
    private static ImmutableArray<Datum> Evaluate(FuzzCase c, Graph graph)
    {
        var given = ByName(c);
        return new Evaluator().Run(graph, [.. graph.Inputs.Select(i => given.GetValueOrDefault(graph[i.Value].Name))]);
    }

    private ImmutableArray<Datum> RunOutside(FuzzCase c, Model model, OrtOptimization optimization)
    {
        using var session = Support.Judge.Open(Written(model), optimization);
        var given = ByName(c);
        return session.Run(session.Inputs.ToDictionary(i => i.Name, i => given[i.Name]), [.. c.Graph.Outputs.Select(o => o.Name)]);
    }

    // ONNX Runtime has kernels for most ops of this opset, and an op that is newer needs its own.
    private byte[] Written(Model model)
    {
        int newest = model.Graph.Nodes.Where(n => n.Op.Domain.Length == 0).Select(n => compiler.Ops[n.Op].Since[0]).DefaultIfEmpty(1).Max();
        return OnnxWriter.ToBytes(model, compiler.Ops, Math.Max(JudgeOpset, newest));
    }

    private static Dictionary<string, Datum> ByName(FuzzCase c) => c.Graph.Inputs.Zip(c.Inputs).Where(p => p.Second is not null)
        .ToDictionary(p => c.Graph[p.First.Value].Name, p => p.Second!, StringComparer.Ordinal);

    // Only the writer refuses a graph that evaluates; any other fault is one of nncc.
    private static bool IsRefusal(NnccException e) => e.Faults.All(f => f.Code == FaultCodes.OpsetDemand);

    private static FuzzCase? Known(FuzzCase c)
    {
        var known = c.Graph.Nodes.Where(n => OnnxRuntimeDifferences.Reason(c, n) is not null).ToList();
        return known.Count == 0 ? c : c.Without(known);
    }
}
