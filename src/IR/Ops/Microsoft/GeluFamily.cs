using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>A function of each element of an operand, and of a bias along its last axis where there is one.</summary>
public abstract record BiasedFunction : MicrosoftOp
{
    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(16);

    /// <summary>The function.</summary>
    private protected abstract double Apply(double x);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Floats(context, 0, 1);
        if (context.Has(1) && x.Shape is { Rank: > 0 } shape) context.Vector(1, "the bias", shape[^1], "one for each of the last axis");
        return [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var x = context.Tensor(0);
        double[] items = x.ToDoubles(), bias = context.Optional(1)?.ToDoubles() ?? [];
        for (int i = 0; i < items.Length; i++) items[i] = Apply(items[i] + (bias.Length > 0 ? bias[i % bias.Length] : 0));
        return [context.Floats(x.DType, x.Dims.AsSpan(), items)];
    }

    /// <summary>Some operations for each element.</summary>
    public override Work Measure(MeasureContext context) => context.Elementwise(5);

    private protected static double Exact(double x) => 0.5 * x * (1 + Elementary.Erf(x / Math.Sqrt(2)));
}

/// <summary>x/2 · (1 + erf(x/√2)). Source: com.microsoft Gelu.</summary>
public sealed record MicrosoftGelu : BiasedFunction, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<MicrosoftGelu>("X", "Y", [1], MicrosoftDomain, "Gelu");

    /// <inheritdoc/>
    public override string Name => "Gelu";

    private protected override double Apply(double x) => Exact(x);
}

/// <summary>Gelu of A + B, B along the last axis. Source: com.microsoft BiasGelu.</summary>
public sealed record BiasGelu : BiasedFunction, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<BiasGelu>("A B", "C", [1], MicrosoftDomain);

    private protected override double Apply(double x) => Exact(x);
}

/// <summary>x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))), the bias added before. Source: com.microsoft FastGelu.</summary>
public sealed record FastGelu : BiasedFunction, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<FastGelu>("X bias?", "Y", [1], MicrosoftDomain);

    private protected override double Apply(double x) =>
        0.5 * x * (1 + Elementary.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
}

/// <summary>x · sigmoid(alpha x). Source: com.microsoft QuickGelu.</summary>
/// <param name="Alpha">Factor in the sigmoid.</param>
public sealed record QuickGelu(float Alpha = 1.702f) : BiasedFunction, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<QuickGelu>("X", "Y", [1], MicrosoftDomain);

    private protected override double Apply(double x) => x * ScoreTransform.Logistic(Alpha * x);
}
