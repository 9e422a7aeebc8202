using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>Names of classes, integers or strings.</summary>
/// <param name="Integers">Integers, or none.</param>
/// <param name="Strings">Strings, or none.</param>
internal sealed record ClassLabels(EquatableArray<long> Integers, EquatableArray<string> Strings)
{
    /// <summary>Whether classes have strings for names.</summary>
    public bool AreStrings => !Strings.IsEmpty;

    /// <summary>Number of names.</summary>
    public int Count => AreStrings ? Strings.Count : Integers.Count;

    /// <summary>Types of labels [rows] and scores [rows, columns].</summary>
    public ImmutableArray<IrType> Infer(InferContext context, Dim columns)
    {
        if (Integers.IsEmpty == Strings.IsEmpty)
            throw context.Fault(FaultCodes.Attribute, "classes have integers or strings for names, one of them");
        var shape = DecisionForest.ResultShape(context, columns);
        return [new TensorType(AreStrings ? DType.String : DType.Int64, shape is null ? null : [shape[0]]),
            new TensorType(DType.Float32, shape)];
    }
}

/// <summary>Labels and scores of rows as a classifier finds them.</summary>
/// <param name="labels">Names of the classes.</param>
/// <param name="rows">Number of rows.</param>
/// <param name="columns">Scores of a row.</param>
internal sealed class ClassScores(ClassLabels labels, int rows, int columns)
{
    private readonly int[] chosen = new int[rows];
    private readonly double[] scores = new double[rows * columns];

    /// <summary>The class of the greatest score.</summary>
    public void Set(int row, double[] found, PostTransform transform)
    {
        int best = 0;
        for (int i = 1; i < found.Length; i++)
            if (found[i] > found[best]) best = i;
        Set(row, best, found, transform);
    }

    /// <summary>A class and its scores.</summary>
    public void Set(int row, int best, double[] found, PostTransform transform)
    {
        chosen[row] = best;
        transform.Apply(found);
        found.CopyTo(scores.AsSpan(row * columns));
    }

    /// <summary>Two classes by the score of the second: a probability, or a distance from the border.</summary>
    public void SetBinary(int row, double score, bool isProbability, PostTransform transform)
    {
        chosen[row] = score > (isProbability ? 0.5 : 0) ? 1 : 0;
        double[] pair = isProbability ? [1 - score, score] : [-score, score];
        if (!isProbability || transform == PostTransform.Probit) transform.Apply(pair);
        pair.CopyTo(scores.AsSpan(row * columns));
    }

    /// <summary>The two results.</summary>
    public ImmutableArray<Datum> Results(EvaluateContext context) =>
    [
        labels.AreStrings ? Tensor.Vector([.. chosen.Select(c => c < labels.Count ? labels.Strings[c] : "")])
            : Tensor.Vector([.. chosen.Select(c => labels.Count == 1 ? (c == 1 ? labels.Integers[0] : 0) : labels.Integers[c])]),
        context.Floats(DType.Float32, [rows, columns], scores),
    ];
}
