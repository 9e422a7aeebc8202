using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// In inference the operand itself, and a mask of all true. In training each element is dropped at random with the probability
/// <c>ratio</c>, and the others are divided by 1 - <c>ratio</c>; the mask says which are kept. Source: ai.onnx Dropout.
/// </summary>
/// <param name="Seed">Seed of the random numbers in training.</param>
public sealed record Dropout(long? Seed = null) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<Dropout>("data ratio? training_mode?", "output mask?", [1, 6, 7, 10, 12, 13, 22])
            .Dropped(6, "consumed_inputs")
            .Change(7, up: form => form.Attributes.Remove("is_test"), down: form =>
            {
                form.Attributes["is_test"] = 1L;
                return null;
            })
            .Change(10, up: form =>
            {
                // The mask had the dtype of the data.
                if (form.Type(0) is TensorType { DType: var dtype and not DType.Unknown } && form.OutputCount > 1)
                    form.After[1] = mask => form.Scope.Emit(new Cast(dtype), mask);
            }, down: form => form.OutputCount > 1 ? "the mask is bool from opset 10 on" : null)
            .FloatAttributeToInput(12, "ratio", 1)
            .Change(12, down: form =>
            {
                form.Attributes.Remove("seed");
                if (form.Has(2) && form.Constant(2) is not { Count: 1 }) return "training_mode is computed";
                if (form.Has(2) && form.Constant(2)!.ToLong() != 0) return "training is said by an operand from opset 12 on";
                if (form.Has(2)) form.Inputs[2] = -1;
                form.TrimInputs();
                return null;
            })
            .NewTypes(13, 0, DTypeSets.BFloat16).NewTypes(22, 0, DTypeSets.Float8);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var data = context.Floats(0);
        if (context.Has(1)) context.Floats(1);
        if (context.Has(2)) context.Truths(2);
        return [data, data with { DType = DType.Bool }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var data = context.Tensor(0);
        double ratio = context.OptionalSingle(2) is { } training && training.ToLong() != 0 ? context.OptionalSingle(1)?.ToDouble() ?? 0.5
            : 0;
        if (!(ratio >= 0 && ratio < 1)) throw EvaluateContext.Fault(FaultCodes.Data, $"the ratio must be within [0, 1), got {ratio}");
        var mask = new bool[data.Count];
        Array.Fill(mask, true);
        if (ratio == 0) return [data, Tensor.Of(data.Dims.AsSpan(), mask)];
        var stream = new RandomStream(Seed);
        double[] items = data.ToDoubles();
        for (int i = 0; i < items.Length; i++)
        {
            mask[i] = stream.Uniform() >= ratio;
            items[i] = mask[i] ? items[i] / (1 - ratio) : 0;
        }
        return [context.Floats(data.DType, data.Dims.AsSpan(), items), Tensor.Of(data.Dims.AsSpan(), mask)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
