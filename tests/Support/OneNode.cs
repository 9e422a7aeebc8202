using Google.Protobuf;
using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Onnx;
using Nncc.IR.Onnx.Proto;

namespace Nncc.Tests.Support;

/// <summary>ONNX models of one node, of any opset: read as files are, and run by the evaluator.</summary>
internal static class OneNode
{
    private static readonly OpRegistry Registry = OpRegistry.Standard();

    /// <summary>The graph that the reader makes of a node; operands after the first are initializers.</summary>
    public static Graph Read(int opset, string op, (string Name, object Value)[] attributes, int results, params Tensor?[] operands)
    {
        var graph = new GraphProto { Name = "one" };
        var node = new NodeProto { OpType = op, Name = "node" };
        for (int i = 0; i < operands.Length; i++)
        {
            node.Input.Add(operands[i] is null ? "" : $"x{i}");
            if (operands[i] is not { } operand) continue;
            if (i > 0) graph.Initializer.Add(Proto(operand, $"x{i}"));
            else
            {
                var type = new TypeProto.Types.Tensor { ElemType = (int)operand.DType, Shape = new TensorShapeProto() };
                type.Shape.Dim.AddRange(operand.Dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
                graph.Input.Add(new ValueInfoProto { Name = $"x{i}", Type = new TypeProto { TensorType = type } });
            }
        }
        for (int i = 0; i < results; i++)
        {
            node.Output.Add($"y{i}");
            graph.Output.Add(new ValueInfoProto { Name = $"y{i}" });
        }
        foreach (var (name, value) in attributes) node.Attribute.Add(Proto(name, value));
        graph.Node.Add(node);
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
        return OnnxReader.Read(model.ToByteArray(), Registry).Graph;
    }

    /// <summary>The results of such a node.</summary>
    public static Tensor[] Run(int opset, string op, (string Name, object Value)[] attributes, int results, params Tensor?[] operands) =>
        [.. new Evaluator().Run(Read(opset, op, attributes, results, operands), [operands[0]]).Cast<Tensor>()];

    private static TensorProto Proto(Tensor tensor, string name)
    {
        var proto = new TensorProto { Name = name, DataType = (int)tensor.DType,
            RawData = ByteString.CopyFrom(tensor.Bytes(0, (int)tensor.ByteCount)) };
        proto.Dims.AddRange(tensor.Dims);
        return proto;
    }

    private static AttributeProto Proto(string name, object value)
    {
        var proto = new AttributeProto { Name = name };
        switch (value)
        {
            case long number: (proto.Type, proto.I) = (AttributeProto.Types.AttributeType.Int, number); break;
            case float number: (proto.Type, proto.F) = (AttributeProto.Types.AttributeType.Float, number); break;
            case string text: (proto.Type, proto.S) = (AttributeProto.Types.AttributeType.String, ByteString.CopyFromUtf8(text)); break;
            case long[] list: proto.Type = AttributeProto.Types.AttributeType.Ints; proto.Ints.AddRange(list); break;
            case float[] list: proto.Type = AttributeProto.Types.AttributeType.Floats; proto.Floats.AddRange(list); break;
            default: throw new ArgumentException($"{value} is no attribute", nameof(value));
        }
        return proto;
    }
}
