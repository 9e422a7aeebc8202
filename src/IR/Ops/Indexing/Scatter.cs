using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>How updates that meet elements change them.</summary>
public enum ScatterReduction
{
    /// <summary>The update replaces the element; of several for one place the last one.</summary>
    None,
    /// <summary>Sum.</summary>
    Add,
    /// <summary>Product.</summary>
    Mul,
    /// <summary>The greater one.</summary>
    Max,
    /// <summary>The lesser one.</summary>
    Min,
}

/// <summary>
/// The data with updates: each update goes to its own place, but along the axis to the place that its index says. Source: ai.onnx
/// ScatterElements.
/// </summary>
/// <param name="Axis">The axis.</param>
/// <param name="Reduction">What an update does.</param>
public sealed record ScatterElements(long Axis = 0, ScatterReduction Reduction = ScatterReduction.None) : Op, IOpDefined, ILegacyForms
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<ScatterElements>("data indices updates", "output", [11, 13, 16, 18]).Reductions();

    /// <summary>The op's name before opset 11.</summary>
    public static IEnumerable<OpDefinition> Forms =>
        [OpDefinition.Legacy("Scatter", "data indices updates", "output", [9, 11]).Change(11, up: form => form.Name = "ScatterElements")];

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        TensorType data = context.Tensor(0), indices = context.Integers(1), updates = context.Tensor(2);
        if (data.Shape is not null) context.Axis(Axis, data.Shape.Rank);
        if (TypeRelation.Contradicts(indices.Shape, updates.Shape)
            || (data.Shape is not null && indices.Shape is not null && data.Shape.Rank != indices.Shape.Rank))
            throw context.Fault(FaultCodes.OperandShape, $"indices {indices} and updates {updates} do not fit {data}");
        Scattering.Check(context, Reduction);
        return [data with { DType = context.SameDType(0, 2) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor data = context.Tensor(0), indices = context.Tensor(1), updates = context.Tensor(2);
        if (!indices.Dims.SequenceEqual(updates.Dims)) throw EvaluateContext.Fault(FaultCodes.Data,
            $"updates {updates.Type} for indices {indices.Type}");
        return [Scattering.Apply(context, data, updates, GatherElements.Offsets(data, indices, Places.Axis(Axis, data.Rank)), 1,
            Reduction)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => Reduction == ScatterReduction.None ? context.Movement()
        : new(0, context.Input(2).Count, context.BytesIn, context.BytesOut);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Scattering.Accuracy(Reduction);
}

/// <summary>
/// The data with updates: each row of the indices (their last axis) is the place of a block of the data, and the block of the updates
/// at the row's place goes there. Source: ai.onnx ScatterND.
/// </summary>
/// <param name="Reduction">What an update does.</param>
public sealed record ScatterND(ScatterReduction Reduction = ScatterReduction.None) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<ScatterND>("data indices updates", "output", [11, 13, 16, 18]).Reductions();

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        TensorType data = context.Tensor(0), indices = context.Integers(1), updates = context.Tensor(2);
        if (data.Shape is { } shape && indices.Shape is { Rank: > 0 } places && places[^1].Value is { } depth)
        {
            if (depth < 1 || depth > shape.Rank) throw context.Fault(FaultCodes.OperandShape, $"indices {indices} do not fit {data}");
            var expected = new Shape([.. places.SkipLast(1), .. shape.Skip((int)depth)]);
            if (TypeRelation.Contradicts(expected, updates.Shape))
                throw context.Fault(FaultCodes.OperandShape,
                    $"updates {updates} for data {data} and indices {indices} must have the shape [{expected}]");
        }
        Scattering.Check(context, Reduction);
        return [data with { DType = context.SameDType(0, 2) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor data = context.Tensor(0), indices = context.Tensor(1), updates = context.Tensor(2);
        long depth = indices.Rank == 0 ? 0 : indices.Dims[^1];
        long block = depth >= 1 && depth <= data.Rank ? Places.Product(data.Dims.Skip((int)depth)) : -1;
        if (block < 0 || updates.Count != Places.Product(indices.Dims.SkipLast(1)) * block)
            throw EvaluateContext.Fault(FaultCodes.Data, $"indices {indices.Type} and updates {updates.Type} do not fit {data.Type}");
        return [Scattering.Apply(context, data, updates, GatherND.Blocks(data, indices, 0), block, Reduction)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => Reduction == ScatterReduction.None ? context.Movement()
        : new(0, context.Input(2).Count, context.BytesIn, context.BytesOut);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Scattering.Accuracy(Reduction);
}

/// <summary>What the scattering ops share.</summary>
internal static class Scattering
{
    public static OpDefinition Reductions(this OpDefinition definition) => definition.NewTypes(13, 0, DType.BFloat16)
        .NewAttributes(16, "reduction")
        .Change(18, down: form => form.Attributes.GetValueOrDefault("reduction") is "max" or "min"
            ? "max and min are taken from opset 18 on" : null);

    public static Accuracy Accuracy(ScatterReduction reduction) =>
        reduction is ScatterReduction.Add or ScatterReduction.Mul ? IR.Accuracy.OfSum(8) : IR.Accuracy.Exact;

    /// <summary>Fault for a reduction of what is no number.</summary>
    public static void Check(InferContext context, ScatterReduction reduction)
    {
        if (reduction != ScatterReduction.None)
            context.Tensor(0, dtype => dtype != DType.String && !dtype.IsComplex(), $"numeric (for the reduction \"{reduction}\")");
    }

    /// <summary>The data with block i of the updates at block <c>places[i]</c>.</summary>
    public static Tensor Apply(EvaluateContext context, Tensor data, Tensor updates, long[] places, long block, ScatterReduction reduction)
    {
        if (reduction == ScatterReduction.None)
            return Elements.Move(data.Dims.AsSpan(), new BlockMove(places, (int)block), data, updates);
        if (data.DType.IsFloat())
            return context.Floats(data.DType, data.Dims.AsSpan(),
                Combine(data.ToDoubles(), updates.ToDoubles(), places, block, reduction switch
            {
                ScatterReduction.Add => (a, b) => a + b,
                ScatterReduction.Mul => (a, b) => a * b,
                ScatterReduction.Max => Math.Max,
                _ => Math.Min,
            }));
        bool isUnsigned = data.DType == DType.UInt64;
        return EvaluateContext.Integers(data.DType, data.Dims.AsSpan(),
            Combine(data.ToLongs(), updates.ToLongs(), places, block, reduction switch
        {
            ScatterReduction.Add => (a, b) => a + b,
            ScatterReduction.Mul => (a, b) => a * b,
            ScatterReduction.Max => (a, b) => isUnsigned ? (long)Math.Max((ulong)a, (ulong)b) : Math.Max(a, b),
            _ => (a, b) => isUnsigned ? (long)Math.Min((ulong)a, (ulong)b) : Math.Min(a, b),
        }));
    }

    private static T[] Combine<T>(T[] items, T[] updates, long[] places, long block, Func<T, T, T> function)
    {
        for (int i = 0; i < places.Length; i++)
            for (long k = 0; k < block; k++) items[places[i] * block + k] = function(items[places[i] * block + k], updates[i * block + k]);
        return items;
    }

    private readonly struct BlockMove(long[] places, int block) : IElementMove
    {
        public void Run<T>(int number, ReadOnlySpan<T> source, Span<T> target)
        {
            for (int i = 0; i < places.Length; i++) source.Slice(i * block, block).CopyTo(target[(int)(places[i] * block)..]);
        }
    }
}
