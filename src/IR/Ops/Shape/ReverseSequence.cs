using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// In each batch the first sequence_lens elements along the time axis in reverse, the rest as they are. Source: ai.onnx
/// ReverseSequence.
/// </summary>
/// <param name="BatchAxis">0 or 1.</param>
/// <param name="TimeAxis">The other one.</param>
public sealed record ReverseSequence(long BatchAxis = 1, long TimeAxis = 0) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<ReverseSequence>("input sequence_lens", "Y", [10]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0);
        context.Integers(1);
        if ((BatchAxis, TimeAxis) is not ((0, 1) or (1, 0)))
            throw context.Fault(FaultCodes.Attribute, $"batch_axis and time_axis must be 0 and 1, got {BatchAxis} and {TimeAxis}");
        return x.Shape is { Rank: < 2 } ? throw context.Fault(FaultCodes.OperandShape, $"at least two axes are expected, got {x}") : [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        long[] lengths = context.Tensor(1).ToLongs();
        long rows = x.Dims[0], columns = x.Dims[1];
        if (lengths.Length != x.Dims[(int)BatchAxis] || lengths.Any(length => length < 0 || length > x.Dims[(int)TimeAxis]))
            throw EvaluateContext.Fault(FaultCodes.Data, $"lengths [{string.Join(",", lengths)}] do not fit {x.Type}");
        var indices = new long[rows * columns];
        for (long row = 0; row < rows; row++)
            for (long column = 0; column < columns; column++)
            {
                var (batch, time) = BatchAxis == 0 ? (row, column) : (column, row);
                long from = time < lengths[batch] ? lengths[batch] - 1 - time : time;
                indices[row * columns + column] = BatchAxis == 0 ? batch * columns + from : from * columns + batch;
            }
        return [Elements.Indexed(x, x.Dims.AsSpan(), indices, Broadcasting.Count(x.Dims.AsSpan()[2..]))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
