using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// An op that nncc does not know: kept as it is, so that it survives from ONNX to ONNX. Nothing can be said of its results.
/// </summary>
/// <param name="OpDomain">Domain.</param>
/// <param name="OpName">Name.</param>
/// <param name="Attributes">Attributes in neutral form (see <see cref="AttributeDefinition"/>), ordered by name.</param>
/// <param name="Captures">How many of the last operands its bodies capture.</param>
public sealed record Opaque(string OpDomain, string OpName, EquatableArray<NamedAttribute> Attributes, int Captures = 0) : Op
{
    /// <inheritdoc/>
    public override string Domain => OpDomain;

    /// <inheritdoc/>
    public override string Name => OpName;

    /// <inheritdoc/>
    public override int CaptureCount => Captures;

    /// <inheritdoc/>
    public override ImmutableArray<Graph> Bodies => [.. Attributes.Select(a => a.Value).OfType<Graph>()];

    /// <inheritdoc/>
    public override Op WithBodies(ImmutableArray<Graph> bodies)
    {
        int next = 0;
        return this with { Attributes = Attributes.Select(a => a.Value is Graph ? a with { Value = bodies[next++] } : a).ToEquatable() };
    }

    /// <inheritdoc/>
    public override Op WithBodies(ImmutableArray<Graph> bodies, int captures) => ((Opaque)WithBodies(bodies)) with { Captures = captures };

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [.. Enumerable.Repeat(IrType.Unknown, context.ResultCount)];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) => throw EvaluateContext.Fault(FaultCodes.OpaqueOp,
        $"{FullName} is not an op that nncc knows", "the model can still be written as ONNX; to run it, give a plugin with the op");

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}

/// <summary>An attribute of an opaque op.</summary>
/// <param name="Name">Name.</param>
/// <param name="Value">Value in neutral form.</param>
public sealed record NamedAttribute(string Name, object Value);
