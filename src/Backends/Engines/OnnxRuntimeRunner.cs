using System.Collections.Immutable;
using Nncc.Backends.OnnxRuntime;
using Nncc.IR.Onnx;

namespace Nncc.Backends.Engines;

/// <summary>A model in ONNX Runtime.</summary>
public sealed class OnnxRuntimeRunner : IModelRunner
{
    private readonly OrtSession session;
    private readonly ImmutableArray<string> inputs;
    private readonly ImmutableArray<string> outputs;

    private OnnxRuntimeRunner(OrtSession session, Graph graph, string name)
    {
        (this.session, Name) = (session, name);
        inputs = [.. graph.Inputs.Select(i => graph[i.Value].Name)];
        outputs = [.. graph.Outputs.Select(o => o.Name)];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Loads a model file into ONNX Runtime, or the model itself where there is no file.</summary>
    /// <param name="compiler">Knows the library and its options.</param>
    /// <param name="model">The model.</param>
    /// <param name="path">The ONNX file that it was read from; null (or another kind of file) to write it anew.</param>
    /// <param name="name">Name for tables.</param>
    /// <exception cref="NnccException">ONNX Runtime is not there or refuses the model.</exception>
    public static OnnxRuntimeRunner Load(Compiler compiler, Model model, string? path, string name = "onnxruntime")
    {
        var library = compiler.OnnxRuntime;
        var options = compiler.Options.OnnxRuntime.Session;
        var session = path is not null && Models.ModelFile.IsOnnx(path) ? OrtSession.Open(library, path, options)
            : OrtSession.Open(library, OnnxWriter.ToBytes(model, compiler.Ops), options);
        return new OnnxRuntimeRunner(session, model.Graph, name);
    }

    /// <inheritdoc/>
    public ImmutableArray<Datum> Run(ImmutableArray<Datum?> given, CancellationToken cancellation = default) =>
        session.Run(inputs.Zip(given).Where(p => p.Second is not null).ToDictionary(p => p.First, p => p.Second!), outputs, cancellation);

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();
}
