using Nncc.Passes.Rules;

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
