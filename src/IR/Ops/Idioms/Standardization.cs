using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Y = (X - mean) / sqrt(variance + epsilon), mean and variance taken over the given axes: what the normalizations of ONNX do, over axes
/// that none of them takes, and without scale and bias.
/// </summary>
/// <param name="Axes">The axes; negative ones count from the end.</param>
/// <param name="Epsilon">Added to the variance.</param>
public sealed record Standardization(EquatableArray<long> Axes, float Epsilon = 1e-5f) : Idiom, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = Define<Standardization>("X", body =>
    {
        var axes = (EquatableArray<long>)body.Form.Attributes["axes"];
        float epsilon = body.Form.Attributes.GetValueOrDefault("epsilon") is float given ? given : 1e-5f;
        var (centered, deviation) = Parts(body, body.X, axes, epsilon, body.DType);
        return body.Becomes("Div", centered, deviation);
    });

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        if (Axes.IsEmpty) throw context.Fault(FaultCodes.Attribute, "Standardization needs axes");
        if (x.Shape is { } shape && Axes.Select(axis => context.Axis(axis, shape.Rank)).Distinct().Count() != Axes.Count)
            throw context.Fault(FaultCodes.Attribute, $"an axis occurs twice in [{string.Join(", ", Axes)}]");
        return [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        var row = new ReducedAxes(x.Dims.AsSpan(), Axes);
        double[] items = x.ToDoubles(), mean = new double[row.Count], variance = new double[row.Count];
        for (int i = 0; i < items.Length; i++) mean[row[i]] += items[i];
        for (int i = 0; i < row.Count; i++) mean[i] /= row.Length;
        for (int i = 0; i < items.Length; i++) variance[row[i]] += (items[i] - mean[row[i]]) * (items[i] - mean[row[i]]);
        for (int i = 0; i < items.Length; i++)
            items[i] = (items[i] - mean[row[i]]) / Math.Sqrt(variance[row[i]] / row.Length + Epsilon);
        return [context.Floats(x.DType, x.Dims.AsSpan(), items)];
    }

    /// <summary>For each element: sum, difference, square, sum of squares, quotient.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(5);

    /// <summary>Emits (x - mean) / sqrt(variance + epsilon); gives its value.</summary>
    internal static int Write(FormBody body, int x, EquatableArray<long> axes, float epsilon, DType dtype)
    {
        var (centered, deviation) = Parts(body, x, axes, epsilon, dtype);
        return body.Emit(new Div(), centered, deviation);
    }

    private static (int Centered, int Deviation) Parts(FormBody body, int x, EquatableArray<long> along, float epsilon, DType dtype)
    {
        int axes = body.Longs(along.Span);
        int centered = body.Emit(new Sub(), x, body.Emit(new ReduceMean(), x, axes));
        // The square is a power, which is how ONNX Runtime knows a layer normalization again.
        int variance = body.Emit(new ReduceMean(), body.Emit(new Pow(), centered, body.Number(2, dtype)), axes);
        return (centered, body.Emit(new Sqrt(), body.Emit(new Add(), variance, body.Number(epsilon, dtype))));
    }
}
