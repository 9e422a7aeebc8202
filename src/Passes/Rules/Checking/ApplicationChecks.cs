using System.Collections.Immutable;
using Nncc.Passes.Rules.Testing;

namespace Nncc.Passes.Rules.Checking;

/// <summary>
/// Evaluates applications of rules before they are made: both sides on the same contents, by the rule's law. One object serves a
/// compilation, so that applications of the same shape are evaluated once.
/// </summary>
/// <param name="each">Whether every application is evaluated, at its real extents.</param>
public sealed class ApplicationChecks(bool each)
{
    // Operations of the evaluator for one side: more is left unchecked, unless every application is to be evaluated.
    private const double EnoughWork = 5_000, MostWork = 5_000_000;

    private readonly Dictionary<ApplicationShape, Failure?> known = [];

    /// <summary>Why an application is refused; null where it holds or cannot be evaluated.</summary>
    internal Failure? Objection(GraphEdit edit, RuleMatch match, PassContext context)
    {
        if (each) return Judge(edit, match, context);
        var shape = ApplicationShape.Of(edit, match);
        if (!known.TryGetValue(shape, out var failure)) known[shape] = failure = Judge(edit, match, context);
        return failure;
    }

    private Failure? Judge(GraphEdit edit, RuleMatch match, PassContext context)
    {
        var inner = new PassContext(context.Ops) { Options = context.Options with { FoldLimit = long.MaxValue } };
        var fragment = new ApplicationFragment(edit, match);
        var instance = each ? fragment.Numbers() is null ? null : fragment.Make(new Dictionary<long, long>())
            : new SmallExtents(fragment, made => Fits(made, match, inner)).Find(made => Work(made.Graph) <= EnoughWork);
        if (instance is null || (!each && Work(instance.Graph) > MostWork)) return Pass(context);
        if (Apply(instance, match, inner) is not { } after) return Pass(context);
        var inputs = Contents(instance.Graph, match.Rule);
        var (left, scale) = SideEvaluation.Evaluate(instance.Graph, inputs, cancellation: context.Cancellation);
        if (left.IsDefault) return Pass(context);
        context.Steps.Evaluated++;
        string? difference = Difference(left, scale, after, inputs, match.Rule, context);
        if (difference is not null && match.Rule.Law == RuleLaw.Rounding)
        {
            (left, scale) = SideEvaluation.Evaluate(instance.Graph, inputs, isWide: true, context.Cancellation);
            difference = Difference(left, scale, after, inputs, match.Rule, context, isWide: true);
        }
        return difference is null ? null : new Failure(
            $"{difference}, for {string.Join(", ", instance.Graph.Inputs.Select(i => instance.Graph[i.Value].Type))}");
    }

    private static Failure? Pass(PassContext context)
    {
        context.Steps.Unchecked++;
        return null;
    }

    private static string? Difference(ImmutableArray<Datum> left, double scale, Graph after, ImmutableArray<Datum?> inputs, Rule rule,
        PassContext context, bool isWide = false)
    {
        var (right, other) = SideEvaluation.Evaluate(after, inputs, isWide, context.Cancellation);
        return right.IsDefault ? "the right side has no result" : SideEvaluation.Difference(left, right, rule.Law, Math.Max(scale, other));
    }

    private static bool Fits(RuleInstance instance, RuleMatch match, PassContext context)
    {
        var edit = new GraphEdit(instance.Graph);
        var again = new RuleMatch(match.Rule, new RewritePlan(edit, context.Ops), match.Functions);
        return new Matcher(again).Fits(edit.Find(instance.Root)!);
    }

    private static Graph? Apply(RuleInstance instance, RuleMatch match, PassContext context)
    {
        var edit = new GraphEdit(instance.Graph);
        return Rewriter.Of(edit, match, context).TryApply(edit.Find(instance.Root)!) is null ? null : edit.Freeze();
    }

    private static double Work(Graph graph)
    {
        double sum = 0;
        foreach (var node in graph.Nodes)
        {
            var work = node.Op.Measure(graph.MeasureContext(node));
            sum += (work.Macs.Value ?? 0) + (work.Arithmetic.Value ?? 0) + (work.BytesOut.Value ?? 0) / 4.0;
        }
        return sum;
    }

    // The same for a rule in every compilation.
    private static ImmutableArray<Datum?> Contents(Graph graph, Rule rule)
    {
        var random = new Random(rule.Name.Aggregate(1, (hash, c) => unchecked(hash * 31 + c)));
        var data = new InstanceData(random, hasSpecials: false);
        return [.. graph.Inputs.Select(i => (TensorType)graph[i.Value].Type).Select(type => (Datum?)data.Input(type.DType,
            type.Shape!.ToStatic()))];
    }
}
