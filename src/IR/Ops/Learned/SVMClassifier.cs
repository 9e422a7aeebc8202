using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// The class of each row by votes between each two classes, and scores: the votes' sums, or probabilities where Platt's parameters are
/// given (T.-F. Wu, C.-J. Lin, R. Weng, "Probability estimates for multi-class classification by pairwise coupling", 2004). Without support
/// vectors scores are linear. Source: ai.onnx.ml SVMClassifier.
/// </summary>
/// <param name="ClasslabelsInts">Names of classes as integers.</param>
/// <param name="ClasslabelsStrings">Names of classes as strings.</param>
/// <param name="Coefficients">[classes - 1, vectors], or [classes, features].</param>
/// <param name="KernelParams">gamma, coef0, degree.</param>
/// <param name="KernelType">The kernel.</param>
/// <param name="PostTransform">What follows.</param>
/// <param name="ProbA">Slope of the probability of each pair; empty for none.</param>
/// <param name="ProbB">Shift of the probability of each pair.</param>
/// <param name="Rho">Added to the score of each pair.</param>
/// <param name="SupportVectors">[vectors, features].</param>
/// <param name="VectorsPerClass">Support vectors of each class.</param>
public sealed record SVMClassifier(EquatableArray<long> ClasslabelsInts = default, EquatableArray<string> ClasslabelsStrings = default,
    EquatableArray<float> Coefficients = default, EquatableArray<float> KernelParams = default,
    SvmKernelType KernelType = SvmKernelType.Linear, PostTransform PostTransform = PostTransform.None,
    EquatableArray<float> ProbA = default, EquatableArray<float> ProbB = default, EquatableArray<float> Rho = default,
    EquatableArray<float> SupportVectors = default, EquatableArray<long> VectorsPerClass = default) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<SVMClassifier>("X", "Y Z", [1], "ai.onnx.ml");

    /// <inheritdoc/>
    public override string Domain => "ai.onnx.ml";

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(64);

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    private ClassLabels Labels => new(ClasslabelsInts, ClasslabelsStrings);

    private int Classes => VectorsPerClass.IsEmpty ? Labels.Count : VectorsPerClass.Count;

    private int Vectors => (int)VectorsPerClass.Sum();

    private int Pairs => Classes * (Classes - 1) / 2;

    private int Columns => VectorsPerClass.IsEmpty || !ProbA.IsEmpty ? Classes : Classes == 2 ? 2 : Pairs;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0, t => t is DType.Float32 or DType.Float64 or DType.Int32 or DType.Int64, "f32, f64, i32 or i64");
        bool isLinear = VectorsPerClass.IsEmpty;
        long features = isLinear ? Coefficients.Count / Math.Max(Classes, 1) : SupportVectors.Count / Math.Max(Vectors, 1);
        if (Classes != Labels.Count || VectorsPerClass.Any(v => v < 0 || v > 1 << 24) || Rho.IsEmpty
            || (!isLinear && (Vectors == 0 || Classes < 2 || Rho.Count != Pairs || Coefficients.Count != (Classes - 1) * Vectors
                || SupportVectors.Count != Vectors * features || ProbA.Count != ProbB.Count || (!ProbA.IsEmpty && ProbA.Count != Pairs)))
            || (isLinear && Coefficients.Count != Classes * features)
            || (x.Shape is { Rank: 1 or 2 } shape && Dim.AreEqual(shape[^1], features) == Answer.No))
            throw context.Fault(FaultCodes.Attribute,
                $"{Coefficients.Count} coefficients, {SupportVectors.Count} numbers of {Vectors} support "
                + $"vectors, {Rho.Count} rho and {ProbA.Count} prob_a do not fit {Classes} classes of {x}");
        return Labels.Infer(context, Columns);
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var (items, rows, features) = DecisionForest.Rows(context.Tensor(0));
        var kernel = new SvmKernel(VectorsPerClass.IsEmpty ? SvmKernelType.Linear : KernelType, KernelParams);
        var scores = new ClassScores(Labels, rows, Columns);
        for (int row = 0; row < rows; row++)
        {
            var x = items.AsSpan(row * features, features);
            if (VectorsPerClass.IsEmpty)
            {
                var found = new double[Classes];
                for (int c = 0; c < Classes; c++) found[c] = kernel.Of(x, Coefficients.Span.Slice(c * features, features)) + Rho[0];
                scores.Set(row, found, PostTransform);
                continue;
            }
            var (pairs, votes) = Vote(kernel, x);
            int best = Array.IndexOf(votes, votes.Max());
            if (!ProbA.IsEmpty)
            {
                double[] chances = SvmProbability.Of(pairs, ProbA, ProbB, Classes);
                scores.Set(row, best, chances, PostTransform);
            }
            else scores.Set(row, best, Classes == 2 ? [-pairs[0], pairs[0]] : pairs, PostTransform);
        }
        return scores.Results(context);
    }

    /// <summary>A multiply-accumulate for each feature and support vector.</summary>
    public override Work Measure(MeasureContext context) => context.Products(context.Input(0).Count * Math.Max(1, Vectors));

    private (double[] Pairs, int[] Votes) Vote(SvmKernel kernel, ReadOnlySpan<double> x)
    {
        var kernels = new double[Vectors];
        for (int v = 0; v < kernels.Length; v++) kernels[v] = kernel.Of(x, SupportVectors.Span.Slice(v * x.Length, x.Length));
        int[] starts = [.. Enumerable.Range(0, Classes).Select(c => (int)VectorsPerClass.Take(c).Sum())];
        var (pairs, votes, pair) = (new double[Pairs], new int[Classes], 0);
        for (int i = 0; i < Classes; i++)
            for (int j = i + 1; j < Classes; j++, pair++)
            {
                double sum = Rho[pair];
                for (int v = starts[i]; v < starts[i] + VectorsPerClass[i]; v++) sum += Coefficients[(j - 1) * Vectors + v] * kernels[v];
                for (int v = starts[j]; v < starts[j] + VectorsPerClass[j]; v++) sum += Coefficients[i * Vectors + v] * kernels[v];
                pairs[pair] = sum;
                votes[sum > 0 ? i : j]++;
            }
        return (pairs, votes);
    }
}

