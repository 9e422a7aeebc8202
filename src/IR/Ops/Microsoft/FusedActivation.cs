using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>The activations that ONNX Runtime fuses behind convolutions and products, with their parameters.</summary>
internal static class FusedActivation
{
    private static readonly string[] Names = ["", "Relu", "Tanh", "Sigmoid", "LeakyRelu", "Clip", "HardSigmoid"];

    /// <summary>Fault for an activation that is not known.</summary>
    public static void Check(InferContext context, string? name, int parameters)
    {
        int needed = name switch { "LeakyRelu" => 1, "Clip" or "HardSigmoid" => 2, _ => 0 };
        if (!Names.Contains(name ?? "") || parameters < needed)
            throw context.Fault(FaultCodes.Attribute, $"activation \"{name}\" with {parameters} parameters is none of "
                + string.Join(", ", Names.Skip(1)));
    }

    /// <summary>Applies an activation to all items.</summary>
    public static void Apply(string? name, ReadOnlySpan<float> p, Span<double> items)
    {
        foreach (ref double item in items)
            item = name switch
            {
                "Relu" => item > 0 || double.IsNaN(item) ? item : 0,
                "Tanh" => Elementary.Tanh(item),
                "Sigmoid" => ScoreTransform.Logistic(item),
                "LeakyRelu" => item >= 0 ? item : p[0] * item,
                "Clip" => Math.Min(Math.Max(item, p[0]), p[1]),
                "HardSigmoid" => Math.Max(0, Math.Min(1, p[0] * item + p[1])),
                _ => item,
            };
    }
}
