using Nncc.Backends;
using Nncc.Backends.Conformance;
using Nncc.Backends.OnnxRuntime;
using Nncc.Tests.Support;

namespace Nncc.Tests.Conformance;

/// <summary>
/// The cases of the ONNX project. What fails stands in a list beside, each with its reason, and the lists may only shrink: an entry whose
/// case passes is a failure too, and NNCC_BLESS=1 takes such entries out but never adds any.
/// </summary>
public class ConformanceTests
{
    private static readonly Lazy<ConformanceReport> Evaluated = new(() => Run(ConformanceBackend.Evaluator));

    [FactNeeding(Needs.Shared)]
    public void Evaluated_as_read() => Check(Evaluated.Value);

    [FactNeeding(Needs.Shared)]
    public void Written_and_read_again() => Check(Run(ConformanceBackend.Onnx));

    [FactNeeding(Needs.Shared)]
    [Trait("speed", "slow")]
    public void Emitted_CSharp() => Check(Run(ConformanceBackend.CSharp));

    // Whole classifiers with made-up weights.
    [FactNeeding(Needs.Shared)]
    [Trait("speed", "slow")]
    public void Light_models()
    {
        foreach (var backend in new[] { ConformanceBackend.Evaluator, ConformanceBackend.Onnx, ConformanceBackend.CSharp })
        {
            var report = Run(backend, areLight: true);
            Assert.Equal((6, 6), (report.Passed, report.Total));
        }
    }

    [FactNeeding(Needs.Shared | Needs.OnnxRuntime)]
    public void The_evaluator_passes_all_that_ONNX_Runtime_passes()
    {
        var passed = Evaluated.Value.Results.Where(r => r.Status == ConformanceStatus.Passed).Select(r => r.Case.Name).ToHashSet();
        Assert.Empty(Run(ConformanceBackend.OnnxRuntime).Results
            .Where(r => r.Status == ConformanceStatus.Passed && !passed.Contains(r.Case.Name)).Select(r => r.Case.Name));
    }

    private static ConformanceReport Run(ConformanceBackend backend, bool areLight = false)
    {
        var compiler = new Compiler(new CompilerOptions
        {
            OnnxRuntime = new OnnxRuntimeOptions(OrtLocator.Find(null, Repository.Root)),
        });
        return new ConformanceRun(compiler, new ConformanceOptions { Backend = backend })
            .Run([.. ConformanceCase.Find(Path.Combine(Repository.Shared, "onnx-backend")).Where(c => c.Suite == "light" == areLight)]);
    }

    private static void Check(ConformanceReport report)
    {
        string path = Repository.Under("tests", "Conformance", $"{report.Backend.ToString().ToLowerInvariant()}.txt");
        var expected = ExpectedFailures.Read(path);
        if (CaseFile.IsBlessing)
        {
            var passed = report.Results.Where(r => r.Status == ConformanceStatus.Passed).Select(r => r.Case.Name).ToHashSet();
            File.WriteAllLines(path, File.ReadAllLines(path).Where(line => !passed.Contains(line.Split(": ")[0])));
            expected = ExpectedFailures.Read(path);
        }
        Assert.Equal([], expected.Contradictions(report));
    }
}
