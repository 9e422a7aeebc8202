namespace Nncc.IR;

/// <summary>Questions that many ops ask of their operands in <see cref="Op.Infer"/>; an unknown dtype or rank passes them.</summary>
public static class OperandChecks
{
    /// <summary>The type of an operand that must hold f16, bf16, f32 or f64.</summary>
    public static TensorType ArithmeticFloats(this InferContext context, int index) =>
        context.Tensor(index, IsArithmeticFloat, "float (f16, bf16, f32, f64)");

    /// <summary>The type of an operand that must hold floats of 16 bits and more or integers of 8 bits and more.</summary>
    public static TensorType ArithmeticNumbers(this InferContext context, int index) =>
        context.Tensor(index, t => IsArithmeticFloat(t) || (t.IsInteger() && t.Bits() >= 8), "numeric");

    /// <summary>Whether the dtype is f16, bf16, f32 or f64: the floats that ops compute with.</summary>
    public static bool IsArithmeticFloat(this DType dtype) => dtype is DType.Float16 or DType.BFloat16 or DType.Float32 or DType.Float64;

    /// <summary>
    /// Fault if a given operand is known to have another rank than 1, or a size that is proven to differ from <paramref name="length"/>.
    /// </summary>
    public static void Vector(this InferContext context, int index, string name, Dim? length, string what)
    {
        if (!context.Has(index) || context.Tensor(index).Shape is not { } shape) return;
        if (shape.Rank != 1 || (length is not null && Dim.AreEqual(shape[0], length) == Answer.No))
            throw context.Fault(FaultCodes.OperandShape,
                $"{name} must be [{length?.ToString() ?? "n"}] ({what}), got {context.Tensor(index)}");
    }
}
