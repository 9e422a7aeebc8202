using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>A function of the elements along one axis that keeps the shape: Softmax and its relatives.</summary>
/// <param name="Axis">The axis; negative ones count from the end.</param>
public abstract record AxisFunction(long Axis) : Op
{
    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        if (x.Shape is { } shape) context.Axis(Axis, shape.Rank);
        return [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        double[] items = x.ToDoubles();
        int axis = (int)(Axis < 0 ? Axis + x.Rank : Axis);
        var slices = new AxisSlices(x.Dims.AsSpan(), axis);
        var slice = new double[slices.Length];
        for (int i = 0; i < slices.Count; i++)
        {
            slices.Read(items, i, slice);
            Apply(slice);
            slices.Write(slice, i, items);
        }
        return [context.Floats(x.DType, x.Dims.AsSpan(), items)];
    }

    /// <summary>Replaces the elements along the axis by their results.</summary>
    private protected abstract void Apply(Span<double> items);

    /// <summary>The greatest element; NaN if there is one.</summary>
    private protected static double Greatest(ReadOnlySpan<double> items)
    {
        double greatest = double.NegativeInfinity;
        foreach (double item in items) greatest = Math.Max(greatest, item);
        return greatest;
    }

    /// <summary>
    /// The definition of an op that before opset 13 worked on the operand as a matrix, the axes from <c>axis</c> (default 1) on being its
    /// columns. Where no more than one of those axes is longer than 1, that one is today's axis; elsewhere the matrix is made.
    /// </summary>
    private protected static OpDefinition Define<T>() where T : AxisFunction => OpDefinition.For<T>("input", "output", [1, 11, 13])
        .NegativeAxes(11, "axis")
        .Change(13, Flattened, form =>
        {
            long axis = form.Int("axis", -1);
            form.Attributes["axis"] = axis;
            if (form.Type(0) is not TensorType { Shape: { } shape })
                return "before opset 13 it worked on a matrix, and the operand's rank is unknown";
            if (axis < 0) form.Attributes["axis"] = axis += shape.Rank;
            return shape.Dims.Skip((int)axis + 1).All(size => size.Value == 1) ? null
                : $"before opset 13 it worked on all axes from {axis} on together, and the operand is {form.Type(0)}";
        })
        .NewTypes(13, 0, DType.BFloat16);

    private static void Flattened(OpForm form)
    {
        long axis = form.Int("axis", 1);
        if (form.Type(0) is TensorType { Shape: { } shape })
        {
            long first = axis < 0 ? axis + shape.Rank : axis;
            if (first < 0 || first >= shape.Rank) return; // a fault that Infer reports
            long[] longer = [.. Enumerable.Range(0, shape.Rank).Where(i => i >= first && shape[i].Value != 1).Select(i => (long)i)];
            if (longer.Length <= 1)
            {
                form.Attributes["axis"] = longer.Length == 1 ? longer[0] : first;
                return;
            }
        }
        int sizes = form.Scope.Emit(new ShapeOf(), form.Inputs[0]);
        form.Inputs[0] = form.Scope.Emit(new Flatten(axis), form.Inputs[0]);
        form.Attributes["axis"] = -1L;
        form.After[0] = matrix => form.Scope.Emit(new Reshape(), matrix, sizes);
    }
}
