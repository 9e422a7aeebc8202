using Google.Protobuf;
using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>
/// A model in the form in which it is written: what <see cref="OnnxWriter.Prepare"/> gives. Its tensors' memory must stay readable.
/// </summary>
public sealed class OnnxImage
{
    private readonly ModelProto proto;
    private readonly TensorWriter tensors;

    internal OnnxImage(ModelProto proto, TensorWriter tensors, int opset, string? dataName) =>
        (this.proto, this.tensors, Opset, DataName) = (proto, tensors, opset, dataName);

    /// <summary>The opset of ai.onnx.</summary>
    public int Opset { get; }

    /// <summary>The IR version.</summary>
    public int IrVersion => (int)proto.IrVersion;

    /// <summary>Name of the file of weights that belongs beside the model; null where the model holds them.</summary>
    public string? DataName { get; }

    /// <summary>Writes the model.</summary>
    public void WriteModel(Stream stream)
    {
        using var output = new CodedOutputStream(stream, 1 << 20, leaveOpen: true);
        proto.WriteTo(output);
    }

    /// <summary>Writes the file of weights, in pieces.</summary>
    /// <param name="stream">One that can seek: what is zero is left out where the file system can.</param>
    /// <param name="cancellation">Ends it.</param>
    public void WriteData(Stream stream, CancellationToken cancellation = default)
    {
        var writer = new ExternalDataWriter(stream, cancellation);
        tensors.WriteExternal(writer);
        writer.Finish();
    }
}
