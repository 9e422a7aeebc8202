using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Pieces of the data along an axis: of the sizes in operand <c>split</c>, or <paramref name="NumOutputs"/> equal ones, of which the
/// last ones may be smaller or empty. Source: ai.onnx Split.
/// </summary>
/// <param name="Axis">The axis.</param>
/// <param name="NumOutputs">How many pieces, where no sizes are given.</param>
public sealed record Split(long Axis = 0, long? NumOutputs = null) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Split>("input split?", "outputs...", [1, 2, 11, 13, 18])
        .Change(2, up: form =>
        {
            // Opset 1 also took the sizes as an operand of the data's dtype.
            if (form.Constant(1) is { } sizes) form.Inputs[1] = form.Scope.AddConstant(Tensor.Vector(sizes.ToLongs()));
        }, down: FormChange.Nothing)
        .NewTypes(2, 0, DTypeSets.AllButFloats).NegativeAxes(11, "axis").AttributeToInput(13, "split", 1).NewTypes(13, 0, DType.BFloat16)
        .Change(18, up: form =>
        {
            if (!form.Has(1)) form.Attributes.TryAdd("num_outputs", (long)form.OutputCount);
        }, down: form =>
        {
            if (form.Take<long>("num_outputs") is not long count || form.Has(1)) return null;
            var axis = form.Int("axis", 0);
            var size = form.Type(0) is TensorType { Shape: { } shape } ? shape[(int)(axis < 0 ? axis + shape.Rank : axis)].Value : null;
            if (size is not { } known) return "num_outputs divides a size that is not known";
            if (known % count != 0) form.SetInput(1, form.Scope.AddConstant(Tensor.Vector(Pieces(known, count))));
            return null;
        });

    // Each is a result of the node.
    private const int MostPieces = 1 << 20;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var data = context.Tensor(0);
        if (context.Has(1)) context.Integers(1);
        if (NumOutputs is < 1 or > MostPieces)
            throw context.Fault(FaultCodes.Attribute, $"num_outputs must be positive, and no more than {MostPieces}, got {NumOutputs}");
        if (context.Has(1) && NumOutputs is not null) throw context.Fault(FaultCodes.Attribute, "num_outputs and sizes are both given");
        if (!context.Has(1) && NumOutputs is null) throw context.Fault(FaultCodes.Attribute, "neither num_outputs nor sizes are given");
        var sizes = context.Has(1) ? context.Known(1) : null;
        int count = sizes?.Length ?? (int?)NumOutputs ?? context.ResultCount;
        if (data.Shape is not { } shape) return [.. Enumerable.Repeat(data, count)];
        int axis = context.Axis(Axis, shape.Rank);
        if (NumOutputs is { } pieces)
        {
            var piece = Dim.CeilDiv(shape[axis], pieces);
            sizes = pieces == 2 ? [piece, Dim.FloorDiv(shape[axis], 2)]
                : [piece, .. Enumerable.Range(1, (int)pieces - 1).Select(i => Dim.Max(0, Dim.Min(piece, shape[axis] - piece * i)))];
        }
        else if (sizes is { } given && Dim.AreEqual(given.Aggregate(Dim.Of(0), (sum, size) => sum + size), shape[axis]) == Answer.No)
            throw context.Fault(FaultCodes.OperandShape,
                $"axis {axis} of {data} does not divide into pieces of [{string.Join(",", given)}]");
        if (shape.Rank == 1 && sizes is { } s && context.Known(0) is { } known && s.All(size => size.IsConstant))
            for (int i = 0, at = 0; i < Math.Min(s.Length, context.ResultCount); at += (int)s[i++].Value!.Value)
                context.Know(i, known.Slice(at, (int)s[i].Value!.Value));
        return [.. Enumerable.Range(0, count).Select(i =>
            data with { Shape = new Shape(shape.Dims.SetItem(axis, sizes?[i] ?? context.Fresh())) })];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var data = context.Tensor(0);
        int axis = (int)(Axis < 0 ? Axis + data.Rank : Axis);
        long[] sizes = context.Optional(1)?.ToLongs() ?? Pieces(data.Dims[axis], NumOutputs!.Value);
        return [.. Cut(data, axis, sizes)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();

    /// <summary>Pieces of these sizes along an axis.</summary>
    internal static IEnumerable<Tensor> Cut(Tensor data, int axis, long[] sizes)
    {
        if (sizes.Any(size => size < 0 || size > data.Dims[axis]) || sizes.Sum() != data.Dims[axis])
            throw EvaluateContext.Fault(FaultCodes.Data,
                $"axis {axis} of {data.Type} does not divide into pieces of [{string.Join(",", sizes)}]");
        long[] strides = StridedWalk.Strides(data.Dims.AsSpan());
        long at = 0;
        var pieces = new List<Tensor>();
        foreach (long size in sizes)
        {
            pieces.Add(Elements.Strided(data, data.Dims.SetItem(axis, size).AsSpan(), at * strides[axis], strides));
            at += size;
        }
        return pieces;
    }

    private static long[] Pieces(long size, long count)
    {
        long piece = (size + count - 1) / count;
        return [.. Enumerable.Range(0, (int)count).Select(i => Math.Clamp(size - piece * i, 0, piece))];
    }
}
