using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The data with elements added before and after the given axes (all by default), or taken away where a number of them is negative. The
/// pads are those before each axis, then those after each. Source: ai.onnx Pad.
/// </summary>
/// <param name="Mode">Where the added elements come from.</param>
public sealed record Pad(PadMode Mode = PadMode.Constant) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<Pad>("data pads constant_value? axes?", "output", [1, 2, 11, 13, 18, 19, 21, 23, 24, 25])
            .Change(2, up: form => Rename(form, "paddings", "pads"), down: form => Rename(form, "pads", "paddings"))
            .AttributeToInput(11, "pads", 1).FloatAttributeToInput(11, "value", 2).NewTypes(11, 0, DTypeSets.AllIntegers)
            .NewTypes(13, 0, DType.Bool, DType.String, DType.Complex64, DType.Complex128)
            .Change(18, down: form => form.Has(3) ? "axes are taken from opset 18 on" : null)
            .Change(19, down: form => form.Attributes.GetValueOrDefault("mode") is "wrap" ? "mode wrap is taken from opset 19 on" : null)
            .AllTypes(float8: 21);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var data = context.Tensor(0);
        context.Integers(1);
        if (context.Has(2)) context.SameDType(0, 2);
        if (context.Has(3)) context.Integers(3);
        if (data.Shape is not { } shape) return [data];
        ImmutableArray<Dim>? pads = context.Known(1), axes = context.Has(3) ? context.Known(3) : null;
        if (pads is null || (context.Has(3) && axes?.All(axis => axis.IsConstant) != true))
            return [data with { Shape = new Shape([.. shape.Select(_ => context.Fresh())]) }];
        int[] places = axes?.Select(axis => context.Axis(axis.Value!.Value, shape.Rank)).ToArray() ?? [.. Enumerable.Range(0, shape.Rank)];
        if (pads.Value.Length != 2 * places.Length)
            throw context.Fault(FaultCodes.OperandShape, $"{pads.Value.Length} pads for {places.Length} axes of {data}");
        var sizes = shape.Dims.ToArray();
        for (int i = 0; i < places.Length; i++) sizes[places[i]] += pads.Value[i] + pads.Value[places.Length + i];
        if (sizes.Any(size => size.Value < 0)) throw context.Fault(FaultCodes.OperandShape,
            $"pads [{string.Join(",", pads)}] take away more than {data} has");
        return [data with { Shape = new Shape([.. sizes]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var data = context.Tensor(0);
        long[] pads = context.Tensor(1).ToLongs();
        long[] axes = context.Optional(3)?.ToLongs() ?? [.. Enumerable.Range(0, data.Rank).Select(i => (long)i)];
        if (pads.Length != 2 * axes.Length) throw EvaluateContext.Fault(FaultCodes.Data, $"{pads.Length} pads for {axes.Length} axes");
        long[][] places = [.. data.Dims.Select(size => Places(size, 0, 0))];
        for (int i = 0; i < axes.Length; i++)
        {
            long axis = axes[i] < 0 ? axes[i] + data.Rank : axes[i];
            if (axis < 0 || axis >= data.Rank) throw EvaluateContext.Fault(FaultCodes.Data,
                $"axis {axes[i]} is outside of rank {data.Rank}");
            places[axis] = Places(data.Dims[(int)axis], pads[i], pads[axes.Length + i]);
        }
        return [Elements.Separable(data, places, Mode == PadMode.Constant ? context.OptionalSingle(2) : null)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();

    // For each place of the padded axis the place in the data, or -1 for the constant. What a negative pad takes away is never seen.
    private long[] Places(long size, long before, long after)
    {
        long first = Math.Max(0, -before), kept = size - first - Math.Max(0, -after), length = size + before + after;
        if (length < 0 || kept < 0) throw EvaluateContext.Fault(FaultCodes.Data, $"pads {before} and {after} take away more than {size}");
        if (kept == 0 && length > 0 && Mode != PadMode.Constant)
            throw EvaluateContext.Fault(FaultCodes.Data, $"nothing is there to pad an axis of size {size} with");
        var places = new long[length];
        for (long i = 0; i < length; i++)
        {
            long at = i - Math.Max(0, before);
            places[i] = at >= 0 && at < kept ? first + at : Mode switch
            {
                PadMode.Constant => -1,
                PadMode.Edge => first + Math.Clamp(at, 0, kept - 1),
                PadMode.Wrap => first + Dim.Modulo(at, kept),
                _ => first + Reflected(at, kept),
            };
        }
        return places;
    }

    // Back and forth over the axis without repeating its ends.
    private static long Reflected(long at, long size)
    {
        if (size == 1) return 0;
        long period = 2 * (size - 1), place = Dim.Modulo(at, period);
        return place < size ? place : period - place;
    }

    private static string? Rename(OpForm form, string from, string to)
    {
        if (form.Attributes.Remove(from, out var value)) form.Attributes[to] = value;
        return null;
    }
}

/// <summary>Where <see cref="Pad"/> takes elements from.</summary>
public enum PadMode
{
    /// <summary>A constant, 0 by default.</summary>
    Constant,
    /// <summary>The data mirrored at its ends, which are not repeated.</summary>
    Reflect,
    /// <summary>The element at the end.</summary>
    Edge,
    /// <summary>The other end on.</summary>
    Wrap,
}
