using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// A table from keys to values: each element becomes the value of the key that it equals (NaN equals NaN), or a default. Source: ai.onnx.ml
/// LabelEncoder-4.
/// </summary>
/// <param name="DefaultFloat">Default for floats.</param>
/// <param name="DefaultInt64">Default for integers.</param>
/// <param name="DefaultString">Default for strings.</param>
/// <param name="DefaultTensor">Default where values are a tensor.</param>
/// <param name="KeysFloats">Keys, one of four ways.</param>
/// <param name="KeysInt64s">Keys.</param>
/// <param name="KeysStrings">Keys.</param>
/// <param name="KeysTensor">Keys.</param>
/// <param name="ValuesFloats">Values, one of four ways.</param>
/// <param name="ValuesInt64s">Values.</param>
/// <param name="ValuesStrings">Values.</param>
/// <param name="ValuesTensor">Values.</param>
public sealed record LabelEncoder(float DefaultFloat = -0f, [OnnxName("default_int64")] long DefaultInt64 = -1,
    string DefaultString = "_Unused", Tensor? DefaultTensor = null, EquatableArray<float> KeysFloats = default,
    [OnnxName("keys_int64s")] EquatableArray<long> KeysInt64s = default, EquatableArray<string> KeysStrings = default,
    Tensor? KeysTensor = null, EquatableArray<float> ValuesFloats = default,
    [OnnxName("values_int64s")] EquatableArray<long> ValuesInt64s = default, EquatableArray<string> ValuesStrings = default,
    Tensor? ValuesTensor = null) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<LabelEncoder>("X", "Y", [1, 2, 4], "ai.onnx.ml")
        .Change(2, up: FromClasses).NewAttributes(4, "keys_tensor", "values_tensor", "default_tensor");

    /// <inheritdoc/>
    public override string Domain => "ai.onnx.ml";

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    private Tensor? Keys => KeysTensor ?? First(KeysFloats, KeysInt64s, KeysStrings);

    private Tensor? Values => ValuesTensor ?? First(ValuesFloats, ValuesInt64s, ValuesStrings);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0);
        if (Keys is not { } keys || Values is not { } values || keys.Count != values.Count
            || (DefaultTensor is { } other && (other.Count != 1 || other.DType != values.DType)))
            throw context.Fault(FaultCodes.Attribute, "there are as many keys as values, and a default of the dtype of values");
        if (x.DType != DType.Unknown && (x.DType == DType.String != (keys.DType == DType.String) || x.DType.IsComplex()))
            throw context.Fault(FaultCodes.OperandType, $"keys are {keys.DType.Name()}, got {x}");
        return [x with { DType = values.DType }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var x = context.Tensor(0);
        var (keys, values) = (Keys!, Values!);
        var other = DefaultTensor ?? (values.DType == DType.String ? Tensor.Vector(DefaultString)
            : values.DType.IsFloat() ? Tensor.FromDoubles(values.DType, [1], [DefaultFloat])
            : Tensor.FromLongs(values.DType, [1], [DefaultInt64]));
        int[] found = x.DType == DType.String ? Look(keys.Strings.ToArray(), x.Strings.ToArray()) : Look(keys.ToDoubles(), x.ToDoubles());
        if (values.DType == DType.String)
        {
            string[] names = values.Strings.ToArray();
            return [Tensor.Of<string>(x.Dims.AsSpan(), [.. found.Select(i => i < 0 ? other.Strings[0] : names[i])])];
        }
        if (values.DType.IsFloat())
        {
            double[] numbers = values.ToDoubles();
            return [context.Floats(values.DType, x.Dims.AsSpan(), [.. found.Select(i => i < 0 ? other.ToDouble() : numbers[i])])];
        }
        long[] integers = values.ToLongs();
        return [EvaluateContext.Integers(values.DType, x.Dims.AsSpan(), [.. found.Select(i => i < 0 ? other.ToLong() : integers[i])])];
    }

    /// <summary>A look-up for each element.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(1);

    private static int[] Look<T>(T[] keys, T[] items) where T : notnull
    {
        var places = new Dictionary<T, int>();
        for (int i = 0; i < keys.Length; i++) places[keys[i]] = i;
        return [.. items.Select(item => places.GetValueOrDefault(item, -1))];
    }

    private static Tensor? First(EquatableArray<float> floats, EquatableArray<long> integers, EquatableArray<string> strings) =>
        !floats.IsEmpty ? Tensor.Vector([.. floats]) : !integers.IsEmpty ? Tensor.Vector([.. integers])
            : !strings.IsEmpty ? Tensor.Vector([.. strings]) : null;

    // The first form had a list of strings that stood for their places, in either direction.
    private static void FromClasses(OpForm form)
    {
        if (form.Take<EquatableArray<string>>("classes_strings") is not EquatableArray<string> classes) return;
        EquatableArray<long> places = Enumerable.Range(0, classes.Count).Select(i => (long)i).ToEquatable();
        bool isName = form.Type(0) is TensorType { DType: DType.String };
        form.Attributes[isName ? "keys_strings" : "keys_int64s"] = isName ? classes : places;
        form.Attributes[isName ? "values_int64s" : "values_strings"] = isName ? places : classes;
    }
}

/// <summary>Integers for strings or strings for integers, after two lists. Source: ai.onnx.ml CategoryMapper.</summary>
/// <param name="CatsInt64s">The integers.</param>
/// <param name="CatsStrings">The strings.</param>
/// <param name="DefaultInt64">The integer of strings that are not in the list.</param>
/// <param name="DefaultString">The string of integers that are not in the list.</param>
public sealed record CategoryMapper([OnnxName("cats_int64s")] EquatableArray<long> CatsInt64s = default,
    EquatableArray<string> CatsStrings = default, [OnnxName("default_int64")] long DefaultInt64 = -1, string DefaultString = "_Unused")
    : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<CategoryMapper>("X", "Y", [1], "ai.onnx.ml");

    /// <inheritdoc/>
    public override string Domain => "ai.onnx.ml";

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0, t => t is DType.Int64 or DType.String, "i64 or string");
        if (CatsInt64s.Count != CatsStrings.Count)
            throw context.Fault(FaultCodes.Attribute, $"{CatsInt64s.Count} integers and {CatsStrings.Count} strings are no pairs");
        return [x with { DType = x.DType == DType.Unknown ? DType.Unknown : x.DType == DType.String ? DType.Int64 : DType.String }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var x = context.Tensor(0);
        if (x.DType == DType.String)
            return [Tensor.Of<long>(x.Dims.AsSpan(), [.. x.Strings.ToArray().Select(text =>
                CatsStrings.Items.IndexOf(text) is >= 0 and var i ? CatsInt64s[i] : DefaultInt64)])];
        return [Tensor.Of<string>(x.Dims.AsSpan(), [.. x.ToLongs().Select(number =>
            CatsInt64s.Items.IndexOf(number) is >= 0 and var i ? CatsStrings[i] : DefaultString)])];
    }

    /// <summary>A look-up for each element.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(1);
}
