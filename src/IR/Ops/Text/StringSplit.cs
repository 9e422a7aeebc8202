using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// Each string cut into pieces along a new last axis, filled up with empty strings, and the number of pieces. Without a delimiter runs of
/// white space separate. Source: ai.onnx StringSplit.
/// </summary>
/// <param name="Delimiter">What separates; null or empty for white space.</param>
/// <param name="Maxsplit">The most cuts of a string; null for any number.</param>
public sealed record StringSplit(string? Delimiter = null, long? Maxsplit = null) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<StringSplit>("X", "Y Z", [20]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Strings(0);
        return [new TensorType(DType.String, x.Shape is null ? null : new Shape(x.Shape.Dims.Add(context.Fresh()))),
            new TensorType(DType.Int64, x.Shape)];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var x = context.Tensor(0);
        string[][] pieces = [.. x.Strings.ToArray().Select(text => string.IsNullOrEmpty(Delimiter) ? Words(text) : Cut(text))];
        int most = pieces.Select(p => p.Length).DefaultIfEmpty().Max();
        return
        [
            Tensor.Of<string>([.. x.Dims, most], [.. pieces.SelectMany(p => p.Concat(Enumerable.Repeat("", most - p.Length)))]),
            Tensor.Of<long>(x.Dims.AsSpan(), [.. pieces.Select(p => (long)p.Length)]),
        ];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();

    private string[] Cut(string text) => text.Split(Delimiter, Pieces(text.Length));

    private string[] Words(string text)
    {
        var words = new List<string>();
        int most = Pieces(text.Length);
        for (int at = 0; at < text.Length;)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
            if (at == text.Length) break;
            int end = at;
            while (end < text.Length && !char.IsWhiteSpace(text[end])) end++;
            if (words.Count == most - 1) end = text.Length;
            words.Add(text[at..end].TrimEnd());
            at = end;
        }
        return [.. words];
    }

    // One more than cuts, and no more than there can be.
    private int Pieces(int length) => Maxsplit is { } cuts and >= 0 ? (int)Math.Min(cuts, length) + 1 : length + 2;
}
