using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>The strings of two operands that broadcast, one behind the other. Source: ai.onnx StringConcat.</summary>
public sealed record StringConcat : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<StringConcat>("X Y", "Z", [20]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) =>
        [new TensorType(DType.String, context.Broadcast(context.Strings(0).Shape, context.Strings(1).Shape))];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        Tensor x = context.Tensor(0), y = context.Tensor(1);
        long[] dims = Broadcasting.Dims(x, y);
        return [Tensor.Of(dims, Broadcasting.Map<string, string>(
            dims, x.Dims, x.Strings.ToArray(), y.Dims, y.Strings.ToArray(), string.Concat))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}

/// <summary>What ops on strings ask of operands.</summary>
internal static class StringOperands
{
    /// <summary>The type of an operand that must hold strings.</summary>
    public static TensorType Strings(this InferContext context, int index) => context.Tensor(index, t => t == DType.String, "string");
}
