using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// A window of so many places: a0 - a1 cos(2πn/N) + a2 cos(4πn/N), N being the size, or one less where it is not periodic, but at least 1.
/// </summary>
public abstract record WindowFunction : Op
{
    /// <summary>The coefficients.</summary>
    protected abstract (double A0, double A1, double A2) Coefficients { get; }

    /// <summary>The dtype of the result.</summary>
    protected abstract DType Result { get; }

    /// <summary>Whether the place behind the last is that of the first.</summary>
    protected abstract bool IsPeriodic { get; }

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        context.Tensor(0, t => t is DType.Int32 or DType.Int64, "i32 or i64");
        if (!Result.IsArithmeticFloat() && !(Result.IsInteger() && Result.Bits() >= 8))
            throw context.Fault(FaultCodes.Attribute, $"{Name} does not give {Result.Name()}");
        if (context.Known(0) is [{ Value: { } size }] && (size < 0 || size > Array.MaxLength))
            throw context.Fault(FaultCodes.Data, $"a window of {size} places");
        return [new TensorType(Result, [context.Known(0) is [var known] ? known : context.Fresh()])];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long size = context.Single(0).ToLong();
        Broadcasting.Count([size < 0 ? long.MaxValue : size]);
        var items = new double[size];
        var (a0, a1, a2) = Coefficients;
        double period = Math.Max(IsPeriodic ? size : size - 1, 1);
        for (int n = 0; n < items.Length; n++)
        {
            double angle = 2 * Math.PI * n / period;
            // In this order the greatest sum is 1, which as an integer is not 0.
            items[n] = a2 * Elementary.Cos(2 * angle) - a1 * Elementary.Cos(angle) + a0;
        }
        return [Result.IsFloat() ? context.Floats(Result, [size], items) : Tensor.FromDoubles(Result, [size], items)];
    }

    /// <summary>Two cosines, two products and two sums for each place.</summary>
    public override Work Measure(MeasureContext context) => context.Elementwise(6);
}

/// <summary>The Hann window. Source: ai.onnx HannWindow.</summary>
/// <param name="OutputDatatype">The dtype of the result.</param>
/// <param name="Periodic">Whether the place behind the last is that of the first.</param>
public sealed record HannWindow(DType OutputDatatype = DType.Float32, bool Periodic = true) : WindowFunction, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<HannWindow>("size", "output", [17]);

    /// <inheritdoc/>
    protected override (double A0, double A1, double A2) Coefficients => (0.5, 0.5, 0);

    /// <inheritdoc/>
    protected override DType Result => OutputDatatype;

    /// <inheritdoc/>
    protected override bool IsPeriodic => Periodic;
}

/// <summary>The Hamming window. Source: ai.onnx HammingWindow.</summary>
/// <param name="OutputDatatype">The dtype of the result.</param>
/// <param name="Periodic">Whether the place behind the last is that of the first.</param>
public sealed record HammingWindow(DType OutputDatatype = DType.Float32, bool Periodic = true) : WindowFunction, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<HammingWindow>("size", "output", [17]);

    /// <inheritdoc/>
    protected override (double A0, double A1, double A2) Coefficients => (25.0 / 46, 21.0 / 46, 0);

    /// <inheritdoc/>
    protected override DType Result => OutputDatatype;

    /// <inheritdoc/>
    protected override bool IsPeriodic => Periodic;
}

/// <summary>The Blackman window. Source: ai.onnx BlackmanWindow.</summary>
/// <param name="OutputDatatype">The dtype of the result.</param>
/// <param name="Periodic">Whether the place behind the last is that of the first.</param>
public sealed record BlackmanWindow(DType OutputDatatype = DType.Float32, bool Periodic = true) : WindowFunction, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<BlackmanWindow>("size", "output", [17]);

    /// <inheritdoc/>
    protected override (double A0, double A1, double A2) Coefficients => (0.42, 0.5, 0.08);

    /// <inheritdoc/>
    protected override DType Result => OutputDatatype;

    /// <inheritdoc/>
    protected override bool IsPeriodic => Periodic;
}
