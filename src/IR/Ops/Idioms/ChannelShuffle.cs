using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The channels of X [n, c, ...] in another order: channel i·g + j of the result is channel j·c/g + i, so that each group of neighbours has
/// one channel of each of the g groups. Source: Zhang and others, "ShuffleNet" (2017).
/// </summary>
/// <param name="Groups">g, a divisor of c.</param>
public sealed record ChannelShuffle(long Groups) : Idiom, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = Define<ChannelShuffle>("X", body =>
    {
        long groups = body.Form.Int("groups", 1);
        if (body.Form.Type(0) is not TensorType { Shape: { Rank: > 1 } shape } || shape[1].Value is not { } channels)
            return "the number of channels is not known";
        if (shape.Any(d => d.Value == 0)) return body.Becomes("Identity", body.X);
        if (new Shape(shape.Dims[2..]).ToStatic() is { } plane)
        {
            long images = shape[0].Value ?? 0; // 0 copies the size
            int apart = body.Emit(new Reshape(), body.X, body.Longs(images, groups, channels / groups, Broadcasting.Count(plane)));
            return body.Becomes("Reshape", body.Emit(new Transpose([0, 2, 1, 3]), apart), body.Longs([images, channels, .. plane]));
        }
        int shuffled = body.Emit(new Transpose([0, 2, 1, .. Enumerable.Range(3, shape.Rank - 2).Select(axis => (long)axis)]),
            body.WithChannelsApart(shape.Rank, groups, channels / groups));
        return body.Becomes("Squeeze", body.ChannelsTogether(shuffled, shape.Rank, channels));
    });

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0);
        if (x.Shape is { Rank: < 2 }) throw context.Fault(FaultCodes.OperandShape, $"ChannelShuffle takes [n,c,...], got {x}");
        if (Groups < 1 || x.Shape?[1].Value % Groups is > 0)
            throw context.Fault(FaultCodes.Attribute, $"ChannelShuffle cannot divide the channels of {x} into {Groups} groups");
        return [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var x = context.Tensor(0);
        long n = x.Dims[0], c = x.Dims[1], plane = Broadcasting.Count(x.Dims.AsSpan()[2..]), each = c / Groups;
        return [Elements.Strided(x, [n, each, Groups, plane], 0, c * plane, plane, each * plane, 1).Reshape([.. x.Dims])];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
