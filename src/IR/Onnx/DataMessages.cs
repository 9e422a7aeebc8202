using System.Collections.Immutable;
using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>The messages of data files (.pb) to <see cref="Datum"/> and back: tensors, sequences, optionals, maps.</summary>
internal static class DataMessages
{
    /// <summary>Reads a data file. The type says which message it is; without it the message is guessed, a tensor first.</summary>
    /// <exception cref="NnccException">The file is none of them.</exception>
    public static Datum Read(FileBytes file, string path, IrType? expected) => expected switch
    {
        SequenceType type => Sequence(file, path, type),
        OptionalType type => Optional(file, path, type),
        MapType type => Map(file, path, type),
        TensorType => Tensor(file, path),
        _ => Guess(file, path),
    };

    /// <summary>The message of a datum.</summary>
    public static Google.Protobuf.IMessage Write(Datum datum, string name)
    {
        var tensors = new TensorWriter();
        Google.Protobuf.IMessage message = datum switch
        {
            Tensor tensor => tensors.Write(tensor, name),
            SequenceDatum sequence => Write(sequence, name, tensors),
            OptionalDatum optional => Write(optional, name, tensors),
            MapDatum map => Write(map, name, tensors),
            _ => throw new ArgumentException($"{datum.Type} has no data file", nameof(datum)),
        };
        tensors.FillInline();
        return message;
    }

    private static Datum Guess(FileBytes file, string path)
    {
        NnccException? first = null;
        foreach (var read in new Func<Datum>[] { () => Tensor(file, path), () => Sequence(file, path, null), () => Map(file, path, null) })
        {
            try
            {
                return read();
            }
            catch (NnccException e)
            {
                first ??= e; // what it is not as a tensor explains most
            }
        }
        throw first!;
    }

    private static Tensor Tensor(FileBytes file, string path)
    {
        var proto = ProtoFile.Read(file, path, WireMessage.Tensor, TensorProto.Parser);
        return Copy(Reader(file, proto.Places, path).Read(proto.Message));
    }

    private static SequenceDatum Sequence(FileBytes file, string path, SequenceType? type)
    {
        var proto = ProtoFile.Read(file, path, WireMessage.Sequence, SequenceProto.Parser);
        return Sequence(proto.Message, Reader(file, proto.Places, path), type?.Element);
    }

    private static OptionalDatum Optional(FileBytes file, string path, OptionalType? type)
    {
        var proto = ProtoFile.Read(file, path, WireMessage.Optional, OptionalProto.Parser);
        return Optional(proto.Message, Reader(file, proto.Places, path), type?.Element);
    }

    private static MapDatum Map(FileBytes file, string path, MapType? type)
    {
        var proto = ProtoFile.Read(file, path, WireMessage.Map, MapProto.Parser);
        return Map(proto.Message, Reader(file, proto.Places, path), type?.Element);
    }

    private static SequenceDatum Sequence(SequenceProto proto, TensorReader reader, IrType? element)
    {
        ImmutableArray<Datum> items = (SequenceProto.Types.DataType)proto.ElemType switch
        {
            SequenceProto.Types.DataType.Tensor => [.. proto.TensorValues.Select(t => Copy(reader.Read(t)))],
            SequenceProto.Types.DataType.SparseTensor => [.. proto.SparseTensorValues.Select(reader.Dense)],
            SequenceProto.Types.DataType.Sequence => [.. proto.SequenceValues.Select(s => Sequence(s, reader, (
                element as SequenceType)?.Element))],
            SequenceProto.Types.DataType.Map => [.. proto.MapValues.Select(m => Map(m, reader, (element as MapType)?.Element))],
            SequenceProto.Types.DataType.Optional => [.. proto.OptionalValues.Select(o => Optional(o, reader, (
                element as OptionalType)?.Element))],
            _ => throw new NnccException(FaultCodes.DataFile, "its elements have no kind"),
        };
        return new SequenceDatum(element ?? Common(items), items);
    }

    // The type of the elements where nobody said it.
    private static IrType Common(ImmutableArray<Datum> items)
    {
        if (items.IsEmpty) return IrType.Unknown;
        if (items.All(i => i.Type.Equals(items[0].Type))) return items[0].Type;
        return items[0] is Tensor first && items.All(i => (i as Tensor)?.DType == first.DType) ? new TensorType(first.DType, null)
            : IrType.Unknown;
    }

    private static OptionalDatum Optional(OptionalProto proto, TensorReader reader, IrType? element)
    {
        Datum? item = proto switch
        {
            { TensorValue: { } tensor } => Copy(reader.Read(tensor)),
            { SparseTensorValue: { } sparse } => reader.Dense(sparse),
            { SequenceValue: { } sequence } => Sequence(sequence, reader, (element as SequenceType)?.Element),
            { MapValue: { } map } => Map(map, reader, (element as MapType)?.Element),
            { OptionalValue: { } optional } => Optional(optional, reader, (element as OptionalType)?.Element),
            _ => null,
        };
        return new OptionalDatum(element ?? item?.Type ?? IrType.Unknown, item);
    }

