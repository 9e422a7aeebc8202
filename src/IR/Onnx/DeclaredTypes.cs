using System.Collections.Immutable;

namespace Nncc.IR.Onnx;

/// <summary>
/// What is known of a value of which the file declares a type and inference found one. As in ONNX Runtime a contradicting
/// element type is a fault, while a contradicting shape is taken for a left-over of some earlier form of the model: the inferred one
/// wins and a warning says so. Declared sizes fill what inference left open; a size that inference gives in terms of the inputs
/// stays, for a declared number there only repeats the batch size of some export.
/// </summary>
internal static class DeclaredTypes
{
    /// <summary>The combined type.</summary>
    /// <exception cref="NnccException">The element types or kinds contradict.</exception>
    public static IrType Combine(IrType inferred, IrType declared, string value, FaultList faults, string? place)
    {
        switch (inferred, declared)
        {
            case (UnknownType, _):
                return declared;
            case (_, UnknownType):
                return inferred;
            case (TensorType a, TensorType b):
                if (a.DType != b.DType && a.DType != DType.Unknown && b.DType != DType.Unknown)
                    throw Contradiction(inferred, declared, value);
                return new TensorType(a.DType == DType.Unknown ? b.DType : a.DType, Combine(a, b, value, faults, place));
            case (SequenceType a, SequenceType b):
                return new SequenceType(Combine(a.Element, b.Element, value, faults, place));
            case (OptionalType a, OptionalType b):
                return new OptionalType(Combine(a.Element, b.Element, value, faults, place));
            case (MapType a, MapType b) when a.Key == b.Key:
                return new MapType(a.Key, Combine(a.Element, b.Element, value, faults, place));
            default:
                throw Contradiction(inferred, declared, value);
        }
    }

    private static Shape? Combine(TensorType inferred, TensorType declared, string value, FaultList faults, string? place)
    {
        if (inferred.Shape is not { } a || declared.Shape is not { } b) return inferred.Shape ?? declared.Shape;
        if (TypeRelation.Contradicts(a, b))
        {
            faults.Warn(FaultCodes.DeclaredType,
                $"{Names.Quote(value)} is declared as {declared} and is {inferred}; the declaration is ignored", place);
            return a;
        }
        var dims = ImmutableArray.CreateBuilder<Dim>(a.Rank);
        for (int i = 0; i < a.Rank; i++) dims.Add(DimNames.IsAnonymous(a[i]) && !DimNames.IsAnonymous(b[i]) ? b[i] : a[i]);
        return new Shape(dims.MoveToImmutable());
    }

    private static NnccException Contradiction(IrType inferred, IrType declared, string value) =>
        new(FaultCodes.DeclaredType, $"{Names.Quote(value)} is declared as {declared}, but the node gives {inferred}",
            advice: "the model contradicts itself; export it again");
}
