using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>What the poolings over all spatial axes share: X [n, c, spatial...] becomes [n, c, 1...].</summary>
public abstract record GlobalPool : Op
{
    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        if (x.Shape is not { } shape) return [x];
        if (shape.Rank < 2) throw context.Fault(FaultCodes.OperandShape, $"{Name} takes [n,c,spatial..], got {x}");
        return [x with { Shape = new Shape([.. shape.Select((size, i) => i < 2 ? size : 1)]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        double[] items = x.ToDoubles(), y = new double[x.Dims[0] * x.Dims[1]];
        int plane = y.Length == 0 ? 0 : items.Length / y.Length;
        for (int i = 0; i < y.Length; i++) y[i] = Pool(items.AsSpan(i * plane, plane));
        return [context.Floats(x.DType, [.. x.Dims.Select((size, i) => i < 2 ? size : 1)], y)];
    }

    /// <summary>One operation for each element.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(1);

    /// <summary>The result for the elements of an image's channel.</summary>
    private protected abstract double Pool(ReadOnlySpan<double> items);
}
