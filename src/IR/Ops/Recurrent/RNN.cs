namespace Nncc.IR.Ops;

/// <summary>
/// Simple recurrent network: H = f(X·Wᵀ + H·Rᵀ + Wb + Rb). Source: ai.onnx RNN.
/// </summary>
/// <param name="ActivationAlpha">Alphas of the activations that have one, in order.</param>
/// <param name="ActivationBeta">Betas of the activations that have one, in order.</param>
/// <param name="Activations">Names of the activations for each direction; empty for Tanh.</param>
/// <param name="Clip">Arguments of activations are clipped to ± this.</param>
/// <param name="Direction">Order of the steps.</param>
/// <param name="HiddenSize">Number of hidden values; null for that of R.</param>
/// <param name="Layout">Whether sequences come first.</param>
public sealed record RNN(EquatableArray<float> ActivationAlpha = default, EquatableArray<float> ActivationBeta = default,
    EquatableArray<string> Activations = default, float? Clip = null, RecurrentDirection Direction = RecurrentDirection.Forward,
    long? HiddenSize = null, bool Layout = false)
    : RecurrentOp(ActivationAlpha, ActivationBeta, Activations, Clip, Direction, HiddenSize, Layout), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        WithCommonForms(OpDefinition.For<RNN>("X W R B? sequence_lens? initial_h?", "Y? Y_h?", [1, 7, 14, 22]));

    private protected override int Gates => 1;

    private protected override EquatableArray<string> DefaultActivations => ["Tanh"];

    private protected override long StepArithmetic => 1;

    private protected override void Step(RecurrentStep step)
    {
        double[] recurrent = step.Recurrent(step.Hidden, 0, 1);
        for (int i = 0; i < recurrent.Length; i++) step.Hidden[i] = step.Functions[0](step.Input(i) + recurrent[i] + step.RecurrentBias(i));
    }
}
