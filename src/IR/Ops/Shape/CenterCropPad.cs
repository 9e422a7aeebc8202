using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The middle of the data in the wanted sizes of the given axes: cropped where the data is larger, padded with zeros where it is
/// smaller; what is odd falls to the end. Source: ai.onnx CenterCropPad.
/// </summary>
/// <param name="Axes">The axes that operand <c>shape</c> gives sizes for; empty for all.</param>
public sealed record CenterCropPad(EquatableArray<long> Axes = default) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<CenterCropPad>("input_data shape", "output_data", [18]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var data = context.Tensor(0);
        context.Integers(1);
        if (data.Shape is not { } shape) return [data];
        int[] axes = Axes.IsEmpty ? [.. Enumerable.Range(0, shape.Rank)] : [.. Axes.Select(axis => context.Axis(axis, shape.Rank))];
        var wanted = context.Known(1);
        if (wanted is { } given && given.Length != axes.Length)
            throw context.Fault(FaultCodes.OperandShape, $"{given.Length} sizes are given for {axes.Length} axes");
        var sizes = shape.Dims.ToArray();
        for (int i = 0; i < axes.Length; i++) sizes[axes[i]] = wanted?[i] ?? context.Fresh();
        return [data with { Shape = new Shape([.. sizes]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var data = context.Tensor(0);
        long[] wanted = context.Tensor(1).ToLongs();
        long[] axes = Axes.IsEmpty ? [.. Enumerable.Range(0, data.Rank).Select(i => (long)i)] : [.. Axes];
        if (wanted.Length != axes.Length) throw EvaluateContext.Fault(FaultCodes.Data,
            $"{wanted.Length} sizes are given for {axes.Length} axes");
        long[][] places = [.. data.Dims.Select(size => Places(size, size))];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = (int)(axes[i] < 0 ? axes[i] + data.Rank : axes[i]);
            places[axis] = Places(data.Dims[axis], wanted[i]);
        }
        return [Elements.Separable(data, places)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();

    private static long[] Places(long size, long wanted)
    {
        if (wanted < 0 || wanted > Array.MaxLength) throw EvaluateContext.Fault(FaultCodes.Data, $"{wanted} is no size");
        long shift = wanted < size ? (size - wanted) / 2 : -((wanted - size) / 2);
        return [.. Enumerable.Range(0, (int)wanted).Select(i => i + shift is var at && at >= 0 && at < size ? at : -1)];
    }
}
