using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>Takes out the given axes, which must have size 1, or all axes of size 1. Source: ai.onnx Squeeze.</summary>
public sealed record Squeeze : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Squeeze>("data axes?", "squeezed", [1, 11, 13, 21, 23, 24, 25])
        .NegativeAxes(11, "axes").AttributeToInput(13, "axes", 1).AllTypes(float8: 21);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var data = context.Tensor(0);
        context.Know(0, context.Known(0));
        if (context.Has(1)) context.Integers(1);
        if (data.Shape is not { } shape) return [data];
        if (!context.Has(1))
        {
            // Without axes the rank is known only if it is known of each size whether it is 1.
            var answers = shape.Select(size => Dim.AreEqual(size, 1)).ToList();
            return [data with { Shape = answers.Contains(Answer.Unknown) ? null
                : new Shape([.. shape.Where((_, i) => answers[i] == Answer.No)]) }];
        }
        if (context.Constant(1) is not { } axes) return [data with { Shape = null }];
        var removed = axes.ToLongs().Select(axis => context.Axis(axis, shape.Rank)).ToHashSet();
        foreach (int axis in removed)
            if (Dim.AreEqual(shape[axis], 1) == Answer.No)
                throw context.Fault(FaultCodes.OperandShape, $"axis {axis} of {data} is to be squeezed and has not size 1");
        return [data with { Shape = new Shape([.. shape.Where((_, i) => !removed.Contains(i))]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var data = context.Tensor(0);
        if (context.Optional(1) is not { } axes) return [data.Reshape([.. data.Dims.Where(size => size != 1)])];
        var removed = axes.ToLongs().Select(axis => axis < 0 ? axis + data.Rank : axis).ToHashSet();
        if (removed.Any(axis => axis < 0 || axis >= data.Rank || data.Dims[(int)axis] != 1))
            throw EvaluateContext.Fault(FaultCodes.Data, $"axes [{string.Join(",", axes.ToLongs())}] of {data.Type} have not size 1");
        return [data.Reshape([.. data.Dims.Where((_, i) => !removed.Contains(i))])];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
