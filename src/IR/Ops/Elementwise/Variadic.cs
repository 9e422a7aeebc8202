using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>A number for each place from any number of tensors that broadcast, folded from left to right.</summary>
public abstract record Variadic : NumberBinary
{
    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        if (context.Count == 0) throw context.Fault(FaultCodes.OperandCount, $"{FullName} needs an operand");
        var first = context.Numbers(0);
        var (dtype, shape, known) = (first.DType, first.Shape, context.Known(0));
        for (int i = 1; i < context.Count; i++)
        {
            shape = context.Broadcast(shape, context.Numbers(i).Shape);
            if (context.SameDType(0, i) is var other && dtype == DType.Unknown) dtype = other;
            known = KnownSizes.Map(known, context.Known(i), Apply);
        }
        context.Know(0, KnownSizes.Within(dtype, known));
        return [new TensorType(dtype, shape)];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var tensors = context.InputsFrom(0).Select((_, i) => context.Tensor(i)).ToArray();
        long[] dims = Broadcasting.Dims(tensors);
        var dtype = tensors[0].DType;
        if (!dtype.IsFloat()) return [tensors.Skip(1).Aggregate(tensors[0], (sum, next) => Combine(context, sum, next))];
        // Partial results stay binary64.
        var (items, sizes) = (tensors[0].ToDoubles(), tensors[0].Dims);
        foreach (var next in tensors.Skip(1))
        {
            var partial = Broadcasting.Dims(Tensor.Wide(dtype, sizes.AsSpan(), items), next);
            items = Broadcasting.Map<double, double>(partial, sizes, items, next.Dims, next.ToDoubles(), Apply);
            sizes = [.. partial];
        }
        for (int i = 0; i < items.Length; i++) items[i] = Finish(items[i], tensors.Length);
        return [context.Floats(dtype, dims, items)];
    }

    /// <summary>What follows the fold over <paramref name="count"/> floats.</summary>
    protected virtual double Finish(double folded, int count) => folded;

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(Math.Max(1, context.Inputs.Length - 1));
}

/// <summary>The greatest of the operands; NaN if one is. Source: ai.onnx Max.</summary>
public sealed record Max : Variadic, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Max>("data_0...", "max", [1, 6, 8, 12, 13]).Extreme();

    /// <inheritdoc/>
    protected override double Apply(double a, double b) => Math.Max(a, b);

    /// <inheritdoc/>
    protected override long Apply(long a, long b) => Math.Max(a, b);

    /// <inheritdoc/>
    protected override ulong Apply(ulong a, ulong b) => Math.Max(a, b);

    /// <inheritdoc/>
    protected override Dim? Apply(Dim a, Dim b) => Dim.Max(a, b);
}

/// <summary>The least of the operands; NaN if one is. Source: ai.onnx Min.</summary>
public sealed record Min : Variadic, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Min>("data_0...", "min", [1, 6, 8, 12, 13]).Extreme();

    /// <inheritdoc/>
    protected override double Apply(double a, double b) => Math.Min(a, b);

    /// <inheritdoc/>
    protected override long Apply(long a, long b) => Math.Min(a, b);

    /// <inheritdoc/>
    protected override ulong Apply(ulong a, ulong b) => Math.Min(a, b);

    /// <inheritdoc/>
    protected override Dim? Apply(Dim a, Dim b) => Dim.Min(a, b);
}

/// <summary>Sum of the operands. Source: ai.onnx Sum.</summary>
public sealed record Sum : Variadic, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Sum>("data_0...", "sum", [1, 6, 8, 13]).Variadic();

    /// <inheritdoc/>
    protected override double Apply(double a, double b) => a + b;

    /// <inheritdoc/>
    protected override long Apply(long a, long b) => a + b;

    /// <inheritdoc/>
    protected override ulong Apply(ulong a, ulong b) => a + b;

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(4);
}

/// <summary>Mean of the operands. Source: ai.onnx Mean.</summary>
public sealed record Mean : Variadic, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Mean>("data_0...", "mean", [1, 6, 8, 13]).Variadic();

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        for (int i = 0; i < context.Count; i++) context.Floats(i);
        return base.Infer(context);
    }

    /// <inheritdoc/>
    protected override double Apply(double a, double b) => a + b;

    /// <inheritdoc/>
    protected override long Apply(long a, long b) => a + b;

    /// <inheritdoc/>
    protected override ulong Apply(ulong a, ulong b) => a + b;

    /// <inheritdoc/>
    protected override double Finish(double folded, int count) => folded / count;

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(4);

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(context.Inputs.Length);
}

/// <summary>The changes of form that the variadic ops share.</summary>
internal static class VariadicForms
{
    // Before opset 8 the operands had to have one shape.
    public static OpDefinition Variadic(this OpDefinition definition) => definition.Dropped(6, "consumed_inputs")
        .Change(8, down: form =>
        {
            var shapes = Enumerable.Range(0, form.Inputs.Count).Select(i => (form.Type(i) as TensorType)?.Shape).ToList();
            return shapes.All(shape => shape is not null && shape.Equals(shapes[0])) ? null : "operands broadcast from opset 8 on";
        }).NewTypes(13, 0, DTypeSets.BFloat16);

    public static OpDefinition Extreme(this OpDefinition definition) => definition.Variadic().NewTypes(12, 0, DTypeSets.AllIntegers);
}
