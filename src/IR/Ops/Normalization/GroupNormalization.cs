using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Y = scale · (X - mean) / sqrt(variance + epsilon) + bias, mean and variance taken over each group of channels of each image of
/// X [n, c, ...], scale and bias given for each channel. Source: ai.onnx GroupNormalization.
/// </summary>
/// <param name="NumGroups">Number of groups; a divisor of c.</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="StashType">The dtype in which an implementation should take mean and variance.</param>
public sealed record GroupNormalization(long NumGroups, float Epsilon = 1e-5f, DType StashType = DType.Float32) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<GroupNormalization>("X scale bias", "Y", [18, 21])
        .Change(21, ForEachChannel).WithBody(Body, since: 21);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = ChannelGroups.Infer(context, "GroupNormalization");
        if (NumGroups < 1 || (x.Shape is { } shape && Dim.AreEqual(Dim.Mod(shape[1], NumGroups), 0) == Answer.No))
            throw context.Fault(FaultCodes.Attribute, $"GroupNormalization cannot divide the channels of {x} into {NumGroups} groups");
        return [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) => [ChannelGroups.Normalize(context, (int)NumGroups, Epsilon)];

    /// <summary>
    /// For each element: sum, difference, square, sum of squares, product with the deviation, with the scale, and the bias.
    /// </summary>
    public override Work Measure(MeasureContext context) => context.PerInput(7);

    // Groups as the channels of an instance normalization, which takes no scale and bias for each channel inside.
    private static string? Body(FormBody body)
    {
        var form = body.Form;
        if (form.Type(0) is not TensorType { Shape: { Rank: > 2 } shape })
            return "GroupNormalization of unknown rank exists from opset 18 on";
        if (shape.Any(d => d.Value == 0) || Channels() == 0) return body.Becomes("Identity", body.X);
        long groups = form.Int("num_groups", 1);
        if (Channels() is not { } channels || channels % groups != 0)
            return "GroupNormalization of an unknown number of channels exists from opset 21 on";
        // Rows of known length, or else all other axes; 0 copies a size.
        long[]? plane = new Shape(shape.Dims[2..]).ToStatic();
        int rows = plane is null ? body.WithChannelsApart(shape.Rank, groups, channels / groups)
            : body.Emit(new Reshape(), body.X, body.Longs(0, groups, channels / groups * Broadcasting.Count(plane)));
        float epsilon = form.Attributes.GetValueOrDefault("epsilon") is float given ? given : 1e-5f;
        int normal = body.Emit(new InstanceNormalization(epsilon), rows, body.Filled(groups, 1), body.Filled(groups, 0));
        int[] together = plane is null ? body.ChannelsTogether(normal, shape.Rank, channels)
            : [normal, body.Longs([0, channels, .. plane])];
        bool isScaled = !IsAll(1, 1), isBiased = !IsAll(2, 0);
        if (!isScaled && !isBiased) return body.Becomes(plane is null ? "Squeeze" : "Reshape", together);
        int images = body.Emit(plane is null ? new Squeeze() : new Reshape(), together);
        if (!isBiased) return body.Becomes("Mul", images, PerChannel(form.Inputs[1]));
        int scaled = isScaled ? body.Emit(new Mul(), images, PerChannel(form.Inputs[1])) : images;
        return body.Becomes("Add", scaled, PerChannel(form.Inputs[2]));

        long? Channels() => shape[1].Value ?? Size(1) ?? Size(2);

        long? Size(int vector) => form.Type(vector) is TensorType { Shape: { Rank: 1 } size } ? size[0].Value : null;

        bool IsAll(int operand, double item) => form.Constant(operand) is { HasContent: true } c && c.ToDoubles().All(e => e == item);

        int PerChannel(int vector) => form.Scope.Constant(vector) is { HasContent: true } constant
            ? form.Scope.AddConstant(constant.Reshape([constant.Count, .. Enumerable.Repeat(1L, shape.Rank - 2)]))
            : body.Emit(new Unsqueeze(), vector, body.Longs([.. Enumerable.Range(1, shape.Rank - 2).Select(i => (long)i)]));
    }

    // Before opset 21 scale and bias were given for each group.
    private static void ForEachChannel(OpForm form)
    {
        long groups = form.Int("num_groups", 0);
        if (form.Type(0) is not TensorType { Shape: { Rank: > 1 } x } || x[1].Value is not { } channels || groups < 1
            || channels % groups != 0)
            throw new NnccException(FaultCodes.NotSupported,
                $"GroupNormalization before opset 21 of {form.Type(0)} in {groups} groups: the number of channels is needed");
        for (int i = 1; i <= 2; i++)
        {
            if (form.Constant(i) is not { } constant || constant.Count != groups)
                throw new NnccException(FaultCodes.NotSupported,
                    $"GroupNormalization before opset 21 with operand {i} {form.Type(i)}, which is no constant for {groups} groups");
            double[] items = constant.ToDoubles();
            form.Inputs[i] = form.Scope.AddConstant(
                Tensor.FromDoubles(constant.DType, [channels],
                    [.. Enumerable.Range(0, (int)channels).Select(c => items[c / (channels / groups)])]));
        }
    }
}
