using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// Y = X / sqrt(mean of squares + epsilon) · scale, the mean taken over the axes from <c>axis</c> on; Y has the dtype of scale.
/// Source: ai.onnx RMSNormalization.
/// </summary>
/// <param name="Axis">First axis of what is normalized together; negative ones count from the end.</param>
/// <param name="Epsilon">Added to the mean of squares.</param>
/// <param name="StashType">The dtype in which an implementation should take the mean.</param>
public sealed record RMSNormalization(long Axis = -1, float Epsilon = 1e-5f, DType StashType = DType.Float32) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<RMSNormalization>("X scale", "Y", [23])
        .WithBody(Body, since: 23);

    // Halves are normalized in binary32, as the standard says.
    private static string? Body(FormBody body)
    {
        var form = body.Form;
        if (form.Rank(0) is not { } rank) return "RMSNormalization of unknown rank exists from opset 23 on";
        if (form.Type(1) is not TensorType { DType: var dtype } || dtype != body.DType)
            return "RMSNormalization of two element types exists from opset 23 on";
        int axis = (int)form.Int("axis", -1);
        if (axis < 0) axis += rank;
        float epsilon = form.Attributes.GetValueOrDefault("epsilon") is float given ? given : 1e-5f;
        bool isHalf = dtype == DType.Float16;
        int x = isHalf ? body.Emit(new Cast(DType.Float32), body.X) : body.X;
        int axes = body.Longs([.. Enumerable.Range(axis, rank - axis).Select(i => (long)i)]);
        int squares = body.Emit(new ReduceMean(), body.Emit(new Mul(), x, x), axes);
        int root = body.Emit(new Sqrt(), body.Emit(new Add(), squares, body.Number(epsilon, isHalf ? DType.Float32 : dtype)));
        int normal = body.Emit(new Div(), x, root);
        return body.Becomes("Mul", isHalf ? body.Emit(new Cast(dtype), normal) : normal, form.Inputs[1]);
    }

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        var scale = context.ArithmeticFloats(1);
        if (x.Shape is not { } shape) return [x with { DType = scale.DType }];
        context.Axis(Axis, shape.Rank);
        if (scale.Shape is { } own) TrailingAxes.Check(context, 1, own, shape);
        return [x with { DType = scale.DType }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        var rows = new TrailingAxes(x, (int)(Axis < 0 ? Axis + x.Rank : Axis));
        double[] items = x.ToDoubles();
        for (int row = 0; row < rows.Count; row++)
        {
            var slice = items.AsSpan(row * rows.Length, rows.Length);
            double squares = 0;
            foreach (double item in slice) squares += item * item;
            double root = Math.Sqrt(squares / slice.Length + Epsilon);
            foreach (ref double item in slice) item /= root;
        }
        rows.Scale(items, context.Tensor(1));
        return [context.Floats(context.Tensor(1).DType, x.Dims.AsSpan(), items)];
    }

    /// <summary>For each element: square, sum of squares, quotient, product with the scale.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(4);
}
