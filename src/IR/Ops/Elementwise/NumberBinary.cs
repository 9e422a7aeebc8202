using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>A function of each pair of elements of two float or integer tensors of one dtype that broadcast; integers wrap.</summary>
public abstract record NumberBinary : Op
{
    /// <summary>The function on floats, in binary64.</summary>
    protected abstract double Apply(double a, double b);

    /// <summary>The function on integers other than uint64.</summary>
    protected abstract long Apply(long a, long b);

    /// <summary>The function on uint64.</summary>
    protected abstract ulong Apply(ulong a, ulong b);

    /// <summary>The function on sizes, where it can be said.</summary>
    protected virtual Dim? Apply(Dim a, Dim b) => null;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        TensorType a = context.Numbers(0), b = context.Numbers(1);
        var dtype = context.SameDType(0, 1);
        context.Know(0, KnownSizes.Within(dtype, KnownSizes.Map(context.Known(0), context.Known(1), Apply)));
        return [new TensorType(dtype, context.Broadcast(a.Shape, b.Shape))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) => [Combine(context, context.Tensor(0), context.Tensor(1))];

    /// <summary>The result for two tensors of one dtype.</summary>
    protected Tensor Combine(EvaluateContext context, Tensor a, Tensor b)
    {
        long[] dims = Broadcasting.Dims(a, b);
        return a.DType.IsFloat()
            ? context.Floats(a.DType, dims, Broadcasting.Map<double, double>(dims, a.Dims, a.ToDoubles(), b.Dims, b.ToDoubles(), Apply))
            : EvaluateContext.Integers(a.DType, dims, Broadcasting.Map(dims, a.Dims, a.ToLongs(), b.Dims, b.ToLongs(), Integer(a.DType)));
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(1);

    private Func<long, long, long> Integer(DType dtype) => dtype == DType.UInt64 ? (a, b) => (long)Apply((ulong)a, (ulong)b) : Apply;
}