/// <summary>Probabilities of classes from those of pairs, by the second method of Wu, Lin and Weng.</summary>
internal static class SvmProbability
{
    /// <summary>The probabilities for the scores of all pairs.</summary>
    public static double[] Of(double[] pairs, EquatableArray<float> a, EquatableArray<float> b, int classes)
    {
        var r = new double[classes, classes];
        for (int i = 0, pair = 0; i < classes; i++)
            for (int j = i + 1; j < classes; j++, pair++)
            {
                double p = Math.Clamp(1 - ScoreTransform.Logistic(pairs[pair] * a[pair] + b[pair]), 1e-7, 1 - 1e-7);
                (r[i, j], r[j, i]) = (p, 1 - p);
            }
        return Couple(r, classes);
    }

    private static double[] Couple(double[,] r, int k)
    {
        double[,] q = new double[k, k];
        double[] p = new double[k], qp = new double[k];
        for (int t = 0; t < k; t++)
        {
            p[t] = 1.0 / k;
            for (int j = 0; j < k; j++)
                if (j != t)
                {
                    q[t, t] += r[j, t] * r[j, t];
                    q[t, j] = -r[j, t] * r[t, j];
                }
        }
        for (int step = 0; step < Math.Max(100, k); step++)
        {
            double total = 0, error = 0;
            for (int t = 0; t < k; t++)
            {
                qp[t] = 0;
                for (int j = 0; j < k; j++) qp[t] += q[t, j] * p[j];
                total += p[t] * qp[t];
            }
            for (int t = 0; t < k; t++) error = Math.Max(error, Math.Abs(qp[t] - total));
            if (error < 0.005 / k) break;
            for (int t = 0; t < k; t++)
            {
                double change = (total - qp[t]) / q[t, t];
                p[t] += change;
                total = (total + change * (change * q[t, t] + 2 * qp[t])) / ((1 + change) * (1 + change));
                for (int j = 0; j < k; j++) (qp[j], p[j]) = ((qp[j] + change * q[t, j]) / (1 + change), p[j] / (1 + change));
            }
        }
        return p;
    }
}
