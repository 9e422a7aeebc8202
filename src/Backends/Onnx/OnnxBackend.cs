using Nncc.IR.Onnx;
using Nncc.Passes;

namespace Nncc.Backends.Onnx;

/// <summary>
/// Writes a model as ONNX: names, order and types of inputs and outputs as they were, at the smallest opset that is at least the model's
/// and holds the graph, or at a demanded one.
/// </summary>
/// <param name="fileName">Name of the model's file; that of a file for weights is made from it.</param>
/// <param name="options">Opset and form.</param>
public sealed class OnnxBackend(string fileName, OnnxOptions? options = null) : IBackend
{
    /// <inheritdoc/>
    public string Name => "onnx";

    /// <summary>The opset of ai.onnx at which writing a model starts: what is demanded, or the one that it was read with.</summary>
    public static int LeastOpset(Model model, int? demanded) => demanded ?? OpsetChoice.Start(model);

    /// <inheritdoc/>
    public Artifact Emit(Model model, PassContext context) => Emit(Prepare(model, context.Ops), context.Cancellation);

    /// <summary>The model as it will be written, which says its opset.</summary>
    /// <exception cref="NnccException">A demanded opset does not hold the graph: all nodes that prevent it; or ONNX has no form for
    /// something.</exception>
    public OnnxImage Prepare(Model model, OpRegistry ops) =>
        OnnxWriter.Prepare(model, fileName, ops,
            new OnnxWriteOptions { Opset = options?.Opset, ExternalData = options?.ExternalData == true });

    /// <summary>The files of a prepared model: the model, and the file for weights where it has one.</summary>
    public Artifact Emit(OnnxImage image, CancellationToken cancellation = default)
    {
        var model = new ArtifactFile(fileName, image.WriteModel);
        return new Artifact(image.DataName is null ? [model]
            : [model, new ArtifactFile(image.DataName, stream => image.WriteData(stream, cancellation))]);
    }
}
