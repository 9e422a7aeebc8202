using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>The elements as another dtype; complex ones are not taken. Source: ai.onnx Cast.</summary>
/// <param name="To">The dtype.</param>
/// <param name="Saturate">
/// Whether a number beyond an 8 bit float format becomes its greatest value, instead of infinity or NaN.
/// </param>
/// <param name="RoundMode">How numbers round to float8e8m0.</param>
public sealed record Cast(DType To, bool Saturate = true, PowerRounding RoundMode = PowerRounding.Up) : Op, IOpDefined
{
    // Opset 1 named the dtype as TensorProto.DataType does.
    private static readonly SortedDictionary<string, DType> Names1 = new(StringComparer.Ordinal)
    {
        ["FLOAT"] = DType.Float32, ["DOUBLE"] = DType.Float64, ["FLOAT16"] = DType.Float16, ["BOOL"] = DType.Bool,
        ["INT8"] = DType.Int8, ["INT16"] = DType.Int16, ["INT32"] = DType.Int32, ["INT64"] = DType.Int64,
        ["UINT8"] = DType.UInt8, ["UINT16"] = DType.UInt16, ["UINT32"] = DType.UInt32, ["UINT64"] = DType.UInt64,
    };

    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Cast>("input", "output", [1, 6, 9, 13, 19, 21, 23, 24, 25])
        .Change(6, up: form =>
        {
            if (form.Attributes.GetValueOrDefault("to") is string name && Names1.TryGetValue(name.ToUpperInvariant(), out var to))
                form.Attributes["to"] = (long)(int)to;
        }, down: form =>
        {
            var to = (DType)form.Int("to", 0);
            form.Attributes["to"] = Names1.First(pair => pair.Value == to).Key;
            return null;
        })
        .CastTypes((form, types) => types.Contains((DType)form.Int("to", 0)));

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Casting.Operand(context);
        if (To == DType.Unknown || To.IsComplex()) throw context.Fault(FaultCodes.Attribute, $"Cast cannot make {To.Name()}");
        context.Know(0, Casting.Known(context, x.DType, To));
        return [x with { DType = To }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) =>
        [Casting.Convert(context, context.Tensor(0), To, Saturate, RoundMode)];

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(1);

    /// <inheritdoc/>
    public override bool IsDiscontinuous => To.IsFloat() && To.Bits() <= 8;
}

/// <summary>The elements as the dtype of another tensor. Source: ai.onnx CastLike.</summary>
/// <param name="Saturate">As for <see cref="Cast"/>.</param>
/// <param name="RoundMode">As for <see cref="Cast"/>.</param>
public sealed record CastLike(bool Saturate = true, PowerRounding RoundMode = PowerRounding.Up) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<CastLike>("input target_type", "output", [15, 19, 21, 23, 24, 25])
        .CastTypes((form, types) => form.Type(1) is TensorType { DType: var to } && types.Contains(to));

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Casting.Operand(context);
        var to = context.Tensor(1, dtype => !dtype.IsComplex(), "numeric, bool or string").DType;
        context.Know(0, Casting.Known(context, x.DType, to));
        return [x with { DType = to }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) =>
        [Casting.Convert(context, context.Tensor(0), context.Tensor(1).DType, Saturate, RoundMode)];

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(1);

    // The dtype is not known here: a cast to floats of 8 bits and less is a step, and with it all are taken to be.
    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;
}

/// <summary>Rounding to powers of two.</summary>
public enum PowerRounding
{
    /// <summary>Away from zero.</summary>
    Up,
    /// <summary>Towards zero.</summary>
    Down,
    /// <summary>To the nearest, ties away from zero.</summary>
    Nearest,
}

