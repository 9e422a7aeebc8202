using Nncc.Backends.Models;
using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.Tests.Support;

namespace Nncc.Tests.Cli;

/// <summary>The table of ops: docs/operators.md and <c>inspect --ops</c> say what the code knows.</summary>
public class OperatorPageTests
{
    [Fact]
    public void The_page_about_operators_says_what_the_code_knows()
    {
        string path = Repository.Under("docs", "operators.md"), expected = OpCoverage.Markdown(OpCoverage.Of(OpRegistry.Standard()));
        if (CaseFile.IsBlessing) File.WriteAllText(path, expected);
        string actual = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.True(actual == expected,
            $"docs/operators.md is not what the code knows (NNCC_BLESS=1 writes it):\n{TextDifference.Show(actual, expected)}");
    }

    [Fact]
    public void Every_op_of_the_standard_but_Gradient_is_evaluated() =>
        Assert.Equal(["ai.onnx.preview.training.Gradient"],
            OpCoverage.Of(OpRegistry.Standard()).Where(r => !r.IsEvaluated).Select(r => r.Op));

    [Fact]
    public void Inspect_shows_all_ops()
    {
        string text = CliRun.Good("inspect", "--ops").Out;
        foreach (string name in OpSchemas.Names("")) Assert.Contains(name, text);
        CliRun.Bad(1, ["--ops"], "inspect");
    }
}
