using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// Y = (X - mean) / sqrt(var + epsilon) · scale + B for each channel of X [n, c, ...]. In training mode mean and variance are those of
/// the batch, and two more results are the running statistics. Source: ai.onnx BatchNormalization.
/// </summary>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Momentum">Part of the old running statistics in the new ones.</param>
/// <param name="TrainingMode">Whether the batch's statistics are used.</param>
public sealed record BatchNormalization(float Epsilon = 1e-5f, float Momentum = 0.9f, bool TrainingMode = false) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<BatchNormalization>("X scale B input_mean input_var", "Y running_mean? running_var?", [1, 6, 7, 9, 14, 15])
            .Change(6, form => form.Attributes.Remove("consumed_inputs"), form =>
            {
                form.Attributes["consumed_inputs"] = (EquatableArray<long>)[0, 0, 0, 1, 1];
                return null;
            })
            .Change(7, TestMode, form =>
            {
                form.Attributes["is_test"] = 1L;
                return null;
            })
            .Change(9, PerActivation, FormChange.Nothing)
            .Change(14, form =>
            {
                // Until then the number of results told training from inference; the last two, saved_mean and saved_var, went away.
                if (form.OutputCount > 1) form.Attributes["training_mode"] = 1L;
                form.OutputCount = Math.Min(form.OutputCount, 3);
            }, form => form.Int("training_mode", 0) == 0 ? null : "training mode is an attribute from opset 14 on")
            .NewTypes(14, 0, DType.BFloat16)
            .Change(15, down: form => form.Type(0) is TensorType x
                && Enumerable.Range(1, 4).All(i => form.Type(i) is TensorType t && t.DType == x.DType)
                ? null : "its operands have several dtypes, which they may from opset 15 on");

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(8);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        for (int i = 1; i < 5; i++) context.ArithmeticFloats(i);
        context.SameDType(1, 2);
        context.SameDType(3, 4);
        if (!TrainingMode && context.ResultCount > 1)
            throw context.Fault(FaultCodes.OperandCount,
                $"BatchNormalization gives 1 result without training_mode, got {context.ResultCount}");
        var channels = x.Shape is { } shape ? shape.Rank >= 2 ? shape[1] : shape.Rank == 1 ? 1
            : throw context.Fault(FaultCodes.OperandShape, $"BatchNormalization takes [n,c,..], got {x}") : null;
        string[] names = ["scale", "B", "mean", "var"];
        for (int i = 0; i < 4; i++) context.Vector(i + 1, names[i], channels, "one for each channel");
        return TrainingMode ? [x, context.Tensor(3), context.Tensor(4)] : [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        double[] items = x.ToDoubles(), scale = context.Tensor(1).ToDoubles(), shift = context.Tensor(2).ToDoubles();
        double[] mean = context.Tensor(3).ToDoubles(), variance = context.Tensor(4).ToDoubles();
        int channels = scale.Length, plane = 1;
        for (int i = 2; i < x.Rank; i++) plane *= (int)x.Dims[i];
        ImmutableArray<Datum> statistics = [];
        if (TrainingMode)
        {
            double[] oldMean = mean, oldVariance = variance;
            (mean, variance) = Statistics(items, channels, plane);
            statistics = [Running(context, 3, oldMean, mean), Running(context, 4, oldVariance, variance)];
        }
        for (int i = 0; i < items.Length; i++)
        {
            int c = i / plane % channels;
            items[i] = (items[i] - mean[c]) / Math.Sqrt(variance[c] + Epsilon) * scale[c] + shift[c];
        }
        return [context.Floats(x.DType, x.Dims.AsSpan(), items), .. statistics];
    }

    /// <summary>
    /// A product and a sum for each element, the factors being constant for inference; in training mode mean and variance take four more.
    /// </summary>
    public override Work Measure(MeasureContext context) => context.PerInput(TrainingMode ? 6 : 2);

    private Tensor Running(EvaluateContext context, int operand, double[] old, double[] batch)
    {
        var tensor = context.Tensor(operand);
        double[] result = [.. old.Select((o, c) => o * Momentum + batch[c] * (1 - (double)Momentum))];
        return context.Floats(tensor.DType, tensor.Dims.AsSpan(), result);
    }

    private static (double[] Mean, double[] Variance) Statistics(double[] items, int channels, int plane)
    {
        double[] mean = new double[channels], variance = new double[channels];
        double count = channels == 0 ? 0 : (double)items.Length / channels;
        for (int i = 0; i < items.Length; i++) mean[i / plane % channels] += items[i];
        for (int c = 0; c < channels; c++) mean[c] /= count;
        for (int i = 0; i < items.Length; i++)
        {
            double difference = items[i] - mean[i / plane % channels];
            variance[i / plane % channels] += difference * difference;
        }
        for (int c = 0; c < channels; c++) variance[c] /= count;
        return (mean, variance);
    }

    // Before opset 7 an attribute told training from inference, and training was the default.
    private static void TestMode(OpForm form)
    {
        bool isTest = form.Take<long>("is_test") is not (null or 0L);
        if (isTest) form.OutputCount = Math.Min(form.OutputCount, 1);
        else form.Attributes["training_mode"] = 1L;
    }

    // Before opset 9 with spatial = 0 each element of an image had its own statistics: one channel for each.
    private static void PerActivation(OpForm form)
    {
        if (form.Take<long>("spatial") is not 0L || form.Rank(0) == 2) return;
        int sizes = form.Scope.Emit(new ShapeOf(), form.Inputs[0]), all = form.Scope.AddConstant(Tensor.Vector(-1L));
        form.Inputs[0] = form.Scope.Emit(new Flatten(1), form.Inputs[0]);
        for (int i = 1; i < 5; i++)
            if (form.Has(i) && form.Rank(i) != 1) form.Inputs[i] = form.Scope.Emit(new Reshape(), form.Inputs[i], all);
        form.After[0] = matrix => form.Scope.Emit(new Reshape(), matrix, sizes);
    }
}
