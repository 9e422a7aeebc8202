using System.Collections.Immutable;
using System.CommandLine;
using Nncc.Backends.Conformance;
using Nncc.Passes.Targets;

namespace Nncc.Cli.Commands;

/// <summary>Runs cases of the ONNX backend data.</summary>
internal sealed class ConformanceVerb : Verb
{
    private readonly ModelOptions options = new(HostTarget.Name);
    private readonly Argument<string> folder = new("dir")
    {
        Description = "A case (model.onnx and test_data_set_0), a folder of cases, or a folder of such folders", HelpName = "DIR",
    };
    private readonly Option<ConformanceBackend> backend = new("--backend")
    {
        Description = "What computes: evaluator, csharp, onnx (written and read again) or onnxruntime", HelpName = "NAME",
        DefaultValueFactory = _ => ConformanceBackend.Evaluator,
    };
    private readonly Option<string?> expected = new("--expect")
    {
        Description = "A list of cases that are known to fail, each with its reason: lines \"suite/case: reason\"", HelpName = "FILE",
    };
    private readonly Option<string?> filter = new("--filter")
    {
        Description = "Only cases whose name holds this text", HelpName = "TEXT",
    };

    public ConformanceVerb() : base("conformance", "Run cases of the ONNX backend data and count what passes") =>
        Takes([folder, backend, expected, filter, .. options.Lowering, options.OnnxRuntime]);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc conformance onnx/backend/test/data --json", "every operator by its meaning"),
        new("nncc conformance onnx/backend/test/data/node --backend csharp --target cpu-avx2", "what emitted C# takes and how it does"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("backend", "evaluator, csharp, onnx or onnxruntime"),
        new("passed", "cases whose outputs all agree"),
        new("total", "cases"),
        new("suites[].name", "a folder of cases"),
        new("suites[].passed", "cases of it that pass"),
        new("suites[].total", "cases of it"),
        new("cases[].name", "a case, with its suite"),
        new("cases[].status", "passed, differs, refused (it is said why, with a number) or failed"),
        new("cases[].reason", "why it did not pass, or null"),
        new("cases[].expected", "the reason that the list of --expect gives, or null"),
        new("contradictions[]", "what is not as the list of --expect says"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var compiler = options.Compiler(call);
        var known = call.Get(expected) is { } path ? ExpectedFailures.Read(path) : null;
        string wanted = call.Get(filter) ?? "";
        ImmutableArray<ConformanceCase> cases =
            [.. ConformanceCase.Find(call.Get(folder)!).Where(c => c.Name.Contains(wanted, StringComparison.Ordinal))];
        var report = call.Output.Busy("running cases", told => new ConformanceRun(compiler,
            new ConformanceOptions { Backend = call.Get(backend), Progress = told }).Run(cases, call.Cancellation));
        string[] contradictions = known is null ? [] : [.. known.Contradictions(report)];
        Print(call.Output, report, known, contradictions);
        call.Output.Json(new
        {
            backend = report.Backend.ToString().ToLowerInvariant(), passed = report.Passed, total = report.Total,
            suites = report.Suites.Select(s => new { name = s.Key, passed = s.Count(IsPassed), total = s.Count() }),
            cases = report.Results.Select(r => new
            {
                name = r.Case.Name, status = r.Status.ToString().ToLowerInvariant(), reason = r.Reason,
                expected = known?.ReasonOf(r.Case.Name),
            }),
            contradictions,
        });
        return known is null ? (report.Passed == report.Total ? ExitCode.Ok : ExitCode.ConstraintNotMet)
            : contradictions.Length == 0 ? ExitCode.Ok : ExitCode.ConstraintNotMet;
    }

    private static bool IsPassed(ConformanceResult result) => result.Status == ConformanceStatus.Passed;

    private static void Print(Output output, ConformanceReport report, ExpectedFailures? known, string[] contradictions)
    {
        var failures = report.Results.Where(r => !IsPassed(r)).ToList();
        if (failures.Count > 0)
        {
            var table = new TextTable("case", "status", "reason");
            foreach (var r in failures)
                table.Add(r.Case.Name, r.Status.ToString().ToLowerInvariant(),
                    known?.ReasonOf(r.Case.Name) is { } reason ? $"expected: {reason}" : r.Reason!.Replace('\n', ' '));
            output.Table(table);
            output.Line();
        }
        var suites = new TextTable("suite", ">passed", ">total", ">share");
        foreach (var suite in report.Suites.Select(s => (Name: s.Key, Passed: s.Count(IsPassed), Total: s.Count()))
            .Append((Name: "all", report.Passed, report.Total)))
            suites.Add(suite.Name, $"{suite.Passed}", $"{suite.Total}",
                FormattableString.Invariant($"{(suite.Total == 0 ? 0 : 100.0 * suite.Passed / suite.Total):0.0} %"));
        output.Table(suites);
        foreach (string contradiction in contradictions) output.Line($"not as the list says: {contradiction}");
    }
}
