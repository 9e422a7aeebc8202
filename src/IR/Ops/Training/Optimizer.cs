using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// A step of an optimizer: operands are the learning rate R, the number of updates T, then for each tensor its value, its gradient and its
/// states, all values first; results are the new values, then the new states.
/// </summary>
public abstract record Optimizer : Op
{
    /// <inheritdoc/>
    public override string Domain => "ai.onnx.preview.training";

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <summary>States of each tensor.</summary>
    private protected abstract int States { get; }

    /// <summary>The new value and states of an element.</summary>
    private protected abstract double Step(double rate, double count, double x, double gradient, Span<double> states);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        foreach (int i in new[] { 0, 1 })
            if (context.Tensor(i).Shape is { Count.Value: not (null or 1) })
                throw context.Fault(FaultCodes.OperandShape, $"operand {i} must be a single number, got {context.Tensor(i)}");
        context.Tensor(0, t => t is DType.Float32 or DType.Float64, "f32 or f64");
        context.Integers(1);
        int tensors = context.Count - 2, parts = States + 2;
        if (tensors < parts || tensors % parts != 0)
            throw context.Fault(FaultCodes.OperandCount, $"{Name} takes {parts} operands for each tensor, got {tensors}");
        int count = tensors / parts;
        for (int i = 0; i < tensors; i++)
        {
            context.Tensor(2 + i, t => t is DType.Float32 or DType.Float64, "f32 or f64");
            if (context.Tensor(2 + i).Shape is { } shape && context.Tensor(2 + i % count).Shape is { } own
                && (shape.Rank != own.Rank || shape.Zip(own).Any(p => Dim.AreEqual(p.First, p.Second) == Answer.No)))
                throw context.Fault(FaultCodes.OperandShape,
                    $"a tensor, its gradient and its states have one shape, got {context.Tensor(2 + i % count)} and "
                        + $"{context.Tensor(2 + i)}");
        }
        return [.. Enumerable.Range(0, count * (States + 1)).Select(i => context.Tensor(2 + (i < count ? i : i + count)))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        int count = (context.Count - 2) / (States + 2);
        double rate = context.Single(0).ToDouble(), updates = context.Single(1).ToDouble();
        var results = new Datum[count * (States + 1)];
        for (int k = 0; k < count; k++)
        {
            double[][] parts = [.. Enumerable.Range(0, States + 2).Select(p => context.Tensor(2 + p * count + k).ToDoubles())];
            var states = new double[States];
            for (int i = 0; i < parts[0].Length; i++)
            {
                for (int s = 0; s < states.Length; s++) states[s] = parts[2 + s][i];
                parts[0][i] = Step(rate, updates, parts[0][i], parts[1][i], states);
                for (int s = 0; s < states.Length; s++) parts[2 + s][i] = states[s];
            }
            for (int r = 0; r <= States; r++)
            {
                var tensor = context.Tensor(2 + (r == 0 ? 0 : r + 1) * count + k);
                results[r * count + k] = context.Floats(tensor.DType, tensor.Dims.AsSpan(), parts[r == 0 ? 0 : r + 1]);
            }
        }
        return [.. results];
    }

    /// <summary>About ten operations for each element of all results.</summary>
    public override Work Measure(MeasureContext context) =>
        new(0, Enumerable.Range(0, context.Outputs.Length).Aggregate(Dim.Of(0), (sum, i) => sum + context.Output(i).Count * 10),
            context.BytesIn, context.BytesOut);
}

/// <summary>
/// h' = h + g², x' = x - r/(1 + t·decay) · g/(√h' + epsilon), g being the gradient and norm_coefficient · x. Source:
/// ai.onnx.preview.training Adagrad.
/// </summary>
/// <param name="DecayFactor">How fast the learning rate falls.</param>
/// <param name="Epsilon">Added to the root.</param>
/// <param name="NormCoefficient">Regularization.</param>
public sealed record Adagrad(float DecayFactor = 0, float Epsilon = 0, float NormCoefficient = 0) : Optimizer, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<Adagrad>("R T inputs...", "outputs...", [1], "ai.onnx.preview.training");

    private protected override int States => 1;

    private protected override double Step(double rate, double count, double x, double gradient, Span<double> states)
    {
        double g = NormCoefficient * x + gradient;
        states[0] += g * g;
        return x - rate / (1 + count * DecayFactor) * g / (Math.Sqrt(states[0]) + Epsilon);
    }
}

/// <summary>
/// Moments v' = alpha·v + (1 - alpha)·g and h' = beta·h + (1 - beta)·g², x' = (1 - post) · (x - r·v'/(√h' + epsilon)), the rate corrected
/// for t updates. Source: ai.onnx.preview.training Adam.
/// </summary>
/// <param name="Alpha">Memory of the first moment.</param>
/// <param name="Beta">Memory of the second moment.</param>
/// <param name="Epsilon">Added to the root.</param>
/// <param name="NormCoefficient">Regularization of the gradient.</param>
/// <param name="NormCoefficientPost">Regularization of the result.</param>
public sealed record Adam(float Alpha = 0.9f, float Beta = 0.999f, float Epsilon = 0, float NormCoefficient = 0,
    float NormCoefficientPost = 0) : Optimizer, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<Adam>("R T inputs...", "outputs...", [1], "ai.onnx.preview.training");

    private protected override int States => 2;

    private protected override double Step(double rate, double count, double x, double gradient, Span<double> states)
    {
        double g = NormCoefficient * x + gradient;
        states[0] = Alpha * states[0] + (1 - (double)Alpha) * g;
        states[1] = Beta * states[1] + (1 - (double)Beta) * (g * g);
        if (count > 0)
            rate *= Math.Sqrt(1 - Elementary.Pow(Beta, count)) / (1 - Elementary.Pow(Alpha, count));
        return (1 - (double)NormCoefficientPost) * (x - rate * (states[0] / (Math.Sqrt(states[1]) + Epsilon)));
    }

}

/// <summary>
/// v' = alpha·v + beta·g (beta is 1 at the first update), x' = x - r·v', or x - r·(g + alpha·v') in Nesterov's form. Source:
/// ai.onnx.preview.training Momentum.
/// </summary>
/// <param name="Alpha">Memory of the momentum.</param>
/// <param name="Beta">Factor of the gradient.</param>
/// <param name="Mode">Which form.</param>
/// <param name="NormCoefficient">Regularization.</param>
public sealed record Momentum(float Alpha, float Beta, MomentumMode Mode, float NormCoefficient) : Optimizer, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<Momentum>("R T inputs...", "outputs...", [1], "ai.onnx.preview.training");

    private protected override int States => 1;

    private protected override double Step(double rate, double count, double x, double gradient, Span<double> states)
    {
        double g = NormCoefficient * x + gradient;
        states[0] = Alpha * states[0] + (count > 0 ? Beta : 1) * g;
        return x - rate * (Mode == MomentumMode.Standard ? states[0] : g + Alpha * states[0]);
    }
}

/// <summary>Forms of <see cref="Momentum"/>.</summary>
public enum MomentumMode
{
    /// <summary>Along the momentum.</summary>
    Standard,
    /// <summary>Along the gradient and the momentum behind it.</summary>
    Nesterov,
}
