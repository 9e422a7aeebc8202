using Nncc.Backends;
using Nncc.IR;
using Nncc.Passes.Plans;
using Nncc.Passes.Programs;
using Nncc.Tests.Support;
using Nncc.Zoo;

namespace Nncc.Tests.Strategies;

/// <summary>Plans as text, and compiling by them.</summary>
public sealed class PlanTests : IDisposable
{
    private const string Target = "cpu-avx2";

    private static readonly Model Toy = ModelZoo.Build("toy_cnn");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static Compiler With(string? plan = null, string strategy = "cost", string target = Target) =>
        new(new CompilerOptions { Target = target, Strategy = strategy, PlanFile = plan });

    private string Write(Func<string, string>? edit = null, string strategy = "cost")
    {
        string path = folder.At("toy.plan"), text = PlanText.Print(Plan.Of(With(strategy: strategy).Schedule(Toy).Graph, Target));
        File.WriteAllText(path, edit?.Invoke(text) ?? text);
        return path;
    }

    [Theory]
    [InlineData("none")]
    [InlineData("rules")]
    [InlineData("cost")]
    public void A_program_made_by_its_own_plan_is_the_same(string strategy) => Assert.Equal(
        ProgramPrinter.Print(With(strategy: strategy).Lower(Toy)), ProgramPrinter.Print(With(Write(strategy: strategy)).Lower(Toy)));

    [Fact]
    public void What_is_printed_reads_back()
    {
        string text = File.ReadAllText(Write());
        Assert.Equal(text, PlanText.Print(PlanText.Parse(text, "toy.plan")));
        var odd = new Plan("m", "any", [new(["a \"b\" \\ # c\nd", "e"], null, Schedule.Parse("conv(rows=2)"), "x:5")]);
        Assert.Equal(odd.Regions[0].Values, PlanText.Parse(PlanText.Print(odd), "x").Regions[0].Values);
    }

    [Fact]
    public void An_edited_plan_is_followed_and_what_it_leaves_open_is_chosen()
    {
        // No layouts, templates without tiles, and no region of more than one node.
        string any = Write(text => string.Join('\n', text.Split('\n').Where(line => !line.StartsWith("  layouts", StringComparison.Ordinal))
            .Select(line => line.StartsWith("target", StringComparison.Ordinal) ? "target any # where it is used"
                : line.StartsWith("  schedule", StringComparison.Ordinal) ? "" : line)));
        foreach (string target in new[] { "cpu-sse", Target })
            Assert.Equal(With(strategy: "cost", target: Target).Lower(Toy).Steps.Count(s => s.Node >= 0 && s.Kernel.Contains("matmul")),
                With(any, target: target).Lower(Toy).Steps.Count(s => s.Node >= 0 && s.Kernel.Contains("matmul")));
    }

    public static TheoryData<string, string, string> Wrong => new()
    {
        { "nncc-plan 1", "nncc-plan 2", "this version reads" },
        { "nncc-plan 1", "a poem", "a plan begins with" },
        { "target cpu-avx2", "target cpu-sse", "the plan is for the target cpu-sse" },
        { "target cpu-avx2", "", "for which target" },
        { "model ", "model 0", "of another model" },
        { "region ", "region \"nobody\" ", "no node gives a value \"nobody\"" },
        { "  schedule ", "  schedule conv-of-the-moon(rows=2) # ", "is no schedule of this region" },
        { "  schedule ", "  schedule conv(rows=many) # ", "is no parameter of a schedule" },
        { "  layouts ", "  layouts upside-down # ", "are no layouts of this region" },
        { "  layouts ", "  height ", "is not understood" },
        { "region ", "region x ", "is not understood" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void A_plan_that_cannot_be_followed_is_refused_with_the_reason(string before, string after, string message)
    {
        int count = 0;
        string path = Write(text => string.Join('\n', text.Split('\n').Select(line =>
            line.StartsWith(before, StringComparison.Ordinal) && count++ == 0 ? after + line[before.Length..] : line)));
        var e = Assert.Throws<NnccException>(() => With(path).Lower(Toy));
        Assert.All(e.Faults, f => Assert.Equal(FaultCodes.BadPlan, f.Code));
        Assert.Contains(message, e.Faults[0].Message);
    }

    [Fact]
    public void A_node_in_two_regions_and_a_region_from_which_two_values_leave_are_named_together()
    {
        string path = Write(text =>
        {
            string[] regions = [.. text.Split('\n').Where(l => l.StartsWith("region", StringComparison.Ordinal))];
            return $"{text}{regions[0]}\n{regions[0]} {regions[^1]["region ".Length..]}\n";
        });
        var e = Assert.Throws<NnccException>(() => With(path).Lower(Toy));
        Assert.Contains(e.Faults, f => f.Message.Contains("is in another region already"));
        Assert.Contains(e.Faults, f => f.Message.Contains("this is no region"));
    }
}
