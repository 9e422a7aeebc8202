using System.Collections.Immutable;
using Nncc.IR.Text;
using Nncc.Passes.Rules.Checking;

namespace Nncc.Passes.Rules.Testing;

/// <summary>What the test of a rule found.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Instances">Instances on which both sides were compared.</param>
/// <param name="Refused">Instances that fit and whose rewrite was refused for its type or cost.</param>
/// <param name="NeverFalse">Conditions that no instance failed.</param>
/// <param name="Counterexample">Text of a graph on which the sides differ, with what they give; null where none was found.</param>
public sealed record RuleReport(Rule Rule, int Instances, int Refused, ImmutableArray<string> NeverFalse, string? Counterexample)
{
    /// <summary>Instances on which another rule gave the same graph, where there was one.</summary>
    internal int Same { get; init; }

    /// <summary>Whether the rule held on instances, and on enough of them.</summary>
    public bool IsGood => Counterexample is null && Instances > 0;
}

/// <summary>
/// Tests a rule from its own text: makes graphs that its pattern fits, applies it, evaluates both graphs and compares by the rule's law.
/// The same seed gives the same instances.
/// </summary>
/// <param name="library">The ops and functions.</param>
/// <param name="seed">Where random choices start.</param>
public sealed class RuleTester(RuleLibrary library, int seed = 1)
{
    private const int Wanted = 120, TriesAtMost = 5000, ShrinkTries = 400;

    private static readonly ImmutableArray<DType> Floats = [DType.Float64, DType.Float32, DType.Float64, DType.Float32, DType.Float16];
    private static readonly ImmutableArray<DType> Others = [DType.Int64, DType.Int32, DType.UInt8, DType.Bool];

    private int refused;

    /// <summary>The test of one rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="cancellation">Ends it.</param>
    public RuleReport Test(Rule rule, CancellationToken cancellation = default) => Test(rule, null, cancellation);

    /// <summary>The test of a rule beside another: says how often the other gives the same on the instances.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="other">The other rule; null for none.</param>
    /// <param name="cancellation">Ends it.</param>
    internal RuleReport Test(Rule rule, Rule? other, CancellationToken cancellation)
    {
        int same = 0;
        var random = new Random(HashCode(rule.Name));
        var neverFalse = Enumerable.Range(0, rule.Where.Length).ToHashSet();
        int instances = 0;
        refused = 0;
        for (int tries = 0; tries < TriesAtMost && (instances < Wanted || (neverFalse.Count > 0 && tries < TriesAtMost / 2)); tries++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Try(rule, random, 4, neverFalse) is not { } outcome) continue;
            instances++;
            if (other is not null && Apply(other, outcome.Instance) is { } likewise && likewise.Equals(outcome.After)) same++;
            if (outcome.Difference is not null)
                return new RuleReport(rule, instances, refused, [], Shrink(rule, random, outcome).Text(library.Ops));
        }
        return new RuleReport(rule, instances, refused, [.. neverFalse.Order().Select(i => rule.Where[i].ToString())], null)
        {
            Same = same,
        };
    }

    // The graph after a rule; null where it does not fit.
    private Graph? Apply(Rule rule, RuleInstance instance)
    {
        var edit = new GraphEdit(instance.Graph);
        var rewriter = new Rewriter(edit, new RuleSet(library, [rule]), new PassContext(library.Ops));
        return rewriter.TryApply(edit.Find(instance.Root)!) is null ? null : edit.Freeze();
    }

    // The smallest of many more failures.
    private Outcome Shrink(Rule rule, Random random, Outcome found)
    {
        var smallest = found;
        for (int i = 0; i < ShrinkTries; i++)
            if (Try(rule, random, 2, []) is { Difference: not null } other && other.Size < smallest.Size) smallest = other;
        return smallest;
    }

    // Null where the rule does not fit what was made, or has no meaning there.
    private Outcome? Try(Rule rule, Random random, int most, HashSet<int> neverFalse)
    {
        var kinds = random.Next(rule.Law == RuleLaw.Rounding ? 10 : 4) > 0 ? Floats : Others;
        var dtype = kinds[random.Next(kinds.Length)];
        if (InstanceMaker.Try(rule, library.Ops, random, dtype, most) is not { } instance) return null;
        var edit = new GraphEdit(instance.Graph);
        var root = edit.Find(instance.Root)!;
        if (neverFalse.Count > 0) See(rule, edit, root, neverFalse);
        var match = new RuleMatch(rule, new RewritePlan(edit, library.Ops), library.Functions);
        if (!new Matcher(match).Fits(root)) return null;
        var context = new PassContext(library.Ops);
        var rewriter = new Rewriter(edit, new RuleSet(library, [rule]), context);
        if (rewriter.Prepare(match, out var failure) is null)
        {
            refused++;
            // Sizes with names may not be provable; of numbers the sides must have the same.
            bool isStatic = instance.Graph.Values.All(v => v.Type is TensorType { Shape.IsStatic: true });
            return failure!.IsTypeChange && isStatic ? new Outcome(instance, instance.Graph, failure.Reason) : null;
        }
        try
        {
            rewriter.TryApply(root);
        }
        catch (NnccException e)
        {
            return new Outcome(instance, instance.Graph, $"the right side is refused: {e.Faults[0].Message}");
        }
        var after = edit.Freeze();
        var (left, leftScale) = SideEvaluation.Evaluate(instance.Graph, instance.Inputs);
        if (left.IsDefault) return null;
        var (right, rightScale) = SideEvaluation.Evaluate(after, instance.Inputs);
        string? difference = right.IsDefault ? "the right side has no result"
            : Verifier.Check(after, library.Ops) is [var fault, ..] ? fault.Message
            : SideEvaluation.Difference(left, right, rule.Law, Math.Max(leftScale, rightScale));
        return new Outcome(instance, after, difference);
    }

    // Takes the conditions away that do not hold where the pattern fits, each looked at by itself.
    private void See(Rule rule, GraphEdit edit, Node root, HashSet<int> neverFalse)
    {
        var match = new RuleMatch(rule with { Where = [] }, new RewritePlan(edit, library.Ops), library.Functions);
        if (!new Matcher(match).Fits(root)) return;
        var evaluation = new TermEvaluation(match);
        neverFalse.RemoveWhere(i => evaluation.Check(rule.Where[i]) is not null);
    }

    // Of the name, not of the process: string hashes differ from run to run.
    private int HashCode(string name) => name.Aggregate(seed, (hash, c) => unchecked(hash * 31 + c));

    private sealed record Outcome(RuleInstance Instance, Graph After, string? Difference)
    {
        public long Size => Instance.Inputs.Sum(i => ((Tensor)i!).Count) + Instance.Graph.Nodes.Length;

        public string Text(OpRegistry ops)
        {
            var inputs = Instance.Graph.Inputs.Select((input, i) =>
                $"# {Instance.Graph[input.Value].Name} = {RuleComparison.Show((Tensor)Instance.Inputs[i]!)}");
            return $"# {Difference}\n{string.Join('\n', inputs)}\n# before\n{Printer.Print(Instance.Graph, ops)}# "
                + $"after\n{Printer.Print(After, ops)}";
        }
    }
}
