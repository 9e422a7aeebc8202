using System.Collections.Immutable;
using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>TypeProto to <see cref="IrType"/> and back.</summary>
internal static class TypeReader
{
    /// <summary>
    /// The declared type of a value. Negative sizes, which some exporters write for an unknown one, and the names "" and "?" are open
    /// sizes, called by the value behind <paramref name="scope"/>. Null where nothing is declared.
    /// </summary>
    /// <exception cref="NnccException">The type is none, or its sizes overflow; the place is the caller's to add.</exception>
    public static IrType? Read(TypeProto? proto, string value, string scope = "")
    {
        switch (proto?.ValueCase ?? TypeProto.ValueOneofCase.None)
        {
            case TypeProto.ValueOneofCase.None:
                return null;
            case TypeProto.ValueOneofCase.TensorType:
                return new TensorType(DTypeOf(proto!.TensorType.ElemType, value), ShapeOf(proto.TensorType.Shape, value, scope));
            case TypeProto.ValueOneofCase.SequenceType:
                return new SequenceType(Read(proto!.SequenceType.ElemType, value, scope) ?? IrType.Unknown);
            case TypeProto.ValueOneofCase.OptionalType:
                return new OptionalType(Read(proto!.OptionalType.ElemType, value, scope) ?? IrType.Unknown);
            case TypeProto.ValueOneofCase.MapType:
                return new MapType(DTypeOf(proto!.MapType.KeyType, value), Read(proto.MapType.ValueType, value, scope) ?? IrType.Unknown);
            default:
                throw new NnccException(FaultCodes.DeclaredType,
                    $"{Names.Quote(value)} is declared as {proto!.ValueCase.ToString().Replace("Type", "")}, which nncc has no type for",
                    advice: "sparse and opaque values are not supported");
        }
    }

    /// <summary>The type for a file; null where nothing is known. Sizes that say nothing stay open, others are written as text.</summary>
    public static TypeProto? Write(IrType type)
    {
        switch (type)
        {
            case TensorType { DType: not DType.Unknown } tensor:
                var proto = new TypeProto { TensorType = new() { ElemType = (int)tensor.DType } };
                if (tensor.Shape is null) return proto;
                proto.TensorType.Shape = new TensorShapeProto();
                foreach (var dim in tensor.Shape) proto.TensorType.Shape.Dim.Add(Write(dim));
                return proto;
            case SequenceType sequence:
                return new TypeProto { SequenceType = new() { ElemType = Write(sequence.Element) ?? new TypeProto() } };
            case OptionalType optional:
                return new TypeProto { OptionalType = new() { ElemType = Write(optional.Element) ?? new TypeProto() } };
            case MapType map:
                return new TypeProto { MapType = new() { KeyType = (int)map.Key, ValueType = Write(map.Element) ?? new TypeProto() } };
            default:
                return null;
        }
    }

    private static TensorShapeProto.Types.Dimension Write(Dim dim) => dim.Value is { } number ? new() { DimValue = number }
        : DimNames.HasAnonymous(dim) ? new() : new() { DimParam = dim.SymbolName ?? dim.ToString() };

    private static DType DTypeOf(int number, string value) => number == 0 || DTypes.IsDefined(number) ? (DType)number
        : throw new NnccException(FaultCodes.DeclaredType,
            $"{Names.Quote(value)} is declared with element type {number}, which onnx.proto does not define");

    private static Shape? ShapeOf(TensorShapeProto? proto, string value, string scope)
    {
        if (proto is null) return null;
        var dims = ImmutableArray.CreateBuilder<Dim>(proto.Dim.Count);
        Int128 product = 1;
        foreach (var dim in proto.Dim)
        {
            dims.Add(dim.ValueCase switch
            {
                TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue when dim.DimValue >= 0 => dim.DimValue,
                TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam when dim.DimParam is not ("" or "?") =>
                    DimNames.Named(dim.DimParam),
                _ => DimNames.Open(scope + value, dims.Count),
            });
            product *= dims[^1].Value ?? 1;
            if (product > long.MaxValue)
                throw new NnccException(FaultCodes.SizeOverflow,
                    $"{Names.Quote(value)} is declared with sizes whose product is beyond 64 bits");
        }
        return new Shape(dims.MoveToImmutable());
    }
}
