using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>The data broadcast with a shape, by which axes of size 1 are repeated on either side. Source: ai.onnx Expand.</summary>
public sealed record Expand : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<Expand>("input shape", "output", [8, 13]).NewTypes(13, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var data = context.Tensor(0);
        var target = context.Integers(1);
        if (data.Shape is not { } shape) return [data];
        if (context.Known(1) is { } sizes)
        {
            var result = context.Broadcast(shape, new Shape(sizes));
            if (result is { Rank: 1 } && result[0].Value is { } n and >= 0 and <= 4096 && context.Known(0) is [var only])
                context.Know(0, [.. Enumerable.Repeat(only, (int)n)]);
            return [data with { Shape = result }];
        }
        if (target.Shape is not { Rank: 1 } || target.Shape[0].Value is not { } wanted) return [data with { Shape = null }];
        int rank = Math.Max(shape.Rank, (int)wanted), shift = rank - shape.Rank;
        return [data with { Shape = new Shape([.. Enumerable.Range(0, rank).Select(i =>
            i >= shift && (KnownSizes.IsAtLeast(shape[i - shift], 2) || i < rank - wanted) ? shape[i - shift] : context.Fresh())]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var data = context.Tensor(0);
        long[] wanted = context.Tensor(1).ToLongs(), dims = new long[Math.Max(wanted.Length, data.Rank)];
        for (int i = 1; i <= dims.Length; i++)
        {
            long a = i <= data.Rank ? data.Dims[^i] : 1, b = i <= wanted.Length ? wanted[^i] : 1;
            if (b < 0 || (a != 1 && b != 1 && a != b))
                throw EvaluateContext.Fault(FaultCodes.Data, $"{data.Type} and [{string.Join(",", wanted)}] do not broadcast");
            dims[^i] = a == 1 ? b : a;
        }
        return [Elements.Strided(data, dims, 0, StridedWalk.BroadcastStrides(data.Dims.AsSpan(), dims.Length))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
