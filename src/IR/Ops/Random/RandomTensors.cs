using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>A tensor of random floats. The same seed gives the same numbers; an implementation need only have the distribution.</summary>
public abstract record RandomOp : Op
{
    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Random;

    /// <summary>The next number.</summary>
    private protected abstract double Next(RandomStream stream);

    /// <summary>Seed of the numbers.</summary>
    private protected abstract float? SeedOf { get; }

    /// <summary>The type of a tensor of that dtype.</summary>
    private protected TensorType Result(InferContext context, DType dtype, Shape? shape) =>
        dtype.IsArithmeticFloat() || (dtype == DType.Unknown && context.Has(0)) ? new TensorType(dtype, shape)
            : throw context.Fault(FaultCodes.Attribute, $"{Name} does not give {dtype.Name()}");

    /// <summary>Numbers of these sizes.</summary>
    private protected Tensor Draw(EvaluateContext context, ReadOnlySpan<long> dims)
    {
        var stream = new RandomStream(SeedOf);
        var dtype = ((TensorType)context.Infer(this)[0]).DType;
        return context.Floats(dtype, dims, RandomStream.Fill(Broadcasting.Count(dims), () => Next(stream)));
    }

    /// <summary>Some operations for each number.</summary>
    public override Work Measure(MeasureContext context) => context.Elementwise(8);

    private protected static Shape Sizes(InferContext context, EquatableArray<long> shape) => shape.All(s => s >= 0) ? Shape.Of(shape.Span)
        : throw context.Fault(FaultCodes.Attribute, $"shape {shape} has a negative size");
}

/// <summary>Numbers of a normal distribution. Source: ai.onnx RandomNormal.</summary>
/// <param name="Shape">Sizes of the result.</param>
/// <param name="Dtype">Dtype of the result.</param>
/// <param name="Mean">Mean.</param>
/// <param name="Scale">Standard deviation.</param>
/// <param name="Seed">Seed; null leaves it open.</param>
public sealed record RandomNormal(EquatableArray<long> Shape, DType Dtype = DType.Float32, float Mean = 0, float Scale = 1,
    float? Seed = null) : RandomOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<RandomNormal>("", "output", [1, 22]).BFloat16Result(22);

    private protected override float? SeedOf => Seed;

    private protected override double Next(RandomStream stream) => Mean + Scale * stream.Normal();

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [Result(context, Dtype, Sizes(context, Shape))];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) => [Draw(context, Shape.Span)];
}

/// <summary>Numbers of a normal distribution, of the operand's sizes. Source: ai.onnx RandomNormalLike.</summary>
/// <param name="Dtype">Dtype of the result; unknown for the operand's.</param>
/// <param name="Mean">Mean.</param>
/// <param name="Scale">Standard deviation.</param>
/// <param name="Seed">Seed; null leaves it open.</param>
public sealed record RandomNormalLike(DType Dtype = DType.Unknown, float Mean = 0, float Scale = 1, float? Seed = null) : RandomOp,
    IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<RandomNormalLike>("input", "output", [1, 22])
        .NewTypes(22, 0, DType.BFloat16).BFloat16Result(22);

    private protected override float? SeedOf => Seed;

    private protected override double Next(RandomStream stream) => Mean + Scale * stream.Normal();

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) =>
        [Result(context, Dtype == DType.Unknown ? context.Tensor(0).DType : Dtype, context.Tensor(0).Shape)];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) => [Draw(context, context.Tensor(0).Dims.AsSpan())];
}

/// <summary>Numbers from [low, high), all alike. Source: ai.onnx RandomUniform.</summary>
/// <param name="Shape">Sizes of the result.</param>
/// <param name="Dtype">Dtype of the result.</param>
/// <param name="High">Upper end.</param>
/// <param name="Low">Lower end.</param>
/// <param name="Seed">Seed; null leaves it open.</param>
public sealed record RandomUniform(EquatableArray<long> Shape, DType Dtype = DType.Float32, float High = 1, float Low = 0,
    float? Seed = null) : RandomOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<RandomUniform>("", "output", [1, 22]).BFloat16Result(22);

    private protected override float? SeedOf => Seed;

    private protected override double Next(RandomStream stream) => Low + ((double)High - Low) * stream.Uniform();

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [Result(context, Dtype, Sizes(context, Shape))];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) => [Draw(context, Shape.Span)];
}

/// <summary>Numbers from [low, high), all alike, of the operand's sizes. Source: ai.onnx RandomUniformLike.</summary>
/// <param name="Dtype">Dtype of the result; unknown for the operand's.</param>
/// <param name="High">Upper end.</param>
/// <param name="Low">Lower end.</param>
/// <param name="Seed">Seed; null leaves it open.</param>
public sealed record RandomUniformLike(DType Dtype = DType.Unknown, float High = 1, float Low = 0, float? Seed = null) : RandomOp,
    IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<RandomUniformLike>("input", "output", [1, 22])
        .NewTypes(22, 0, DType.BFloat16).BFloat16Result(22);

    private protected override float? SeedOf => Seed;

    private protected override double Next(RandomStream stream) => Low + ((double)High - Low) * stream.Uniform();

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) =>
        [Result(context, Dtype == DType.Unknown ? context.Tensor(0).DType : Dtype, context.Tensor(0).Shape)];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) => [Draw(context, context.Tensor(0).Dims.AsSpan())];
}

/// <summary>Forms of random ops.</summary>
internal static class RandomForms
{
    /// <summary>The attribute <c>dtype</c> may say bfloat16 from a version on.</summary>
    public static OpDefinition BFloat16Result(this OpDefinition definition, int version) => definition.Change(version,
        down: form => (DType)form.Int("dtype", 0) == DType.BFloat16 ? $"bf16 is given from opset {version} on" : null);
}
