using System.Text;

namespace Nncc.Passes.Programs;

/// <summary>
/// A program as text, one line for each port, buffer, kernel and step: what <c>nncc dump</c> shows after the last stage. Buffers are named
/// by kind and number, offsets and sizes are in bytes, predicted times in microseconds.
/// </summary>
public static class ProgramPrinter
{
    /// <summary>The text; the same program gives the same text.</summary>
    public static string Print(ModelProgram program)
    {
        var text = new StringBuilder();
        double predicted = program.Steps.Sum(s => s.Cost.TotalNs);
        text.Append($"program {Quote(program.Name)} target={program.Target.Name} arena={program.ArenaBytes} weights={program.WeightBytes} "
            + $"predicted={Micro(predicted)}\n");
        foreach (var port in program.Inputs)
        {
            string optional = port.Default is null ? "" : " optional";
            text.Append($"input {Buffer(program, port.Buffer)} {Quote(port.Name)} {port.Type}{optional}\n");
        }
        foreach (var buffer in program.Buffers.Where(b => b.Kind == BufferKind.Arena))
            text.Append($"buffer {Buffer(program, buffer.Id)} {Quote(buffer.Name)} {buffer.DType.Name()} bytes={buffer.Bytes} "
                + $"at={buffer.Offset} "
                + $"live={buffer.First}..{buffer.Last}{(buffer.Layout is null ? "" : $" layout={buffer.Layout}")}\n");
        foreach (var weight in program.Weights)
            text.Append($"weight {Buffer(program, weight.Buffer)} {Quote(weight.Source)} {weight.Transform.Name} bytes={weight.Bytes} "
                + $"at={weight.Offset}\n");
        foreach (var kernel in program.Kernels) text.Append($"kernel {kernel.Name} {kernel.Schedule} steps={kernel.Steps.Length}\n");
        for (int i = 0; i < program.Steps.Length; i++)
        {
            var step = program.Steps[i];
            string arguments = string.Join(", ", step.Arguments.Select(a => Argument(program, a)));
            string origin = step.Origin.Nodes.IsEmpty ? "" : $" @{string.Join(",", step.Origin.Nodes.Select(Quote))}";
            string split = step.Split is { } cut ? $" split={cut.Count}/{cut.Grain}" : "";
            text.Append($"step {i} {step.Kernel}({arguments}){origin}{split} predicted={Micro(step.Cost.TotalNs)}\n");
        }
        foreach (var chain in program.Chains)
            text.Append($"bands {chain.First}..{chain.Last} rows={chain.Rows} held={string.Join(",", chain.Held)}\n");
        foreach (var port in program.Outputs) text.Append($"output {Buffer(program, port.Buffer)} {Quote(port.Name)} {port.Type}\n");
        return text.ToString();
    }

    private static string Argument(ModelProgram program, StepArgument argument) => argument switch
    {
        PointerArgument pointer =>
            $"{(pointer.IsWritten ? "&" : "")}{Buffer(program, pointer.Buffer)}"
                + $"{(pointer.ByteOffset.Value == 0 ? "" : $"+{pointer.ByteOffset}")}",
        IntegerArgument integer => integer.Value.ToString(),
        IntegersArgument list => $"[{string.Join(",", list.Values)}]",
        LiteralArgument literal =>
            $"{(literal.DType == DType.Float32 ? ((float)literal.Value).ToString("R") : literal.Value.ToString("R"))}",
        TextArgument text => Quote(text.Text),
        _ => throw new InvalidOperationException($"unknown argument {argument}"),
    };

    private static string Buffer(ModelProgram program, int id) => program.Buffers[id].Kind switch
    {
        BufferKind.Input => $"i{program.Buffers[id].Offset}",
        BufferKind.Output => $"o{program.Buffers[id].Offset}",
        BufferKind.Weight => $"w{id}",
        _ => $"a{id}",
    };

    private static string Micro(double ns) => $"{(ns / 1000).ToString("F1")}us";

    private static string Quote(string text) => $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"").ReplaceLineEndings("\\n")}\"";
}
