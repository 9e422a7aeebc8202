using System.Collections.Immutable;
using Nncc.IR;

namespace Example.Swish;

/// <summary>x · sigmoid(beta · x), elementwise. Source: Ramachandran, Zoph, Le, "Searching for Activation Functions" (2017).</summary>
/// <param name="Beta">The slope of the sigmoid.</param>
public sealed record Swish(float Beta = 1) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Swish>("X", "Y", [1], domain: "com.example");

    // The same as in the definition: nodes are written and found by it.
    /// <inheritdoc/>
    public override string Domain => "com.example";

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(8);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [context.Floats(0)];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        double[] y = x.ToDoubles();
        for (int i = 0; i < y.Length; i++) y[i] /= 1 + Nncc.IR.Evaluate.Elementary.Exp(-Beta * y[i]);
        return [context.Floats(x.DType, x.Dims.AsSpan(), y)];
    }

    /// <summary>Five operations an element: product, negation, exponential, sum, quotient.</summary>
    public override Work Measure(MeasureContext context) => context.Elementwise(5);
}
