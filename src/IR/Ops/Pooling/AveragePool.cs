using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The mean of each window. Padding counts as zeros where asked, else not at all; where a window reaches beyond the padding, because
/// the number of windows was rounded up, that part never counts. Source: ai.onnx AveragePool.
/// </summary>
/// <param name="KernelShape">Taps of a window along each spatial axis.</param>
/// <param name="AutoPad">How padding is found.</param>
/// <param name="CeilMode">Whether the number of windows is rounded up.</param>
/// <param name="CountIncludePad">Whether padding counts in the mean.</param>
/// <param name="Dilations">Distance between taps; empty for 1.</param>
/// <param name="Pads">Padding: all beginnings, then all ends; empty for 0.</param>
/// <param name="Strides">Distance between windows; empty for 1.</param>
public sealed record AveragePool(EquatableArray<long> KernelShape, AutoPad AutoPad = AutoPad.NotSet, bool CeilMode = false,
    bool CountIncludePad = false,
    EquatableArray<long> Dilations = default, EquatableArray<long> Pads = default, EquatableArray<long> Strides = default)
    : WindowPool(KernelShape, AutoPad, CeilMode, Dilations, Pads, Strides), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<AveragePool>("X", "Y", [1, 7, 10, 11, 19, 22])
        .NewAttributes(7, "count_include_pad")
        .NewAttributes(10, "ceil_mode")
        .Change(11, down: FormChange.Nothing)
        .NewAttributes(19, "dilations")
        .NewTypes(22, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(8);

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        var grid = Grid(x);
        double[] y = WindowFold.Compute(x.ToDoubles(), grid, Planes(x), default(Sum), context.Cancellation);
        int[] counts = grid.TapCounts(orPadding: CountIncludePad);
        for (int i = 0; i < y.Length; i++) y[i] /= counts[i % counts.Length];
        return [context.Floats(x.DType, ResultDims(x), y)];
    }

    private readonly struct Sum : IWindowFold
    {
        public double Start => 0;

        public double Add(double result, double element) => result + element;
    }
}
