using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Separable;

/// <summary>A convolution with its weights, as a part of a rewrite.</summary>
/// <param name="Op">The op.</param>
/// <param name="Weights">Weights [m, c/group, kernel...].</param>
/// <param name="Bias">Bias [m], or null.</param>
internal sealed record ConvolutionStep(Conv Op, Tensor Weights, Tensor? Bias = null)
{
    /// <summary>A convolution of a graph whose operand has static sizes and whose weights and bias are constant floats; null for
    /// others.</summary>
    public static ConvolutionStep? Read(GraphEdit edit, Node node)
    {
        if (edit[node.Inputs[0]].Type is not TensorType { Shape: { } shape } || shape.ToStatic() is not { } dims || dims.Contains(0)
            || edit.Constant(node.Inputs[1]) is not { Count: > 0, DType: DType.Float32 or DType.Float64 } weights) return null;
        if (node.Inputs.Length < 3 || node.Inputs[2] == Node.Absent) return new((Conv)node.Op, weights);
        return edit.Constant(node.Inputs[2]) is { } bias ? new((Conv)node.Op, weights, bias) : null;
    }

    /// <summary>The result's shape for an operand [n, c, spatial...].</summary>
    public Shape Result(Shape x) =>
        new([x[0], Weights.Dims[0], .. Op.Geometry(x, Weights.Type.Shape!).Windowed]);

    /// <summary>Multiply-accumulates for an operand of static shape.</summary>
    public double Macs(Shape x) => (double)Elements(Result(x)) / Weights.Dims[0] * Weights.Count;

    /// <summary>The same convolution with another way to write the padding: none given, so that parts can be cut from it.</summary>
    public static Conv Explicit(Conv op, ConvolutionGeometry geometry) => op with
    {
        AutoPad = AutoPad.NotSet,
        Dilations = geometry.Dilations.ToEquatable(),
        KernelShape = geometry.Kernel.Select(k => k.Value!.Value).ToEquatable(),
        Pads = geometry.PadsBegin.Concat(geometry.PadsEnd).Select(p => p.Value!.Value).ToEquatable(),
        Strides = geometry.Strides.ToEquatable(),
    };

    private static long Elements(Shape shape) => shape.Dims.Aggregate(1L, (product, dim) => product * dim.Value!.Value);
}

/// <summary>Convolutions that can stand for others.</summary>
/// <param name="Form">Name of the form, in kebab-case.</param>
/// <param name="Steps">The convolutions, one after the other.</param>
/// <param name="PredictedError">Relative error of the weights that the dropped singular values predict; 0 where none is dropped.</param>
/// <param name="MeasuredError">Relative error of the weights that the steps, rounded to their dtype, stand for.</param>
internal sealed record Factoring(string Form, ConvolutionStep[] Steps, double PredictedError, double MeasuredError);
