using Nncc.Backends;
using Nncc.IR.Onnx;
using Nncc.Passes;
using Nncc.Passes.Rules;
using Nncc.Passes.Rules.Proofs;
using Nncc.Tests.Support;
using Nncc.Zoo;

namespace Nncc.Tests.Rules;

/// <summary>The pages about rules say what the rules are, and what is known of them (rules/evidence.txt) is what comes out.</summary>
public class RulePageTests
{
    private static readonly RuleLibrary Library = RuleLibrary.Standard(OpRegistry.Standard());
    private static readonly string File = Repository.Under("rules", "evidence.txt");

    [Fact]
    public void The_pages_say_what_the_rules_are()
    {
        string folder = Repository.Under("docs", "rules");
        var expected = RulePages.Print(Library.Rules, RuleEvidence.Read(System.IO.File.ReadAllLines(File), File));
        if (CaseFile.IsBlessing)
        {
            Directory.CreateDirectory(folder);
            foreach (string old in Directory.EnumerateFiles(folder)) System.IO.File.Delete(old);
            foreach (var (name, text) in expected) System.IO.File.WriteAllText(Path.Combine(folder, name), text);
        }
        Assert.Equal(expected.Keys, Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        foreach (var (name, text) in expected)
        {
            string actual = System.IO.File.ReadAllText(Path.Combine(folder, name));
            Assert.True(actual == text, $"docs/rules/{name} is not what the rules say (NNCC_BLESS=1 writes it):\n"
                + TextDifference.Show(actual, text));
        }
    }

    [FactNeeding(Needs.Shared)]
    [Trait("speed", "slow")]
    public void The_evidence_is_what_comes_out()
    {
        var firing = new SortedDictionary<string, IReadOnlyCollection<string>>(StringComparer.Ordinal);
        foreach (string name in ZooSelection.WithWeights) firing[$"zoo:{name}"] = Applied(ModelZoo.Build(name));
        foreach (string name in SharedModels.Names) firing[name] = Applied(OnnxReader.Read(SharedModels.File(name), Library.Ops));
        var proofs = new RuleProof(Library);
        string[] expected = [.. Library.Rules.Select(rule => RuleEvidence.Of(proofs.Prove(rule),
            firing.Where(f => f.Value.Contains(rule.Id)).Select(f => f.Key)).Line(rule.Id))];
        if (CaseFile.IsBlessing) System.IO.File.WriteAllLines(File, ["# RULE | PROOF | MODELS, written by a test", .. expected]);
        Assert.Equal(expected, System.IO.File.ReadLines(File).Where(line => !line.StartsWith('#')));
    }

    private static IReadOnlyCollection<string> Applied(Model model)
    {
        var log = new StepLog();
        new Compiler(new CompilerOptions { Steps = log, Passes = new() { Check = RuleCheck.None } }).Canonicalize(model);
        return log.Counts.Keys;
    }
}
