using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Counting;

/// <summary>
/// What training set and the model holds in attributes and not in constants: coefficients and support vectors of linear models and support
/// vector machines. Splits and leaves of trees are not counted as parameters.
/// </summary>
internal static class AttributeParameters
{
    /// <summary>Numbers of weights and biases.</summary>
    public static (int Weights, int Biases) Of(Op op) => op switch
    {
        LinearRegressor linear => (linear.Coefficients.Count, linear.Intercepts.Count),
        LinearClassifier linear => (linear.Coefficients.Count, linear.Intercepts.Count),
        SVMRegressor machine => (machine.Coefficients.Count + machine.SupportVectors.Count, machine.Rho.Count),
        SVMClassifier machine => (machine.Coefficients.Count + machine.SupportVectors.Count, machine.Rho.Count),
        _ => default,
    };

    /// <summary>The same as constants of their own.</summary>
    public static IEnumerable<ParameterTensor> Tensors(Node node)
    {
        var (weights, biases) = Of(node.Op);
        if (weights > 0) yield return Tensor("coefficients", weights, ParameterKind.Weight);
        if (biases > 0) yield return Tensor("intercepts", biases, ParameterKind.Bias);

        ParameterTensor Tensor(string what, int count, ParameterKind kind) => new(
            $"{node.Origin.Nodes.FirstOrDefault(node.Op.Name)}.{what}",
            IR.Tensor.WithoutContent(DType.Float32, [count], "they are an attribute"), kind, 1);
    }
}
