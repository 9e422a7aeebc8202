using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Nncc.Backends;
using Nncc.Backends.Models;
using Nncc.Passes.Counting;

namespace Nncc.Cli.Commands;

/// <summary>Gives a model other inputs, where that is legal, and says what that changes.</summary>
internal sealed class ScaleVerb : Verb
{
    private readonly Argument<string> model = new("model") { Description = "An ONNX model, or a graph in .nnir text", HelpName = "MODEL" };
    private readonly Option<string?> resolution = new("--resolution")
    {
        Description = "Width and height of image inputs in pixels, or one number for both", HelpName = "WIDTHxHEIGHT",
    };
    private readonly Option<long?> batch = new("--batch") { Description = "First size of all inputs", HelpName = "N" };
    private readonly Option<string[]> shapes = new("--shape")
    {
        Description = "Shape of an input, such as input=1x3x720x1280; once for each input", HelpName = "INPUT=SHAPE",
        DefaultValueFactory = _ => [],
    };
    private readonly Option<string?> output = new("--output", "-o") { Description = "Write the model as ONNX", HelpName = "FILE" };

    public ScaleVerb() : base("scale", "Change the inputs of a model where that is legal, and count what it costs then") =>
        Takes(model, resolution, batch, shapes, output);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc scale segment.onnx --resolution 1280x720", "what it costs at another resolution"),
        new("nncc scale squeezenet.onnx --resolution 320 --batch 4 -o larger.onnx", "and the model for it"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("inputs[].name", "an input"),
        new("inputs[].before", "its type"),
        new("inputs[].after", "and then"),
        new("before.macs", "multiply-accumulates"),
        new("before.activations", "elements of results"),
        new("before.bytes", "bytes read and written"),
        new("before.peakBytes", "bytes of the static memory plan"),
        new("after.macs", "multiply-accumulates"),
        new("after.activations", "elements of results"),
        new("after.bytes", "bytes read and written"),
        new("after.peakBytes", "bytes of the static memory plan"),
        new("macsRatio", "multiply-accumulates after over before; null while sizes are open"),
        new("parameters", "weights and biases, which do not change"),
        new("output", "the file that was written, or null"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var compiler = new Compiler();
        var read = call.Output.Busy("reading", _ => compiler.Read(call.Get(model)!, needsContent: call.Get(output) is not null));
        call.Output.Warnings(read.Warnings);
        var scaled = Scale(call, read);
        var options = new CountOptions { IsSymbolic = true };
        var before = StageCounts.At(compiler, read, StageCounts.Stages[0], options, call.Cancellation);
        var after = StageCounts.At(compiler, scaled, StageCounts.Stages[0], options, call.Cancellation);
        double? ratio = after.Totals.Macs.Value is { } now && before.Totals.Macs.Value is > 0 and var old ? (double)now / old : null;
        Print(call.Output, read, scaled, before, after);
        if (call.Get(output) is { } path)
        {
            var (opset, files) = compiler.WriteOnnx(scaled, path, isAsItIs: true, call.Cancellation);
            call.Output.Told($"wrote {path} (opset {opset}, {Sizes.Text(files.Sum(f => f.Bytes))})");
        }
        call.Output.Json(new
        {
            inputs = Inputs(read, scaled).Select(i => new { name = i.Name, before = i.Before.ToString(), after = i.After.ToString() }),
            before = Figures(before), after = Figures(after), macsRatio = ratio, parameters = after.Parameters.Trainable,
            output = call.Get(output),
        });
        return ExitCode.Ok;
    }

    private Model Scale(Invocation call, Model read)
    {
        bool isGiven = call.Get(resolution) is not null || call.Get(batch) is not null || call.Get(shapes)!.Length > 0;
        if (!isGiven) throw new NnccException(FaultCodes.Usage, "nothing is to be changed",
            advice: "give --resolution, --batch or --shape");
        if (call.Get(batch) is < 1) throw new NnccException(FaultCodes.Usage, $"a batch of {call.Get(batch)} is none", "--batch",
            "1 or more");
        if (call.Get(resolution) is { } text)
        {
            var (width, height) = Pixels(text);
            read = ModelScaling.WithShapes(read, ModelScaling.Resolution(read.Graph, width, height));
        }
        if (call.Get(batch) is { } images) read = ModelScaling.WithShapes(read, ModelScaling.Batch(read.Graph, images));
        var given = ImmutableSortedDictionary.CreateBuilder<string, Shape>(StringComparer.Ordinal);
        foreach (string pair in call.Get(shapes)!)
        {
            var (name, shape) = ModelOptions.Pair(pair, "--shape", "INPUT=1x3x224x224");
            given[name] = ModelOptions.ParseShape(shape);
        }
        return ModelScaling.WithShapes(read, given.ToImmutable());
    }

    private static (long Width, long Height) Pixels(string text)
    {
        string[] parts = text.Split('x');
        long[] sizes = [.. parts.Select(part =>
            long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long size) ? size : 0)];
        return sizes.Length is 1 or 2 && sizes.All(size => size > 0) ? (sizes[0], sizes[^1])
            : throw new NnccException(FaultCodes.Usage, $"\"{text}\" is no resolution", "--resolution", "write --resolution 1280x720");
    }

    private static IEnumerable<(string Name, IrType Before, IrType After)> Inputs(Model read, Model scaled) =>
        read.Graph.Inputs.Zip(scaled.Graph.Inputs).Where(i => i.First.Default is null).Select(i =>
            (read.Graph[i.First.Value].Name, read.Graph[i.First.Value].Type, scaled.Graph[i.Second.Value].Type));

    private static void Print(Output output, Model read, Model scaled, ModelCount before, ModelCount after)
    {
        var ports = new TextTable("input", "before", "after");
        foreach (var (name, old, now) in Inputs(read, scaled)) ports.Add(name, old.ToString(), now.ToString());
        output.Table(ports);
        output.Line();
        var table = new TextTable("figure", ">before", ">after", ">ratio");
        Add("MACs", c => c.Totals.Macs);
        Add("FLOPs", c => c.Totals.Flops);
        Add("other operations", c => c.Totals.Arithmetic);
        Add("parameters", c => c.Parameters.Trainable);
        Add("activations", c => c.Totals.Activations);
        Add("bytes", c => c.Totals.Bytes);
        table.Add("peak memory", before.PeakBytes is { } a ? Sizes.Count(a) : "open", after.PeakBytes is { } b ? Sizes.Count(b) : "open",
            before.PeakBytes is > 0 and var x && after.PeakBytes is { } y ? Text((double)y / x) : "");
        output.Table(table);

        void Add(string name, Func<ModelCount, Dim> figure)
        {
            Dim old = figure(before), now = figure(after);
            table.Add(name, CountTable.Figure(old), CountTable.Figure(now),
                old.Value is > 0 and var p && now.Value is { } q ? Text((double)q / p) : "");
        }

        static string Text(double number) => number.ToString("0.0000", CultureInfo.InvariantCulture);
    }

    private static object Figures(ModelCount count) => new
    {
        macs = CountTable.Number(count.Totals.Macs), activations = CountTable.Number(count.Totals.Activations),
        bytes = CountTable.Number(count.Totals.Bytes), peakBytes = count.PeakBytes,
    };
}
