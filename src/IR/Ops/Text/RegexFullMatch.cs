using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Nncc.IR.Ops;

/// <summary>
/// Whether each whole string is matched by a regular expression in RE2's syntax; matching takes linear time. Source: ai.onnx
/// RegexFullMatch.
/// </summary>
/// <param name="Pattern">The expression.</param>
public sealed record RegexFullMatch(string? Pattern = null) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<RegexFullMatch>("X", "Y", [20]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Strings(0);
        _ = Expression();
        return [x with { DType = DType.Bool }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var x = context.Tensor(0);
        var expression = Expression();
        return [Tensor.Of<bool>(x.Dims.AsSpan(), [.. x.Strings.ToArray().Select(text => expression.IsMatch(text))])];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.PerInput(1);

    // RE2 has no look-around and no back references, and neither has the engine without backtracking.
    private Regex Expression()
    {
        try
        {
            return new Regex($@"\A(?:{Pattern})\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw EvaluateContext.Fault(FaultCodes.Attribute, $"the pattern \"{Pattern}\" is no regular expression of RE2: {e.Message}");
        }
    }
}
