namespace Nncc.IR.Ops;

/// <summary>How the losses of all places become the result.</summary>
public enum LossReduction
{
    /// <summary>Not at all.</summary>
    None,
    /// <summary>Their sum.</summary>
    Sum,
    /// <summary>Their sum over the sum of weights.</summary>
    Mean,
}

/// <summary>
/// The loss of logarithms of probabilities [n, classes, d1, ...] against classes [n, d1, ...]: -weight · log probability of the right
/// class. Shared by NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss.
/// </summary>
internal static class ClassLoss
{
    /// <summary>The type of the loss; fault where operands 0 to 2 do not fit.</summary>
    public static TensorType Infer(InferContext context, LossReduction reduction)
    {
        var scores = context.ArithmeticFloats(0);
        var target = context.Tensor(1, t => t is DType.Int32 or DType.Int64, "i32 or i64");
        if (context.Has(2))
        {
            context.ArithmeticFloats(2);
            context.SameDType(0, 2);
        }
        if (scores.Shape is { } shape)
        {
            if (shape.Rank < 2 || (target.Shape is { } given && given.Rank != shape.Rank - 1))
                throw context.Fault(FaultCodes.OperandShape, $"a loss takes [n,classes,...] and [n,...], got {scores} and {target}");
            context.Vector(2, "weights", shape[1], "one for each class");
            if (target.Shape is { } places)
                for (int i = 0; i < places.Rank; i++) context.Same(places[i], shape[i == 0 ? 0 : i + 1], "places of scores and classes");
        }
        return scores with { Shape = reduction == LossReduction.None ? target.Shape : Shape.Scalar };
    }

    /// <summary>The loss.</summary>
    public static Tensor Evaluate(EvaluateContext context, double[] logs, LossReduction reduction, long? ignored)
    {
        Tensor scores = context.Tensor(0), target = context.Tensor(1);
        long[] classes = target.ToLongs();
        double[]? weights = context.Optional(2)?.ToDoubles();
        int count = (int)scores.Dims[1], inner = (int)Places.Product(scores.Dims.Skip(2));
        var losses = new double[classes.Length];
        double total = 0;
        for (int i = 0; i < losses.Length; i++)
        {
            if (classes[i] == ignored) continue;
            if (classes[i] < 0 || classes[i] >= count)
                throw EvaluateContext.Fault(FaultCodes.Data, $"class {classes[i]} is none of {count}");
            double weight = weights?[classes[i]] ?? 1;
            losses[i] = -weight * logs[(i / inner * count + (int)classes[i]) * inner + i % inner];
            total += weight;
        }
        if (reduction == LossReduction.None) return context.Floats(scores.DType, target.Dims.AsSpan(), losses);
        double sum = 0;
        foreach (double loss in losses) sum += loss;
        return context.Floats(scores.DType, [], [reduction == LossReduction.Sum ? sum : sum / total]);
    }
}
