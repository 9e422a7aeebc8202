using Google.Protobuf;
using Nncc.IR.Onnx;
using Nncc.IR.Onnx.Proto;

namespace Nncc.Tests.Onnx;

/// <summary>Makes small ONNX models, wrong ones too, message by message.</summary>
internal sealed class ProtoModel
{
    private readonly ModelProto model = new() { IrVersion = 8, Graph = new GraphProto { Name = "g" } };

    /// <summary>A model of that opset of ai.onnx; 0 imports none.</summary>
    public ProtoModel(long opset = 17)
    {
        if (opset != 0) model.OpsetImport.Add(new OperatorSetIdProto { Version = opset });
    }

    /// <summary>The message, for what has no method here.</summary>
    public ModelProto Message => model;

    public GraphProto Graph => model.Graph;

    public ProtoModel Ir(long version)
    {
        model.IrVersion = version;
        return this;
    }

    public ProtoModel Import(string domain, long version)
    {
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        return this;
    }

    public ProtoModel Input(string name, DType dtype, params object?[]? dims)
    {
        Graph.Input.Add(Info(name, dtype, dims));
        return this;
    }

    public ProtoModel Output(string name, DType dtype = DType.Float32, params object?[]? dims)
    {
        Graph.Output.Add(Info(name, dtype, dims));
        return this;
    }

    public ProtoModel Initializer(TensorProto tensor)
    {
        Graph.Initializer.Add(tensor);
        return this;
    }

    public ProtoModel Node(string op, string[] inputs, string[] outputs, string name = "", string domain = "",
        params AttributeProto[] attributes)
    {
        Graph.Node.Add(Call(op, inputs, outputs, name, domain, attributes));
        return this;
    }

    public byte[] Bytes() => model.ToByteArray();

    /// <summary>The model as nncc reads it.</summary>
    public Model Read() => OnnxReader.Read(Bytes(), Registry);

    /// <summary>All faults that reading it gives.</summary>
    public IReadOnlyList<Fault> Faults() => Assert.Throws<NnccException>(Read).Faults;

    /// <summary>The only fault that reading it gives.</summary>
    public Fault Fault() => Assert.Single(Faults());

    public static OpRegistry Registry { get; } = OpRegistry.Standard();

    public static NodeProto Call(string op, string[] inputs, string[] outputs, string name = "", string domain = "",
        params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = op, Name = name, Domain = domain };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes);
        return node;
    }

    /// <summary>A value of a tensor type; null dims are an unknown rank, a null dim is unknown, text names it.</summary>
    public static ValueInfoProto Info(string name, DType dtype, params object?[]? dims)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)dtype };
        if (dims is not null)
        {
            tensor.Shape = new TensorShapeProto();
            foreach (object? dim in dims)
                tensor.Shape.Dim.Add(dim switch
                {
                    int size => new() { DimValue = size },
                    long size => new() { DimValue = size },
                    string text => new() { DimParam = text },
                    _ => new TensorShapeProto.Types.Dimension(),
                });
        }
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    public static TensorProto Raw(string name, DType dtype, long[] dims, byte[] bytes)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)dtype, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(dims);
        return tensor;
    }

    public static TensorProto Floats(string name, long[] dims, params float[] items) =>
        Raw(name, DType.Float32, dims, [.. items.SelectMany(BitConverter.GetBytes)]);

    public static TensorProto Longs(string name, params long[] items) =>
        Raw(name, DType.Int64, [items.Length], [.. items.SelectMany(BitConverter.GetBytes)]);

    public static AttributeProto Int(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    public static AttributeProto Ints(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    public static AttributeProto Float(string name, float value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value };

    public static AttributeProto Ref(string name, string of, AttributeProto.Types.AttributeType type) =>
        new() { Name = name, RefAttrName = of, Type = type };

    public static AttributeProto Body(string name, GraphProto graph) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Graph, G = graph };

    public static GraphProto SubGraph(string name, ValueInfoProto[] inputs, NodeProto[] nodes, params string[] outputs)
    {
        var graph = new GraphProto { Name = name };
        graph.Input.AddRange(inputs);
        graph.Node.AddRange(nodes);
        foreach (string output in outputs) graph.Output.Add(new ValueInfoProto { Name = output });
        return graph;
    }
}
