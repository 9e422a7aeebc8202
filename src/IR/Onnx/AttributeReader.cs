using Nncc.IR.Onnx.Proto;
using Kind = Nncc.IR.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace Nncc.IR.Onnx;

/// <summary>AttributeProto to the neutral values of <see cref="AttributeDefinition"/>.</summary>
/// <param name="tensors">Reads tensors.</param>
internal sealed class AttributeReader(TensorReader tensors)
{
    /// <summary>The value; a graph is read by <paramref name="graph"/>.</summary>
    /// <param name="proto">The attribute, no reference to another.</param>
    /// <param name="expected">The kind that the operator's schema says, for attributes that do not say it themselves (before IR 3).</param>
    /// <param name="graph">Reads a nested graph.</param>
    /// <exception cref="NnccException">The attribute contradicts itself or is of a kind that nncc has no value for.</exception>
    public object Read(AttributeProto proto, string? expected, Func<GraphProto, Graph> graph)
    {
        var kind = KindOf(proto, expected);
        return kind switch
        {
            Kind.Float => proto.F,
            Kind.Int => proto.I,
            Kind.String => ByteText.Decode(proto.S.Span),
            Kind.Tensor => In(proto, () => tensors.Read(proto.T ?? throw Wrong(proto, "holds no tensor"))),
            Kind.SparseTensor => In(proto, () => tensors.Dense(proto.SparseTensor ?? throw Wrong(proto, "holds no sparse tensor"))),
            Kind.Graph => graph(proto.G ?? throw Wrong(proto, "holds no graph")),
            Kind.TypeProto => TypeReader.Read(proto.Tp, proto.Name) ?? IrType.Unknown,
            Kind.Floats => proto.Floats.ToEquatable(),
            Kind.Ints => proto.Ints.ToEquatable(),
            Kind.Strings => proto.Strings.Select(s => ByteText.Decode(s.Span)).ToEquatable(),
            Kind.Tensors => In(proto, () => proto.Tensors.Select(tensors.Read).ToEquatable()),
            Kind.TypeProtos => proto.TypeProtos.Select(t => TypeReader.Read(t, proto.Name) ?? IrType.Unknown).ToEquatable(),
            _ => throw new NnccException(FaultCodes.NotSupported,
                $"attribute {Names.Quote(proto.Name)} is of kind {kind}, which nncc has no value for"),
        };
    }

    // Older files do not say the kind; the content does, and where there is none, the schema.
    private static Kind KindOf(AttributeProto proto, string? expected)
    {
        var content = Content(proto).ToList();
        if (proto.Type == Kind.Undefined)
        {
            if (content.Count == 1) return content[0];
            if (content.Count == 0 && expected is not null)
                return expected switch
                {
                    "float" => Kind.Float,
                    "int" => Kind.Int,
                    "string" => Kind.String,
                    "floats" => Kind.Floats,
                    "strings" => Kind.Strings,
                    _ => Kind.Ints,
                };
            throw Wrong(proto, content.Count == 0 ? "does not say its type" : $"holds both {content[0]} and {content[1]}");
        }
        if (!Enum.IsDefined(proto.Type)) throw Wrong(proto, $"is of kind {(int)proto.Type}, which onnx.proto does not define");
        if (content.Count > 0 && !content.Contains(proto.Type)) throw Wrong(proto, $"says it is {proto.Type} and holds {content[0]}");
        return proto.Type;
    }

    private static IEnumerable<Kind> Content(AttributeProto proto)
    {
        if (proto.HasF) yield return Kind.Float;
        if (proto.HasI) yield return Kind.Int;
        if (proto.HasS) yield return Kind.String;
        if (proto.T is not null) yield return Kind.Tensor;
        if (proto.G is not null) yield return Kind.Graph;
        if (proto.SparseTensor is not null) yield return Kind.SparseTensor;
        if (proto.Tp is not null) yield return Kind.TypeProto;
        if (proto.Floats.Count > 0) yield return Kind.Floats;
        if (proto.Ints.Count > 0) yield return Kind.Ints;
        if (proto.Strings.Count > 0) yield return Kind.Strings;
        if (proto.Tensors.Count > 0) yield return Kind.Tensors;
        if (proto.Graphs.Count > 0) yield return Kind.Graphs;
        if (proto.SparseTensors.Count > 0) yield return Kind.SparseTensors;
        if (proto.TypeProtos.Count > 0) yield return Kind.TypeProtos;
    }

    private static T In<T>(AttributeProto proto, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (NnccException e)
        {
            throw new NnccException([.. e.Faults.Select(f => f with { Message = $"attribute {Names.Quote(proto.Name)}: {f.Message}" })]);
        }
    }

    private static NnccException Wrong(AttributeProto proto, string message) =>
        new(FaultCodes.Attribute, $"attribute {Names.Quote(proto.Name)} {message}");
}
