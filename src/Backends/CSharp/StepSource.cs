using System.Collections.Immutable;
using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp;

/// <summary>
/// Prints the calls of a program's kernels in order, each below the nodes of the model that it computes. <c>a</c> is the working memory,
/// <c>w</c> the weights, <c>i0</c>, <c>o0</c> and so on the inputs and outputs; places are in bytes. Arguments other than pointers are
/// named.
/// </summary>
/// <param name="program">The program.</param>
/// <param name="kernels">The class with the kernels.</param>
/// <param name="classes">All classes whose methods the steps call, that of the kernels only if it has any.</param>
/// <param name="parameters">Names of a kernel's parameters; empty where they are not known.</param>
/// <param name="isTimed">Whether the time of each step is added to an array <c>t</c>.</param>
internal sealed class StepSource(ModelProgram program, string kernels, ImmutableArray<string> classes,
    Func<string, IReadOnlyList<string>> parameters, bool isTimed)
{
    private const int LongestPlace = 120;

    /// <summary>What the methods take beside memory and ports.</summary>
    public string[] Timing => isTimed ? ["t"] : [];

    /// <summary>The program.</summary>
    public ModelProgram Program => program;

    /// <summary>The classes whose methods the steps call.</summary>
    public ImmutableArray<string> Classes => classes;

    /// <summary>Names of the methods of so many steps each.</summary>
    /// <param name="program">The program.</param>
    /// <param name="stepsPerMethod">Steps of a method.</param>
    /// <param name="isShared">Whether threads go through them together.</param>
    public static IEnumerable<string> Methods(ModelProgram program, int stepsPerMethod, bool isShared = false) => Enumerable
        .Range(0, (program.Steps.Length + stepsPerMethod - 1) / stepsPerMethod).Select(i => $"{(isShared ? "Shared" : "Run")}{i}");

    /// <summary>
    /// Prints the methods <c>Run0</c>, <c>Run1</c> and so on, of so many steps each; of a program for several threads also <c>Shared0</c>
    /// and so on, which every thread goes through: it computes its piece of each step that is split, and the first one the others.
    /// </summary>
    /// <param name="code">Where to.</param>
    /// <param name="stepsPerMethod">Steps of a method.</param>
    /// <param name="access">Who may call them.</param>
    public void Print(CodeWriter code, int stepsPerMethod, string access = "private")
    {
        Methods(code, stepsPerMethod, access, isShared: false);
        if (program.Threads > 1) Methods(code, stepsPerMethod, access, isShared: true);
        if (!isTimed) return;
        code.Line();
        code.Block("private static long Lap(long* sum, long start)", () =>
        {
            code.Line("long now = System.Diagnostics.Stopwatch.GetTimestamp();");
            code.Line("*sum += now - start;");
            code.Line("return now;");
        });
    }

    private void Methods(CodeWriter code, int stepsPerMethod, string access, bool isShared)
    {
        string[] ports = [.. program.Inputs.Select((_, i) => $"byte* i{i}"), .. program.Outputs.Select((_, i) => $"byte* o{i}")];
        string[] team = isShared ? ["ThreadTeam team", "int thread"] : [];
        var banded = new BandChain?[program.Steps.Length];
        foreach (var chain in program.Chains) Array.Fill(banded, chain, chain.First, chain.Count);
        var bands = new BandSource(this, program, isTimed);
        var waits = isShared ? BarrierPlan.Of(program) : [];
        foreach (var (method, name) in Methods(program, stepsPerMethod, isShared).Index())
        {
            code.Line();
            code.Block(code.Call($"{access} static void {name}", [.. team, "byte* a", "byte* w", .. ports,
                .. Timing.Select(ticks => $"long* {ticks}")]), () =>
            {
                if (isTimed) code.Line("long start = System.Diagnostics.Stopwatch.GetTimestamp();");
                foreach (var (number, step) in program.Steps.Index().Skip(method * stepsPerMethod).Take(stepsPerMethod))
                {
                    if (isShared && !isTimed && waits[number]) code.Line("team.Wait();");
                    if (banded[number] is { } chain && (isShared || chain.Count > 1))
                    {
                        // In a method that has the first step.
                        if (chain.First == number) bands.Print(code, chain, isShared);
                        continue;
                    }
                    if (!step.Origin.Nodes.IsEmpty) code.Line($"// {SourceText.Nodes(step.Origin.Nodes)}");
                    if (!isShared) code.Line($"{Call(code, step, null)};");
                    else Share(code, step, number);
                    // A step's time is that of all threads.
                    if (isTimed && isShared) code.Line("team.Wait();");
                    if (isTimed) code.Line($"{(isShared ? "if (thread == 0) " : "")}start = Lap(t + {number}, start);");
                }
            });
        }
    }

    private void Share(CodeWriter code, ProgramStep step, int number)
    {
        if (step.Split is not { } split)
        {
            code.Line("if (thread == 0)");
            code.Line($"    {Call(code, step, null)};");
            return;
        }
        string piece = $"piece{number}";
        code.Line($"var {piece} = team.Share(thread, {split.Count}, {split.Grain});");
        code.Line($"if ({piece}.Count > 0)");
        code.Line($"    {Call(code, step, piece)};");
    }

    /// <summary>Whether a kernel is a function of a runtime source, which is called as it is.</summary>
    public static bool IsRuntime(string kernel) => kernel.Contains('.');

    // A piece's call has pointers that are moved and fewer iterations.
    private string Call(CodeWriter code, ProgramStep step, string? piece)
    {
        if (step.Kernel == ProgramBuilder.CopyKernel)
        {
            string count = $"{((IntegerArgument)step.Arguments[2]).Value}";
            return $"Buffer.MemoryCopy({Pointer((PointerArgument)step.Arguments[1], false, null)}, "
                + $"{Pointer((PointerArgument)step.Arguments[0], false, null)}, "
                + $"{count}, {count})";
        }
        return Print(code, step, (argument, _) => Argument(argument, piece));
    }

    /// <summary>A call with arguments whose texts are given, by argument and number.</summary>
    internal string Print(CodeWriter code, ProgramStep step, Func<StepArgument, int, string> text)
    {
        var names = parameters(step.Kernel);
        return code.Call(IsRuntime(step.Kernel) ? step.Kernel : $"{kernels}.{step.Kernel}",
            [.. step.Arguments.Select((argument, i) => names.Count == step.Arguments.Length && argument is not PointerArgument
                ? $"{names[i]}: {text(argument, i)}" : text(argument, i))]);
    }

    /// <summary>The text of an argument of a whole call, or of a piece.</summary>
    internal string Argument(StepArgument argument, string? piece) => argument switch
    {
        PointerArgument pointer => Pointer(pointer, true, piece),
        IntegerArgument { IsPieceCount: true } when piece is not null => $"{piece}.Count",
        IntegerArgument integer => $"{integer.Value}",
        IntegersArgument list => $"[{string.Join(", ", list.Values)}]",
        LiteralArgument literal => CSharpTypes.Literal(literal.DType, literal.Value),
        TextArgument text => SourceText.Literal(text.Text.Length <= LongestPlace ? text.Text : $"{text.Text[..LongestPlace]}..."),
        _ => throw new InvalidOperationException($"unknown argument {argument}"),
    };

    private string Pointer(PointerArgument pointer, bool typed, string? piece)
    {
        string place = Place(pointer, 0);
        if (piece is not null && pointer.PieceBytes != 0) place += $" + {piece}.First * {pointer.PieceBytes}";
        if (piece is not null && pointer.ThreadBytes != 0) place += $" + thread * {pointer.ThreadBytes}";
        return typed ? Typed(pointer, place) : place;
    }

    /// <summary>A place as a pointer of the type of its buffer.</summary>
    internal string Typed(PointerArgument pointer, string place) =>
        $"({CSharpTypes.Name(program.Buffers[pointer.Buffer].DType)}*){(place.Contains(' ') ? $"({place})" : place)}";

    /// <summary>So many bytes behind the place that a pointer points to.</summary>
    internal string Place(PointerArgument pointer, long bytes)
    {
        var buffer = program.Buffers[pointer.Buffer];
        long offset = bytes + pointer.ByteOffset.Value!.Value
            + (buffer.Kind is BufferKind.Arena or BufferKind.Weight ? buffer.Offset.Value!.Value : 0);
        string start = buffer.Kind switch
        {
            BufferKind.Arena => "a",
            BufferKind.Weight => "w",
            BufferKind.Input => $"i{buffer.Offset}",
            _ => $"o{buffer.Offset}",
        };
        return offset switch { 0 => start, < 0 => $"{start} - {-offset}", _ => $"{start} + {offset}" };
    }
}
