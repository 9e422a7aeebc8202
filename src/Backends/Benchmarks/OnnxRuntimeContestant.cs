using System.Collections.Immutable;
using Nncc.Backends.CSharp;
using Nncc.Backends.OnnxRuntime;
using Nncc.IR.Onnx;
using Nncc.Passes;

namespace Nncc.Backends.Benchmarks;

/// <summary>
/// ONNX Runtime in its best case: all its optimizations, one node after the other, sizes bound and initializers constant, outputs in memory
/// that it laid out beforehand. Where it has threads they may spin within a run.
/// </summary>
internal sealed class OnnxRuntimeContestant : Contestant
{
    private readonly OrtSession session;
    private readonly List<OrtValue> values = [];
    private readonly OrtRun run;

    /// <summary>Loads a model.</summary>
    /// <param name="compiler">Knows the library.</param>
    /// <param name="source">The model as read, with its sizes bound.</param>
    /// <param name="path">The ONNX file, where that has bound sizes and constant initializers already; null to write one.</param>
    /// <param name="inputs">Inputs in the model's order.</param>
    /// <param name="threads">Threads within a node.</param>
    /// <param name="clock">The clock.</param>
    /// <exception cref="NnccException">ONNX Runtime is not there or does not take the model.</exception>
    public OnnxRuntimeContestant(Compiler compiler, Model source, string? path, ImmutableArray<Datum?> inputs, int threads,
        TimeProvider clock)
    {
        var library = compiler.OnnxRuntime;
        var options = new OrtSessionOptions { IntraOpThreads = threads, InterOpThreads = 1, Optimization = OrtOptimization.All };
        // Initializers that callers may override keep ONNX Runtime from preparing what it could.
        var silent = compiler.With(compiler.Options with { Notify = null });
        byte[]? bytes = path is not null ? null
            : OnnxWriter.ToBytes(silent.Run(new Pipeline("bind", new DefaultBinding()), source), compiler.Ops);
        session = Timed(clock, () => bytes is null ? OrtSession.Open(library, path!, options) : OrtSession.Open(library, bytes, options),
            out double load);
        LoadMs = load;
        try
        {
            var graph = source.Graph;
            var given = session.Inputs.Select(port => (port.Name, Value: Keep(OrtValue.From(library, inputs[Place(graph, port.Name)]!))));
            var made = graph.Outputs.Select(o => (o.Name, graph[o.Value].Type is TensorType { Shape: { IsStatic: true } shape } type
                && type.DType.Bits() > 0 ? Keep(OrtValue.Allocate(library, type.DType, shape.ToStatic()!)) : (OrtValue?)null));
            run = session.Prepare([.. given], [.. made]);
        }
        catch
        {
            Free();
            throw;
        }
    }

    /// <inheritdoc/>
    public override string Engine => "onnxruntime";

    /// <inheritdoc/>
    public override void Run() => run.Execute();

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Outputs =>
        [.. run.Names.Select((name, i) => run.Output(i).ToDatum(session.Outputs.First(o => o.Name == name).Type))];

    /// <inheritdoc/>
    public override void Dispose()
    {
        run.Dispose();
        Free();
    }

    private static int Place(Graph graph, string input)
    {
        for (int i = 0; i < graph.Inputs.Length; i++)
            if (graph[graph.Inputs[i].Value].Name == input) return i;
        throw new InvalidOperationException($"the graph has no input \"{input}\"");
    }

    private OrtValue Keep(OrtValue value)
    {
        values.Add(value);
        return value;
    }

    private void Free()
    {
        foreach (var value in values) value.Dispose();
        session.Dispose();
    }
}
