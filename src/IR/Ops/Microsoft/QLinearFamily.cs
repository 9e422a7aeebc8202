using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// An op on 8 bit tensors with one scale and one zero point each, which stand behind each tensor: it computes on the numbers that they
/// stand for and quantizes the result.
/// </summary>
public abstract record QLinearOp : MicrosoftOp
{
    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    /// <summary>The type of a quantized operand whose scale and zero point are the next two.</summary>
    private protected static TensorType Quantized(InferContext context, int index)
    {
        var type = context.Tensor(index, t => t is DType.Int8 or DType.UInt8, "i8 or u8");
        Parameters(context, index + 1, type.DType);
        return type;
    }

    /// <summary>Fault unless these two operands are a scale and a zero point.</summary>
    private protected static void Parameters(InferContext context, int index, DType dtype)
    {
        context.Tensor(index, t => t == DType.Float32, "f32");
        if (context.Has(index + 1)) context.Tensor(index + 1, t => t == dtype || dtype == DType.Unknown, dtype.Name());
        for (int i = index; i < index + 2; i++)
            if (context.Has(i) && context.Tensor(i).Shape is { Count.Value: not (null or 1) })
                throw context.Fault(FaultCodes.OperandShape, $"operand {i} must be a single number, got {context.Tensor(i)}");
    }

    /// <summary>The numbers of a quantized operand.</summary>
    private protected static Tensor Numbers(EvaluateContext context, int index)
    {
        var tensor = context.Tensor(index);
        double scale = context.Single(index + 1).ToDouble(), zero = context.OptionalSingle(index + 2)?.ToDouble() ?? 0;
        return Tensor.Wide(DType.Float32, tensor.Dims.AsSpan(), Broadcasting.Map<double, double>(tensor.ToDoubles(),
            x => (x - zero) * scale));
    }

    /// <summary>Numbers as the quantized result, scale and zero point being operands.</summary>
    private protected static Tensor Quantize(EvaluateContext context, Tensor numbers, int scale, DType dtype) =>
        QuantizeLinear.Requantize(numbers.ToDoubles(), numbers.Dims.AsSpan(), context.Single(scale).ToDouble(),
            context.OptionalSingle(scale + 1) ?? Tensor.FromDoubles(dtype, [], [0]));
}

/// <summary>An op on two quantized tensors that broadcast.</summary>
public abstract record QLinearBinary : QLinearOp
{
    /// <summary>The op on numbers.</summary>
    private protected abstract Op Inner { get; }

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        TensorType a = Quantized(context, 0), b = Quantized(context, 3);
        context.SameDType(0, 3);
        Parameters(context, 6, a.DType);
        return [a with { Shape = context.Broadcast(a.Shape, b.Shape) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        return [Quantize(context, Run(context, Inner, Numbers(context, 0), Numbers(context, 3)), 6, context.Tensor(0).DType)];
    }

    /// <summary>Six operations for each element.</summary>
    public override Work Measure(MeasureContext context) => context.Elementwise(6);
}

/// <summary>The sum of two quantized tensors. Source: com.microsoft QLinearAdd.</summary>
public sealed record QLinearAdd : QLinearBinary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<QLinearAdd>(
        "A A_scale A_zero_point? B B_scale B_zero_point? C_scale C_zero_point?", "C", [1], MicrosoftDomain);

    private protected override Op Inner => new Add();
}

/// <summary>The product of two quantized tensors, element by element. Source: com.microsoft QLinearMul.</summary>
public sealed record QLinearMul : QLinearBinary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<QLinearMul>(
        "A A_scale A_zero_point? B B_scale B_zero_point? C_scale C_zero_point?", "C", [1], MicrosoftDomain);

    private protected override Op Inner => new Mul();
}

/// <summary>An op on one quantized tensor.</summary>
public abstract record QLinearUnary : QLinearOp
{
    /// <summary>The op on numbers.</summary>
    private protected abstract Op Inner { get; }

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Quantized(context, 0);
        Parameters(context, 3, x.DType);
        var numbers = new InferContext([x with { DType = DType.Float32 }], 1, "numbers", _ => null, _ => null);
        return [x with { Shape = ((TensorType)Inner.Infer(numbers)[0]).Shape }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        return [Quantize(context, Run(context, Inner, Numbers(context, 0)), 3, context.Tensor(0).DType)];
    }

    /// <summary>Six operations for each element.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(6);
}

/// <summary>The sigmoid of a quantized tensor. Source: com.microsoft QLinearSigmoid.</summary>
public sealed record QLinearSigmoid : QLinearUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<QLinearSigmoid>(
        "X X_scale X_zero_point? Y_scale Y_zero_point?", "Y", [1], MicrosoftDomain);

    private protected override Op Inner => new Sigmoid();
}

/// <summary>LeakyRelu of a quantized tensor. Source: com.microsoft QLinearLeakyRelu.</summary>
/// <param name="Alpha">Slope below 0.</param>
public sealed record QLinearLeakyRelu(float Alpha = 0.01f) : QLinearUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<QLinearLeakyRelu>(
        "X X_scale X_zero_point? Y_scale Y_zero_point?", "Y", [1], MicrosoftDomain);

    private protected override Op Inner => new LeakyRelu(Alpha);
}

/// <summary>Quantized tensors one behind the other along an axis. Source: com.microsoft QLinearConcat.</summary>
/// <param name="Axis">The axis.</param>
public sealed record QLinearConcat(long Axis) : QLinearOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<QLinearConcat>("Y_scale Y_zero_point inputs...", "Y", [1], MicrosoftDomain);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        int count = context.Count - 2;
        if (count < 3 || count % 3 != 0)
            throw context.Fault(FaultCodes.OperandCount, $"each tensor has a scale and a zero point, got {count} operands");
        var dtype = context.Tensor(1, t => t is DType.Int8 or DType.UInt8, "i8 or u8").DType;
        Parameters(context, 0, dtype);
        ImmutableArray<IrType?> types = [.. Enumerable.Range(0, count / 3)
            .Select(i => (IrType)(Quantized(context, 2 + 3 * i) with { DType = DType.Float32 }))];
        var numbers = new InferContext(types, 1, "numbers", _ => null, _ => null);
        return [new TensorType(dtype, ((TensorType)new Concat(Axis).Infer(numbers)[0]).Shape)];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        Tensor[] parts = [.. Enumerable.Range(0, (context.Count - 2) / 3).Select(i => Numbers(context, 2 + 3 * i))];
        return [Quantize(context, Run(context, new Concat(Axis), parts), 0, context.Tensor(1).DType)];
    }

    /// <summary>Four operations for each element.</summary>
    public override Work Measure(MeasureContext context) => context.Elementwise(4);
}
