using Nncc.Passes.Rules;
using Nncc.Passes.Rules.Testing;

namespace Nncc.Tests.Laws;

/// <summary>Rules that are made wrong in one place are noticed, or shown to be no other or to be right.</summary>
public class RuleMutationLaws
{
    private const int OneOf = 6;

    // Rules with mutants that hold on all instances and that no proof shows to be equivalent; the list may only shrink.
    private static readonly string[] Open =
    [
        // The conditions on sizes say only what pays.
        "fold/conv-of-joined-operands", "fold/pointwise-conv-of-conv",
        // Squeezing an axis of size 1 other than the gathered one gives the same type only where it gives the same elements.
        "canonical/gather-without-kept-axis",
        // A vector of another length than the last axis is no operand of the product.
        "fold/fold-add-before-gemm-transposed",
        // The last axis is the default; a scale or bias of other ranks is true as well where LayerNormalization takes it.
        "recognize/layer-norm-of-inverse-deviation-of-powers",
        // A slice up to the end that gives as many places as its siblings has their step, or one place.
        "recognize/space-to-depth-of-slices-by-column",
    ];

    private static readonly RuleLibrary Library = RuleLibrary.Standard(OpRegistry.Standard());

    [Fact]
    [Trait("speed", "slow")]
    public void Of_100_mutants_that_are_not_shown_to_be_equivalent_99_are_killed()
    {
        // A part of them; "nncc rules mutate" goes through all.
        var mutations = new RuleMutations(Library);
        var reports = Library.Rules.Where((_, i) => i % OneOf == 0).SelectMany(RuleMutations.Of)
            .Select(mutant => mutations.Judge(mutant)).ToList();
        int killed = reports.Count(r => r.Fate == MutantFate.Killed);
        var left = reports.Where(r => r.Fate == MutantFate.Holds && !Open.Contains(r.Mutant.Rule.Id)).ToList();
        string survivors = string.Join('\n', left.Select(r => $"{r.Mutant.Rule.Id}: {r.Mutant.What}: {r.Verdict}"));
        Assert.True(killed > 99 * left.Count, $"{killed} of {reports.Count} were killed\n{survivors}");
        Assert.InRange(killed, reports.Count / 2, reports.Count);
    }

    [Theory]
    [InlineData("transpose-of-transpose", "arguments swapped in compose(q, p)", MutantFate.Killed)]
    [InlineData("drop-mul-one", "a number changed in 1", MutantFate.Killed)]
    [InlineData("fold-batch-norm-into-conv", "an operator turned round in var + e", MutantFate.Killed)]
    [InlineData("drop-mul-one", "without same-type(x, y)", MutantFate.Same)]
    public void A_mutant_has_its_fate(string rule, string what, MutantFate fate)
    {
        var mutant = RuleMutations.Of(Library.Find(rule)).Single(m => m.What == what);
        var report = new RuleMutations(Library).Judge(mutant);
        Assert.True(report.Fate == fate, report.Verdict);
    }
}
