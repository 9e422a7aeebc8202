using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// Y = (X - mean) / sqrt(variance + epsilon) · Scale + B, mean and variance taken over the axes from <c>axis</c> on; further results are
/// the means and the inverse standard deviations. Source: ai.onnx LayerNormalization.
/// </summary>
/// <param name="Axis">First axis of what is normalized together; negative ones count from the end.</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="StashType">The dtype of mean and inverse standard deviation, f32 or bf16.</param>
public sealed record LayerNormalization(long Axis = -1, float Epsilon = 1e-5f, DType StashType = DType.Float32) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<LayerNormalization>("X Scale B?", "Y Mean? InvStdDev?", [17])
        .WithBody(Body, since: 17);

    // Halves are normalized in binary32, as the standard says.
    private static string? Body(FormBody body)
    {
        var form = body.Form;
        if (form.OutputCount > 1) return "the mean and deviation of LayerNormalization exist from opset 17 on";
        if (form.Rank(0) is not { } rank) return "LayerNormalization of unknown rank exists from opset 17 on";
        int axis = (int)form.Int("axis", -1);
        if (axis < 0) axis += rank;
        bool isHalf = body.DType == DType.Float16;
        int x = isHalf ? body.Emit(new Cast(DType.Float32), body.X) : body.X;
        int normal = Standardization.Write(body, x, [.. Enumerable.Range(axis, rank - axis).Select(i => (long)i)],
            form.Attributes.GetValueOrDefault("epsilon") is float given ? given : 1e-5f, isHalf ? DType.Float32 : body.DType);
        if (isHalf) normal = body.Emit(new Cast(DType.Float16), normal);
        int scale = form.Inputs[1];
        if (!form.Has(2)) return body.Becomes("Mul", normal, scale);
        int scaled = form.Constant(1) is { HasContent: true } ones && ones.ToDoubles().All(e => e == 1) ? normal
            : body.Emit(new Mul(), normal, scale);
        return body.Becomes("Add", scaled, form.Inputs[2]);
    }

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        context.SameDType(0, 1);
        if (context.Has(2)) context.SameDType(0, 2);
        if (!StashType.IsFloat()) throw context.Fault(FaultCodes.Attribute, $"stash_type must be a float type, got {StashType.Name()}");
        if (x.Shape is not { } shape) return [x, new TensorType(StashType, null), new TensorType(StashType, null)];
        int axis = context.Axis(Axis, shape.Rank);
        for (int i = 1; i <= 2; i++)
            if (context.Has(i) && context.Tensor(i).Shape is { } own) TrailingAxes.Check(context, i, own, shape);
        var statistics = new TensorType(StashType, new Shape([.. shape.Select((size, i) => i < axis ? size : 1)]));
        return [x, statistics, statistics];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        int axis = (int)(Axis < 0 ? Axis + x.Rank : Axis);
        var rows = new TrailingAxes(x, axis);
        double[] items = x.ToDoubles(), mean = new double[rows.Count], inverse = new double[rows.Count];
        for (int row = 0; row < rows.Count; row++)
        {
            var slice = items.AsSpan(row * rows.Length, rows.Length);
            (mean[row], double variance) = TrailingAxes.Statistics(slice);
            inverse[row] = 1 / Math.Sqrt(variance + Epsilon);
            foreach (ref double item in slice) item = (item - mean[row]) * inverse[row];
        }
        rows.Scale(items, context.Tensor(1));
        if (context.Optional(2) is { } bias) rows.Add(items, bias);
        long[] dims = [.. x.Dims.Select((size, i) => i < axis ? size : 1)];
        return [context.Floats(x.DType, x.Dims.AsSpan(), items), context.Floats(StashType, dims, mean),
            context.Floats(StashType, dims, inverse)];
    }

    /// <summary>
    /// For each element: sum, difference, square, sum of squares, product with the deviation, with the scale, and the bias.
    /// </summary>
    public override Work Measure(MeasureContext context) =>
        context.PerInput(context.Inputs.Length > 2 && context.Inputs[2] is not null ? 7 : 6);
}
