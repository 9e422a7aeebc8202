using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>Kernels of support vector machines.</summary>
public enum SvmKernelType
{
    /// <summary>x · y.</summary>
    [OnnxName("LINEAR")]
    Linear,
    /// <summary>(gamma x · y + coef0)^degree.</summary>
    [OnnxName("POLY")]
    Poly,
    /// <summary>exp(-gamma |x - y|²).</summary>
    [OnnxName("RBF")]
    Rbf,
    /// <summary>tanh(gamma x · y + coef0).</summary>
    [OnnxName("SIGMOID")]
    Sigmoid,
}

/// <summary>A kernel with its parameters gamma, coef0 and degree.</summary>
internal sealed class SvmKernel(SvmKernelType type, EquatableArray<float> parameters)
{
    private readonly double gamma = parameters.Count > 0 ? parameters[0] : 0, shift = parameters.Count > 1 ? parameters[1] : 0,
        degree = parameters.Count > 2 ? parameters[2] : 0;

    /// <summary>The kernel of two vectors.</summary>
    public double Of(ReadOnlySpan<double> x, ReadOnlySpan<float> y)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++) sum += type == SvmKernelType.Rbf ? (x[i] - y[i]) * (x[i] - y[i]) : x[i] * y[i];
        return type switch
        {
            SvmKernelType.Poly => Elementary.Pow(gamma * sum + shift, degree),
            SvmKernelType.Rbf => Elementary.Exp(-gamma * sum),
            SvmKernelType.Sigmoid => Elementary.Tanh(gamma * sum + shift),
            _ => sum,
        };
    }
}
