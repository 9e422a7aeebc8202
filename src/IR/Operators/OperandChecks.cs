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

    /// <summary>The shape of an operand that must be of so many axes; null where its rank is unknown.</summary>
    public static Shape? Ranked(this InferContext context, int index, int rank, string axes)
    {
        var type = context.Tensor(index);
        return type.Shape is not { } shape || shape.Rank == rank ? type.Shape
            : throw context.Fault(FaultCodes.OperandShape, $"operand {index} must be [{axes}], got {type}");
    }

    /// <summary>Fault if two sizes are proven to differ; gives the one that says more.</summary>
    public static Dim Same(this InferContext context, Dim a, Dim b, string what) => Dim.AreEqual(a, b) != Answer.No ? (a.IsConstant ? a : b)
        : throw context.Fault(FaultCodes.OperandShape, $"{what} must be equal, got {a} and {b}");

    /// <summary>Fault if a size is proven not to be a multiple.</summary>
    public static void Multiple(this InferContext context, Dim size, long of, string what)
    {
        if (of < 1) throw context.Fault(FaultCodes.Attribute, $"{what} is divided into {of} parts");
        if (Dim.AreEqual(Dim.Mod(size, of), 0) == Answer.No)
            throw context.Fault(FaultCodes.OperandShape, $"{what} is {size}, and no multiple of {of}");
    }
}
