using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// A matrix: the axes before <paramref name="Axis"/> become the first axis, the others the second. Source: ai.onnx Flatten.
/// </summary>
/// <param name="Axis">First axis of the second part; may be the rank.</param>
public sealed record Flatten(long Axis = 1) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Flatten>("input", "output", [1, 9, 11, 13, 21, 23, 24, 25])
        .NewTypes(9, 0, DTypeSets.AllButFloats).NegativeAxes(11, "axis").AllTypes(float8: 21);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var data = context.Tensor(0);
        if (data.Shape is not { } shape) return [data with { Shape = [context.Fresh(), context.Fresh()] }];
        int axis = context.Axis(Axis, shape.Rank, allowEnd: true);
        return [data with { Shape = [Dim.Product(shape.Take(axis)), Dim.Product(shape.Skip(axis))] }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var data = context.Tensor(0);
        int axis = (int)(Axis < 0 ? Axis + data.Rank : Axis);
        long rows = data.Dims.Take(axis).Aggregate(1L, (product, size) => product * size);
        return [data.Reshape([rows, data.Dims.Skip(axis).Aggregate(1L, (product, size) => product * size)])];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
