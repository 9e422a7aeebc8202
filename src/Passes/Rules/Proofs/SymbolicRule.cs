using System.Collections.Immutable;

namespace Nncc.Passes.Rules.Proofs;

/// <summary>
/// A rule for a proof: operands that it demands to be constant are variables, since the sides are computed for all contents. What it asks
/// of them beyond type and shape cannot be decided, but for "all elements are c", which gives the content, and for a single number, which
/// is tried at one value.
/// </summary>
internal sealed class SymbolicRule
{
    // Functions that look at types and shapes of values alone.
    private static readonly ImmutableHashSet<string> Typed =
    [
        "absent", "constant", "single-use", "rank", "shape", "size", "count", "dtype", "is-float", "is-integer", "is-signed", "is-bool",
        "same-type", "same-shape", "is-static", "per-axis", "is-per-channel", "channel-vector", "is-along-last", "before-transpose", "like",
        "zeros", "ones", "scaled", "quotient", "sqrt", "axes-of", "axes-equal", "pads-only-space", "space-pads", "per-group", "last-vector",
        "full-pads", "slice-axes", "slice-starts", "merged-slices", "slice-in-part", "sliced-parts", "copied-sizes", "all", "any", "not",
        "if", "??", "==", "!=", "+", "-", "*", "/",
    ];

    private SymbolicRule(Rule rule, ImmutableHashSet<string> parameters, ImmutableDictionary<string, double> fills, int digits) =>
        (Rule, Parameters, Fills, Digits) = (rule, parameters, fills, digits);

    /// <summary>The rule without the demands that data are constant.</summary>
    public Rule Rule { get; }

    /// <summary>Names of operands that say axes, sizes and places, which stay constants.</summary>
    public ImmutableHashSet<string> Parameters { get; }

    /// <summary>Numbers that all elements of an operand must be.</summary>
    public ImmutableDictionary<string, double> Fills { get; }

    /// <summary>Names of numbers that the rule computes with: the proof is for one value of them.</summary>
    public ImmutableArray<string> Samples { get; private init; } = [];

    /// <summary>Whether element types decide what is computed, so that each must be tried.</summary>
    public bool DependsOnType { get; private init; }

    /// <summary>Digits that coefficients are held to.</summary>
    public int Digits { get; }

    /// <summary>The rule for a proof.</summary>
    /// <exception cref="UndecidedException">It looks at contents.</exception>
    public static SymbolicRule Of(Rule rule)
    {
        var operators = rule.Match.All.OfType<OpTerm>().ToList();
        var parameters = operators.Where(op => op.Domain.Length == 0)
            .SelectMany(op => op.Operands.Where((_, slot) => CaseParameters.IsParameter(op.Name, slot)))
            .OfType<NameTerm>().Select(n => n.Name).ToImmutableHashSet();
        var data = operators.SelectMany(op => op.Operands).OfType<NameTerm>().Select(n => n.Name).Where(n => !parameters.Contains(n))
            .ToHashSet(StringComparer.Ordinal);
        var samples = new SortedSet<string>(StringComparer.Ordinal);
        var fills = ImmutableDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        // What asks for less than all contents is left out: what holds for all holds for some.
        rule = rule with { Where = [.. rule.Where.Where(w => !IsPredicate(w, data))] };
        var terms = rule.Where.Concat(rule.Lets.Select(l => l.Value)).Concat(rule.Rewrite).SelectMany(t => t.All).OfType<CallTerm>();
        foreach (var call in terms)
            foreach (var name in call.Arguments.OfType<NameTerm>().Where(n => data.Contains(n.Name)))
                if (call is { Function: "fills", Arguments: [_, NumberTerm number] }) fills[name.Name] = number.Value;
                else if (call is { Function: "all-zero" }) fills[name.Name] = 0;
                else if (call is { Function: "number" }) samples.Add(name.Name);
                else if (!Typed.Contains(call.Function)) throw new UndecidedException($"{call} looks at the content of {name.Name}");
        var where = rule.Where.Select(w => w is CallTerm { Function: "constant" } call
            ? call with { Arguments = [.. call.Arguments.Where(a => a is NameTerm n && IsConstant(n.Name))] } : w)
            .Where(w => w is not CallTerm { Function: "constant", Arguments.IsEmpty: true });
        bool hasFractions = rule.Match.All.Concat(rule.Rewrite.SelectMany(r => r.All)).OfType<NumberTerm>()
            .Any(n => !n.IsInteger || n.IsNear)
            || operators.Any(o => o.Name is "HardSwish" or "Gelu" or "HardSigmoid" or "LeakyRelu");
        int digits = hasFractions || samples.Count > 0 ? 6 : 12;
        return new SymbolicRule(rule with { Where = [.. where] }, parameters, fills.ToImmutable(), digits)
        {
            Samples = [.. samples],
            DependsOnType = operators.Any(o => o.Name is "Cast" or "CastLike"),
        };

        static bool IsPredicate(Term term, HashSet<string> data) => term is CallTerm { IsOperator: false } call
            && !Typed.Contains(call.Function) && call.Function is not ("fills" or "all-zero" or "number")
            && call.Arguments.Any(a => a is NameTerm name && data.Contains(name.Name));

        bool IsConstant(string name) => parameters.Contains(name) || samples.Contains(name);
    }
}
