using System.Collections.Immutable;
using Nncc.Passes.Rules.Proofs;

namespace Nncc.Passes.Rules.Testing;

/// <summary>A rule with one thing wrong in it.</summary>
/// <param name="What">What was changed.</param>
/// <param name="Rule">The changed rule.</param>
public sealed record RuleMutant(string What, Rule Rule);

/// <summary>What became of a mutant.</summary>
/// <param name="Mutant">The mutant.</param>
/// <param name="Verdict">Who noticed it, or why nobody needs to.</param>
/// <param name="Fate">Whether it was noticed.</param>
public sealed record MutantReport(RuleMutant Mutant, string Verdict, MutantFate Fate);

/// <summary>How a mutant ends.</summary>
public enum MutantFate
{
    /// <summary>The checker refuses it, it never fires, or a counterexample was found.</summary>
    Killed,
    /// <summary>Where it fires it gives what the rule gives: it is the same rule, or fires less often.</summary>
    Same,
    /// <summary>It is another rule, which is proved: its condition is there for the cost, or for where the rule is of use.</summary>
    Proved,
    /// <summary>It is another rule, which is not proved and holds on many more instances.</summary>
    Holds,
}

/// <summary>
/// Changes rules in one place each (drops a condition, swaps operands, turns an operator round, changes a number or an attribute) to see
/// whether the checker or the tester notices.
/// </summary>
/// <param name="library">The ops and functions.</param>
public sealed class RuleMutations(RuleLibrary library)
{
    private const int FirstSeed = 1, MoreSeeds = 4;

    /// <summary>All mutants of a rule.</summary>
    public static IEnumerable<RuleMutant> Of(Rule rule)
    {
        for (int i = 0; i < rule.Where.Length; i++)
            yield return new RuleMutant($"without {rule.Where[i]}", rule with { Where = rule.Where.RemoveAt(i) });
        foreach (var (what, match) in Changes(rule.Match, isPattern: true))
            if (match is OpTerm op) yield return new RuleMutant(what, rule with { Match = op });
        for (int i = 0; i < rule.Where.Length; i++)
            foreach (var (what, term) in Changes(rule.Where[i])) yield return new RuleMutant(what,
                rule with { Where = rule.Where.SetItem(i, term) });
        for (int i = 0; i < rule.Lets.Length; i++)
            foreach (var (what, term) in Changes(rule.Lets[i].Value))
                yield return new RuleMutant(what, rule with { Lets = rule.Lets.SetItem(i, rule.Lets[i] with { Value = term }) });
        for (int i = 0; i < rule.Rewrite.Length; i++)
            foreach (var (what, term) in Changes(rule.Rewrite[i]))
                yield return new RuleMutant(what, rule with { Rewrite = rule.Rewrite.SetItem(i, term) });
    }

    /// <summary>Whether a mutant is noticed.</summary>
    public MutantReport Judge(RuleMutant mutant, CancellationToken cancellation = default)
    {
        if (RuleChecker.Check(mutant.Rule, library.Ops, library.Functions) is [var fault, ..])
            return new MutantReport(mutant, $"refused: {fault.Message}", MutantFate.Killed);
        var original = library.Find(mutant.Rule.Name);
        var report = new RuleTester(library).Test(mutant.Rule, original, cancellation);
        if (report.Counterexample is not null) return new MutantReport(mutant, "a counterexample", MutantFate.Killed);
        if (report.Instances == 0) return new MutantReport(mutant, "it never fires", MutantFate.Killed);
        if (report.Same == report.Instances)
            return new MutantReport(mutant, $"the same rewrites as the rule on {report.Instances} instances", MutantFate.Same);
        if (new RuleProof(library).Prove(mutant.Rule, cancellation) is { IsProved: true } proof)
            return new MutantReport(mutant, $"another rule, proved in {proof.Cases} cases, {proof.Bound}", MutantFate.Proved);
        int instances = report.Instances;
        for (int seed = FirstSeed + 1; seed <= FirstSeed + MoreSeeds; seed++)
        {
            var more = new RuleTester(library, seed).Test(mutant.Rule, original, cancellation);
            if (more.Counterexample is not null) return new MutantReport(mutant, "a counterexample of many", MutantFate.Killed);
            instances += more.Instances;
        }
        return new MutantReport(mutant, $"another rule, which holds on {instances} instances", MutantFate.Holds);
    }

    // A term with one change somewhere in it, for each place.
    private static IEnumerable<(string What, Term Term)> Changes(Term term, bool isPattern = false)
    {
        foreach (var (what, changed) in Here(term, isPattern)) yield return ($"{what} in {term}", changed);
        switch (term)
        {
            case OpTerm op:
                for (int i = 0; i < op.Operands.Length; i++)
                    foreach (var (what, inner) in Changes(op.Operands[i], isPattern))
                        yield return (what, op with { Operands = op.Operands.SetItem(i, inner) });
                for (int i = 0; i < op.Attributes.Length; i++)
                    foreach (var (what, inner) in Changes(op.Attributes[i].Value, isPattern))
                        yield return (what, op with { Attributes = op.Attributes.SetItem(i, op.Attributes[i] with { Value = inner }) });
                break;
            case CallTerm call:
                for (int i = 0; i < call.Arguments.Length; i++)
                    foreach (var (what, inner) in Changes(call.Arguments[i])) yield return (what,
                        call with { Arguments = call.Arguments.SetItem(i, inner) });
                break;
            case ListTerm list:
                for (int i = 0; i < list.Items.Length; i++)
                    foreach (var (what, inner) in Changes(list.Items[i])) yield return (what,
                        list with { Items = list.Items.SetItem(i, inner) });
                break;
        }
    }

    private static IEnumerable<(string, Term)> Here(Term term, bool isPattern)
    {
        switch (term)
        {
            case NumberTerm number:
                yield return ("a number changed", number.IsInteger
                    ? new NumberTerm(number.Value + 1, $"{(long)number.Value + 1}", number.IsNear)
                    : Parsed(number.Value * 1.01, number.IsNear));
                break;
            case CallTerm { IsOperator: true, Arguments.Length: 2 } call when Opposite(call.Function) is { } other:
                yield return ("an operator turned round", call with { Function = other });
                break;
            case CallTerm { IsOperator: false,
                Arguments.Length: >= 2 } call when call.Function is not ("constant" or "any" or "all" or "same-type"):
                yield return ("arguments swapped", call with { Arguments = Swapped(call.Arguments) });
                break;
            case OpTerm { Operands.Length: >= 2 } op when !isPattern && !Matcher.Commutes(op):
                yield return ("operands swapped", op with { Operands = Swapped(op.Operands) });
                break;
        }
        if (term is OpTerm { Attributes.IsEmpty: false } with && !isPattern)
            for (int i = 0; i < with.Attributes.Length; i++)
                yield return ($"without {with.Attributes[i].Name}", with with { Attributes = with.Attributes.RemoveAt(i) });
    }

    private static NumberTerm Parsed(double value, bool isNear) =>
        new(value, value.ToString("R", System.Globalization.CultureInfo.InvariantCulture), isNear);

    private static string? Opposite(string symbol) => symbol switch
    {
        "+" => "-", "-" => "+", "*" => "/", "/" => "*", "==" => "!=", "!=" => "==", "<" => ">=", ">" => "<=", "<=" => ">", ">=" => "<",
            _ => null,
    };

    private static ImmutableArray<Term> Swapped(ImmutableArray<Term> terms) => [terms[1], terms[0], .. terms[2..]];
}
