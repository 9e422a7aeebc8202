using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>Which of two patterns is more specific, and whether two conditions exclude each other.</summary>
internal static class Specificity
{
    /// <summary>
    /// Whether each node that <paramref name="special"/> fits is one that <paramref name="general"/> fits, conditions aside.
    /// </summary>
    public static bool Covers(Rule general, Rule special) => Covers(general.Match, special.Match, new Bindings());

    /// <summary>Whether no node fulfils the conditions of both, as far as their texts tell; the patterns are the same up to
    /// names.</summary>
    public static bool AreDisjoint(Rule a, Rule b)
    {
        var names = new Bindings();
        if (!Covers(a.Match, b.Match, names)) return false;
        return a.Where.Select(w => Rename(w, names)).Any(x => b.Where.Select(w => w.ToString()).Any(y => Exclude(x, y) || Exclude(y, x)));
    }

    /// <summary>Size of a pattern, for an order between rules of which none covers the other: what asks for more comes first.</summary>
    public static int Weight(Rule rule) => rule.Match.All.Sum(t => t switch
    {
        OpTerm op => 4 + op.Attributes.Length,
        NameTerm { IsRest: false } => 1,
        NameTerm => 0,
        _ => 2,
    }) + rule.Where.Length;

    // Commutative ops are tried in both orders, each in the other: of patterns that make this too long neither covers the other.
    private const int StepLimit = 20_000;

    private sealed class Bindings() : Dictionary<string, Term>(StringComparer.Ordinal)
    {
        public int Steps { get; set; }
    }

    private static bool Covers(Term general, Term special, Bindings names)
    {
        if (++names.Steps > StepLimit) return false;
        switch (general)
        {
            case NameTerm name:
                if (name is { IsOptional: false, IsRest: false } && special is NameTerm { IsOptional: true }) return false;
                if (!name.IsRest && special is NameTerm { IsRest: true }) return false;
                if (!names.TryGetValue(name.Name, out var known)) names[name.Name] = special;
                else return Plain(known) == Plain(special);
                return true;
            case OpTerm a when special is OpTerm b:
                return a.Op == b.Op && a.Results.Length == b.Results.Length && Operands(a, b, names) && Attributes(a, b, names);
            default: return general.Equals(special);
        }
    }

    private static bool Operands(OpTerm a, OpTerm b, Bindings names)
    {
        bool hasRest = a.Operands is [.., NameTerm { IsRest: true }];
        int own = a.Operands.Length - (hasRest ? 1 : 0);
        if (b.Operands.Length < own) return false;
        if (!hasRest && b.Operands.Length > a.Operands.Length) return false;
        if (!Matcher.Commutes(a) || b.Operands.Length != 2) return a.Operands.Take(own).Zip(b.Operands).All(p =>
            Covers(p.First, p.Second, names));
        var copy = new Dictionary<string, Term>(names, StringComparer.Ordinal);
        if (Covers(a.Operands[0], b.Operands[0], names) && Covers(a.Operands[1], b.Operands[1], names)) return true;
        names.Clear();
        foreach (var (name, term) in copy) names[name] = term;
        return Covers(a.Operands[0], b.Operands[1], names) && Covers(a.Operands[1], b.Operands[0], names);
    }

    // What the general pattern does not write out has its default, or is anything where it takes others.
    private static bool Attributes(OpTerm a, OpTerm b, Bindings names)
    {
        if (a.Others is null && b.Others is not null) return false;
        foreach (var attribute in a.Attributes)
        {
            var other = b.Attributes.FirstOrDefault(x => x.Name == attribute.Name);
            if (other is null ? attribute.Value is not NameTerm : !Covers(attribute.Value, other.Value, names)) return false;
        }
        return a.Others is not null || b.Attributes.All(x => a.Attributes.Any(y => y.Name == x.Name));
    }

    private static string Plain(Term term) => term is NameTerm name ? name.Name : term.ToString();

    private static bool Exclude(string a, string b)
    {
        if (b == $"not({a})") return true;
        int equals = a.IndexOf(" == ", StringComparison.Ordinal);
        if (equals < 0) return false;
        if (b == a.Replace(" == ", " != ")) return true;
        string left = a[..(equals + 4)];
        return b.StartsWith(left, StringComparison.Ordinal) && b != a && IsLiteral(a[left.Length..]) && IsLiteral(b[left.Length..]);
    }

    private static bool IsLiteral(string text) => text.Length > 0 && (char.IsAsciiDigit(text[0]) || text[0] is '-' or '"' or '[');

    private static string Rename(Term term, Dictionary<string, Term> names) => term switch
    {
        NameTerm name => names.TryGetValue(name.Name, out var other) ? Plain(other) : name.Name,
        CallTerm { IsOperator: false } call => $"{call.Function}({string.Join(", ", call.Arguments.Select(a => Rename(a, names)))})",
        CallTerm { Arguments.Length: 2 } call => $"{Rename(call.Arguments[0], names)} {call.Function} {Rename(call.Arguments[1], names)}",
        _ => term.ToString(),
    };
}
