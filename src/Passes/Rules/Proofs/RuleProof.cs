using System.Collections.Immutable;
using System.Globalization;
using Nncc.Passes.Rules.Testing;

namespace Nncc.Passes.Rules.Proofs;

/// <summary>What came of the proof of a rule.</summary>
/// <param name="IsProved">Whether both sides are the same real numbers in all cases up to the bound.</param>
/// <param name="Cases">Cases in which the rule applies; both sides were computed for all contents.</param>
/// <param name="Bound">The bound of the cases; where there is no proof, the reason.</param>
public sealed record ProofReport(bool IsProved, int Cases, string Bound);

/// <summary>
/// Proves rules: all graphs up to a bound that the pattern fits, both sides as normal forms. The greatest bound is taken that has not too
/// many cases.
/// </summary>
/// <param name="library">The ops and functions.</param>
public sealed class RuleProof(RuleLibrary library)
{
    private const int MostTries = 3000;

    private static readonly ImmutableArray<DType> Types = [DType.Float32, DType.Bool, DType.Int64];
    private static readonly ImmutableArray<DType> AllTypes =
        [DType.Float32, DType.Float16, DType.Int64, DType.Int32, DType.UInt8, DType.Bool];

    /// <summary>The proof of a rule, or why there is none.</summary>
    public ProofReport Prove(Rule rule, CancellationToken cancellation = default)
    {
        try
        {
            var symbolic = SymbolicRule.Of(rule);
            string reason = "it has too many cases";
            foreach (var bound in CaseBound.All)
            {
                var shapes = new CaseShapes(bound);
                int cases = 0;
                foreach (var dtype in symbolic.DependsOnType ? AllTypes : Types)
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (Go(symbolic, shapes, dtype) is not { } more)
                    {
                        cases = 0;
                        break;
                    }
                    cases += more;
                    reason = "no case up to the bound fits it";
                    if (cases > 0 && !symbolic.DependsOnType) break;
                }
                if (cases > 0) return new ProofReport(true, cases, $"{bound}{string.Concat(symbolic.Samples.Select(s =>
                    $", {s} of {string.Join(' ', CaseMaker.Samples.Select(n => n.ToString(CultureInfo.InvariantCulture)))}"))}");
            }
            return new ProofReport(false, 0, reason);
        }
        catch (UndecidedException e)
        {
            return new ProofReport(false, 0, e.Message);
        }
        catch (NnccException e)
        {
            // Constants outside the domain of an op.
            return new ProofReport(false, 0, e.Faults[0].Message);
        }
    }

    // How many cases were proved; null where there are too many.
    private int? Go(SymbolicRule rule, CaseShapes shapes, DType dtype)
    {
        var table = new NumberTable(rule.Digits);
        var tape = new ChoiceTape();
        int cases = 0, tries = 0;
        do
        {
            if (++tries > MostTries) return null;
            if (CaseMaker.Make(rule, library.Ops, tape, shapes, dtype) is not { } made || Apply(rule.Rule, made) is not { } after) continue;
            Compare(table, rule.Digits, made.Graph, after);
            cases++;
        }
        while (tape.Advance());
        return cases;
    }

    private Graph? Apply(Rule rule, RuleInstance made)
    {
        var edit = new GraphEdit(made.Graph);
        var match = new RuleMatch(rule, new RewritePlan(edit, library.Ops), library.Functions);
        if (!new Matcher(match).Fits(edit.Find(made.Root)!)) return null;
        var rewriter = Rewriter.Of(edit, match, new PassContext(library.Ops));
        if (rewriter.Prepare(match, out var failure) is null)
            return failure!.IsTypeChange ? throw new UndecidedException("the sides have other types") : null;
        return rewriter.TryApply(edit.Find(made.Root)!) is null ? null : edit.Freeze();
    }

    private void Compare(NumberTable table, int digits, Graph before, Graph after)
    {
        var inputs = before.Inputs.ToDictionary(i => before[i.Value].Name, i => Numbers.Variables(table, before[i.Value].Name,
            [.. ((TensorType)before[i.Value].Type).Shape!.ToStatic()!]), StringComparer.Ordinal);
        var run = new SymbolicRun(table, library.Ops);
        var (left, right) = (run.Run(before, inputs), run.Run(after, inputs));
        var compared = new Cases(table, digits == 6 ? 1e-6 : 0);
        for (int i = 0; i < left.Length; i++)
        {
            if (!left[i].Dims.SequenceEqual(right[i].Dims)) throw new UndecidedException("the sides have other sizes");
            for (int k = 0; k < left[i].Items.Length; k++)
                if (!compared.AreEqual(left[i].Items[k], right[i].Items[k]))
                    throw new UndecidedException("the normal forms of both sides are not the same");
        }
    }
}
