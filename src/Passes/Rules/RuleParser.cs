using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>
/// Reads the clauses of rules; their terms are read by <see cref="TermParser"/>. A clause starts with its word at the start of a line. The
/// grammar is in <c>rules/README.md</c>.
/// </summary>
internal sealed class RuleParser
{
    private static readonly string[] Clauses = ["match", "where", "let", "rewrite", "law", "before", "example"];

    private readonly TermParser terms;
    private readonly SortedDictionary<int, string> comments;
    private readonly List<Fault> faults;
    private string set;

    private RuleParser(string file, string text, string set, List<Fault> faults)
    {
        var tokens = RuleTokens.Read(file, text);
        terms = new TermParser(tokens.Tokens);
        (comments, this.set, this.faults) = (tokens.Comments, set, faults);
    }

    /// <summary>The rules of a text; what cannot be read is skipped up to the next rule and added to the faults.</summary>
    public static ImmutableArray<Rule> Parse(string file, string text, string set, List<Fault> faults)
    {
        try
        {
            return new RuleParser(file, text, set, faults).File();
        }
        catch (NnccException e)
        {
            faults.AddRange(e.Faults);
            return [];
        }
    }

    private ImmutableArray<Rule> File()
    {
        var rules = ImmutableArray.CreateBuilder<Rule>();
        while (terms.Current.Kind != TokenKind.End)
        {
            try
            {
                if (IsWord("set")) { terms.Advance(); set = terms.Name("the name of a set"); }
                else if (IsWord("rule")) rules.Add(ReadRule());
                else throw terms.Expected("\"rule\" or \"set\" at the start of a line", Near(["rule", "set", .. Clauses]));
            }
            catch (NnccException e)
            {
                faults.AddRange(e.Faults);
                do terms.Advance();
                while (terms.Current.Kind != TokenKind.End && !IsWord("rule"));
            }
        }
        return rules.ToImmutable();
    }

    private Rule ReadRule()
    {
        var place = terms.Current.Place;
        terms.Advance();
        string name = terms.Name("the name of the rule");
        OpTerm? match = null;
        var law = RuleLaw.Exact;
        ImmutableArray<Term> rewrite = [];
        var where = ImmutableArray.CreateBuilder<Term>();
        var lets = ImmutableArray.CreateBuilder<LetTerm>();
        var before = ImmutableArray.CreateBuilder<string>();
        var examples = ImmutableArray.CreateBuilder<ImmutableArray<ExampleTerm>>();
        while (terms.Current.Kind != TokenKind.End && !IsWord("rule") && !IsWord("set"))
        {
            if (!Clauses.Any(IsWord)) throw terms.Expected($"a clause of rule {name}", Near(Clauses));
            var at = terms.Current.Place;
            string clause = terms.Current.Text;
            terms.Advance();
            switch (clause)
            {
                case "match" when match is not null: throw Fault($"rule {name} has two patterns", at);
                case "match":
                    match = terms.Pattern() as OpTerm ?? throw Fault("a pattern is an op with operands", at);
                    break;
                case "rewrite" when !rewrite.IsEmpty: throw Fault($"rule {name} is rewritten twice: one equation is one rule", at);
                case "rewrite": rewrite = terms.Results(); break;
                case "where": Each(() => where.Add(terms.Condition())); break;
                case "let": Each(() => lets.Add(new LetTerm(terms.NameAndEquals(), terms.Expression()))); break;
                case "before": Each(() => before.Add(terms.Name("the name of a rule"))); break;
                case "law":
                    law = terms.Name("exact or rounding") switch
                    {
                        "exact" => RuleLaw.Exact,
                        "rounding" => RuleLaw.Rounding,
                        var other => throw new NnccException(FaultCodes.RuleSyntax, $"\"{other}\" is no law", at.ToString(),
                            "exact or rounding"),
                    };
                    break;
                default:
                    var bindings = ImmutableArray.CreateBuilder<ExampleTerm>();
                    Each(() => bindings.Add(new ExampleTerm(terms.NameAndEquals(), terms.Expression())));
                    examples.Add(bindings.ToImmutable());
                    break;
            }
        }
        if (match is null) throw Fault($"rule {name} has no match", place);
        if (rewrite.IsEmpty) throw Fault($"rule {name} has no rewrite", place);
        return new Rule(set, name, match, where.ToImmutable(), lets.ToImmutable(), rewrite, law, before.ToImmutable(),
            examples.ToImmutable(), Reason(place.Line), place);
    }

    // Parts of a clause, with commas or line ends between them.
    private void Each(Action read)
    {
        do
        {
            read();
            terms.Skip(",");
        }
        while (terms.Current.Kind != TokenKind.End && !IsWord("rule") && !IsWord("set") && !Clauses.Any(IsWord));
    }

    private string Reason(int line)
    {
        var lines = new List<string>();
        while (comments.TryGetValue(--line, out string? comment)) lines.Insert(0, comment);
        return string.Join(' ', lines);
    }

    private bool IsWord(string word) => terms.Current is { Kind: TokenKind.Name, IsFirst: true } token && token.Text == word;

    private string? Near(IEnumerable<string> words) => terms.Current.Kind == TokenKind.Name
        ? Suggestion.For(terms.Current.Text, words, "there are") : null;

    private static NnccException Fault(string message, SourcePlace place) => new(FaultCodes.RuleSyntax, message, place.ToString());
}
