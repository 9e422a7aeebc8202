using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>Running folds along an axis, which is a scalar operand.</summary>
/// <param name="Exclusive">Whether an element is folded from the next place on only; the first is then the neutral element.</param>
/// <param name="Reverse">Whether the fold runs from the end.</param>
public abstract record Cumulative(bool Exclusive, bool Reverse) : Op
{
    /// <summary>What the fold starts from.</summary>
    protected abstract int Neutral { get; }

    /// <summary>The fold of floats.</summary>
    protected abstract double Apply(double a, double b);

    /// <summary>The fold of integers.</summary>
    protected abstract long Apply(long a, long b);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Numbers(0);
        context.Integers(1);
        if (x.Shape is { } shape && context.Constant(1) is { Count: 1 } axis) context.Axis(axis.ToLong(), shape.Rank);
        return [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        int axis = Places.Axis(context.Single(1).ToLong(), x.Rank);
        return [x.DType.IsFloat() ? context.Floats(x.DType, x.Dims.AsSpan(), Fold(x, axis, x.ToDoubles(), (double)Neutral, Apply))
            : EvaluateContext.Integers(x.DType, x.Dims.AsSpan(), Fold(x, axis, x.ToLongs(), (long)Neutral, Apply))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(1);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(8);

    private T[] Fold<T>(Tensor x, int axis, T[] items, T neutral, Func<T, T, T> function)
    {
        long size = x.Dims[axis], step = Places.Product(x.Dims.Skip(axis + 1));
        for (long row = 0; row < (size == 0 ? 0 : x.Count / size); row++)
        {
            long start = row / step * size * step + row % step;
            var folded = neutral;
            for (long i = 0; i < size; i++)
            {
                long at = start + (Reverse ? size - 1 - i : i) * step;
                var next = function(folded, items[at]);
                items[at] = Exclusive ? folded : next;
                folded = next;
            }
        }
        return items;
    }
}

/// <summary>Running sums along an axis. Source: ai.onnx CumSum.</summary>
/// <param name="Exclusive">Whether an element is added from the next place on only.</param>
/// <param name="Reverse">Whether the sum runs from the end.</param>
public sealed record CumSum(bool Exclusive = false, bool Reverse = false) : Cumulative(Exclusive, Reverse), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<CumSum>("x axis", "y", [11, 14]).NewTypes(14, 0, DType.Float16, DType.BFloat16);

    /// <inheritdoc/>
    protected override int Neutral => 0;

    /// <inheritdoc/>
    protected override double Apply(double a, double b) => a + b;

    /// <inheritdoc/>
    protected override long Apply(long a, long b) => a + b;
}

/// <summary>Running products along an axis. Source: ai.onnx CumProd.</summary>
/// <param name="Exclusive">Whether an element is a factor from the next place on only.</param>
/// <param name="Reverse">Whether the product runs from the end.</param>
public sealed record CumProd(bool Exclusive = false, bool Reverse = false) : Cumulative(Exclusive, Reverse), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<CumProd>("x axis", "y", [26]);

    /// <inheritdoc/>
    protected override int Neutral => 1;

    /// <inheritdoc/>
    protected override double Apply(double a, double b) => a * b;

    /// <inheritdoc/>
    protected override long Apply(long a, long b) => a * b;
}
