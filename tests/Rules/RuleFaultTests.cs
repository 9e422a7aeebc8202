using Nncc.Passes;
using Nncc.Passes.Rules;
using Nncc.Tests.Cli;
using Nncc.Tests.Support;

namespace Nncc.Tests.Rules;

/// <summary>Rules that are refused when they are read: with their place, and a suggestion where there is one.</summary>
public class RuleFaultTests
{
    [Theory]
    [InlineData("rule a\n match Relu(x)\n rewrite y", "NNC3202", "y is not bound", null)]
    [InlineData("rule a\n match Reluu(x)\n rewrite x", "NNC3202", "there is no op \"Reluu\"", "Relu")]
    [InlineData("rule a\n match Transpose(x, prem=p)\n rewrite x", "NNC3202", "no attribute \"prem\"", "perm")]
    [InlineData("rule a\n match Relu(x)\n where rankk(x) == 1\n rewrite x", "NNC3202", "no function \"rankk\"", "rank")]
    [InlineData("rule a\n match Relu(x)\n where rank(x, x) == 1\n rewrite x", "NNC3201", "rank takes x", null)]
    [InlineData("rule a\n match Relu(x)\n rewrite Relu(Relu(x))", "NNC3203", "does not go down", null)]
    [InlineData("rule a\n match Transpose(Relu(x), perm=p)\n rewrite Relu(Transpose(x, perm=p))", "NNC3203", "not lower", null)]
    [InlineData("rule a\n match Mul(x, y)\n rewrite Mul(x, x)", "NNC3203", "x occurs 2 times", null)]
    [InlineData("rule a\n match Neg(Neg(x))\n rewrite x\nrule b\n match Neg(Neg(y))\n rewrite y", "NNC3204", "nothing decides", null)]
    [InlineData("rule a\n match Neg(Neg(x))\n rewrite x\nrule a\n match Abs(Abs(y))\n rewrite Abs(y)", "NNC3204", "is taken", null)]
    [InlineData("rule a\n macth Neg(x)\n rewrite x", "NNC3201", "\"macth\"", "match")]
    [InlineData("rule a\n match Neg(x", "NNC3201", "\")\" is expected", null)]
    [InlineData("rule a\n match Neg(x)\n rewrite x\n rewrite x", "NNC3201", "twice", null)]
    [InlineData("rule a\n match Neg(x)\n rewrite \"x", "NNC3201", "no end on its line", null)]
    [InlineData("rule a\n match Neg(x)\n rewrite x\n law approximately", "NNC3201", "is no law", "exact")]
    [InlineData("set lowering\nrule a\n match Neg(x)\n rewrite x", "NNC3209", "no set \"lowering\"", null)]
    [InlineData("rule a\n match Neg(Neg(x))\n rewrite x\n before c", "NNC3202", "no rule \"c\"", null)]
    [InlineData("rule A\n match Neg(Neg(x))\n rewrite x", "NNC3201", "kebab-case", null)]
    [InlineData("rule a\n match Neg(Neg(x))\n rewrite x\n example z = 1", "NNC3202", "speaks of z", "x")]
    [InlineData("rule a\n match Relu(x)\n rewrite Concat(x)", "NNC3202", "needs its attribute axis", null)]
    [InlineData("rule a\n match Relu(x)\n rewrite (x, x)", "NNC3201", "2 results stand in for 1", null)]
    [InlineData("\u0001", "NNC3201", "holds no", null)]
    public void A_rule_is_refused(string text, string code, string message, string? advice)
    {
        var thrown = Assert.Throws<NnccException>(() =>
            RuleLibrary.Parse([("my.rules", text)], OpRegistry.Standard(), RuleFunctions.Standard()));
        var fault = thrown.Faults[0];
        Assert.Equal(code, fault.Code.ToString());
        Assert.Contains(message, fault.Message);
        Assert.StartsWith("my.rules:", fault.Place);
        if (advice is not null) Assert.Contains(advice, fault.Advice);
    }

    [Fact]
    public void All_faults_of_a_file_come_at_once()
    {
        var thrown = Assert.Throws<NnccException>(() => RuleLibrary.Parse(
            [("my.rules", "rule a\n match Rleu(x)\n rewrite y\nrule b\n nonsense\nrule c\n match Abs(x)\n rewrite z")],
                OpRegistry.Standard(),
            RuleFunctions.Standard()));
        Assert.Equal(["my.rules:5:2", "my.rules:2:8", "my.rules:3:10", "my.rules:8:10"], thrown.Faults.Select(f => f.Place));
    }

