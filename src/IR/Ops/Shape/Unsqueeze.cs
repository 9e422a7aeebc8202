using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>Inserts axes of size 1 at the given places of the result. Source: ai.onnx Unsqueeze.</summary>
public sealed record Unsqueeze : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Unsqueeze>("data axes", "expanded", [1, 11, 13, 21, 23, 24, 25])
        .Change(11, down: form =>
        {
            if (form.Attributes.GetValueOrDefault("axes") is not EquatableArray<long> axes || axes.All(axis => axis >= 0)) return null;
            if (form.Rank(0) is not { } rank) return "\"axes\" count from the end, and the rank is unknown";
            form.Attributes["axes"] = axes.Select(axis => axis < 0 ? axis + rank + axes.Count : axis).ToEquatable();
            return null;
        })
        .AttributeToInput(13, "axes", 1).AllTypes(float8: 21);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var data = context.Tensor(0);
        context.Integers(1);
        context.Know(0, context.Known(0));
        if (data.Shape is null || context.Constant(1) is not { } axes) return [data with { Shape = null }];
        long[] places = axes.ToLongs();
        int rank = data.Shape.Rank + places.Length;
        var inserted = places.Select(a => context.Axis(a, rank)).ToHashSet();
        if (inserted.Count != places.Length)
            throw context.Fault(FaultCodes.Attribute, $"axes [{string.Join(",", places)}] name an axis twice");
        int next = 0;
        return [data with { Shape = new Shape([.. Enumerable.Range(0, rank).Select(i => inserted.Contains(i) ? 1 : data.Shape[next++])]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var data = context.Tensor(0);
        long[] places = context.Tensor(1).ToLongs();
        int rank = data.Rank + places.Length, next = 0;
        var inserted = places.Select(a => a < 0 ? a + rank : a).ToHashSet();
        if (inserted.Count != places.Length || inserted.Any(a => a < 0 || a >= rank))
            throw EvaluateContext.Fault(FaultCodes.Data, $"axes [{string.Join(",", places)}] are not places of rank {rank}");
        var source = data.Dims;
        return [data.Reshape([.. Enumerable.Range(0, rank).Select(i => inserted.Contains(i) ? 1 : source[next++])])];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
