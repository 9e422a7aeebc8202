using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// Y = X / max(‖X‖, epsilon), the Euclidean norm taken over the given axes. LpNormalization knows no least norm, and gives 0 where the norm
/// is 0.
/// </summary>
/// <param name="Axes">The axes; negative ones count from the end.</param>
/// <param name="Epsilon">The least that is divided by; with 0 the quotient of a vector of zeros is NaN.</param>
public sealed record L2Normalization(EquatableArray<long> Axes, float Epsilon = 0) : Idiom, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = Define<L2Normalization>("X", body =>
    {
        int norm = body.Emit(new ReduceL2(), body.X, body.Longs(((EquatableArray<long>)body.Form.Attributes["axes"]).Span));
        return body.Becomes("Div", body.X, body.Form.Attributes.GetValueOrDefault("epsilon") is float least and > 0
            ? body.Emit(new Max(), norm, body.Number(least)) : norm);
    });

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        if (Axes.IsEmpty || Epsilon < 0) throw context.Fault(FaultCodes.Attribute, "L2Normalization needs axes, and no negative epsilon");
        if (x.Shape is { } shape && Axes.Select(axis => context.Axis(axis, shape.Rank)).Distinct().Count() != Axes.Count)
            throw context.Fault(FaultCodes.Attribute, $"an axis occurs twice in [{string.Join(", ", Axes)}]");
        return [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        var row = new ReducedAxes(x.Dims.AsSpan(), Axes);
        double[] items = x.ToDoubles(), squares = new double[row.Count];
        for (int i = 0; i < items.Length; i++) squares[row[i]] += items[i] * items[i];
        for (int i = 0; i < items.Length; i++) items[i] /= Math.Max(Math.Sqrt(squares[row[i]]), Epsilon);
        return [context.Floats(x.DType, x.Dims.AsSpan(), items)];
    }

    /// <summary>For each element: square, sum, quotient.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(3);
}
