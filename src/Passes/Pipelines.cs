using Nncc.IR;
using Nncc.Passes.Cost;
using Nncc.Passes.Rules;
using Nncc.Passes.Separable;
using Nncc.Passes.Targets;
using Nncc.Passes.Transforms;

namespace Nncc.Passes;

/// <summary>The orders in which passes run: literal lists, with a reason wherever the place of a pass matters.</summary>
public static class Pipelines
{
    /// <summary>From a graph as read to the canonical one, from which portable ONNX is written and all lowering starts.</summary>
    public static Pipeline Canonicalize()
    {
        var (types, folding) = (new ShapeInference(), new ConstantFolding());
        return new("canonicalize",
        [
            // First: all that follows is more exact where sizes are numbers.
            new Specialization(),
            // Before folding: sizes that are known in bodies fold there.
            types,
            folding,
            // A branch that gave way says more of what comes after it, so that bodies behind it know more and fold further.
            new Again(types),
            new Again(folding),
            // After folding: what was computed may be equal to another constant.
            new CommonSubexpressionElimination(),
            // Last: folding and merging leave constants and branches that nobody reads.
            new DeadCodeElimination(),
            new StageEntry(Stage.Canonical),
        ]);
    }

    /// <summary>
    /// To the canonical form at the level of the options: 0 does what lowering needs, 1 adds rules that simplify and fold, 2 those that
    /// recognize idioms, 3 looks into weights. Passes and rules that the options disable are left out.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <param name="library">All rules.</param>
    /// <param name="target">The machine that level 3 asks what is faster on; null to leave out what would ask.</param>
    public static Pipeline Optimize(CompileOptions options, RuleLibrary library, TargetProfile? target = null)
    {
        if (options.Level == 0) return Canonicalize().Without(options.Disabled);
        bool isRecognizing = options.Level >= 2;
        var (types, folding) = (new ShapeInference(), new ConstantFolding());
        var (merging, sweeping) = (new CommonSubexpressionElimination(), new DeadCodeElimination());
        var arithmetic = new RewritePass("fold-arithmetic", Rules(options, library, isRecognizing
            ? [RuleSets.Canonical, RuleSets.Fold, RuleSets.Recognize] : [RuleSets.Canonical, RuleSets.Fold]));
        return new Pipeline("optimize",
        [
            new Specialization(),
            // Before folding: weights that are also inputs are constants.
            new DefaultConstants(),
            types,
            folding,
            new Again(types),
            new Again(folding),
            // Before the rules: a pattern says with one name that two operands are the same value, and dead uses would count.
            merging,
            sweeping,
            // Idioms first: arithmetic moved into weights would break them up.
            new RewritePass("simplify", Rules(options, library, isRecognizing
                ? [RuleSets.Canonical, RuleSets.Recognize] : [RuleSets.Canonical])),
            arithmetic,
            // What rules made may be constant, equal to other nodes, or alone in using them.
            new Again(folding, "after-rules"),
            new Again(merging, "after-rules"),
            // Slices first: factors go through the parts of a split.
            new SlicesToSplit(),
            new AffineAbsorption(),
            new SiblingConvolutions(),
            // After it: the merged siblings are parted, and what follows may be parallel.
            new ParallelConvolutions(),
            new Again(arithmetic),
            // Behind the rules: batch norms are in the weights. Channels first: fewer of them are factored.
            .. options.IsSeparating ? [new ZeroChannels()] : Array.Empty<IPass>(),
            .. options.IsSeparating && target is not null ? [new SeparableConvolution(new MachineCostModel(), target)]
                : Array.Empty<IPass>(),
            // Last: folding and merging leave constants and branches that nobody reads.
            new Again(sweeping, "after-rules"),
            new StageEntry(Stage.Canonical),
        ]).Without(options.Disabled);
    }

    /// <summary>
    /// What runs over the bodies of ops that were decomposed, and what stands around them: rules that simplify and fold, and no rule that
    /// would recognize again. Null at level 0.
    /// </summary>
    public static IPass? Simplification(CompileOptions options, RuleLibrary library) => options.Level == 0 ? null
        : new RewritePass("simplify-bodies", Rules(options, library, RuleSets.Canonical, RuleSets.Fold));

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
