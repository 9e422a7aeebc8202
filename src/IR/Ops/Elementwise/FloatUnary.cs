using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>A function of each element of a float tensor.</summary>
public abstract record FloatUnary : Op
{
    /// <summary>The function, in binary64.</summary>
    protected abstract double Apply(double x);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [context.Floats(0)];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        return [context.Floats(x.DType, x.Dims.AsSpan(), Broadcasting.Map<double, double>(x.ToDoubles(), Apply))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(1);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(4);
}
