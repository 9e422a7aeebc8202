using Google.Protobuf;
using Nncc.IR.Onnx.Proto;
using Kind = Nncc.IR.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace Nncc.IR.Onnx;

/// <summary>Neutral attribute values to AttributeProto.</summary>
internal static class AttributeWriter
{
    /// <summary>The attribute; a body is written by <paramref name="graph"/>.</summary>
    public static AttributeProto Write(string name, object value, TensorWriter tensors, Func<LoweredGraph, GraphProto> graph)
    {
        var proto = new AttributeProto { Name = name };
        switch (value)
        {
            case long number: (proto.Type, proto.I) = (Kind.Int, number); break;
            case float number: (proto.Type, proto.F) = (Kind.Float, number); break;
            case string text: (proto.Type, proto.S) = (Kind.String, Bytes(text)); break;
            case Tensor tensor: (proto.Type, proto.T) = (Kind.Tensor, tensors.Write(tensor)); break;
            case LoweredGraph body: (proto.Type, proto.G) = (Kind.Graph, graph(body)); break;
            case IrType type: (proto.Type, proto.Tp) = (Kind.TypeProto, TypeReader.Write(type) ?? new TypeProto()); break;
            case EquatableArray<long> list:
                proto.Type = Kind.Ints;
                proto.Ints.AddRange(list);
                break;
            case EquatableArray<float> list:
                proto.Type = Kind.Floats;
                proto.Floats.AddRange(list);
                break;
            case EquatableArray<string> list:
                proto.Type = Kind.Strings;
                proto.Strings.AddRange(list.Select(Bytes));
                break;
            case EquatableArray<Tensor> list:
                proto.Type = Kind.Tensors;
                proto.Tensors.AddRange(list.Select(t => tensors.Write(t)));
                break;
            case EquatableArray<IrType> list:
                proto.Type = Kind.TypeProtos;
                proto.TypeProtos.AddRange(list.Select(t => TypeReader.Write(t) ?? new TypeProto()));
                break;
            default: throw new InvalidOperationException($"attribute {name} is a {value.GetType().Name}, which is no neutral value");
        }
        return proto;
    }

    private static ByteString Bytes(string text) => UnsafeByteOperations.UnsafeWrap(ByteText.Encode(text));
}
