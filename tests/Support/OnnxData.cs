using System.Collections.Immutable;
using Google.Protobuf;
using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.IR.Onnx.Proto;

namespace Nncc.Tests.Support;

/// <summary>Reads the data files of ONNX test cases: one serialized tensor, sequence or optional each.</summary>
internal static class OnnxData
{
    /// <summary>The content of a file that holds a value of this type.</summary>
    public static Datum Read(string path, IrType type)
    {
        using var file = FileBytes.Open(path);
        return type switch
        {
            SequenceType sequence => Of(Parse(file, path, WireMessage.Sequence, SequenceProto.Parser), sequence),
            OptionalType optional => Of(Parse(file, path, WireMessage.Optional, OptionalProto.Parser), optional),
            _ => Of(Parse(file, path, WireMessage.Tensor, TensorProto.Parser)),
        };
    }

    private static (T Message, TensorReader Tensors) Parse<T>(FileBytes file, string path, WireMessage root, MessageParser<T> parser)
        where T : IMessage<T>
    {
        var read = ProtoFile.Read(file, path, root, parser);
        return (read.Message, new TensorReader(file, read.Places, new ExternalData(null)));
    }

    // A copy: the file is closed before the tensor is used.
    private static Tensor Of((TensorProto Message, TensorReader Tensors) from)
    {
        var tensor = from.Tensors.Read(from.Message);
        return tensor.DType == DType.String ? tensor
            : Tensor.Of(tensor.DType, tensor.Dims.AsSpan(), tensor.Bytes(0, (int)tensor.ByteCount).ToArray());
    }

    private static SequenceDatum Of((SequenceProto Message, TensorReader Tensors) from, SequenceType type)
    {
        ImmutableArray<Datum> items = type.Element is SequenceType inner
            ? [.. from.Message.SequenceValues.Select(s => Of((s, from.Tensors), inner))]
            : [.. from.Message.TensorValues.Select(t => Of((t, from.Tensors)))];
        return new SequenceDatum(type.Element, items);
    }

    private static OptionalDatum Of((OptionalProto Message, TensorReader Tensors) from, OptionalType type) =>
        new(type.Element, type.Element switch
    {
        SequenceType inner => from.Message.SequenceValue is { } sequence ? Of((sequence, from.Tensors), inner) : null,
        _ => from.Message.TensorValue is { } tensor ? Of((tensor, from.Tensors)) : null,
    });
}
