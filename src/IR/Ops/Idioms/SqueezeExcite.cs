using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// Y = X · gate(W2 · f(W1 · m + B1) + B2), where m [n, c] are the means of the channels of X [n, c, h, w]: each channel is weighted by a
/// gate that sees the means of all. W1 is [k, c, 1, 1], W2 is [c, k, 1, 1]. Source: Hu and others, "Squeeze-and-Excitation Networks"
/// (2017).
/// </summary>
/// <param name="Activation">f.</param>
/// <param name="Gate">The gate.</param>
/// <param name="Alpha">Slope of the hard gate.</param>
/// <param name="Beta">Value of the hard gate at 0.</param>
public sealed record SqueezeExcite(ExcitationActivation Activation = ExcitationActivation.Relu,
    ExcitationGate Gate = ExcitationGate.Sigmoid, float Alpha = 0.2f, float Beta = 0.5f) : Idiom, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = Define<SqueezeExcite>("X W1 B1? W2 B2?", body =>
    {
        var inputs = body.Form.Inputs;
        var attributes = body.Form.Attributes;
        int hidden = Convolve(inputs[1], inputs[2], body.Emit(new GlobalAveragePool(), body.X));
        hidden = body.Emit(attributes.GetValueOrDefault("activation") switch
        {
            "swish" => new Swish(), "hard_swish" => new HardSwish(), _ => (Op)new Relu(),
        }, hidden);
        int logits = Convolve(inputs[3], body.Form.Has(4) ? inputs[4] : Node.Absent, hidden);
        bool isHard = attributes.GetValueOrDefault("gate") is "hard_sigmoid";
        int gate = body.Emit(isHard ? new HardSigmoid(Float("alpha", 0.2f), Float("beta", 0.5f)) : new Sigmoid(), logits);
        return body.Becomes("Mul", body.X, gate);

        int Convolve(int w, int b, int x) => b == Node.Absent ? body.Emit(new Conv(), x, w) : body.Emit(new Conv(), x, w, b);

        float Float(string name, float otherwise) => attributes.GetValueOrDefault(name) is float given ? given : otherwise;
    });

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(64);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        for (int i = 1; i < 5; i++)
            if (context.Has(i)) context.SameDType(0, i);
        if (x.Shape is not null) context.Ranked(0, 4, "n,c,h,w");
        if (context.Ranked(1, 4, "k,c,1,1") is { } first && context.Ranked(3, 4, "c,k,1,1") is { } second)
        {
            if (Dim.AreEqual(first[0], second[1]) == Answer.No || Dim.AreEqual(first[1], second[0]) == Answer.No
                || (x.Shape is { } shape && Dim.AreEqual(shape[1], first[1]) == Answer.No)
                || first.Dims[2..].Concat(second.Dims[2..]).Any(d => d.IsConstant && d.Value != 1))
                throw context.Fault(FaultCodes.OperandShape,
                    $"SqueezeExcite takes weights [k,c,1,1] and [c,k,1,1] for {x}, got [{first}] and [{second}]");
            if (context.Has(2)) context.Vector(2, "B1", first[0], "one for each filter");
            if (context.Has(4)) context.Vector(4, "B2", second[0], "one for each filter");
        }
        return [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var x = context.Tensor(0);
        double[] items = x.ToDoubles();
        int n = (int)x.Dims[0], c = (int)x.Dims[1], plane = (int)(x.Dims[2] * x.Dims[3]);
        for (int image = 0; image < n; image++)
        {
            var channels = items.AsSpan(image * c * plane, c * plane);
            double[] gates = Layer(context, 3, Layer(context, 1, Means(channels, c, plane), Activate), Open);
            for (int i = 0; i < channels.Length; i++) channels[i] *= gates[i / plane];
        }
        return [context.Floats(x.DType, x.Dims.AsSpan(), items)];
    }

    /// <summary>The products of both layers; for each element of X a sum and a product.</summary>
    public override Work Measure(MeasureContext context) => context.Products(
        context.Input(0)[0] * (context.Input(1).Count + context.Input(3).Count), context.Input(0).Count * 2);

    private static double[] Means(ReadOnlySpan<double> channels, int count, int plane)
    {
        var means = new double[count];
        for (int i = 0; i < channels.Length; i++) means[i / plane] += channels[i];
        for (int i = 0; i < count; i++) means[i] /= plane;
        return means;
    }

    private static double[] Layer(EvaluateContext context, int operand, double[] x, Func<double, double> function)
    {
        double[] w = context.Tensor(operand).ToDoubles(), y = new double[context.Tensor(operand).Dims[0]];
        double[]? bias = context.Optional(operand + 1)?.ToDoubles();
        for (int i = 0; i < y.Length; i++)
        {
            double sum = bias?[i] ?? 0;
            for (int k = 0; k < x.Length; k++) sum += w[i * x.Length + k] * x[k];
            y[i] = function(sum);
        }
        return y;
    }

    private double Activate(double x) => Activation switch
    {
        ExcitationActivation.Swish => x * Sigmoid.Of(x),
        ExcitationActivation.HardSwish => x * Math.Clamp(x / 6 + 0.5, 0, 1),
        _ => x > 0 || double.IsNaN(x) ? x : 0,
    };

    private double Open(double x) => Gate == ExcitationGate.Sigmoid ? Sigmoid.Of(x)
        : double.IsNaN(x) ? x : Math.Clamp(Alpha * x + Beta, 0, 1);
}

/// <summary>Functions between the layers of <see cref="SqueezeExcite"/>.</summary>
public enum ExcitationActivation
{
    /// <summary>max(x, 0).</summary>
    Relu,
    /// <summary>x · sigmoid(x).</summary>
    Swish,
    /// <summary>x · max(0, min(1, x/6 + 1/2)).</summary>
    [OnnxName("hard_swish")] HardSwish,
}

/// <summary>Gates of <see cref="SqueezeExcite"/>.</summary>
public enum ExcitationGate
{
    /// <summary>1 / (1 + e^-x).</summary>
    Sigmoid,
    /// <summary>max(0, min(1, alpha x + beta)).</summary>
    [OnnxName("hard_sigmoid")] HardSigmoid,
}
