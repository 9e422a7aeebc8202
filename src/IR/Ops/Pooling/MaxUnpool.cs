using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Puts each element of X where operand I says it stood before a <see cref="MaxPool"/>, zeros elsewhere. Places count over a tensor of
/// the size that the attributes give; operand output_shape, where given, is a size of at least that, filled up with zeros at the end of
/// each axis. Source: ai.onnx MaxUnpool.
/// </summary>
/// <param name="KernelShape">Taps of a window along each spatial axis.</param>
/// <param name="Pads">Padding: all beginnings, then all ends; empty for 0.</param>
/// <param name="Strides">Distance between windows; empty for 1.</param>
public sealed record MaxUnpool(EquatableArray<long> KernelShape, EquatableArray<long> Pads = default,
    EquatableArray<long> Strides = default) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<MaxUnpool>("X I output_shape?", "output", [9, 11, 22])
        .Change(11, down: FormChange.Nothing).NewTypes(22, 0, DType.BFloat16);

    /// <summary>Where the windows lie in the result, for an operand [n, c, spatial...].</summary>
    /// <exception cref="NnccException">Shape or attributes do not fit.</exception>
    public ConvolutionGeometry Geometry(Shape x) => x.Rank < 3
        ? throw new NnccException(FaultCodes.OperandShape, $"MaxUnpool takes [n,c,spatial..], got [{x}]")
        : ConvolutionGeometry.Transposed("MaxUnpool", x.Dims[2..], [.. KernelShape.Select(Dim.Of)],
            new WindowAttributes(AutoPad.NotSet, default, Pads, Strides), default, default);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        var places = context.Tensor(1, t => t == DType.Int64, "i64");
        if (context.Has(2)) context.Integers(2);
        if (x.Shape is not { } shape) return [x];
        if (places.Shape is { } other
            && (other.Rank != shape.Rank || shape.Where((size, i) => Dim.AreEqual(size, other[i]) == Answer.No).Any()))
            throw context.Fault(FaultCodes.OperandShape, $"MaxUnpool takes a place for each element, got {x} and {places}");
        var geometry = Geometry(shape);
        if (!context.Has(2)) return [x with { Shape = new Shape([shape[0], shape[1], .. geometry.Padded]) }];
        context.Vector(2, "output_shape", shape.Rank, "one size for each axis");
        return [x with { Shape = new Shape(context.Known(2) ?? [.. shape.Select(_ => context.Fresh())]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        var geometry = Geometry(x.Type.Shape!);
        long[] before = [x.Dims[0], x.Dims[1], .. geometry.Padded.Select(d => d.Value!.Value)];
        long[] dims = context.Optional(2)?.ToLongs() ?? before;
        if (dims.Length != before.Length || dims.Where((size, i) => size < before[i]).Any())
            throw EvaluateContext.Fault(FaultCodes.Data,
                $"output_shape [{string.Join("x", dims)}] does not hold [{string.Join("x", before)}]");
        var y = new double[Broadcasting.Count(dims)];
        double[] items = x.ToDoubles();
        long[] places = context.Tensor(1).ToLongs();
        long count = before.Aggregate(1L, (product, size) => product * size);
        for (int i = 0; i < items.Length; i++)
        {
            if (places[i] < 0 || places[i] >= count)
                throw EvaluateContext.Fault(FaultCodes.Data,
                    $"place {places[i]} of element {i} is outside of [{string.Join("x", before)}]");
            long rest = places[i], at = 0, step = 1;
            for (int axis = dims.Length - 1; axis >= 0; axis--)
            {
                at += rest % before[axis] * step;
                rest /= before[axis];
                step *= dims[axis];
            }
            y[at] = items[i];
        }
        return [context.Floats(x.DType, dims, y)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
