using System.Collections.Immutable;
using System.Globalization;

namespace Nncc.Passes.Rules;

/// <summary>Reads terms. Of the operators <c>??</c> binds most, then the sign, then * and /, then + and -, then comparisons.</summary>
/// <param name="tokens">The tokens, the last of them an end.</param>
internal sealed class TermParser(List<Token> tokens)
{
    /// <summary>How deep terms may lie in terms.</summary>
    public const int DepthLimit = 64;

    private int at, depth;

    public Token Current => tokens[at];

    public void Advance() => at = Math.Min(at + 1, tokens.Count - 1);

    /// <summary>A pattern: an op's term with names for several results, or with a label.</summary>
    public Term Pattern()
    {
        var place = Current.Place;
        if (!Is("(")) return Expression();
        Advance();
        var results = ImmutableArray.CreateBuilder<string>();
        do results.Add(Name("the name of a result"));
        while (Skip(","));
        Expect(")");
        Expect("=");
        return Expression() is OpTerm op ? op with { Results = results.ToImmutable(), Place = place }
            : throw Expected("an op with operands");
    }

    /// <summary>What a rule gives: one term, or several in parentheses.</summary>
    public ImmutableArray<Term> Results()
    {
        if (!Is("(")) return [Expression()];
        int start = at;
        Advance();
        var results = ImmutableArray.CreateBuilder<Term>();
        do results.Add(Expression());
        while (Skip(","));
        Expect(")");
        if (results.Count > 1) return results.ToImmutable();
        at = start;
        return [Expression()];
    }

    public Term Condition() => Binary(Expression, "==", "!=", "<=", ">=", "<", ">");

    public Term Expression()
    {
        if (++depth > DepthLimit) throw Expected($"a term less than {DepthLimit} deep");
        var term = Binary(() => Binary(Sign, "*", "/"), "+", "-");
        depth--;
        return term;
    }

    public string Name(string what)
    {
        if (Current.Kind != TokenKind.Name) throw Expected(what);
        string name = Current.Text;
        Advance();
        return name;
    }

    public string NameAndEquals()
    {
        string name = Name("a name");
        Expect("=");
        return name;
    }

    public bool Skip(string symbol)
    {
        if (!Is(symbol)) return false;
        Advance();
        return true;
    }

    public NnccException Expected(string what, string? advice = null) => new(FaultCodes.RuleSyntax,
        $"{what} is expected, here is {(Current.Kind == TokenKind.End ? "the end of the file" : $"\"{Current.Text}\"")}",
        Current.Place.ToString(), advice);

    // An operator at the start of a line goes on with the line before.
    private Term Binary(Func<Term> operand, params string[] operators)
    {
        var left = operand();
        while (Current.Kind == TokenKind.Symbol && operators.Contains(Current.Text))
        {
            var (symbol, place) = (Current.Text, Current.Place);
            Advance();
            left = new CallTerm(symbol, [left, operand()]) { Place = place };
        }
        return left;
    }

    private Term Sign()
    {
        if (!Is("-")) return Binary(Primary, "??");
        var place = Current.Place;
        Advance();
        return Sign() switch
        {
            NumberTerm number => new NumberTerm(-number.Value, $"-{number.Text}", number.IsNear) { Place = place },
            var term => new CallTerm("-", [term]) { Place = place },
        };
    }

    private Term Primary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Number:
                Advance();
                return new NumberTerm(double.Parse(token.Text, CultureInfo.InvariantCulture), token.Text,
                    Skip("~")) { Place = token.Place };
            case TokenKind.Text:
                Advance();
                return new TextTerm(token.Text) { Place = token.Place };
            case TokenKind.Name:
                Advance();
                return Named(token);
        }
        if (Skip("["))
        {
            var items = ImmutableArray.CreateBuilder<Term>();
            while (!Is("]"))
            {
                items.Add(Expression());
                if (!Skip(",")) break;
            }
            Expect("]");
            return new ListTerm(items.ToImmutable()) { Place = token.Place };
        }
        if (!Skip("(")) throw Expected("a term");
        var inner = Expression();
        Expect(")");
        return inner;
    }

    private Term Named(Token token)
    {
        if (Is("(") && !Current.IsFirst) return Applied(token);
        if (Skip("?")) return new NameTerm(token.Text, IsOptional: true) { Place = token.Place };
        if (Skip("...")) return new NameTerm(token.Text, IsRest: true) { Place = token.Place };
        if (!Skip(":")) return new NameTerm(token.Text) { Place = token.Place };
        return Primary() is OpTerm { Label: null } op ? op with { Label = token.Text }
            : throw Expected("an op with operands behind a label");
    }

    private Term Applied(Token head)
    {
        Advance();
        var operands = ImmutableArray.CreateBuilder<Term>();
        var attributes = ImmutableArray.CreateBuilder<NamedTerm>();
        string? others = null;
        while (!Is(")"))
        {
            if (Skip("...")) others = Name("the name for other attributes");
            else if (Current.Kind == TokenKind.Name && tokens[Math.Min(at + 1, tokens.Count - 1)] is { Kind: TokenKind.Symbol, Text: "=" })
                attributes.Add(new NamedTerm(NameAndEquals(), Expression()));
            else operands.Add(Condition());
            if (!Skip(",")) break;
        }
        Expect(")");
        if (IsOp(head.Text))
            return new OpTerm(head.Text, operands.ToImmutable(), attributes.ToImmutable(), others, [], null) { Place = head.Place };
        return attributes.Count == 0 && others is null ? new CallTerm(head.Text, operands.ToImmutable()) { Place = head.Place }
            : throw new NnccException(FaultCodes.RuleSyntax, $"the function {head.Text} has no attributes", head.Place.ToString(),
                "names of ops start with a capital letter");
    }

    // Ops are capitalized, also behind a domain; functions are not.
    private static bool IsOp(string name) => char.IsAsciiLetterUpper(name[name.LastIndexOf('.') + 1]);

    private bool Is(string symbol) => Current.Kind == TokenKind.Symbol && Current.Text == symbol;

    private void Expect(string symbol)
    {
        if (!Skip(symbol)) throw Expected($"\"{symbol}\"");
    }
}
