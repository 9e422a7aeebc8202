using Nncc.Backends;
using Nncc.IR.Onnx;
using Nncc.Passes;
using Nncc.Tests.Support;
using Nncc.Zoo;

namespace Nncc.Tests.Rules;

/// <summary>
/// What is known of each rule beside its text: the models that it is applied to at -O2, and its proof. Kept in rules/evidence.txt, a line
/// for each rule, since it takes long to find out.
/// </summary>
/// <param name="Proof">The bound and number of cases of its proof, or why there is none.</param>
/// <param name="Models">Models of the zoo, and real ones of the optional test data.</param>
internal sealed record RuleEvidence(string Proof, IReadOnlyList<string> Models)
{
    private const string Separator = " | ";

    /// <summary>The file.</summary>
    public static string File { get; } = Repository.Under("rules", "evidence.txt");

    /// <summary>What the file says, by the ids of rules.</summary>
    public static IReadOnlyDictionary<string, RuleEvidence> Read() => System.IO.File.ReadLines(File)
        .Where(line => !line.StartsWith('#') && line.Length > 0).Select(line => line.Split(Separator))
        .ToDictionary(p => p[0], p => new RuleEvidence(p[1], p[2].Split(' ', StringSplitOptions.RemoveEmptyEntries)),
            StringComparer.Ordinal);

    /// <summary>A line of the file.</summary>
    public string Line(string id) => string.Join(Separator, id, Proof, string.Join(' ', Models));

    /// <summary>The rules that each model has applications of.</summary>
    public static SortedDictionary<string, IReadOnlyList<string>> Firing()
    {
        var firing = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (string name in ZooSelection.WithWeights) firing[$"zoo:{name}"] = Applied(ModelZoo.Build(name));
        var ops = OpRegistry.Standard();
        foreach (string name in SharedModels.Names) firing[name] = Applied(OnnxReader.Read(SharedModels.File(name), ops));
        return firing;
    }

    private static List<string> Applied(Model model)
    {
        var log = new StepLog();
        new Compiler(new CompilerOptions { Steps = log, Passes = new() { Check = Nncc.Passes.Rules.RuleCheck.None } }).Canonicalize(model);
        return [.. log.Counts.Keys.Where(k => k.Contains('/'))];
    }
}
