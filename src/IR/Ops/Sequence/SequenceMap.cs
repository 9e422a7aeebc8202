using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// The results of a body for each element of a list; further operands that are lists go along element by element, others go into each
/// execution. Source: ai.onnx SequenceMap.
/// </summary>
/// <param name="Body">The body; captured values are its last inputs.</param>
/// <param name="Captures">Number of captured values.</param>
public sealed record SequenceMap(Graph Body, [Derived] long Captures = 0) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<SequenceMap>("input_sequence additional_inputs...", "out_sequence...", [17]);

    /// <inheritdoc/>
    public override ImmutableArray<Graph> Bodies => [Body];

    /// <inheritdoc/>
    public override int CaptureCount => (int)Captures;

    /// <inheritdoc/>
    public override Op WithBodies(ImmutableArray<Graph> bodies) => this with { Body = bodies[0] };

    /// <inheritdoc/>
    public override Op WithBodies(ImmutableArray<Graph> bodies, int captures) => this with { Body = bodies[0], Captures = captures };

    /// <inheritdoc/>
    public override Op? WithoutResult(int result) => this with { Body = Ops.Body.WithoutOutput(Body, result) };

    /// <inheritdoc/>
    public override ImmutableArray<BodyInput> BodyInputs(int body, ImmutableArray<IrType?> operands) =>
        [.. operands.Select((type, i) =>
            new BodyInput(i < operands.Length - CaptureCount && type is SequenceType list ? list.Element : type))];

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        context.Element(0);
        Ops.Body.Check(context, Body, context.Count, Body.Outputs.Length);
        return [.. Body.Outputs.Select((_, i) => new SequenceType(Ops.Body.Output(context, Body, i)))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var operands = context.InputsFrom(0);
        int count = context.Sequence(0).Items.Length, own = operands.Length - CaptureCount;
        for (int i = 0; i < own; i++)
            if (operands[i] is SequenceDatum other && other.Items.Length != count)
                throw EvaluateContext.Fault(FaultCodes.Data,
                    $"the first list has {count} elements, and operand {i} has {other.Items.Length}");
        var results = Body.Outputs.Select(_ => ImmutableArray.CreateBuilder<Datum>(count)).ToArray();
        for (int k = 0; k < count; k++)
        {
            var given = context.Run(Body, [.. operands.Select((o, i) => i < own && o is SequenceDatum list ? list.Items[k] : o)]);
            for (int i = 0; i < results.Length; i++) results[i].Add(given[i]);
        }
        return [.. results.Select((items, i) => new SequenceDatum(
            context.ResultType(i) is SequenceType { Element: not UnknownType } type ? type.Element
                : items.Count > 0 ? items[0].Type : IrType.Unknown, items.ToImmutable()))];
    }

    /// <summary>That of the body once, for nobody knows how many elements there are.</summary>
    public override Work Measure(MeasureContext context) => Ops.Body.Measure(Body);
}
