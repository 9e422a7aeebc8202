using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// An op of the domain com.microsoft, which ONNX Runtime's optimizer and some exporters write. Source of all of them:
/// docs/ContribOperators.md of microsoft/onnxruntime.
/// </summary>
public abstract record MicrosoftOp : Op
{
    /// <summary>The domain.</summary>
    internal const string MicrosoftDomain = "com.microsoft";

    /// <inheritdoc/>
    public override string Domain => MicrosoftDomain;

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(64);

    /// <summary>The result of another op for these operands, floats kept as binary64.</summary>
    private protected static Tensor Run(EvaluateContext context, Op op, params ReadOnlySpan<Tensor?> operands)
    {
        ImmutableArray<Datum?> inputs = [.. operands.ToArray()];
        var inner = new EvaluateContext(inputs, [IrType.Unknown], isWide: true, context.Run, context.Cancellation);
        inner = new EvaluateContext(inputs, inner.Infer(op), isWide: true, context.Run, context.Cancellation);
        return (Tensor)op.Evaluate(inner)[0];
    }

    /// <summary>A float result with the elements of a tensor.</summary>
    private protected static Tensor Rounded(EvaluateContext context, Tensor tensor, DType dtype) =>
        context.Floats(dtype, tensor.Dims.AsSpan(), tensor.ToDoubles());

    /// <summary>Fault unless all given operands among these have one float dtype.</summary>
    private protected static TensorType Floats(InferContext context, params ReadOnlySpan<int> operands)
    {
        foreach (int i in operands)
            if (context.Has(i))
            {
                context.ArithmeticFloats(i);
                context.SameDType(operands[0], i);
            }
        return context.ArithmeticFloats(operands[0]);
    }
}
