using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>A function of each element of a float or integer tensor; integers wrap.</summary>
public abstract record NumberUnary : Op
{
    /// <summary>The function on floats, in binary64.</summary>
    protected abstract double Apply(double x);

    /// <summary>The function on integers. Those of uint64 come with their bits.</summary>
    protected abstract long Apply(long x, DType dtype);

    /// <summary>The function on a size, where it can be said.</summary>
    protected virtual Dim? Apply(Dim x) => null;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Numbers(0);
        context.Know(0, KnownSizes.Within(x.DType, KnownSizes.Map(context.Known(0), Apply)));
        return [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        return [x.DType.IsFloat()
            ? context.Floats(x.DType, x.Dims.AsSpan(), Broadcasting.Map<double, double>(x.ToDoubles(), Apply))
            : EvaluateContext.Integers(x.DType, x.Dims.AsSpan(), Broadcasting.Map<long, long>(x.ToLongs(), item => Apply(item, x.DType)))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(1);
}
