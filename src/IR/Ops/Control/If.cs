using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>The outputs of one of two bodies, after a condition of one element. Source: ai.onnx If.</summary>
/// <param name="ThenBranch">The body where the condition is true.</param>
/// <param name="ElseBranch">The body where it is false.</param>
/// <param name="Captures">Number of captured values; both bodies take all of them.</param>
public sealed record If(Graph ThenBranch, Graph ElseBranch, [Derived] long Captures = 0) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<If>("cond", "outputs...", [1, 11, 13, 16, 19, 21, 23, 24, 25]);

    /// <inheritdoc/>
    public override ImmutableArray<Graph> Bodies => [ThenBranch, ElseBranch];

    /// <inheritdoc/>
    public override int CaptureCount => (int)Captures;

    /// <inheritdoc/>
    public override Op WithBodies(ImmutableArray<Graph> bodies) => this with { ThenBranch = bodies[0], ElseBranch = bodies[1] };

    /// <inheritdoc/>
    public override Op WithBodies(ImmutableArray<Graph> bodies, int captures) =>
        this with { ThenBranch = bodies[0], ElseBranch = bodies[1], Captures = captures };

    /// <inheritdoc/>
    public override Op? WithoutResult(int result) =>
        this with { ThenBranch = Body.WithoutOutput(ThenBranch, result), ElseBranch = Body.WithoutOutput(ElseBranch, result) };

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var condition = context.Truths(0);
        if (condition.Shape is { } shape && Dim.AreEqual(shape.Count, 1) == Answer.No)
            throw context.Fault(FaultCodes.OperandShape, $"the condition must be a single element, got {condition}");
        Body.Check(context, ThenBranch, Captures, ElseBranch.Outputs.Length);
        Body.Check(context, ElseBranch, Captures, ThenBranch.Outputs.Length);
        var branch = context.Constant(0) is { Count: 1 } known ? Branch(known) : null;
        return [.. ThenBranch.Outputs.Select((_, i) => branch is not null ? Body.Output(context, branch, i)
            : TypeRelation.Join(Body.Output(context, ThenBranch, i), Body.Output(context, ElseBranch, i), () => context.Fresh()))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) =>
        context.Run(Branch(context.Single(0)), context.InputsFrom(context.Count - (int)Captures));

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context)
    {
        Work a = Body.Measure(ThenBranch), b = Body.Measure(ElseBranch);
        return new(Dim.Max(a.Macs, b.Macs), Dim.Max(a.Arithmetic, b.Arithmetic), Dim.Max(a.BytesIn, b.BytesIn),
            Dim.Max(a.BytesOut, b.BytesOut));
    }

    /// <summary>The body for a condition of one element.</summary>
    public Graph Branch(Tensor condition) => condition.ToLong() != 0 ? ThenBranch : ElseBranch;
}
