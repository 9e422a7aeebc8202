using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>What one step of one sequence works on, for h hidden values and g gates.</summary>
/// <param name="input">x · Wᵀ, [g·h].</param>
/// <param name="recurrence">Rᵀ, [h, g·h].</param>
/// <param name="bias">Bias of W, then of R, each [g·h].</param>
/// <param name="peepholes">Weights of the memory in the gates, [(g-1)·h].</param>
/// <param name="functions">Activations in the op's order.</param>
/// <param name="hidden">The hidden state, to be replaced.</param>
/// <param name="memory">The memory cells of LSTM, to be replaced; else empty.</param>
internal readonly ref struct RecurrentStep(ReadOnlySpan<double> input, ReadOnlySpan<double> recurrence, ReadOnlySpan<double> bias,
    ReadOnlySpan<double> peepholes, ReadOnlySpan<Func<double, double>> functions, Span<double> hidden, Span<double> memory)
{
    private readonly ReadOnlySpan<double> input = input, recurrence = recurrence, bias = bias;

    /// <summary>Weights of the memory in the gates.</summary>
    public ReadOnlySpan<double> Peepholes { get; } = peepholes;

    /// <summary>Activations in the op's order.</summary>
    public ReadOnlySpan<Func<double, double>> Functions { get; } = functions;

    /// <summary>The hidden state.</summary>
    public Span<double> Hidden { get; } = hidden;

    /// <summary>The memory cells.</summary>
    public Span<double> Memory { get; } = memory;

    /// <summary>x · Wᵀ plus its bias for element <paramref name="i"/> of the gates.</summary>
    public double Input(int i) => input[i] + bias[i];

    /// <summary>Bias of the recurrent product for element <paramref name="i"/> of the gates.</summary>
    public double RecurrentBias(int i) => bias[input.Length + i];

    /// <summary>state · Rᵀ for <paramref name="count"/> gates from gate <paramref name="first"/> on.</summary>
    public double[] Recurrent(ReadOnlySpan<double> state, int first, int count)
    {
        var sums = new double[count * Hidden.Length];
        MatrixProduct.AddRow(state, recurrence[(first * Hidden.Length)..], input.Length, sums);
        return sums;
    }
}
