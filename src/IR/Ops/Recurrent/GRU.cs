namespace Nncc.IR.Ops;

/// <summary>
/// Gated recurrent unit. With gates in the order z (update), r (reset), h (hidden): z and r = f(X·Wᵀ + H·Rᵀ + Wb + Rb);
/// h = g(X·Wᵀ + (r∘H)·Rᵀ + Rb + Wb), or with linear_before_reset g(X·Wᵀ + r∘(H·Rᵀ + Rb) + Wb); H = (1 - z)∘h + z∘H.
/// Source: ai.onnx GRU.
/// </summary>
/// <param name="ActivationAlpha">Alphas of the activations that have one, in order.</param>
/// <param name="ActivationBeta">Betas of the activations that have one, in order.</param>
/// <param name="Activations">Names of the activations for each direction; empty for Sigmoid, Tanh.</param>
/// <param name="Clip">Arguments of activations are clipped to ± this.</param>
/// <param name="Direction">Order of the steps.</param>
/// <param name="HiddenSize">Number of hidden values; null for that of R.</param>
/// <param name="Layout">Whether sequences come first.</param>
/// <param name="LinearBeforeReset">Whether the reset gate acts behind the recurrent product.</param>
public sealed record GRU(EquatableArray<float> ActivationAlpha = default, EquatableArray<float> ActivationBeta = default,
    EquatableArray<string> Activations = default, float? Clip = null, RecurrentDirection Direction = RecurrentDirection.Forward,
    long? HiddenSize = null, bool Layout = false, bool LinearBeforeReset = false)
    : RecurrentOp(ActivationAlpha, ActivationBeta, Activations, Clip, Direction, HiddenSize, Layout), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        WithCommonForms(OpDefinition.For<GRU>("X W R B? sequence_lens? initial_h?", "Y? Y_h?", [1, 3, 7, 14, 22]))
            .NewAttributes(3, "linear_before_reset");

    private protected override int Gates => 3;

    private protected override EquatableArray<string> DefaultActivations => ["Sigmoid", "Tanh"];

    // Three activations; the reset, 1 - z, both products and their sum.
    private protected override long StepArithmetic => 8;

    private protected override void Step(RecurrentStep step)
    {
        int h = step.Hidden.Length;
        double[] gates = step.Recurrent(step.Hidden, 0, LinearBeforeReset ? 3 : 2);
        double[] update = new double[h], reset = new double[h], state = step.Hidden.ToArray();
        for (int i = 0; i < h; i++)
        {
            update[i] = step.Functions[0](step.Input(i) + gates[i] + step.RecurrentBias(i));
            reset[i] = step.Functions[0](step.Input(h + i) + gates[h + i] + step.RecurrentBias(h + i));
        }
        for (int i = 0; i < h; i++) state[i] *= reset[i];
        double[] afterReset = LinearBeforeReset ? [] : step.Recurrent(state, 2, 1);
        for (int i = 0; i < h; i++)
        {
            double recurrent = LinearBeforeReset ? reset[i] * (gates[2 * h + i] + step.RecurrentBias(2 * h + i))
                : afterReset[i] + step.RecurrentBias(2 * h + i);
            double hidden = step.Functions[1](step.Input(2 * h + i) + recurrent);
            step.Hidden[i] = (1 - update[i]) * hidden + update[i] * step.Hidden[i];
        }
    }
}
