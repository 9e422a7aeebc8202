using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// The places of the elements that are not zero (strings: not empty), a column [rank] each, in row-major order. Source: ai.onnx
/// NonZero.
/// </summary>
public sealed record NonZero : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<NonZero>("X", "Y", [9, 13]).NewTypes(13, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0, dtype => !dtype.IsComplex(), "numeric, bool or string");
        return [new TensorType(DType.Int64, x.Shape is null ? [context.Fresh(), context.Fresh()]
            : [x.Shape.Rank, context.Fresh(x.Shape.Count.Bounds.Max)])];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        var found = new List<long>();
        if (x.DType == DType.String)
        {
            for (int i = 0; i < x.Count; i++)
                if (x.Strings[i].Length > 0) found.Add(i);
        }
        else if (x.DType.IsFloat()) found.AddRange(Where(x.ToDoubles(), item => item != 0));
        else found.AddRange(Where(x.ToLongs(), item => item != 0));
        var result = new long[x.Rank * found.Count];
        for (int k = 0; k < found.Count; k++)
        {
            long rest = found[k];
            for (int axis = x.Rank - 1; axis >= 0; axis--)
            {
                result[axis * found.Count + k] = rest % x.Dims[axis];
                rest /= x.Dims[axis];
            }
        }
        return [Tensor.Of([x.Rank, found.Count], result)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.PerInput(1);

    private static IEnumerable<long> Where<T>(T[] items, Func<T, bool> holds)
    {
        for (long i = 0; i < items.Length; i++)
            if (holds(items[i])) yield return i;
    }
}
