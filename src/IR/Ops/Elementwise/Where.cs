using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>The element of X where the condition is true, else that of Y; all three broadcast. Source: ai.onnx Where.</summary>
public sealed record Where : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<Where>("condition X Y", "output", [9, 16]).NewTypes(16, 1, DTypeSets.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        TensorType condition = context.Truths(0), x = context.Tensor(1), y = context.Tensor(2);
        if (Condition(context) is { } choice)
            context.Know(0, KnownSizes.Map(KnownSizes.Map(choice, context.Known(1), (c, a) => c.Value == 0 ? Dim.Of(0) : a),
                KnownSizes.Map(choice, context.Known(2), (c, b) => c.Value == 0 ? b : Dim.Of(0)), (a, b) => a + b));
        return [new TensorType(context.SameDType(1, 2), context.Broadcast(condition.Shape, context.Broadcast(x.Shape, y.Shape)))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor condition = context.Tensor(0), x = context.Tensor(1), y = context.Tensor(2);
        long[] dims = Broadcasting.Dims(condition, x, y);
        return [Elements.Move(dims, new Choice(dims, condition, x.Dims, y.Dims), null, x, y)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(1);

    // The truth values, where they are numbers.
    private static ImmutableArray<Dim>? Condition(InferContext context)
    {
        if (context.Constant(0) is { Rank: <= 1, Count: <= 4096 } constant) return [.. constant.ToLongs().Select(Dim.Of)];
        return context.Known(0) is { } known && known.All(k => k.IsConstant) ? known : null;
    }

    private readonly struct Choice(long[] dims, Tensor condition, ImmutableArray<long> xDims, ImmutableArray<long> yDims) : IElementMove
    {
        public void Run<T>(int number, ReadOnlySpan<T> source, Span<T> target)
        {
            var truths = condition.Span<bool>();
            var walk = new StridedWalk(dims, StridedWalk.BroadcastStrides(condition.Dims.AsSpan(), dims.Length),
                StridedWalk.BroadcastStrides((number == 0 ? xDims : yDims).AsSpan(), dims.Length));
            int at = 0;
            while (walk.Next())
                for (long i = 0; i < walk.RowLength; i++, at++)
                    if (truths[(int)(walk.Offset(0) + i * walk.Step(0))] == (number == 0))
                        target[at] = source[(int)(walk.Offset(1) + i * walk.Step(1))];
        }
    }
}