    [Fact]
    public void Terms_that_are_too_deep_are_refused_and_do_not_overflow()
    {
        string deep = string.Concat(Enumerable.Repeat("Neg(", 10_000));
        var thrown = Assert.Throws<NnccException>(() =>
            RuleLibrary.Parse([("my.rules", $"rule a\n match {deep}")], OpRegistry.Standard(), RuleFunctions.Standard()));
        Assert.Contains("less than 64 deep", thrown.Faults[0].Message);
    }

    [Fact]
    public void Lets_that_double_and_double_are_refused_and_do_not_hang()
    {
        var lets = Enumerable.Range(1, 60).Select(i => $" let v{i} = v{i - 1} + v{i - 1}\n");
        string text = $"rule a\n match Relu(v0)\n{string.Concat(lets)} rewrite v60";
        var thrown = Assert.Throws<NnccException>(() => Parse(text));
        Assert.Contains("more than 2000 terms", thrown.Faults[0].Message);
    }

    [Fact]
    public void Patterns_that_fit_in_very_many_ways_do_not_hang()
    {
        static string Sum(int depth, string inner) => depth == 0 ? inner : $"Add({Sum(depth - 1, inner)}, x)";
        // Each against the other, and against a graph.
        string other = Sum(39, "Neg(x)");
        var library = Parse($"rule a\n match {Sum(40, "x")}\n rewrite x\nrule b\n match {other}\n rewrite x");
        var build = new GraphBuilder("sums");
        int value = build.Input("x", DType.Float32, 2);
        for (int i = 0; i < 60; i++) value = build.Add($"add{i}", new IR.Ops.Add(), value, value);
        build.Output("y", value);
        var graph = build.Build();
        new RewritePass("simplify", new RuleSet(library, library.Rules)).Run(graph, new PassContext(OpRegistry.Standard()));
    }

    [Fact]
    public void Too_many_rules_for_one_op_are_refused()
    {
        string text = string.Concat(Enumerable.Range(0, 501).Select(i => $"rule r{i}\n match Relu(Relu(x))\n rewrite Relu(x)\n"));
        var thrown = Assert.Throws<NnccException>(() => Parse(text));
        Assert.Contains("at most 500", thrown.Faults[0].Message);
    }

    [Theory]
    [InlineData(new byte[] { 0xff, 0xfe, 0x00, 0x41 }, "not UTF-8 text")]
    [InlineData(new byte[] { 0x7f, 0x45, 0x4c, 0x46, 0x02 }, "holds no")]
    public void A_file_that_is_no_text_is_named_and_nothing_is_written(byte[] content, string message)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.At("mine.rules"), content);
        string model = CliModels.Write(folder), output = folder.At("out.onnx");
        CliRun.Bad(1, ["NNC3201", message, "mine.rules"], "compile", model, "--rules", folder.Path, "--emit", "onnx", "-o", output);
        Assert.False(File.Exists(output));
    }

    [Fact]
    public void A_file_that_is_too_large_is_not_read()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("mine.rules"), new string('#', (1 << 20) + 1));
        CliRun.Bad(1, ["NNC3201", "at most 1048576 bytes", "mine.rules"], "rules", "list", "--rules", folder.Path);
    }

    [Theory]
    [InlineData("rule a\n match Relu(x)\n rewrite Cast(x, to=7)", "i64")]
    [InlineData("rule a\n match Relu(x)\n rewrite Transpose(x, perm=[1, 0])", "3x1")]
    public void A_rule_whose_sides_have_different_types_is_named_and_not_applied(string text, string type)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("mine.rules"), text);
        string model = CliModels.Write(folder), output = folder.At("out.onnx");
        CliRun.Bad(3, ["NNC3205", "canonical/a", "mine.rules:1:1"], "rules", "test", "a", "--rules", folder.Path);
        CliRun.Bad(3, ["NNC3210", "canonical/a", type], "compile", model, "--rules", folder.Path, "--emit", "onnx", "-o", output);
        CliRun.Good("verify", output, "--target", "none", "-q");
    }

    private static RuleLibrary Parse(string text) =>
        RuleLibrary.Parse([("my.rules", text)], OpRegistry.Standard(), RuleFunctions.Standard());

    [Fact]
    public void The_text_of_a_rule_reads_back_as_the_rule()
    {
        var ops = OpRegistry.Standard();
        foreach (var rule in RuleLibrary.Standard(ops).Rules)
        {
            var again = RuleLibrary.Parse([("again.rules", $"set {rule.Set}\n{rule with { Before = [] }}")], ops,
                RuleFunctions.Standard()).Rules[0];
            Assert.Equal((rule with { Before = [] }).ToString(), again.ToString());
        }
    }
}
