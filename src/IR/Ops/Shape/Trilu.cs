using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The upper or lower triangle of each matrix (the last two axes), zeros elsewhere; operand k moves the diagonal up. Source: ai.onnx
/// Trilu.
/// </summary>
/// <param name="Upper">Which triangle is kept.</param>
public sealed record Trilu(bool Upper = true) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Trilu>("input k?", "output", [14]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0);
        if (context.Has(1)) context.Integers(1);
        return x.Shape is { Rank: < 2 } ? throw context.Fault(FaultCodes.OperandShape, $"matrices are expected, got {x}") : [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        long k = context.OptionalSingle(1)?.ToLong() ?? 0, rows = x.Dims[^2], columns = x.Dims[^1];
        var indices = new long[x.Count];
        for (long i = 0; i < indices.Length; i++)
        {
            long row = i / columns % rows, column = i % columns;
            indices[i] = (Upper ? column - row >= k : column - row <= k) ? i : -1;
        }
        return [Elements.Indexed(x, x.Dims.AsSpan(), indices)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
