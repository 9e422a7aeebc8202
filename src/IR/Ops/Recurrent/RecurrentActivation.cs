using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>The activation functions of recurrent ops by their ONNX names. Source: ai.onnx LSTM.</summary>
internal static class RecurrentActivation
{
    private sealed record Entry(Func<double, double, double, double> Function, double? Alpha = null, double? Beta = null);

    // Defaults of alpha and beta are those of the op of that name; Affine and ScaledTanh, which are no ops, change nothing by default.
    private static readonly SortedDictionary<string, Entry> Entries = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Relu"] = new((x, _, _) => Math.Max(x, 0)),
        ["Tanh"] = new((x, _, _) => Elementary.Tanh(x)),
        ["Sigmoid"] = new((x, _, _) => 1 / (1 + Elementary.Exp(-x))),
        ["Affine"] = new((x, alpha, beta) => alpha * x + beta, 1, 0),
        ["LeakyRelu"] = new((x, alpha, _) => x >= 0 ? x : alpha * x, 0.01f),
        ["ThresholdedRelu"] = new((x, alpha, _) => x >= alpha ? x : 0, 1),
        ["ScaledTanh"] = new((x, alpha, beta) => alpha * Elementary.Tanh(beta * x), 1, 1),
        ["HardSigmoid"] = new((x, alpha, beta) => Math.Clamp(alpha * x + beta, 0, 1), 0.2f, 0.5),
        ["Elu"] = new((x, alpha, _) => x >= 0 ? x : alpha * Elementary.Expm1(x), 1),
        ["Softsign"] = new((x, _, _) => x / (1 + Math.Abs(x))),
        ["Softplus"] = new((x, _, _) => Math.Max(x, 0) + Elementary.Log1p(Elementary.Exp(-Math.Abs(x)))),
    };

    /// <summary>
    /// The functions of those names. Each takes its alpha and beta, if it has one, from the front of what is left of the lists, or the
    /// default where nothing is left.
    /// </summary>
    /// <exception cref="NnccException">A name is unknown, or there are not as many as wanted.</exception>
    public static ImmutableArray<RecurrentFunction> Resolve(EquatableArray<string> names, int wanted, EquatableArray<float> alphas,
        EquatableArray<float> betas)
    {
        if (names.Count != wanted) throw new NnccException(FaultCodes.Attribute, $"there must be {wanted} activations, got {names}");
        int alphasTaken = 0, betasTaken = 0;
        return [.. names.Select(Function)];

        RecurrentFunction Function(string name)
        {
            string known = Entries.Keys.FirstOrDefault(k => string.Equals(k, name, StringComparison.OrdinalIgnoreCase))
                ?? throw new NnccException(FaultCodes.Attribute, $"there is no activation \"{name}\"",
                    advice: $"there are {string.Join(", ", Entries.Keys)}");
            var entry = Entries[known];
            double alpha = entry.Alpha is { } a ? alphasTaken < alphas.Count ? alphas[alphasTaken++] : a : 0;
            double beta = entry.Beta is { } b ? betasTaken < betas.Count ? betas[betasTaken++] : b : 0;
            return new RecurrentFunction(known, alpha, beta);
        }
    }

    /// <summary>The function on numbers.</summary>
    public static Func<double, double> Compile(RecurrentFunction function)
    {
        var (_, alpha, beta, clip) = function;
        var compute = Entries[function.Name].Function;
        return clip is { } limit ? x => compute(double.IsNaN(x) ? x : Math.Clamp(x, -limit, limit), alpha, beta) : x =>
            compute(x, alpha, beta);
    }
}

/// <summary>An activation of a recurrent op with its parameters.</summary>
/// <param name="Name">Name as ONNX has it, such as <c>Sigmoid</c>.</param>
/// <param name="Alpha">Its alpha; 0 where it has none.</param>
/// <param name="Beta">Its beta; 0 where it has none.</param>
/// <param name="Clip">Its argument is clipped to ± this; null for no clipping.</param>
public sealed record RecurrentFunction(string Name, double Alpha, double Beta, float? Clip = null);
