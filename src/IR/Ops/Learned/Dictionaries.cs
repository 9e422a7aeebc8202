using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// For each row [n, classes] of scores a map from the names of the classes to them; of classes of one name the last counts. Source:
/// ai.onnx.ml ZipMap.
/// </summary>
/// <param name="ClasslabelsInt64s">Names as integers.</param>
/// <param name="ClasslabelsStrings">Names as strings.</param>
public sealed record ZipMap([OnnxName("classlabels_int64s")] EquatableArray<long> ClasslabelsInt64s = default,
    EquatableArray<string> ClasslabelsStrings = default) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<ZipMap>("X", "Z", [1], "ai.onnx.ml");

    /// <inheritdoc/>
    public override string Domain => "ai.onnx.ml";

    private Tensor Names => ClasslabelsStrings.IsEmpty ? Tensor.Vector([.. ClasslabelsInt64s]) : Tensor.Vector([.. ClasslabelsStrings]);

    private MapType Element => new(Names.DType, new TensorType(DType.Float32, Shape.Scalar));

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0, t => t == DType.Float32, "f32");
        if (ClasslabelsInt64s.IsEmpty == ClasslabelsStrings.IsEmpty)
            throw context.Fault(FaultCodes.Attribute, "classes have integers or strings for names, one of them");
        if (x.Shape is { } shape && (shape.Rank is < 1 or > 2 || Dim.AreEqual(shape[^1], Names.Count) == Answer.No))
            throw context.Fault(FaultCodes.OperandShape, $"there are {Names.Count} classes, got {x}");
        return [new SequenceType(Element)];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var (items, rows, columns) = DecisionForest.Rows(context.Tensor(0));
        int[] places = ClasslabelsStrings.IsEmpty ? LastOfEach([.. ClasslabelsInt64s]) : LastOfEach([.. ClasslabelsStrings]);
        var keys = ClasslabelsStrings.IsEmpty ? Tensor.Vector([.. places.Select(i => ClasslabelsInt64s[i])])
            : Tensor.Vector([.. places.Select(i => ClasslabelsStrings[i])]);
        return [new SequenceDatum(Element, [.. Enumerable.Range(0, rows).Select(Map)])];

        Datum Map(int row) =>
            new MapDatum(keys, context.Floats(DType.Float32, [places.Length], [.. places.Select(i => items[row * columns + i])]));
    }

    private static int[] LastOfEach<T>(T[] names) where T : notnull =>
        [.. Enumerable.Range(0, names.Length).GroupBy(i => names[i]).Select(group => group.Last())];

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}

/// <summary>
/// The values of a map in the order of a list of keys, 0 (or "") for keys that it has not. Source: ai.onnx.ml DictVectorizer.
/// </summary>
/// <param name="Int64Vocabulary">Keys as integers.</param>
/// <param name="StringVocabulary">Keys as strings.</param>
public sealed record DictVectorizer([OnnxName("int64_vocabulary")] EquatableArray<long> Int64Vocabulary = default,
    EquatableArray<string> StringVocabulary = default) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<DictVectorizer>("X", "Y", [1], "ai.onnx.ml");

    /// <inheritdoc/>
    public override string Domain => "ai.onnx.ml";

    private int Count => StringVocabulary.IsEmpty ? Int64Vocabulary.Count : StringVocabulary.Count;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        if (Int64Vocabulary.IsEmpty == StringVocabulary.IsEmpty)
            throw context.Fault(FaultCodes.Attribute, "keys are integers or strings, one of them");
        var map = Maps.TypeOf(context, 0);
        if (map is not null && map.Key == DType.String != Int64Vocabulary.IsEmpty)
            throw context.Fault(FaultCodes.OperandType, $"the vocabulary holds other keys than {map}");
        return [new TensorType(map?.Element is TensorType t ? t.DType : DType.Unknown, [1, Count])];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var map = Maps.Of(context, 0);
        int[] places = map.Keys.DType == DType.String ? Look(map.Keys.Strings.ToArray(), [.. StringVocabulary])
            : Look(map.Keys.ToLongs(), [.. Int64Vocabulary]);
        var values = Maps.Values(map);
        if (values.DType == DType.String)
        {
            string[] texts = values.Strings.ToArray();
            return [Tensor.Of<string>([1, Count], [.. places.Select(i => i < 0 ? "" : texts[i])])];
        }
        if (values.DType.IsFloat())
        {
            double[] floats = values.ToDoubles();
            return [context.Floats(values.DType, [1, Count], [.. places.Select(i => i < 0 ? 0 : floats[i])])];
        }
        long[] numbers = values.ToLongs();
        return [EvaluateContext.Integers(values.DType, [1, Count], [.. places.Select(i => i < 0 ? 0 : numbers[i])])];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();

    private static int[] Look<T>(T[] keys, T[] vocabulary) => [.. vocabulary.Select(key => Array.IndexOf(keys, key))];
}

