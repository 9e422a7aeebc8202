namespace Nncc.IR;

/// <summary>How two types of one value relate.</summary>
public static class TypeRelation
{
    /// <summary>Whether no value can have both types: proven different dtype, rank or size.</summary>
    public static bool Contradicts(IrType a, IrType b) => (a, b) switch
    {
        (UnknownType, _) or (_, UnknownType) => false,
        (TensorType x, TensorType y) =>
            (x.DType != y.DType && x.DType != DType.Unknown && y.DType != DType.Unknown) || Contradicts(x.Shape, y.Shape),
        (SequenceType x, SequenceType y) => Contradicts(x.Element, y.Element),
        (OptionalType x, OptionalType y) => Contradicts(x.Element, y.Element),
        (MapType x, MapType y) => x.Key != y.Key || Contradicts(x.Element, y.Element),
        _ => true,
    };

    /// <summary>Whether no tensor can have both shapes.</summary>
    public static bool Contradicts(Shape? a, Shape? b)
    {
        if (a is null || b is null || ReferenceEquals(a, b)) return false;
        if (a.Rank != b.Rank) return true;
        for (int i = 0; i < a.Rank; i++)
            if (Dim.AreEqual(a[i], b[i]) == Answer.No) return true;
        return false;
    }

    /// <summary>
    /// Whether <paramref name="type"/> says all that <paramref name="other"/> says and does not contradict it; a size may have other
    /// symbols.
    /// </summary>
    public static bool IsAsExact(IrType type, IrType other) => !Contradicts(type, other) && (type, other) switch
    {
        (_, UnknownType) => true,
        (TensorType x, TensorType y) => (y.DType == DType.Unknown || x.DType == y.DType)
            && (y.Shape is null || (x.Shape is not null && IsAsExact(x.Shape, y.Shape))),
        (SequenceType x, SequenceType y) => IsAsExact(x.Element, y.Element),
        (OptionalType x, OptionalType y) => IsAsExact(x.Element, y.Element),
        (MapType x, MapType y) => IsAsExact(x.Element, y.Element),
        _ => false,
    };

    // Of shapes of the same rank.
    private static bool IsAsExact(Shape shape, Shape other)
    {
        for (int i = 0; i < shape.Rank; i++)
            if (!shape[i].IsConstant && other[i].IsConstant) return false;
        return true;
    }

    /// <summary>
    /// What is known of a value that has both types; where they contradict, <paramref name="a"/>. Of two sizes a number is
    /// taken, else <paramref name="a"/>'s, unless that is a symbol made for a size that nobody knew.
    /// </summary>
    public static IrType Meet(IrType a, IrType b) => (a, b) switch
    {
        (UnknownType, _) => b,
        (_, UnknownType) => a,
        (TensorType x, TensorType y) when !Contradicts(x, y) => Meet(x, y),
        (SequenceType x, SequenceType y) => new SequenceType(Meet(x.Element, y.Element)),
        (OptionalType x, OptionalType y) => new OptionalType(Meet(x.Element, y.Element)),
        (MapType x, MapType y) => x with { Element = Meet(x.Element, y.Element) },
        _ => a,
    };

    /// <summary>
    /// What is sure of a value that has one of two types (the results of two branches). <paramref name="fresh"/> names a size that is not
    /// the same in both.
    /// </summary>
    public static IrType Join(IrType a, IrType b, Func<Dim> fresh) => (a, b) switch
    {
        (TensorType x, TensorType y) => new TensorType(x.DType == y.DType ? x.DType : DType.Unknown, Join(x.Shape, y.Shape, fresh)),
        (SequenceType x, SequenceType y) => new SequenceType(Join(x.Element, y.Element, fresh)),
        (OptionalType x, OptionalType y) => new OptionalType(Join(x.Element, y.Element, fresh)),
        (MapType x, MapType y) when x.Key == y.Key => x with { Element = Join(x.Element, y.Element, fresh) },
        _ => a.Equals(b) ? a : IrType.Unknown,
    };

    private static TensorType Meet(TensorType a, TensorType b)
    {
        var dtype = a.DType == DType.Unknown ? b.DType : a.DType;
        var shape = Meet(a.Shape, b.Shape);
        return dtype == a.DType && ReferenceEquals(shape, a.Shape) ? a : new TensorType(dtype, shape);
    }

    private static Shape? Meet(Shape? a, Shape? b) => a is null ? b : b is null || a.Dims.All(size => size.IsConstant) ? a
        : new Shape([.. a.Dims.Zip(b.Dims, (x, y) =>
            x.IsConstant ? x : y.IsConstant || (IsFresh(x) && !y.Symbols.Any(FreshSymbols.IsFresh)) ? y : x)]);

    private static bool IsFresh(Dim size) => size.SymbolName is { } name && FreshSymbols.IsFresh(name);

    // A null shape says that the rank is not the same in both.
    private static Shape? Join(Shape? a, Shape? b, Func<Dim> fresh) => a is null || b is null || a.Rank != b.Rank ? null : a.Equals(b) ? a
        : new Shape([.. a.Dims.Select((x, i) => x.Equals(b[i]) ? x : fresh())]);
}
