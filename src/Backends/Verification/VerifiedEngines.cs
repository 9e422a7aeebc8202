using System.Collections.Immutable;
using Nncc.Backends.Engines;
using Nncc.IR.Evaluate;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;

namespace Nncc.Backends.Verification;

/// <summary>The engines that a model is verified in, by name, and their values inside of the model.</summary>
internal sealed class VerifiedEngines : IDisposable
{
    /// <summary>The model file in ONNX Runtime.</summary>
    public const string Outside = "onnxruntime";

    private const string Declared = "evaluator", Reread = "onnx evaluator", RereadOutside = "onnx onnxruntime", CSharp = "csharp ";

    // A program with very many outputs is one method with very many parameters.
    private const int OutputsPerProgram = 100;

    private readonly Compiler compiler;
    private readonly Model model;
    private readonly VerificationOptions options;
    private string? folder;
    private Model? reread;

    public VerifiedEngines(Compiler compiler, Model model, VerificationOptions options)
    {
        (this.compiler, this.model, this.options) = (compiler, model, options);
        Names = [Outside, Declared, Reread, RereadOutside, .. options.Targets.Select(t => CSharp + t)];
    }

    /// <summary>The engines in the order of the report.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>An engine, ready to run.</summary>
    /// <exception cref="NnccException">It does not take the model.</exception>
    public IModelRunner Load(string engine, CancellationToken cancellation) => engine switch
    {
        Outside => OnnxRuntimeRunner.Load(compiler, model, options.ModelPath),
        Declared => new EvaluatorRunner(compiler.Canonicalize(model, cancellation).Graph),
        Reread => new EvaluatorRunner(ReadBack(cancellation).Graph, name: engine),
        RereadOutside => OnnxRuntimeRunner.Load(compiler, ReadBack(cancellation), WrittenPath, engine),
        _ => ForTarget(engine).Host(Engine.CSharp, model, null, cancellation),
    };

    /// <summary>The engine's values inside of the model by name, as far as it has them.</summary>
    public IReadOnlyDictionary<string, Datum> InnerValues(string engine, ImmutableArray<Datum?> inputs, CancellationToken cancellation)
    {
        var values = new Dictionary<string, Datum>(StringComparer.Ordinal);
        switch (engine)
        {
            case Outside: RunWithAllOutputs(model); break;
            case RereadOutside: RunWithAllOutputs(ReadBack(cancellation)); break;
            case Declared: Observe(compiler.Canonicalize(model, cancellation).Graph); break;
            case Reread: Observe(ReadBack(cancellation).Graph); break;
            default: RunPrograms(ForTarget(engine)); break;
        }
        return values;

        void Observe(Graph graph) => new Evaluator(cancellation: cancellation)
        {
            Observe = (owner, node, results) =>
            {
                if (!ReferenceEquals(owner, graph) || node.Op is Constant) return;
                for (int i = 0; i < results.Length; i++)
                    if (results[i] is { } result) values[graph[node.Outputs[i]].Name] = result;
            },
        }.Run(graph, inputs);

        void RunWithAllOutputs(Model source)
        {
            var all = Inner(source.Graph).ToList();
            using var runner = OnnxRuntimeRunner.Load(compiler, source with { Graph = WithOutputs(source.Graph, all) }, null);
            Take(all, runner.Run(inputs, cancellation));
        }

        // The same kernels as without these outputs: the graph is lowered already.
        void RunPrograms(Compiler lowering)
        {
            var scheduled = lowering.Schedule(model, cancellation).Graph;
            foreach (var part in Inner(scheduled).Where(v => v.Layout is null).Chunk(OutputsPerProgram))
            {
                using var runner = CSharpRunner.Load(lowering.CSharp, lowering.CSharp.Build(WithOutputs(scheduled, part)), model.Graph);
                Take(part, runner.Run(inputs, cancellation));
            }
        }

        void Take(IReadOnlyList<Value> names, ImmutableArray<Datum> contents)
        {
            for (int i = 0; i < contents.Length; i++) values[names[i].Name] = contents[i];
        }
    }

    public void Dispose()
    {
        reread?.Header.Storage?.Dispose();
        if (folder is not null) Directory.Delete(folder, recursive: true);
    }

    private string WrittenPath => Path.Combine(folder!, "model.onnx");

    private Compiler ForTarget(string engine) => compiler.With(compiler.Options with { Target = engine[CSharp.Length..] });

    private Model ReadBack(CancellationToken cancellation)
    {
        if (reread is not null) return reread;
        folder ??= Directory.CreateTempSubdirectory("nncc-verify-").FullName;
        OnnxWriter.Write(compiler.Canonicalize(model, cancellation), WrittenPath, compiler.Ops, cancellation: cancellation);
        return reread = OnnxReader.Read(WrittenPath, compiler.Ops);
    }

    private static IEnumerable<Value> Inner(Graph graph) =>
        graph.Nodes.Where(n => n.Op is not Constant).SelectMany(n => n.GivenOutputs).Select(o => graph[o]);

    private static Graph WithOutputs(Graph graph, IEnumerable<Value> values)
    {
        var edit = new GraphEdit(graph);
        edit.SetOutputs(values.Select(v => new GraphOutput(v.Name, v.Id)));
        return edit.Freeze();
    }
}
