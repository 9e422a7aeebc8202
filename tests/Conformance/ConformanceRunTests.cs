using Nncc.Backends;
using Nncc.Backends.Conformance;
using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests.Conformance;

/// <summary>The runner: cases are found, stand alone, and end in the status that fits; lists of failures may only shrink.</summary>
public sealed class ConformanceRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(ConformanceBackend.Evaluator)]
    [InlineData(ConformanceBackend.Onnx)]
    [InlineData(ConformanceBackend.CSharp)]
    public void Each_case_has_its_own_end(ConformanceBackend backend)
    {
        Case("a_right", 3);
        Case("b_wrong", 4);
        Case("c_broken", 3);
        File.WriteAllText(folder.At("suite", "c_broken", "model.onnx"), "no model");
        Case("d_right", 3);
        File.Copy(folder.At("suite", "a_right", "model.onnx"), folder.At("suite", "light.onnx"));
        TensorFile.Write(folder.At("suite", "light_output_0.pb"), Tensor.Of([2], [1f, 1.5f]));
        var report = Run(backend);
        Assert.Equal([("suite/a_right", ConformanceStatus.Passed), ("suite/b_wrong", ConformanceStatus.Differs),
            ("suite/c_broken", ConformanceStatus.Refused), ("suite/d_right", ConformanceStatus.Passed),
            ("suite/light", ConformanceStatus.Passed)], report.Results.Select(r => (r.Case.Name, r.Status)));
        Assert.Equal((3, 5), (report.Passed, report.Total));
        Assert.Equal("output 0: element 1 should be 4, is 3 (f32[2])", report.Results[1].Reason);
    }

    [Fact]
    public void A_list_of_failures_must_be_exact()
    {
        Case("right", 3);
        Case("wrong", 4);
        var report = Run(ConformanceBackend.Evaluator);
        Assert.Empty(List("# a remark", "", "suite/wrong: it is wrong").Contradictions(report));
        Assert.Equal(["suite/wrong fails (differs): output 0: element 1 should be 4, is 3 (f32[2])"], List().Contradictions(report));
        Assert.Equal(["suite/right passes, and the list expects it to fail"],
            List("suite/w*: it is wrong", "suite/right: no").Contradictions(report));
        Assert.Equal(["no failing case needs \"suite/gone\" of the list", "no failing case needs \"suite/r*\" of the list"],
            List("suite/wrong: it is wrong", "suite/gone: no", "suite/r*: no", "other/one: of another suite").Contradictions(report));
        var faults = Assert.Throws<NnccException>(() => List("suite/wrong", "suite/a: b", "suite/a: c")).Faults;
        Assert.Equal(2, faults.Length);
    }

    [Fact]
    public void A_folder_without_cases_is_told()
    {
        Assert.Equal(FaultCodes.FileAccess.ToString(), Fault(folder.At("nowhere")));
        Directory.CreateDirectory(folder.At("empty"));
        Assert.Equal(FaultCodes.DataFile.ToString(), Fault(folder.At("empty")));
    }

    private static string Fault(string folder) =>
        Assert.Throws<NnccException>(() => ConformanceCase.Find(folder)).Faults[0].Code.ToString();

    private ConformanceReport Run(ConformanceBackend backend) =>
        new ConformanceRun(new Compiler(new CompilerOptions { Target = "cpu-scalar" }), new ConformanceOptions { Backend = backend })
            .Run(ConformanceCase.Find(folder.At("suite")));

    private ExpectedFailures List(params string[] lines)
    {
        File.WriteAllLines(folder.At("list.txt"), lines);
        return ExpectedFailures.Read(folder.At("list.txt"));
    }

    // y = x + 1 with x = [1, 2]; the second element is expected to be so much.
    private void Case(string name, float second)
    {
        var build = new GraphBuilder("case");
        int x = build.Input("x", new TensorType(DType.Float32, Shape.Of([2])));
        build.Output("y", build.Add("sum", new Add(), x, build.Constant("one", Tensor.Vector(1f))));
        Directory.CreateDirectory(folder.At("suite", name, "test_data_set_0"));
        new Compiler().WriteOnnx(new Model(build.Build(), ModelHeader.Empty), folder.At("suite", name, "model.onnx"), isAsItIs: true);
        TensorFile.Write(folder.At("suite", name, "test_data_set_0", "input_0.pb"), Tensor.Of([2], [1f, 2f]));
        TensorFile.Write(folder.At("suite", name, "test_data_set_0", "output_0.pb"), Tensor.Of([2], [2f, second]));
    }
}
