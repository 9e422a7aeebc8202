using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>What the ops on lists share.</summary>
internal static class Sequences
{
    /// <summary>The type of the elements of an operand that must be a list.</summary>
    public static IrType Element(this InferContext context, int index) => context.Type(index) switch
    {
        SequenceType sequence => sequence.Element,
        UnknownType => IrType.Unknown,
        var other => throw context.Fault(FaultCodes.OperandType, $"operand {index} must be a sequence, got {other}"),
    };

    /// <summary>
    /// The type of one element. A size that nobody knew stands for another size in each element, so each gets one of its own.
    /// </summary>
    public static IrType OneOf(this InferContext context, IrType element) => element.Substitute(element.Symbols.Where(FreshSymbols.IsFresh)
        .Distinct().Order(FreshSymbols.Order).ToDictionary(name => name, _ => context.Fresh(), StringComparer.Ordinal));

    /// <summary>A list operand.</summary>
    public static SequenceDatum Sequence(this EvaluateContext context, int index) => context.Input(index) as SequenceDatum
        ?? throw EvaluateContext.Fault(FaultCodes.OperandType, $"operand {index} must be a sequence, got {context.Input(index).Type}");

    /// <summary>The place that an operand says, counted from the front; <paramref name="end"/> is the greatest.</summary>
    public static int Place(this EvaluateContext context, int index, int count, int end)
    {
        long place = context.Single(index).ToLong();
        return place >= -count && place <= end ? (int)(place < 0 ? place + count : place)
            : throw EvaluateContext.Fault(FaultCodes.Data, $"place {place} is outside of a sequence of {count} elements");
    }

    /// <summary>A list whose elements have the type of the node's result.</summary>
    public static ImmutableArray<Datum> Result(this EvaluateContext context, ImmutableArray<Datum> items) =>
        [new SequenceDatum(context.ResultType(0) is SequenceType type ? type.Element : IrType.Unknown, items)];
}
