using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Axis i of the result is axis <c>Perm[i]</c> of the data; without a permutation the axes are reversed. Source: ai.onnx Transpose.
/// </summary>
/// <param name="Perm">The permutation; empty for the reverse.</param>
public sealed record Transpose(EquatableArray<long> Perm = default) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<Transpose>("data", "transposed", [1, 13, 21, 23, 24, 25]).AllTypes(float8: 21);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var data = context.Tensor(0);
        if (!Perm.Order().SequenceEqual(Enumerable.Range(0, Perm.Count).Select(i => (long)i))
            || (data.Shape is not null && !Perm.IsEmpty && data.Shape.Rank != Perm.Count))
            throw context.Fault(FaultCodes.Attribute, $"perm {Perm} is no order of the axes of {data}");
        if (data.Shape is null)
            return [Perm.IsEmpty ? data : data with { Shape = new Shape([.. Perm.Select(_ => context.Fresh())]) }];
        if (data.Shape.Rank <= 1) context.Know(0, context.Known(0));
        return [data with { Shape = new Shape([.. Order(data.Shape.Rank).Select(axis => data.Shape[axis])]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var data = context.Tensor(0);
        int[] order = Order(data.Rank);
        long[] strides = StridedWalk.Strides(data.Dims.AsSpan());
        return [Elements.Strided(data, [.. order.Select(axis => data.Dims[axis])], 0, [.. order.Select(axis => strides[axis])])];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();

    private int[] Order(int rank) => Perm.IsEmpty ? [.. Enumerable.Range(0, rank).Reverse()] : [.. Perm.Select(axis => (int)axis)];
}
