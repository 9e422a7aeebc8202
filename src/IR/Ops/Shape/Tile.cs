using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>The data so many times behind itself along each axis. Source: ai.onnx Tile.</summary>
public sealed record Tile : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Tile>("input repeats", "output", [1, 6, 13])
        .Change(6, up: form =>
        {
            // Opset 1 repeated one axis only: operands tiles and axis, of the data's dtype.
            if (form.Rank(0) is not { } rank || form.Constant(1) is not { Count: 1 } tiles
                || form.Constant(2) is not { Count: 1 } axis) return;
            long place = axis.ToLong() < 0 ? axis.ToLong() + rank : axis.ToLong();
            form.Inputs[1] = form.Scope.AddConstant(Tensor.Vector([.. Enumerable.Range(0, rank).Select(i => i == place ? tiles.ToLong()
                : 1L)]));
            form.Inputs.RemoveAt(2);
        })
        .NewTypes(13, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var data = context.Tensor(0);
        context.Integers(1);
        if (data.Shape is not { } shape) return [data];
        if (context.Known(1) is not { } repeats) return [data with { Shape = new Shape([.. shape.Select(_ => context.Fresh())]) }];
        if (repeats.Length != shape.Rank || repeats.Any(r => r.Value < 0))
            throw context.Fault(FaultCodes.OperandShape, $"repeats [{string.Join(",", repeats)}] do not fit {data}");
        return [data with { Shape = new Shape([.. shape.Zip(repeats, (size, repeat) => size * repeat)]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var data = context.Tensor(0);
        long[] repeats = context.Tensor(1).ToLongs();
        if (repeats.Length != data.Rank || repeats.Any(r => r < 0))
            throw EvaluateContext.Fault(FaultCodes.Data, $"repeats [{string.Join(",", repeats)}] do not fit {data.Type}");
        foreach (var (size, repeat) in data.Dims.Zip(repeats))
            if (repeat > Array.MaxLength / Math.Max(size, 1)) throw EvaluateContext.Fault(FaultCodes.SizeOverflow,
                $"{size} elements {repeat} times");
        long[][] places =
            [.. data.Dims.Select((size, axis) => Enumerable.Range(0, (int)(size * repeats[axis])).Select(i => i % size).ToArray())];
        return [Elements.Separable(data, places)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