/// <summary>
/// The values of a map from integers as a row, in the order of keys or at the places that they say. Source: ai.onnx.ml CastMap.
/// </summary>
/// <param name="CastTo">Dtype of the result.</param>
/// <param name="MapForm">Whether keys are places.</param>
/// <param name="MaxMap">Size of the row where they are.</param>
public sealed record CastMap(MapCast CastTo = MapCast.Float, MapForm MapForm = MapForm.Dense, long MaxMap = 1) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<CastMap>("X", "Y", [1], "ai.onnx.ml");

    /// <inheritdoc/>
    public override string Domain => "ai.onnx.ml";

    private DType Result => CastTo switch { MapCast.Float => DType.Float32, MapCast.Integer => DType.Int64, _ => DType.String };

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var map = Maps.TypeOf(context, 0);
        if (map is not null && (map.Key != DType.Int64
            || map.Element is not TensorType { DType: DType.Float32 or DType.String or DType.Unknown }))
            throw context.Fault(FaultCodes.OperandType, $"CastMap takes maps from i64 to f32 or string, got {map}");
        if (MapForm == MapForm.Sparse && MaxMap is < 1 or > int.MaxValue) throw context.Fault(FaultCodes.Attribute, $"max_map is {MaxMap}");
        return [new TensorType(Result, [1, MapForm == MapForm.Sparse ? MaxMap : context.Fresh()])];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var map = Maps.Of(context, 0);
        var values = Maps.Values(map);
        long[] keys = map.Keys.ToLongs();
        int[] order = [.. Enumerable.Range(0, keys.Length).OrderBy(i => keys[i])];
        if (MapForm == MapForm.Sparse)
        {
            if (order.Length > 0 && keys[order[0]] < 0) throw EvaluateContext.Fault(FaultCodes.Data, $"key {keys[order[0]]} is no place");
            int[] places = [.. Enumerable.Repeat(-1, (int)MaxMap)];
            foreach (int i in order)
                if (keys[i] < MaxMap) places[keys[i]] = i;
            order = places;
        }
        var cast = new Cast(Result);
        var row = values.DType == Result ? values : (Tensor)cast.Evaluate(new EvaluateContext([values],
            [new TensorType(Result, values.Type.Shape)], false, (_, _) => [], context.Cancellation))[0];
        if (Result == DType.String)
        {
            string[] texts = row.Strings.ToArray();
            return [Tensor.Of<string>([1, order.Length], [.. order.Select(i => i < 0 ? "" : texts[i])])];
        }
        double[] numbers = row.ToDoubles();
        return [Tensor.FromDoubles(Result, [1, order.Length], [.. order.Select(i => i < 0 ? 0 : numbers[i])])];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}

/// <summary>Dtypes of <see cref="CastMap"/>.</summary>
public enum MapCast
{
    /// <summary>f32.</summary>
    [OnnxName("TO_FLOAT")]
    Float,
    /// <summary>i64.</summary>
    [OnnxName("TO_INT64")]
    Integer,
    /// <summary>string.</summary>
    [OnnxName("TO_STRING")]
    String,
}

/// <summary>What the keys of a map say.</summary>
public enum MapForm
{
    /// <summary>The order of the values.</summary>
    [OnnxName("DENSE")]
    Dense,
    /// <summary>Their places.</summary>
    [OnnxName("SPARSE")]
    Sparse,
}

/// <summary>Operands that are maps.</summary>
internal static class Maps
{
    /// <summary>The type of an operand that must be a map; null where it is not known.</summary>
    public static MapType? TypeOf(InferContext context, int index) => context.Type(index) switch
    {
        MapType map => map,
        UnknownType => null,
        var other => throw context.Fault(FaultCodes.OperandType, $"operand {index} must be a map, got {other}"),
    };

    /// <summary>An operand that is a map.</summary>
    public static MapDatum Of(EvaluateContext context, int index) => context.Input(index) as MapDatum
        ?? throw EvaluateContext.Fault(FaultCodes.OperandType, $"operand {index} must be a map, got {context.Input(index).Type}");

    /// <summary>The values of a map of numbers or strings.</summary>
    public static Tensor Values(MapDatum map) => map.Values as Tensor
        ?? throw EvaluateContext.Fault(FaultCodes.OperandType, $"the map's values must be numbers or strings, got {map.Type}");
}
