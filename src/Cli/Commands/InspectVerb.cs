using System.Collections.Immutable;
using System.CommandLine;
using Nncc.Backends.Models;

namespace Nncc.Cli.Commands;

/// <summary>Describes a model.</summary>
internal sealed class InspectVerb : Verb
{
    private readonly ModelOptions model = new();

    private readonly Option<bool> ops = new("--ops") { Description = "Show all ops that nncc knows and what it does with them; no model" };

    public InspectVerb() : base("inspect", "Show inputs, outputs, ops, parameters, and what is not supported")
    {
        model.Model.Arity = ArgumentArity.ZeroOrOne;
        Takes([model.Model, ops, .. model.Sizes, .. model.Lowering]);
    }

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc inspect squeezenet.onnx", "what is in it"),
        new("nncc inspect bert.onnx --dim batch=1 --dim seq=128 --target cpu-avx2 --json", "whether C# can be emitted, for scripts"),
        new("nncc inspect --ops", "every op with its opsets, and who computes it"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("name", "name of the graph"),
        new("producer", "the tool that wrote it"),
        new("irVersion", "ONNX IR version; 0 for text"),
        new("opsets.*", "opset version by domain"),
        new("inputs[].name", "name of an input"),
        new("inputs[].type", "its type, such as f32[1x3x224x224]"),
        new("inputs[].hasDefault", "whether it may be left out"),
        new("outputs[].name", "name of an output"),
        new("outputs[].type", "its type"),
        new("nodes", "nodes without constants, those of bodies included"),
        new("ops.*", "nodes by op, the most frequent first"),
        new("parameters", "elements of constants of floats and 8 bit integers with an axis, without running statistics"),
        new("statistics", "elements of running means and variances"),
        new("constantBytes", "bytes of all constants"),
        new("macs", "multiply-accumulates of a run; a formula where sizes are open"),
        new("limitations[].by", "who cannot: evaluator, or csharp and its target"),
        new("limitations[].code", "number of the fault"),
        new("limitations[].message", "why not"),
        new("limitations[].place", "the node, or null"),
        new("limitations[].advice", "what to do, or null"),
        new("coverage[].op", "with --ops: an op with its domain"),
        new("coverage[].opsets", "opsets that have it"),
        new("coverage[].dtypes", "dtypes of its first operand; empty where no standard says them"),
        new("coverage[].evaluator", "whether it is evaluated, folded, and judged by"),
        new("coverage[].csharp", "whether C# is emitted for it"),
        new("coverage[].onnx", "opsets in which its form is written"),
        new("coverage[].limits", "what of it is not supported"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        if (call.Get(ops)) return Ops(call);
        if (call.Get(model.Model) is null)
            throw new NnccException(FaultCodes.Usage, "no model is given", "inspect", "give a model, or --ops for what nncc knows");
        var compiler = model.Compiler(call);
        var read = model.Read(call, compiler);
        var found = call.Output.Busy("inspecting", _ => ModelInspection.Of(compiler, read, call.Cancellation));
        Print(call.Output, found);
        call.Output.Json(new
        {
            name = found.Name, producer = found.Header.Producer, irVersion = found.Header.IrVersion,
            opsets = found.Header.Opsets.ToDictionary(o => o.Key.Length == 0 ? "ai.onnx" : o.Key, o => o.Value),
            inputs = found.Inputs.Select(p => new { name = p.Name, type = p.Type.ToString(), hasDefault = p.HasDefault }),
            outputs = found.Outputs.Select(p => new { name = p.Name, type = p.Type.ToString() }),
            nodes = found.Nodes, ops = found.Ops.ToDictionary(o => o.Op, o => o.Count),
            parameters = found.Parameters, statistics = found.Statistics, constantBytes = found.ConstantBytes,
            macs = found.Macs.Value is { } macs ? (object)macs : found.Macs.ToString(),
            limitations = found.Limitations.Select(l =>
                new { by = l.By, code = l.Fault.Code.ToString(), message = l.Fault.Message, place = l.Fault.Place,
                    advice = l.Fault.Advice }),
        });
        return ExitCode.Ok;
    }

    private static ExitCode Ops(Invocation call)
    {
        var rows = OpCoverage.Of(OpRegistry.Standard());
        var table = new TextTable("op", "opsets", "dtypes", "evaluator", "C#", "ONNX", "limits");
        foreach (var row in rows) table.Add(row.Cells);
        call.Output.Table(table);
        call.Output.Json(new
        {
            coverage = rows.Select(r => new
            {
                op = r.Op, opsets = r.Opsets, dtypes = r.TensorTypes, evaluator = r.IsEvaluated, csharp = r.IsEmitted, onnx = r.Written,
                limits = r.Limits,
            }),
        });
        return ExitCode.Ok;
    }

    private static void Print(Output output, ModelInspection found)
    {
        output.Line($"{found.Name}{(found.Header.Producer.Length == 0 ? "" : $", by {found.Header.Producer}")}");
        if (found.Header.IrVersion > 0)
            output.Line($"IR {found.Header.IrVersion}, opsets "
                + $"{string.Join(", ", found.Header.Opsets.Select(o => $"{(o.Key.Length == 0 ? "ai.onnx" : o.Key)} {o.Value}"))}");
        output.Line();
        var ports = new TextTable("", "name", "type");
        foreach (var port in found.Inputs) ports.Add("input", port.Name, $"{port.Type}{(port.HasDefault ? ", has a default" : "")}");
        foreach (var port in found.Outputs) ports.Add("output", port.Name, port.Type.ToString());
        output.Table(ports);
        output.Line();
        output.Line($"{Sizes.Count(found.Nodes)} nodes, {Sizes.Count(found.Parameters)} "
            + $"parameters{(found.Statistics == 0 ? "" : $" and {Sizes.Count(found.Statistics)} statistics")}, "
            + $"{Sizes.Text(found.ConstantBytes)} of constants, "
            + $"{(found.Macs.Value is { } macs ? Sizes.Count(macs) : found.Macs.ToString())} multiply-accumulates");
        output.Line();
        var ops = new TextTable("op", ">nodes");
        foreach (var op in found.Ops) ops.Add(op.Op, $"{op.Count}");
        output.Table(ops);
        output.Line();
        if (found.Limitations.IsEmpty) output.Line("everything in it is supported");
        foreach (var group in found.Limitations.GroupBy(l => l.By))
        {
            output.Line($"not supported by {group.Key}:");
            foreach (var limitation in group) output.Line(
                $"  {limitation.Fault.Message}{(limitation.Fault.Place is { } place ? $" ({place})" : "")}");
        }
    }
}
