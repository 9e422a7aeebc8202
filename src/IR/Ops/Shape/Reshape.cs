using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// The elements under other sizes. In the shape operand a size of -1 is what remains, and 0 is the size of that axis of the data, or
/// with <paramref name="Allowzero"/> really 0. Source: ai.onnx Reshape.
/// </summary>
/// <param name="Allowzero">Whether 0 means 0.</param>
public sealed record Reshape(bool Allowzero = false) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Reshape>("data shape", "reshaped", [1, 5, 13, 14, 19, 21, 23, 24, 25])
        .Dropped(5, "consumed_inputs").AttributeToInput(5, "shape", 1).NewTypes(5, 0, DTypeSets.AllButFloats).NewAttributes(14, "allowzero")
        .AllTypes();

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var data = context.Tensor(0);
        var target = context.Integers(1);
        context.Know(0, context.Known(0));
        if (context.Known(1) is not { } wanted)
            return [data with { Shape = context.FreshShape(target.Shape is { Rank: 1 } shape ? shape[0] : null) }];
        var sizes = wanted.Select((size, axis) => Wanted(context, data, size, axis)).ToArray();
        int open = Array.FindIndex(sizes, size => size is { Value: -1 });
        if (open >= 0 && Array.FindLastIndex(sizes, size => size is { Value: -1 }) != open)
            throw context.Fault(FaultCodes.OperandShape, $"the shape [{string.Join(",", wanted)}] leaves two sizes open");
        if (open >= 0) sizes[open] = Remainder(context, data, sizes, open);
        var result = new Shape([.. sizes.Select(size => size ?? context.Fresh())]);
        if (data.Shape is { IsStatic: true } && result.IsStatic && !data.Shape.Count.Equals(result.Count))
            throw context.Fault(FaultCodes.OperandShape,
                $"{data} has {data.Shape.Count} elements and cannot become [{result}] ({result.Count})");
        return [data with { Shape = result }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var data = context.Tensor(0);
        long[] wanted = context.Tensor(1).ToLongs(), sizes = [.. wanted];
        for (int axis = 0; axis < sizes.Length; axis++)
            if (sizes[axis] == 0 && !Allowzero) sizes[axis] = axis < data.Rank ? data.Dims[axis] : throw Misfit();
        int open = Array.IndexOf(sizes, -1);
        if (open >= 0)
        {
            long others = Places.Product(sizes.Where((_, axis) => axis != open));
            if (others <= 0 || data.Count % others != 0) throw Misfit();
            sizes[open] = data.Count / others;
        }
        if (sizes.Any(size => size < 0) || Places.Product(sizes) != data.Count) throw Misfit();
        return [data.Reshape(sizes)];

        NnccException Misfit() =>
            EvaluateContext.Fault(FaultCodes.Data, $"{data.Type} does not fit the shape [{string.Join(",", wanted)}]");
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();

    private Dim? Wanted(InferContext context, TensorType data, Dim size, int axis)
    {
        if (size.Value < -1) throw context.Fault(FaultCodes.OperandShape, $"{size} is no size");
        if (size.Value != 0 || Allowzero) return size;
        if (data.Shape is null) return null;
        return axis < data.Shape.Rank ? data.Shape[axis]
            : throw context.Fault(FaultCodes.OperandShape, $"size 0 at axis {axis} stands for that axis of {data}, which has none");
    }

    // What the other sizes leave, null where it cannot be said. Sizes on both sides are taken out first.
    private static Dim? Remainder(InferContext context, TensorType data, Dim?[] sizes, int open)
    {
        if (data.Shape is null || Array.IndexOf(sizes, null) >= 0) return null;
        var have = data.Shape.ToList();
        var rest = Dim.Of(1);
        foreach (var size in sizes.Where((_, axis) => axis != open))
            if (!have.Remove(size!)) rest *= size!;
        var total = Dim.Product(have);
        if (rest.Value == 0) return null;
        if (rest.Value is { } r && total.Value is { } t && t % r != 0)
            throw context.Fault(FaultCodes.OperandShape,
                $"the elements of {data} do not divide by the sizes [{string.Join(",", sizes.Where((_, i) => i != open))}]");
        return Dim.FloorDiv(total, rest);
    }
}
