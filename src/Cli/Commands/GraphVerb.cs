using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Nncc.Backends.Drawing;
using Nncc.Backends.Models;
using Nncc.IR.Onnx;

namespace Nncc.Cli.Commands;

/// <summary>Draws a model.</summary>
internal sealed class GraphVerb : Verb
{
    private readonly ModelOptions model = new();
    private readonly Option<string> output = new("--output", "-o")
    {
        Description = "The file: .svg (drawn by Graphviz), .dot (text for Graphviz) or .mmd (text for Mermaid)", HelpName = "FILE",
        Required = true,
    };
    private readonly Option<string> stage = new("--stage")
    {
        Description = "The model after this stage or pass (see nncc dump --list)", HelpName = "NAME",
        DefaultValueFactory = _ => "canonical",
    };

    public GraphVerb() : base("graph", "Draw a model at any stage, with fused regions") =>
        Takes([model.Model, output, stage, .. model.Sizes, .. model.Lowering]);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc graph squeezenet.onnx --stage fused -o squeezenet.svg", "what one kernel computes is one region"),
        new("nncc graph lenet.onnx -o lenet.mmd", "text that many sites draw"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("stage", "the stage or pass"),
        new("output", "the file that was written"),
        new("nodes", "nodes that were drawn, with inputs and outputs"),
        new("edges", "arrows"),
        new("regions", "fused regions"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        string path = call.Get(output)!, at = call.Get(stage)!, ending = Path.GetExtension(path).ToLowerInvariant();
        if (ending is not (".svg" or ".dot" or ".gv" or ".mmd"))
            throw new NnccException(FaultCodes.Usage, $"\"{path}\" does not say what to write", "--output", "end it in .svg, .dot or .mmd");
        var compiler = model.Compiler(call);
        var read = model.Read(call, compiler, needsContent: false);
        var graph = at == StageCounts.Stages[0] ? StageCounts.Graph(compiler, read, at, call.Cancellation)
            : StageDump.At(compiler, read, at, cancellation: call.Cancellation).Graph
            ?? throw new NnccException(FaultCodes.Usage, $"at \"{at}\" there is no graph any more", "--stage",
                "nncc dump prints the program");
        var drawing = GraphDrawing.Of(graph);
        using var text = new StringWriter { NewLine = "\n" };
        if (ending == ".mmd") MermaidText.Write(drawing, text);
        else DotText.Write(drawing, text);
        string content = ending == ".svg" ? call.Output.Busy("drawing", _ => Graphviz.Svg(text.ToString(), call.Cancellation))
            : text.ToString();
        using var files = new OutputFiles();
        files.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(content)));
        files.Commit();
        call.Output.Told($"wrote {path} ({drawing.Nodes.Length} nodes, {drawing.Edges.Length} edges"
            + $"{(drawing.Regions.IsEmpty ? "" : $", {drawing.Regions.Length} fused regions")})");
        call.Output.Json(new
        {
            stage = at, output = path, nodes = drawing.Nodes.Length, edges = drawing.Edges.Length, regions = drawing.Regions.Length,
        });
        return ExitCode.Ok;
    }
}