/// <summary>What Cast and CastLike share.</summary>
internal static class Casting
{
    /// <summary>
    /// Dtypes that casts from or to took from each version on; <paramref name="makes"/> says whether the result has one of them.
    /// </summary>
    public static OpDefinition CastTypes(this OpDefinition definition, Func<OpForm, DType[], bool> makes)
    {
        (int Version, DType[] Types)[] gained =
            [(9, [DType.String]), (13, DTypeSets.BFloat16), (19, DTypeSets.Float8), (21, DTypeSets.Integer4),
            (23, [DType.Float4E2M1]), (24, [DType.Float8E8M0]), (25, DTypeSets.Integer2)];
        foreach (var (version, types) in gained)
            definition.NewTypes(version, 0, types).Change(version, down: form => makes(form, types)
                ? $"casts to {string.Join(", ", types.Select(t => t.Name()))} are there from opset {version} on" : null);
        return definition.Change(19, down: form => Default(form, "saturate", 1L)).Change(24, down: form =>
            Default(form, "round_mode", "up"));
    }

    public static TensorType Operand(InferContext context) => context.Tensor(0, dtype => !dtype.IsComplex(), "numeric, bool or string");

    /// <summary>Sizes keep their value as int64, and as int32 where they are numbers that fit.</summary>
    public static ImmutableArray<Dim>? Known(InferContext context, DType from, DType to) =>
        from is DType.Int64 or DType.Int32 or DType.Bool && to is DType.Int64 or DType.Int32 ? KnownSizes.Within(to, context.Known(0))
            : null;

    public static Tensor Convert(EvaluateContext context, Tensor x, DType to, bool saturate, PowerRounding mode)
    {
        var dims = x.Dims.AsSpan();
        if (x.DType == to) return x;
        if (to == DType.String) return Tensor.Of(dims, NumberText.Print(x));
        if (x.DType == DType.String && !to.IsFloat()) return Tensor.FromLongs(to, dims, NumberText.ParseIntegers(x.Strings));
        if (!to.IsFloat()) return x.DType.IsFloat() ? Tensor.FromDoubles(to, dims, x.ToDoubles()) : Tensor.FromLongs(to, dims, x.ToLongs());
        var items = x.DType == DType.String ? NumberText.ParseFloats(x.Strings, to)
            : to != DType.Float64 && x.DType is DType.Int64 or DType.UInt64
                ? Broadcasting.Map<long, double>(x.ToLongs(), i => ToOdd(i, x.DType))
            : x.ToDoubles();
        if (to == DType.Float8E8M0) items = Broadcasting.Map<double, double>(items, item => ToPowerOfTwo(item, saturate, mode));
        return to.Bits() <= 8 ? Tensor.FromDoubles(to, dims, items, saturate || to.Bits() < 8) : context.Floats(to, dims, items);
    }

    // The integer as a double that rounds to narrower formats as the integer does: what is cut off is kept in the last bit.
    private static double ToOdd(long item, DType from)
    {
        if (item < 1L << 53 && item > (from == DType.Int64 ? -(1L << 53) : -1)) return item;
        ulong magnitude = from == DType.Int64 && item < 0 ? (ulong)-item : (ulong)item;
        double result = (magnitude & ~0x7FFUL) | ((magnitude & 0x7FF) != 0 ? 0x800UL : 0);
        return from == DType.Int64 && item < 0 ? -result : result;
    }

    // The formats range is 2^-127 to 2^127.
    private static double ToPowerOfTwo(double x, bool saturate, PowerRounding mode)
    {
        if (double.IsNaN(x) || (!saturate && !(x > 0 && x < double.PositiveInfinity))) return double.NaN;
        if (!(x > 0 && x < double.PositiveInfinity)) return x;
        int exponent = Math.ILogB(x);
        double fraction = Math.ScaleB(x, -exponent);
        if (mode == PowerRounding.Up ? fraction > 1 : mode == PowerRounding.Nearest && fraction >= 1.5) exponent++;
        return saturate || exponent is >= -127 and <= 127 ? Math.ScaleB(1, exponent) : double.NaN;
    }

    private static string? Default(OpForm form, string name, object value)
    {
        if (!form.Attributes.TryGetValue(name, out var given)) return null;
        if (!given.Equals(value)) return $"\"{name}\" = {given} is not there in earlier versions";
        form.Attributes.Remove(name);
        return null;
    }
}
