using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>The operands one after the other along an axis; the other sizes are the same in all. Source: ai.onnx Concat.</summary>
/// <param name="Axis">The axis.</param>
public sealed record Concat(long Axis) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Concat>("inputs...", "concat_result", [1, 4, 11, 13])
        .Change(4, up: form => form.Attributes.TryAdd("axis", 1L), down: FormChange.Nothing).NewTypes(4, 0, DTypeSets.AllButFloats)
        .NegativeAxes(11, "axis").NewTypes(13, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        if (context.Count == 0) throw context.Fault(FaultCodes.OperandCount, "Concat needs an operand");
        var dtype = DType.Unknown;
        var shapes = new List<Shape?>();
        for (int i = 0; i < context.Count; i++)
        {
            var operand = context.Tensor(i);
            if (context.SameDType(0, i) is var other && dtype == DType.Unknown) dtype = other;
            shapes.Add(operand.Shape);
        }
        if (shapes.FirstOrDefault(shape => shape is not null) is not { } known) return [new TensorType(dtype, null)];
        int axis = context.Axis(Axis, known.Rank);
        if (known.Rank == 1) context.Know(0, KnownElements(context));
        var sizes = known.Dims.ToArray();
        var total = Dim.Of(0);
        foreach (var shape in shapes)
        {
            total = shape is null ? context.Fresh() : total + (shape.Rank == known.Rank ? shape[axis] : throw Misfit(context));
            for (int k = 0; k < sizes.Length && shape is not null; k++)
            {
                if (k == axis) continue;
                if (Dim.AreEqual(sizes[k], shape[k]) == Answer.No) throw Misfit(context);
                if (!sizes[k].IsConstant && shape[k].IsConstant) sizes[k] = shape[k];
            }
        }
        sizes[axis] = shapes.Contains(null) ? context.Fresh() : total;
        return [new TensorType(dtype, new Shape([.. sizes]))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var tensors = Enumerable.Range(0, context.Count).Select(context.Tensor).ToArray();
        return [Join(tensors, (int)(Axis < 0 ? Axis + tensors[0].Rank : Axis))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();

    /// <summary>The tensors one after the other along an axis of theirs.</summary>
    internal static Tensor Join(Tensor[] tensors, int axis)
    {
        var first = tensors[0];
        if (axis < 0 || axis >= first.Rank
            || tensors.Any(t => t.Rank != first.Rank || t.Dims.Where((size, k) => k != axis && size != first.Dims[k]).Any()))
            throw EvaluateContext.Fault(FaultCodes.Data, $"{string.Join(", ", tensors.Select(t => t.Type))} do not join along axis {axis}");
        long[] dims = [.. first.Dims];
        dims[axis] = tensors.Sum(t => t.Dims[axis]);
        long inner = Broadcasting.Count(first.Dims.AsSpan()[(axis + 1)..]);
        return Elements.Move(dims, new BlockMove([.. tensors.Select(t => t.Dims[axis] * inner)]), null, tensors);
    }

    private static ImmutableArray<Dim>? KnownElements(InferContext context)
    {
        var elements = ImmutableArray.CreateBuilder<Dim>();
        for (int i = 0; i < context.Count; i++)
        {
            if (context.Known(i) is not { } known) return null;
            elements.AddRange(known);
        }
        return elements.ToImmutable();
    }

    private NnccException Misfit(InferContext context) => context.Fault(FaultCodes.OperandShape,
        $"{string.Join(", ", Enumerable.Range(0, context.Count).Select(i => context.Tensor(i)))} do not join along axis {Axis}");

    // Each row of the target is a row of each source in turn.
    private readonly struct BlockMove(long[] rows) : IElementMove
    {
        public void Run<T>(int number, ReadOnlySpan<T> source, Span<T> target)
        {
            int row = (int)rows[number], stride = (int)rows.Sum(), start = (int)rows.Take(number).Sum();
            for (int from = 0, to = start; from < source.Length; from += row, to += stride) source.Slice(from, row).CopyTo(target[to..]);
        }
    }
}