    private static MapDatum Map(MapProto proto, TensorReader reader, IrType? element)
    {
        if (!DTypes.IsDefined(proto.KeyType) || proto.Values is null)
            throw new NnccException(FaultCodes.DataFile, "it is no map: keys or values are missing");
        var keys = (DType)proto.KeyType == DType.String ? IR.Tensor.Vector(proto.StringKeys.Select(k => ByteText.Decode(k.Span)).ToArray())
            : IR.Tensor.FromLongs((DType)proto.KeyType, [proto.Keys.Count], proto.Keys.ToArray());
        var values = Sequence(proto.Values, reader, element);
        if (values.Items.Length != keys.Count)
            throw new NnccException(FaultCodes.DataFile, $"it is a map of {keys.Count} keys and {values.Items.Length} values");
        return new MapDatum(keys, Stack(values) ?? (Datum)values);
    }

    // Numbers and texts of a map stand in one tensor.
    private static Tensor? Stack(SequenceDatum values)
    {
        var scalars = values.Items.OfType<Tensor>().Where(t => t.Rank == 0).ToList();
        if (scalars.Count == 0 || scalars.Count < values.Items.Length || scalars.Any(s => s.DType != scalars[0].DType)) return null;
        if (scalars[0].DType == DType.String) return IR.Tensor.Vector(scalars.Select(s => s.Strings[0]).ToArray());
        if (scalars[0].ElementSize == 0) return null;
        var bytes = scalars.SelectMany(s => s.Bytes(0, s.ElementSize).ToArray()).ToArray();
        return IR.Tensor.Of(scalars[0].DType, [scalars.Count], bytes);
    }

    private static SequenceProto Write(SequenceDatum sequence, string name, TensorWriter tensors)
    {
        var proto = new SequenceProto { Name = name, ElemType = (int)SequenceProto.Types.DataType.Tensor };
        foreach (var item in sequence.Items)
        {
            proto.ElemType = (int)Kind(item);
            switch (item)
            {
                case Tensor tensor: proto.TensorValues.Add(tensors.Write(tensor)); break;
                case SequenceDatum inner: proto.SequenceValues.Add(Write(inner, "", tensors)); break;
                case MapDatum map: proto.MapValues.Add(Write(map, "", tensors)); break;
                case OptionalDatum optional: proto.OptionalValues.Add(Write(optional, "", tensors)); break;
            }
        }
        return proto;
    }

    private static OptionalProto Write(OptionalDatum optional, string name, TensorWriter tensors)
    {
        var proto = new OptionalProto { Name = name, ElemType = optional.Item is null ? 0 : (int)Kind(optional.Item) };
        switch (optional.Item)
        {
            case Tensor tensor: proto.TensorValue = tensors.Write(tensor); break;
            case SequenceDatum sequence: proto.SequenceValue = Write(sequence, "", tensors); break;
            case MapDatum map: proto.MapValue = Write(map, "", tensors); break;
            case OptionalDatum inner: proto.OptionalValue = Write(inner, "", tensors); break;
        }
        return proto;
    }

    private static MapProto Write(MapDatum map, string name, TensorWriter tensors)
    {
        var proto = new MapProto { Name = name, KeyType = (int)map.Keys.DType };
        if (map.Keys.DType == DType.String)
            foreach (string key in map.Keys.Strings) proto.StringKeys.Add(Google.Protobuf.ByteString.CopyFrom(ByteText.Encode(key)));
        else proto.Keys.AddRange(map.Keys.ToLongs());
        proto.Values = Write(map.Values as SequenceDatum ?? Split((Tensor)map.Values), "", tensors);
        return proto;
    }

    private static SequenceDatum Split(Tensor values)
    {
        var type = new TensorType(values.DType, Shape.Scalar);
        return new SequenceDatum(type, [.. Enumerable.Range(0, (int)values.Count).Select(i => values.DType == DType.String
            ? IR.Tensor.Scalar(values.Strings[i])
            : IR.Tensor.Of(values.DType, [], values.Bytes((long)i * values.ElementSize, values.ElementSize).ToArray()))]);
    }

    private static SequenceProto.Types.DataType Kind(Datum datum) => datum switch
    {
        SequenceDatum => SequenceProto.Types.DataType.Sequence,
        MapDatum => SequenceProto.Types.DataType.Map,
        OptionalDatum => SequenceProto.Types.DataType.Optional,
        _ => SequenceProto.Types.DataType.Tensor,
    };

    // Data files are closed after reading.
    private static Tensor Copy(Tensor tensor)
    {
        if (tensor.DType == DType.String) return tensor;
        if (tensor.ByteCount > Array.MaxLength) throw new NnccException(FaultCodes.Limit, $"{tensor.Type} is larger than 2 GB");
        return IR.Tensor.Of(tensor.DType, tensor.Dims.AsSpan(), tensor.Bytes(0, (int)tensor.ByteCount).ToArray());
    }

    private static TensorReader Reader(FileBytes file, IReadOnlyList<WirePlace> places, string path) =>
        new(file, places, new ExternalData(Path.GetDirectoryName(Path.GetFullPath(path))));
}
