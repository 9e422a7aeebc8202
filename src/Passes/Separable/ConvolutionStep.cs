using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Separable;

/// <summary>A convolution with its weights, as a part of a rewrite.</summary>
/// <param name="Op">The op.</param>
/// <param name="Weights">Weights [m, c/group, kernel...].</param>
/// <param name="Bias">Bias [m], or null.</param>
internal sealed record ConvolutionStep(Conv Op, Tensor Weights, Tensor? Bias = null)
{
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
