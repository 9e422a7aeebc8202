using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>What the poolings over windows share: X [n, c, spatial...] becomes [n, c, windows...].</summary>
/// <param name="KernelShape">Taps of a window along each spatial axis.</param>
/// <param name="AutoPad">How padding is found.</param>
/// <param name="CeilMode">Whether the number of windows is rounded up.</param>
/// <param name="Dilations">Distance between taps; empty for 1.</param>
/// <param name="Pads">Padding: all beginnings, then all ends; empty for 0.</param>
/// <param name="Strides">Distance between windows; empty for 1.</param>
public abstract record WindowPool(EquatableArray<long> KernelShape, AutoPad AutoPad, bool CeilMode, EquatableArray<long> Dilations,
    EquatableArray<long> Pads, EquatableArray<long> Strides) : Op
{
    /// <summary>Where the windows lie in an operand [n, c, spatial...].</summary>
    /// <exception cref="NnccException">Shape or attributes do not fit.</exception>
    public ConvolutionGeometry Geometry(Shape x) => x.Rank < 3
        ? throw new NnccException(FaultCodes.OperandShape, $"{Name} takes [n,c,spatial..], got [{x}]")
        : ConvolutionGeometry.Over(Name, x.Dims[2..], [.. KernelShape.Select(Dim.Of)],
            new WindowAttributes(AutoPad, Dilations, Pads, Strides), CeilMode);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        return [x with { Shape = ResultShape(x.Shape) }];
    }

    /// <summary>One operation for each tap of each window.</summary>
    public override Work Measure(MeasureContext context) =>
        new(0, context.Output(0).Count * KernelShape.Aggregate(1L, (taps, k) => taps * k), context.BytesIn, context.BytesOut);

    /// <summary>[n, c, windows...].</summary>
    protected Shape? ResultShape(Shape? x)
    {
        if (x is null) return null;
        var geometry = Geometry(x);
        return new Shape([x[0], x[1], .. geometry.Windowed]);
    }

    /// <summary>The windows of an operand at hand.</summary>
    private protected WindowGrid Grid(Tensor x) => new(Geometry(x.Type.Shape!));

    /// <summary>Sizes of the result for an operand at hand.</summary>
    private protected long[] ResultDims(Tensor x) => ResultShape(x.Type.Shape)!.ToStatic()!;

    /// <summary>Images times channels.</summary>
    private protected static int Planes(Tensor x) => checked((int)(x.Dims[0] * x.Dims[1]));
}
