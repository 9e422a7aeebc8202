namespace Nncc.IR.Ops;

/// <summary>
/// Long short-term memory. With gates in the order i (input), o (output), f (forget), c (cell) and peepholes P in the order i, o, f:
/// i = f(X·Wᵀ + H·Rᵀ + P∘C + Wb + Rb), f likewise (or 1 - i with input_forget), c = g(X·Wᵀ + H·Rᵀ + Wb + Rb), C = f∘C + i∘c,
/// o as i with the new C, H = o∘h(C). Source: ai.onnx LSTM.
/// </summary>
/// <param name="ActivationAlpha">Alphas of the activations that have one, in order.</param>
/// <param name="ActivationBeta">Betas of the activations that have one, in order.</param>
/// <param name="Activations">Names of the activations for each direction; empty for Sigmoid, Tanh, Tanh.</param>
/// <param name="Clip">Arguments of f and g, not of h, are clipped to ± this.</param>
/// <param name="Direction">Order of the steps.</param>
/// <param name="HiddenSize">Number of hidden values; null for that of R.</param>
/// <param name="InputForget">Whether the forget gate is 1 - i.</param>
/// <param name="Layout">Whether sequences come first.</param>
public sealed record LSTM(EquatableArray<float> ActivationAlpha = default, EquatableArray<float> ActivationBeta = default,
    EquatableArray<string> Activations = default, float? Clip = null, RecurrentDirection Direction = RecurrentDirection.Forward,
    long? HiddenSize = null, bool InputForget = false, bool Layout = false)
    : RecurrentOp(ActivationAlpha, ActivationBeta, Activations, Clip, Direction, HiddenSize, Layout), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        WithCommonForms(OpDefinition.For<LSTM>("X W R B? sequence_lens? initial_h? initial_c? P?", "Y? Y_h? Y_c?", [1, 7, 14, 22]));

    private protected override int Gates => 4;

    private protected override int States => 2;

    // What h works on is no sum of products: runtimes clip the arguments of the gates only.
    private protected override bool IsClipped(int activation) => activation < 2;

    private protected override EquatableArray<string> DefaultActivations => ["Sigmoid", "Tanh", "Tanh"];

    // Five activations; both products and their sum for the memory; the product for the hidden value.
    private protected override long StepArithmetic => 9;

    private protected override void Step(RecurrentStep step)
    {
        int h = step.Hidden.Length;
        double[] recurrent = step.Recurrent(step.Hidden, 0, 4);
        var (f, g, output) = (step.Functions[0], step.Functions[1], step.Functions[2]);
        for (int i = 0; i < h; i++)
        {
            double memory = step.Memory[i];
            double input = f(Gate(step, recurrent, i) + step.Peepholes[i] * memory);
            double forget = InputForget ? 1 - input : f(Gate(step, recurrent, 2 * h + i) + step.Peepholes[2 * h + i] * memory);
            memory = forget * memory + input * g(Gate(step, recurrent, 3 * h + i));
            step.Memory[i] = memory;
            step.Hidden[i] = f(Gate(step, recurrent, h + i) + step.Peepholes[h + i] * memory) * output(memory);
        }
    }

    private static double Gate(RecurrentStep step, double[] recurrent, int i) => step.Input(i) + recurrent[i] + step.RecurrentBias(i);
}
