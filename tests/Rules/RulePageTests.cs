using Nncc.Passes.Rules;
using Nncc.Passes.Rules.Proofs;
using Nncc.Tests.Support;

namespace Nncc.Tests.Rules;

/// <summary>The pages about rules say what the rules are, and what is known of them is what comes out.</summary>
public class RulePageTests
{
    private static readonly RuleLibrary Library = RuleLibrary.Standard(OpRegistry.Standard());

    [Fact]
    public void The_pages_say_what_the_rules_are()
    {
        string folder = Repository.Under("docs", "rules");
        var expected = RulePages.Print(Library, RuleEvidence.Read());
        if (CaseFile.IsBlessing)
        {
            Directory.CreateDirectory(folder);
            foreach (string old in Directory.EnumerateFiles(folder)) File.Delete(old);
            foreach (var (name, text) in expected) File.WriteAllText(Path.Combine(folder, name), text);
        }
        Assert.Equal(expected.Keys, Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        foreach (var (name, text) in expected)
        {
            string actual = File.ReadAllText(Path.Combine(folder, name));
            Assert.True(actual == text, $"docs/rules/{name} is not what the rules say (NNCC_BLESS=1 writes it):\n"
                + TextDifference.Show(actual, text));
        }
    }

    [FactNeeding(Needs.Shared)]
    [Trait("speed", "slow")]
    public void The_evidence_is_what_comes_out()
    {
        var firing = RuleEvidence.Firing();
        var proofs = new RuleProof(Library);
        string[] expected = [.. Library.Rules.Select(rule => Evidence(rule, proofs.Prove(rule), firing).Line(rule.Id))];
        if (CaseFile.IsBlessing)
            File.WriteAllLines(RuleEvidence.File, ["# rule | proof | models that it is applied to at -O2; written by a test", .. expected]);
        Assert.Equal(expected, File.ReadLines(RuleEvidence.File).Where(line => !line.StartsWith('#')));
    }

    private static RuleEvidence Evidence(Rule rule, ProofReport proof, IReadOnlyDictionary<string, IReadOnlyList<string>> firing) =>
        new(proof.IsProved ? $"proved in {proof.Cases} cases, {proof.Bound}" : proof.Bound,
            [.. firing.Where(f => f.Value.Contains(rule.Id)).Select(f => f.Key)]);
}
