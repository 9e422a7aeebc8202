using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The greatest element of each window, and where it stands in X counted in row-major order over all axes. Padding never counts; a
/// window of padding only gives the least value of the dtype. Source: ai.onnx MaxPool.
/// </summary>
/// <param name="KernelShape">Taps of a window along each spatial axis.</param>
/// <param name="AutoPad">How padding is found.</param>
/// <param name="CeilMode">Whether the number of windows is rounded up.</param>
/// <param name="Dilations">Distance between taps; empty for 1.</param>
/// <param name="Pads">Padding: all beginnings, then all ends; empty for 0.</param>
/// <param name="StorageOrder">1 if the indices count the spatial axes in column-major order.</param>
/// <param name="Strides">Distance between windows; empty for 1.</param>
public sealed record MaxPool(EquatableArray<long> KernelShape, AutoPad AutoPad = AutoPad.NotSet, bool CeilMode = false,
    EquatableArray<long> Dilations = default, EquatableArray<long> Pads = default, bool StorageOrder = false,
    EquatableArray<long> Strides = default)
    : WindowPool(KernelShape, AutoPad, CeilMode, Dilations, Pads, Strides), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<MaxPool>("X", "Y Indices?", [1, 8, 10, 11, 12, 22])
        .NewAttributes(8, "storage_order")
        .Change(8, down: form => form.OutputCount > 1 ? "the result \"Indices\" exists from opset 8 on" : null)
        .NewAttributes(10, "ceil_mode", "dilations")
        .Change(11, down: FormChange.Nothing)
        .NewTypes(12, 0, DType.Int8, DType.UInt8)
        .NewTypes(22, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0, t => t.IsArithmeticFloat() || t is DType.Int8 or DType.UInt8, "float, i8 or u8");
        var shape = ResultShape(x.Shape);
        return [x with { Shape = shape }, new TensorType(DType.Int64, shape)];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        var grid = Grid(x);
        long[] dims = ResultDims(x);
        double[] items = x.ToDoubles();
        double least = x.DType switch { DType.Int8 => sbyte.MinValue, DType.UInt8 => 0, _ => double.NegativeInfinity };
        var y = WindowFold.Compute(items, grid, Planes(x), new Greatest(least), context.Cancellation);
        var result = x.DType.IsFloat() ? context.Floats(x.DType, dims, y) : Tensor.FromDoubles(x.DType, dims, y);
        return context.ResultCount < 2 ? [result] : [result, Tensor.Of(dims, Indices(items, x, grid))];
    }

    private long[] Indices(double[] items, Tensor x, WindowGrid grid)
    {
        int[] places = WindowFold.PlacesOfMax(items, grid, Planes(x));
        var spatial = x.Dims[2..];
        // Without an element all windows lie in the padding, and none has a place.
        bool isColumnMajor = StorageOrder && !spatial.Contains(0);
        var indices = new long[places.Length];
        for (int i = 0; i < indices.Length; i++)
            indices[i] = i / grid.Windows * (long)grid.PaddedCount + (isColumnMajor ? ColumnMajor(places[i], spatial) : places[i]);
        return indices;
    }

    private static long ColumnMajor(long place, ImmutableArray<long> sizes)
    {
        long result = 0;
        for (int i = sizes.Length - 1; i >= 0; i--)
        {
            result += place % sizes[i] * sizes[..i].Aggregate(1L, (product, size) => product * size);
            place /= sizes[i];
        }
        return result;
    }

    private readonly struct Greatest(double least) : IWindowFold
    {
        public double Start => least;

        public double Add(double result, double element) => Math.Max(result, element);
    }
}
