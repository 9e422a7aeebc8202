using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// y = saturate(round(x / scale) + zero point), rounding halves to even; for float results x / scale, converted. The quotient is
/// rounded to the dtype of scale, or to <c>precision</c>. Source: ai.onnx QuantizeLinear.
/// </summary>
/// <param name="Axis">The axis of scales that are not one for all; negative ones count from the end.</param>
/// <param name="BlockSize">How many elements along the axis share a scale; 0 where scales are not blocked.</param>
/// <param name="OutputDtype">Dtype of the result; unknown for that of the zero point, or u8.</param>
/// <param name="Precision">Dtype of the quotient; unknown for that of scale.</param>
/// <param name="Saturate">Whether 8 bit floats out of range become the greatest value instead of infinity or NaN.</param>
public sealed record QuantizeLinear(long Axis = 1, long BlockSize = 0, DType OutputDtype = DType.Unknown, DType Precision = DType.Unknown,
    bool Saturate = true) : Op, IOpDefined
{
    private static readonly DType[] EightBitFloats = [DType.Float8E4M3FN, DType.Float8E4M3FNUZ, DType.Float8E5M2, DType.Float8E5M2FNUZ];

    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<QuantizeLinear>("x y_scale y_zero_point?", "y", [10, 13, 19, 21, 23, 24, 25])
            .Change(13, down: form => form.Take<long>("axis") is null || form.Rank(1) == 0 ? null
                : "scales along an axis exist from opset 13 on")
            .NewAttributes(19, "saturate")
            .NewTypes(19, 0, DType.Float16, DType.BFloat16).NewTypes(19, 1, DType.Float16, DType.BFloat16).NewTypes(19, 2, EightBitFloats)
            .NewAttributes(21, "block_size")
            .NewTypes(21, 2, DType.Int16, DType.UInt16, DType.Int4, DType.UInt4)
            .Change(21, down: OutputDtypeAsZeroPoint)
            .NewAttributes(23, "precision").NewTypes(23, 2, DType.Float4E2M1)
            .Change(23, down: form => form.Type(0) is TensorType { DType: DType.Int32 } || form.Type(0) is not TensorType x
                || form.Type(1) is not TensorType scale
                || x.DType == scale.DType ? null : "x and scale may have several dtypes from opset 23 on")
            .NewTypes(24, 1, DType.Float8E8M0)
            .NewTypes(25, 2, DType.Int2, DType.UInt2)
            .Change(25, down: form => (DType)form.Int("output_dtype", 0) is DType.Int2 or DType.UInt2
                ? "2 bit integers exist from opset 25 on" : null);

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0, t =>
            t is DType.Float32 or DType.Float16 or DType.BFloat16 or DType.Float64 or DType.Int32, "float or i32");
        context.Tensor(1, t => t is DType.Float32 or DType.Float16 or DType.BFloat16 or DType.Float64 or DType.Int32 or DType.Float8E8M0,
            "float or i32");
        if (Precision != DType.Unknown && !Precision.IsFloat())
            throw context.Fault(FaultCodes.Attribute, $"precision must be a float type, got {Precision.Name()}");
        QuantizationGrain.Check(context, Axis, BlockSize);
        var zero = context.Has(2) ? context.Tensor(2).DType : DType.Unknown;
        if (OutputDtype != DType.Unknown && zero != DType.Unknown && zero != OutputDtype)
            throw context.Fault(FaultCodes.OperandType, $"output_dtype is {OutputDtype.Name()}, and the zero point {context.Tensor(2)}");
        var result = zero != DType.Unknown ? zero : OutputDtype != DType.Unknown ? OutputDtype : context.Has(2) ? DType.Unknown
            : DType.UInt8;
        if (result != DType.Unknown && !IsQuantized(result))
            throw context.Fault(FaultCodes.OperandType, $"QuantizeLinear does not give {result.Name()}");
        return [x with { DType = result }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor x = context.Tensor(0), scale = context.Tensor(1);
        var result = context.Optional(2)?.DType ?? (OutputDtype == DType.Unknown ? DType.UInt8 : OutputDtype);
        var precision = Precision != DType.Unknown ? Precision : scale.DType.IsArithmeticFloat() ? scale.DType : DType.Float32;
        double[] items = x.ToDoubles(), scales = scale.ToDoubles(), zeros = context.Optional(2)?.ToDoubles() ?? new double[scales.Length];
        int[] places = QuantizationGrain.Places(x, scale, Axis, BlockSize);
        for (int i = 0; i < items.Length; i++) items[i] /= scales[places[i]];
        items = Tensor.FromDoubles(precision, [items.Length], items).ToDoubles();
        if (result.IsFloat())
        {
            for (int i = 0; i < items.Length; i++) items[i] += zeros[places[i]];
            return [Saturate ? Tensor.FromDoubles(result, x.Dims.AsSpan(), items) : Unsaturated(result, x, items)];
        }
        var (min, max) = IntegerRange.Of(result);
        for (int i = 0; i < items.Length; i++) items[i] = Quantized(items[i], zeros[places[i]], min, max);
        return [Tensor.FromDoubles(result, x.Dims.AsSpan(), items)];
    }

    /// <summary>Quotient, rounding, zero point, saturation for each element.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(4);

    /// <summary>A quotient as an integer of that range; NaN becomes the least one.</summary>
    internal static double Quantized(double quotient, double zero, long min, long max) =>
        double.IsNaN(quotient) ? min : Math.Clamp(Math.Round(quotient, MidpointRounding.ToEven) + zero, min, max);

    /// <summary>Numbers quantized with one scale and one zero point, whose dtype is the result's.</summary>
    internal static Tensor Requantize(double[] items, ReadOnlySpan<long> dims, double scale, Tensor zero)
    {
        double shift = zero.ToDouble();
        if (zero.DType.IsFloat())
        {
            for (int i = 0; i < items.Length; i++) items[i] = items[i] / scale + shift;
            return Tensor.FromDoubles(zero.DType, dims, items);
        }
        var (min, max) = IntegerRange.Of(zero.DType);
        for (int i = 0; i < items.Length; i++) items[i] = Quantized(items[i] / scale, shift, min, max);
        return Tensor.FromDoubles(zero.DType, dims, items);
    }

    private static bool IsQuantized(DType dtype) => dtype is DType.Float4E2M1 || EightBitFloats.Contains(dtype)
        || (dtype.IsInteger() && dtype.Bits() <= 16);

    private static Tensor Unsaturated(DType dtype, Tensor x, double[] items)
    {
        if (dtype.Bits() < 8 || SmallFloat.Of(dtype) is not { } format) return Tensor.FromDoubles(dtype, x.Dims.AsSpan(), items);
        var bits = new byte[items.Length];
        for (int i = 0; i < bits.Length; i++) bits[i] = (byte)format.Encode(items[i], saturate: false);
        return Tensor.Of(dtype, x.Dims.AsSpan(), bits);
    }

    // Before opset 21 only a zero point could say the result's dtype.
    private static string? OutputDtypeAsZeroPoint(OpForm form)
    {
        if (form.Take<long>("output_dtype") is not long number || form.Has(2)) return null;
        if ((form.Type(1) as TensorType)?.Shape?.ToStatic() is not { } dims)
            return "\"output_dtype\" exists from opset 21 on, and the scale's shape is unknown";
        if (!new[] { DType.Int8, DType.UInt8 }.Concat(EightBitFloats).Contains((DType)number))
            return $"{((DType)number).Name()} is given from opset 21 on";
        form.SetInput(2, form.Scope.AddConstant(Tensor.FromDoubles((DType)number, dims, new double[dims.Aggregate(1L, (p, d) => p * d)])));
        return null;
    }
}
