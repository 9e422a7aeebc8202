using Nncc.IR.Text;
using Nncc.Tests.Support;

namespace Nncc.Tests.Laws;

/// <summary>Every op, with all attributes that its cases have, and every generated graph reads back the same from its text.</summary>
public class TextLaws
{
    private static readonly OpRegistry Ops = OpRegistry.Standard();
    private static readonly ILookup<string, OpCase> Cases = OpCase.All.ToLookup(c => c.Op.FullName);

    public static TheoryData<string> Names => [.. Ops.Definitions.Where(d => !d.IsLegacy).Select(d => d.FullName)];

    [Theory, MemberData(nameof(Names))]
    public void AnOpReadsBack(string name)
    {
        foreach (var c in Cases[name])
        {
            var edit = new GraphEdit("case");
            int[] operands = [.. c.Operands.Select((o, i) => o is null ? Node.Absent : o is Tensor t && i % 2 == 1 ? edit.AddConstant(t)
                : edit.AddInput($"x{i}", o.Type))];
            var node = edit.Insert(c.Op, operands, Provenance.Of("case"), [.. Enumerable.Range(0, c.Results).Select(i => $"y{i}")]);
            foreach (int output in node.Outputs) edit.AddOutput(edit[output].Name, output);
            Check(edit.Freeze());
        }
    }

    [Fact]
    public void GeneratedGraphsReadBack()
    {
        for (int seed = 0; seed < 100; seed++) Check(RandomGraph.Of(seed).Graph);
    }

    // Types and known sizes that the text leaves out are inferred to the same.
    [Fact]
    public void DescriptionsMayBeLeftOut()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            var graph = RandomGraph.Of(seed).Graph;
            string text = string.Join('\n', Printer.Print(graph, Ops).Split('\n').Select(line =>
                line.StartsWith("  %", StringComparison.Ordinal) && line.Contains(") \"", StringComparison.Ordinal) && !line.EndsWith('{')
                    ? line[..(line.LastIndexOf(") \"", StringComparison.Ordinal) + 1)] : line));
            var read = Parser.Parse(text, Ops);
            foreach (var value in graph.Values)
            {
                Assert.Equal(value.Type, read[value.Id].Type);
                Assert.Equal(value.Known?.AsEnumerable(), read[value.Id].Known?.AsEnumerable());
            }
        }
    }

    private static void Check(Graph graph)
    {
        string text = Printer.Print(graph, Ops);
        var read = Parser.Parse(text, Ops);
        GraphAssert.Identical(graph, read);
        Assert.Equal(text, Printer.Print(read, Ops));
        Assert.Empty(Verifier.Check(graph, Ops));
    }
}
