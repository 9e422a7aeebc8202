using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// The equation of an <see cref="Einsum"/> for operands of known ranks: each axis has a label. The axes that an ellipsis stands for have
/// labels below 0, -1 for the last of them. Source: ai.onnx Einsum.
/// </summary>
/// <param name="Terms">Labels of each operand's axes.</param>
/// <param name="Result">Labels of the result's axes.</param>
internal sealed record EinsumEquation(ImmutableArray<ImmutableArray<int>> Terms, ImmutableArray<int> Result)
{
    /// <summary>Reads an equation.</summary>
    /// <exception cref="NnccException">It is malformed or does not fit the ranks.</exception>
    public static EinsumEquation Parse(string equation, params ReadOnlySpan<int> ranks)
    {
        string[] sides = equation.Replace(" ", "").Split("->");
        string[] terms = sides[0].Split(',');
        if (sides.Length > 2) throw Fault(equation, "it has more than one \"->\"");
        if (terms.Length != ranks.Length) throw Fault(equation, $"it has {terms.Length} terms, and there are {ranks.Length} operands");
        var labels = ImmutableArray.CreateBuilder<ImmutableArray<int>>();
        for (int i = 0; i < terms.Length; i++) labels.Add(Labels(equation, terms[i], ranks[i]));
        int widest = labels.SelectMany(term => term).Where(label => label < 0).Select(label => -label).DefaultIfEmpty().Max();
        IEnumerable<int> result = sides.Length == 2
            ? Labels(equation, sides[1], Letters(sides[1]).Length + (sides[1].Contains("...", StringComparison.Ordinal) ? widest : 0))
            : [.. Enumerable.Range(1, widest).Select(i => i - widest - 1),
                .. labels.SelectMany(term => term).Where(label => label >= 0).GroupBy(label => label).Where(g =>
                    g.Count() == 1).Select(g => g.Key).Order()];
        var known = labels.SelectMany(term => term).ToHashSet();
        if (result.FirstOrDefault(label => !known.Contains(label)) is var unknown && unknown != 0)
            throw Fault(equation, $"\"{(char)unknown}\" stands in the result only");
        if (result.Distinct().Count() != result.Count()) throw Fault(equation, "its result names an axis twice");
        return new EinsumEquation(labels.ToImmutable(), [.. result]);
    }

    private static ImmutableArray<int> Labels(string equation, string term, int rank)
    {
        string letters = Letters(term);
        if (letters.FirstOrDefault(c => !char.IsAsciiLetter(c)) is var wrong && wrong != 0) throw Fault(equation,
            $"'{wrong}' is no letter");
        int at = term.IndexOf("...", StringComparison.Ordinal), covered = rank - letters.Length;
        if (at < 0 ? covered != 0 : covered < 0) throw Fault(equation, $"the term \"{term}\" does not fit rank {rank}");
        if (at < 0) return [.. letters.Select(c => (int)c)];
        return [.. letters[..at].Select(c => (int)c), .. Enumerable.Range(0, covered).Select(i => i - covered),
            .. letters[at..].Select(c => (int)c)];
    }

    private static string Letters(string term)
    {
        int at = term.IndexOf("...", StringComparison.Ordinal);
        return at < 0 ? term : term.Remove(at, 3);
    }

    private static NnccException Fault(string equation, string message) =>
        new(FaultCodes.Attribute, $"the equation \"{equation}\": {message}");
}
