using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>Sums of features times coefficients, for each row. Source: ai.onnx.ml LinearRegressor.</summary>
/// <param name="Coefficients">[targets, features].</param>
/// <param name="Intercepts">Added to each target; empty for none.</param>
/// <param name="PostTransform">What follows.</param>
/// <param name="Targets">Number of targets.</param>
public sealed record LinearRegressor(EquatableArray<float> Coefficients = default, EquatableArray<float> Intercepts = default,
    PostTransform PostTransform = PostTransform.None, long Targets = 1) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<LinearRegressor>("X", "Y", [1], "ai.onnx.ml");

    /// <inheritdoc/>
    public override string Domain => "ai.onnx.ml";

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        LinearScores.Check(context, Coefficients.Count, Targets, Intercepts.Count);
        return [new TensorType(DType.Float32, DecisionForest.ResultShape(context, Targets))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        double[] y = LinearScores.Compute(context.Tensor(0), Coefficients, Intercepts, (int)Targets);
        for (int row = 0; row < dims[0]; row++) PostTransform.Apply(y.AsSpan(row * (int)Targets, (int)Targets));
        return [context.Floats(DType.Float32, dims, y)];
    }

    /// <summary>A multiply-accumulate for each feature and target.</summary>
    public override Work Measure(MeasureContext context) => context.Products(context.Input(0).Count * Targets);
}

/// <summary>The class of the greatest linear score of each row, and the scores. Source: ai.onnx.ml LinearClassifier.</summary>
/// <param name="Coefficients">[classes, features], or [features] for two classes.</param>
/// <param name="ClasslabelsInts">Names of classes as integers.</param>
/// <param name="ClasslabelsStrings">Names of classes as strings.</param>
/// <param name="Intercepts">Added to each score; empty for none.</param>
/// <param name="MultiClass">How the model was trained; it changes nothing.</param>
/// <param name="PostTransform">What follows.</param>
public sealed record LinearClassifier(EquatableArray<float> Coefficients, EquatableArray<long> ClasslabelsInts = default,
    EquatableArray<string> ClasslabelsStrings = default, EquatableArray<float> Intercepts = default, long MultiClass = 0,
    PostTransform PostTransform = PostTransform.None) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<LinearClassifier>("X", "Y Z", [1], "ai.onnx.ml");

    /// <inheritdoc/>
    public override string Domain => "ai.onnx.ml";

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    private ClassLabels Labels => new(ClasslabelsInts, ClasslabelsStrings);

    // Two classes may have the scores of one.
    private int Rows => Intercepts.IsEmpty ? Labels.Count : Intercepts.Count;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        LinearScores.Check(context, Coefficients.Count, Rows, Intercepts.Count);
        if (Rows != Labels.Count && !(Rows == 1 && Labels.Count == 2))
            throw context.Fault(FaultCodes.Attribute, $"{Rows} scores are given for {Labels.Count} classes");
        return Labels.Infer(context, Labels.Count);
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        double[] found = LinearScores.Compute(context.Tensor(0), Coefficients, Intercepts, Rows);
        int rows = found.Length / Rows;
        var scores = new ClassScores(Labels, rows, Labels.Count);
        for (int row = 0; row < rows; row++)
            if (Rows == Labels.Count) scores.Set(row, found[(row * Rows)..((row + 1) * Rows)], PostTransform);
            else scores.Set(row, found[row] > 0 ? 1 : 0, [-found[row], found[row]], PostTransform);
        return scores.Results(context);
    }

    /// <summary>A multiply-accumulate for each feature and class.</summary>
    public override Work Measure(MeasureContext context) => context.Products(context.Input(0).Count * Math.Max(1, Rows));
}

/// <summary>Scores Σ x · c + intercept.</summary>
internal static class LinearScores
{
    /// <summary>Fault where operand and coefficients do not fit.</summary>
    public static void Check(InferContext context, int coefficients, long targets, int intercepts)
    {
        var x = context.Tensor(0, t => t is DType.Float32 or DType.Float64 or DType.Int32 or DType.Int64, "f32, f64, i32 or i64");
        if (targets < 1 || coefficients % targets != 0 || (intercepts != 0 && intercepts != targets)
            || (x.Shape is { Rank: 1 or 2 } shape && Dim.AreEqual(shape[^1], coefficients / targets) == Answer.No))
            throw context.Fault(FaultCodes.Attribute,
                $"{coefficients} coefficients and {intercepts} intercepts do not make {targets} scores of {x}");
    }

    /// <summary>The scores [rows, targets].</summary>
    public static double[] Compute(Tensor x, EquatableArray<float> coefficients, EquatableArray<float> intercepts, int targets)
    {
        var (items, rows, features) = DecisionForest.Rows(x);
        var y = new double[rows * targets];
        for (int i = 0; i < y.Length; i++)
        {
            var (row, target) = (i / targets, i % targets);
            for (int f = 0; f < features; f++) y[i] += items[row * features + f] * coefficients[target * features + f];
            if (!intercepts.IsEmpty) y[i] += intercepts[target];
        }
        return y;
    }
}
