using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>
/// The well-founded order of the sets canonical, fold and recognize, which is Knuth and Bendix's with weight 1 for each op and the ranks of
/// <see cref="OpRanks"/> as precedence: fewer ops; with as many, a lower op at the root, or below the same op. Terms whose leaves must be
/// constant weigh nothing, since they fold. A value that is not constant may not occur more often on the right.
/// </summary>
internal static class RuleOrder
{
    private const int SizeLimit = 2000;

    /// <summary>Why a rule does not go down; null where it does.</summary>
    public static string? Objection(Rule rule)
    {
        if (Size(rule) > SizeLimit) return $"it stands for more than {SizeLimit} terms, since a let is counted wherever it is used";
        var left = new Side(rule, [rule.Match]);
        var right = new Side(rule, rule.Rewrite);
        if (right.Weight > left.Weight) return $"the right side has {right.Weight} ops that are not constant, the left {left.Weight}";
        foreach (var (name, count) in right.Leaves)
            if (count > left.Leaves.GetValueOrDefault(name))
                return $"{name} occurs {count} times on the right and {left.Leaves.GetValueOrDefault(name)} times on the left";
        if (right.Weight < left.Weight) return null;
        return rule.Rewrite.All(r => left.IsAbove(rule.Match, r)) ? null
            : $"both sides have {left.Weight} ops, and the right one is not lower in the order of ops";
    }

    // Terms of the rewrite with each let in place of its name.
    private static long Size(Rule rule)
    {
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var let in rule.Lets) sizes[let.Name] = Size(let.Value);
        return rule.Rewrite.Sum(Size);

        long Size(Term term) => Math.Min(SizeLimit + 1, term.All.Sum(t => t is NameTerm n ? sizes.GetValueOrDefault(n.Name, 1) : 1));
    }

    private sealed class Side
    {
        private readonly Rule rule;
        private readonly HashSet<string> constants;

        public Side(Rule rule, ImmutableArray<Term> terms)
        {
            this.rule = rule;
            constants = [.. rule.Where.OfType<CallTerm>().Where(c => c.Function == "constant").SelectMany(c =>
                c.Arguments).OfType<NameTerm>()
                .Select(n => n.Name)];
            foreach (var op in rule.Match.All.OfType<OpTerm>())
                constants.UnionWith(op.Attributes.SelectMany(a => a.Value.All).OfType<NameTerm>().Select(n => n.Name));
            foreach (var term in terms)
            {
                // Of several results each may use what the others use.
                var before = new SortedDictionary<string, int>(Leaves, StringComparer.Ordinal);
                Leaves.Clear();
                Weigh(term);
                foreach (var (name, count) in before) Leaves[name] = Math.Max(count, Leaves.GetValueOrDefault(name));
            }
        }

        public int Weight { get; private set; }

        public SortedDictionary<string, int> Leaves { get; } = new(StringComparer.Ordinal);

        // Whether left comes above right where both have as many ops.
        public bool IsAbove(Term left, Term right)
        {
            right = Value(right);
            if (right is NameTerm) return left is OpTerm && left.All.OfType<NameTerm>().Any(n => n.Name == ((NameTerm)right).Name);
            // A constant stands below a value that need not be one: an edge between nodes is gone.
            if (left is NameTerm && !IsConstant(left) && IsConstant(right)) return true;
            if (left is not OpTerm a) return false;
            if (Op(right) is not { } op) return true;
            int rank = OpRanks.Of(a.Op), other = OpRanks.Of(op);
            if (rank != other) return rank > other;
            if (a.Op != op) return string.CompareOrdinal(a.Op, op) > 0;
            foreach (var (x, y) in a.Operands.Zip(Operands(right)))
            {
                if (x.Equals(Value(y))) continue;
                return Size(x) > Size(y) || (Size(x) == Size(y) && IsAbove(x, y));
            }
            return false;
        }

        private int Size(Term term) => new Side(rule, [term]).Weight;

        private Term Value(Term term)
        {
            while (term is NameTerm name && rule.Lets.FirstOrDefault(l => l.Name == name.Name) is { } let) term = let.Value;
            return term;
        }

        private static string? Op(Term term) => term switch
        {
            OpTerm op => op.Op,
            CallTerm { Function: "+" } => "Add",
            CallTerm { Function: "*" } => "Mul",
            CallTerm { Function: "/" } => "Div",
            CallTerm { Function: "-", Arguments.Length: 2 } => "Sub",
            CallTerm { Function: "-" } => "Neg",
            CallTerm { Function: "sqrt" } => "Sqrt",
            CallTerm { Function: "per-axis" or "before-transpose" } => "Reshape",
            _ => null,
        };

        private static IEnumerable<Term> Operands(Term term) => term is OpTerm op ? op.Operands : ((CallTerm)term).Arguments;

        private void Weigh(Term term)
        {
            term = Value(term);
            if (IsConstant(term)) return;
            if (term is NameTerm name)
            {
                Leaves[name.Name] = Leaves.GetValueOrDefault(name.Name) + 1;
                return;
            }
            if (term is CallTerm { Function: "??" or "if" } choice)
            {
                // The heavier branch counts.
                var sides = choice.Arguments.Skip(choice.Function == "if" ? 1 : 0).Select(a => new Side(rule, [a])).ToList();
                var heavier = sides.MaxBy(s => s.Weight)!;
                Weight += heavier.Weight;
                foreach (var (leaf, count) in heavier.Leaves) Leaves[leaf] = Leaves.GetValueOrDefault(leaf) + count;
                return;
            }
            if (Op(term) is null) return;
            Weight++;
            foreach (var operand in Operands(term)) Weigh(operand);
        }

        // Whether it folds: numbers, lists, and what is computed from constants only.
        private bool IsConstant(Term term) => Value(term) switch
        {
            NumberTerm or TextTerm or ListTerm => true,
            NameTerm name => constants.Contains(name.Name),
            OpTerm op => op.Operands.Length > 0 && op.Operands.All(IsConstant),
            CallTerm call => call.Arguments.All(IsConstant) || Op(call) is null && call.Function is not ("??" or "if"),
            _ => false,
        };
    }
}
