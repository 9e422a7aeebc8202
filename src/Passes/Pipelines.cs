using Nncc.IR;
using Nncc.Passes.Rules;
using Nncc.Passes.Transforms;

namespace Nncc.Passes;

/// <summary>The orders in which passes run: literal lists, with a reason wherever the place of a pass matters.</summary>
public static class Pipelines
{
    /// <summary>From a graph as read to the canonical one, from which portable ONNX is written and all lowering starts.</summary>
    public static Pipeline Canonicalize() => new("canonicalize",
    [
        // First: all that follows is more exact where sizes are numbers.
        new Specialization(),
        // Before folding: sizes that are known in bodies fold there.
        new ShapeInference(),
        new ConstantFolding(),
        // A branch that gave way says more of what comes after it, so that bodies behind it know more and fold further.
        new Again(new ShapeInference()),
        new Again(new ConstantFolding()),
        // After folding: what was computed may be equal to another constant.
        new CommonSubexpressionElimination(),
        // Last: folding and merging leave constants and branches that nobody reads.
        new DeadCodeElimination(),
        new StageEntry(Stage.Canonical),
    ]);

    /// <summary>
    /// To the canonical form at the level of the options: 0 does what lowering needs, 1 adds rules that simplify and fold, 2 and 3 those
    /// that recognize idioms. Passes and rules that the options disable are left out.
    /// </summary>
    public static Pipeline Optimize(CompileOptions options, RuleLibrary library)
    {
        if (options.Level == 0) return Canonicalize().Without(options.Disabled);
        return new Pipeline("optimize",
        [
            new Specialization(),
            // Before folding: weights that are also inputs are constants.
            new DefaultConstants(),
            new ShapeInference(),
            new ConstantFolding(),
            new Again(new ShapeInference()),
            new Again(new ConstantFolding()),
            // Before the rules: a pattern says with one name that two operands are the same value, and dead uses would count.
            new CommonSubexpressionElimination(),
            new DeadCodeElimination(),
            // Idioms first: arithmetic moved into weights would break them up.
            new RewritePass("simplify", Rules(options, library, options.Level >= 2
                ? [RuleSets.Canonical, RuleSets.Recognize] : [RuleSets.Canonical])),
            new RewritePass("fold-arithmetic", Rules(options, library, options.Level >= 2
                ? [RuleSets.Canonical, RuleSets.Fold, RuleSets.Recognize] : [RuleSets.Canonical, RuleSets.Fold])),
            // What rules made may be constant, equal to other nodes, or alone in using them.
            new Again(new ConstantFolding(), "after-rules"),
            new Again(new CommonSubexpressionElimination(), "after-rules"),
            // Slices first: factors go through the parts of a split.
            new SlicesToSplit(),
            new AffineAbsorption(),
            new SiblingConvolutions(),
            // After it: the merged siblings are parted, and what follows may be parallel.
            new ParallelConvolutions(),
            new RewritePass("simplify-again", Rules(options, library, options.Level >= 2
                ? [RuleSets.Canonical, RuleSets.Fold, RuleSets.Recognize] : [RuleSets.Canonical, RuleSets.Fold])),
            // Last: folding and merging leave constants and branches that nobody reads.
            new Again(new DeadCodeElimination(), "after-rules"),
            new StageEntry(Stage.Canonical),
        ]).Without(options.Disabled);
    }

    /// <summary>The rules of some sets that the options leave.</summary>
    public static RuleSet Rules(CompileOptions options, RuleLibrary library, params ReadOnlySpan<string> sets)
    {
        foreach (string name in options.Only) library.Find(name);
        var rules = new List<Rule>();
        foreach (var rule in library.Rules)
            if (sets.Contains(rule.Set) && !options.Disabled.Contains(rule.Name) && !options.Disabled.Contains(rule.Id)
                && (options.Only.IsEmpty || options.Only.Contains(rule.Name) || options.Only.Contains(rule.Id))
                && !(options.StrictFloat && rule.Law == RuleLaw.Rounding) && !IsNewer(rule, options.NewestOpset,
                    library.Ops)) rules.Add(rule);
        return new RuleSet(library, rules);
    }

    // Whether a rule brings in an op that the opset does not have yet.
    private static bool IsNewer(Rule rule, int? newest, OpRegistry ops) => newest is { } opset && rule.Rewrite
        .Concat(rule.Lets.Select(l => l.Value)).SelectMany(t => t.All).OfType<OpTerm>()
        .Any(op => op.Domain.Length == 0 && ops.Find(op.Domain, op.Name)!.Since[0] > opset);
}
