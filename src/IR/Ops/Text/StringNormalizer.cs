using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// The strings [c] or [1, c] without stop words, in upper or lower case. Where nothing is left the result is one empty string. Letters
/// change case by the invariant rules of Unicode, whatever the locale. Source: ai.onnx StringNormalizer.
/// </summary>
/// <param name="CaseChangeAction">What becomes of letters.</param>
/// <param name="IsCaseSensitive">Whether stop words are compared as they are written.</param>
/// <param name="Locale">The locale that the model asks for; it has no effect.</param>
/// <param name="Stopwords">Strings that are left out.</param>
public sealed record StringNormalizer(CaseChange CaseChangeAction = CaseChange.None, bool IsCaseSensitive = false, string? Locale = null,
    EquatableArray<string> Stopwords = default) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<StringNormalizer>("X", "Y", [10]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Strings(0);
        if (x.Shape is { } shape && (shape.Rank is < 1 or > 2 || (shape.Rank == 2 && Dim.AreEqual(shape[0], 1) == Answer.No)))
            throw context.Fault(FaultCodes.OperandShape, $"the operand must be [c] or [1,c], got {x}");
        return [new TensorType(DType.String, x.Shape is null ? null : x.Shape.Rank == 1 ? [context.Fresh()] : [1, context.Fresh()])];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var x = context.Tensor(0);
        var comparer = IsCaseSensitive ? StringComparer.Ordinal : StringComparer.InvariantCultureIgnoreCase;
        var stops = Stopwords.ToHashSet(comparer);
        string[] kept = [.. x.Strings.ToArray().Where(text => !stops.Contains(text)).Select(Change)];
        if (kept.Length == 0) kept = [""];
        return [Tensor.Of<string>(x.Rank == 1 ? [kept.Length] : [1, kept.Length], kept)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();

    private string Change(string text) => CaseChangeAction switch
    {
        CaseChange.Lower => text.ToLowerInvariant(),
        CaseChange.Upper => text.ToUpperInvariant(),
        _ => text,
    };
}

/// <summary>What becomes of letters.</summary>
public enum CaseChange
{
    /// <summary>They stay.</summary>
    [OnnxName("NONE")]
    None,
    /// <summary>Lower case.</summary>
    [OnnxName("LOWER")]
    Lower,
    /// <summary>Upper case.</summary>
    [OnnxName("UPPER")]
    Upper,
}
