using Google.Protobuf;
using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.IR.Onnx.Proto;

namespace Nncc.Backends.OnnxRuntime;

/// <summary>Empty lists: the C API makes none, but a model of one node does.</summary>
internal static class OrtEmptySequence
{
    /// <summary>The empty list of a type.</summary>
    /// <exception cref="NnccException">ONNX Runtime has no such lists.</exception>
    public static OrtValue Make(OrtLibrary library, IrType type)
    {
        if (type is not SequenceType { Element: TensorType element })
            throw new NnccException(FaultCodes.OrtData, $"ONNX Runtime has no empty value of type {type}");
        var dtype = new AttributeProto { Name = "dtype", Type = AttributeProto.Types.AttributeType.Int, I = (int)element.DType };
        var graph = new GraphProto
        {
            Name = "empty",
            Node = { new NodeProto { OpType = "SequenceEmpty", Attribute = { dtype }, Output = { "empty" } } },
            Output = { new ValueInfoProto { Name = "empty", Type = TypeReader.Write(type) } },
        };
        var model = new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 15 } } };
        using var session = OrtSession.Open(library, model.ToByteArray(), new OrtSessionOptions { IntraOpThreads = 1, InterOpThreads = 1 });
        using var run = session.Prepare([], [("empty", null)]);
        run.Execute();
        return run.Take(0);
    }
}
