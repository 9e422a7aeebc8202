using Nncc.Passes.Rules;
using Nncc.Passes.Rules.Testing;

namespace Nncc.Tests.Laws;

/// <summary>Each rule that comes with nncc holds on instances made from its own text, both sides under the evaluator.</summary>
public class RuleLaws
{
    private static readonly RuleLibrary Library = RuleLibrary.Standard(OpRegistry.Standard());

    public static TheoryData<string> Names => [.. Library.Rules.Select(r => r.Name)];

    [Theory, MemberData(nameof(Names))]
    public void A_rule_holds(string name)
    {
        var report = new RuleTester(Library).Test(Library.Find(name));
        Assert.True(report.Counterexample is null, report.Counterexample);
        Assert.True(report.Instances > 0, $"no instance of {name} could be made");
    }

    [Fact]
    public void Each_rule_says_why_it_is_there_or_follows_one_that_does() =>
        Assert.All(Library.Rules, rule => Assert.NotEmpty(rule.Place.File));

    [Theory]
    [InlineData("match Add(x, 1) rewrite x")]
    [InlineData("match Transpose(Transpose(x, perm=q), perm=p) rewrite Transpose(x, perm=compose(p, q))")]
    [InlineData("match Sub(a, Neg(b)) rewrite Sub(a, b)")]
    [InlineData("match Relu(Neg(x)) rewrite Relu(x)")]
    [InlineData("match Mul(Mul(x, a), b) where constant(a, b) rewrite Mul(x, a + b) law rounding")]
    public void A_wrong_rule_is_found_with_a_small_counterexample(string text)
    {
        string rule = "rule wrong\n" + text.Replace(" rewrite", "\n rewrite").Replace(" where", "\n where").Replace(" law", "\n law")
            .Replace("match", " match");
        var library = RuleLibrary.Parse([("wrong.rules", rule)], OpRegistry.Standard(), RuleFunctions.Standard());
        var report = new RuleTester(library).Test(library.Rules[0]);
        Assert.NotNull(report.Counterexample);
        Assert.Contains("# before", report.Counterexample);
    }
}
