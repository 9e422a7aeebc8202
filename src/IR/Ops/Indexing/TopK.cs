using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The K greatest (or least) elements along an axis, best first, and their places; of equal ones the earlier first. Source: ai.onnx TopK.
/// </summary>
/// <param name="Axis">The axis.</param>
/// <param name="Largest">Whether the greatest are taken.</param>
/// <param name="Sorted">Whether the order of the results matters; they come sorted in any case.</param>
public sealed record TopK(long Axis = -1, bool Largest = true, bool Sorted = true) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<TopK>("X K", "Values Indices", [1, 10, 11, 24])
        .Change(10, up: form =>
        {
            if (form.Take<long>("k") is long k) form.SetInput(1, form.Scope.AddConstant(Tensor.Vector(k)));
        }, down: form =>
        {
            if (form.Constant(1) is not { Count: 1 } k) return "K is computed, and before opset 10 it is an attribute";
            form.Attributes["k"] = k.ToLong();
            form.Inputs.RemoveAt(1);
            return null;
        })
        .NewAttributes(11, "largest", "sorted").NegativeAxes(11, "axis").NewTypes(11, 0, DTypeSets.AllIntegers)
            .NewTypes(24, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Numbers(0);
        context.Integers(1);
        if (x.Shape is not { } shape) return [x, x with { DType = DType.Int64 }];
        int axis = context.Axis(Axis, shape.Rank);
        var count = context.Known(1) is [var known] ? known : context.Fresh(shape[axis].Bounds.Max);
        if (Dim.IsAtMost(count, shape[axis]) == Answer.No || count.Value < 0)
            throw context.Fault(FaultCodes.OperandShape, $"axis {axis} of {x} has not {count} elements");
        var result = x with { Shape = new Shape(shape.Dims.SetItem(axis, count)) };
        return [result, result with { DType = DType.Int64 }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        int axis = Places.Axis(Axis, x.Rank);
        long count = context.Single(1).ToLong(), size = x.Dims[axis], step = Places.Product(x.Dims.Skip(axis + 1));
        if (count < 0 || count > size) throw EvaluateContext.Fault(FaultCodes.Data, $"an axis of size {size} has not {count} elements");
        var compare = ElementOrder.Of(x);
        long[] chosen = new long[Places.Product(x.Dims.SetItem(axis, count))], places = new long[chosen.Length], line = new long[size];
        for (long row = 0; row < (size == 0 ? 0 : x.Count / size); row++)
        {
            long start = row / step * size * step + row % step;
            for (long i = 0; i < size; i++) line[i] = start + i * step;
            Array.Sort(line, (a, b) => (Largest ? compare(b, a) : compare(a, b)) is not 0 and var order ? order : a.CompareTo(b));
            for (long i = 0; i < count; i++)
            {
                long to = (row / step * count + i) * step + row % step;
                chosen[to] = line[i];
                places[to] = (line[i] - start) / step;
            }
        }
        var dims = x.Dims.SetItem(axis, count);
        return [Elements.Indexed(x, dims.AsSpan(), chosen), Tensor.Of(dims.AsSpan(), places)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.PerInput(1);
}
