using System.Diagnostics;
using System.Xml.Linq;
using Nncc.Backends.Drawing;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests.Cli;

/// <summary>Drawn models.</summary>
public class GraphTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Fusions_are_regions_and_constants_are_lines()
    {
        string model = CliModels.Write(folder);
        var json = CliRun.Good("graph", model, "--stage", "fused", "-o", folder.At("g.dot"), "--json").Json;
        var (ops, regions) = Fused(model);
        Assert.Equal(ops + 2, json.GetProperty("nodes").GetInt32()); // with an input and an output, in a chain
        Assert.Equal(ops + 1, json.GetProperty("edges").GetInt32());
        Assert.Equal(regions, json.GetProperty("regions").GetInt32());
        string dot = File.ReadAllText(folder.At("g.dot"));
        Assert.Contains("subgraph cluster_0", dot);
        Assert.Contains("w: f32[4x3]", dot);
        Assert.DoesNotContain("cluster", Draw(model, "canonical", "h.dot"));
        Assert.Contains("subgraph r0", Draw(model, "fused", "g.mmd"));
    }

    [Fact]
    public void Every_stage_and_pass_with_a_graph_can_be_drawn()
    {
        string model = CliModels.Write(folder);
        foreach (string stage in new[] { "imported", "canonical", "fused", "scheduled", "constant-folding" })
            Assert.StartsWith("flowchart", Draw(model, stage, "g.mmd"));
        CliRun.Bad(1, ["NNC7001", "no graph"], "graph", model, "--stage", "program", "-o", folder.At("g.dot"));
        CliRun.Bad(1, ["NNC7102"], "graph", model, "--stage", "nowhere", "-o", folder.At("g.dot"));
        CliRun.Bad(1, ["NNC7001", ".svg, .dot or .mmd"], "graph", model, "-o", folder.At("g.png"));
        CliRun.Bad(2, ["NNC2102"], "graph", model, "-o", folder.At("none", "g.dot"));
    }

    [Fact]
    public void Names_cannot_break_out_of_their_quotes()
    {
        var build = new GraphBuilder("a\"b");
        int x = build.Input("in \"x\" \\ <b>&#;\n", DType.Float32, 2);
        build.Output("y", build.Add("`node`", new Relu(), x));
        var drawing = GraphDrawing.Of(build.Build());
        using var dot = new StringWriter();
        DotText.Write(drawing, dot);
        Assert.Contains("label=\"in \\\"x\\\" \\\\ <b>&#;\\n\\nf32[2]\"", dot.ToString());
        using var mermaid = new StringWriter();
        MermaidText.Write(drawing, mermaid);
        Assert.Contains("\"in #34;x#34; \\ #60;b#62;#38;#35;#59;<br/><br/>f32[2]\"", mermaid.ToString());
        Assert.Contains("#96;node#96;", mermaid.ToString());
    }

    [Fact]
    public void Svg_is_drawn_where_graphviz_is_installed_and_its_absence_is_said()
    {
        string model = CliModels.Write(folder);
        if (HasGraphviz())
        {
            CliRun.Good("graph", model, "--stage", "fused", "-o", folder.At("g.svg"), "-q");
            var svg = XDocument.Load(folder.At("g.svg")).Root!;
            Assert.Equal("svg", svg.Name.LocalName);
            Assert.Equal(Fused(model).Ops + 2, svg.Descendants().Count(e => (string?)e.Attribute("class") == "node"));
        }
        else CliRun.Bad(4, ["NNC7105", "graph.mmd"], "graph", model, "-o", folder.At("g.svg"));
    }

    // Ops and regions of the fused graph, by the text of it.
    private static (int Ops, int Regions) Fused(string model)
    {
        string[] lines = CliRun.Good("dump", model, "--after", "fused").Out.Split('\n');
        return (lines.Count(line => line.Contains(" = ") && !line.Contains("Constant(") && !line.Contains("nncc.Fusion(")),
            lines.Count(line => line.Contains("nncc.Fusion(")));
    }

    private string Draw(string model, string stage, string file)
    {
        CliRun.Good("graph", model, "--stage", stage, "-o", folder.At(file), "-q");
        return File.ReadAllText(folder.At(file));
    }

    private static bool HasGraphviz()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("dot", "-V") { RedirectStandardError = true })!;
            process.WaitForExit();
            return true;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
