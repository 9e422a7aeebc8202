using System.Collections.Immutable;
using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp;

/// <summary>Prints the class of a model: what is known of it, construction, typed and general runs, the steps.</summary>
/// <param name="program">The program.</param>
/// <param name="className">Name of the class.</param>
/// <param name="weightsHash">Hash of the weights.</param>
/// <param name="steps">Prints the steps.</param>
/// <param name="isTimed">Whether the class keeps the time of each step.</param>
internal sealed class ModelClassSource(ModelProgram program, string className, string weightsHash, StepSource steps, bool isTimed)
{
    // A method with very many calls compiles slowly; the JIT's time per method grows faster than its length.
    private const int StepsPerMethod = 50;

    private readonly ParameterNames names = ParameterNames.Of(program);

    private ImmutableArray<(ProgramPort Port, string Name, string Pointer, string List)> Ports =>
    [
        .. program.Inputs.Select((p, i) => (p, names.Inputs[i], $"i{i}", $"Info.Inputs[{i}]")),
        .. program.Outputs.Select((p, i) => (p, names.Outputs[i], $"o{i}", $"Info.Outputs[{i}]")),
    ];

    /// <summary>The class.</summary>
    public string Print()
    {
        var code = new CodeWriter();
        code.Line($"/// <summary>");
        code.Line($"/// The model \"{SourceText.Xml(program.Name)}\", compiled for {program.Target.Name}. An instance runs once at a time; "
            + $"instances share weights.");
        code.Line($"/// </summary>");
        code.Block($"public sealed unsafe class {className} : IModel", () =>
        {
            Info(code);
            Construction(code);
            TypedRun(code);
            GeneralRun(code);
            Host(code);
            RunSteps(code);
            steps.Print(code, StepsPerMethod);
        });
        return code.ToString();
    }

    private void Info(CodeWriter code)
    {
        code.Line("private readonly Weights weights;");
        code.Line("private readonly Arena arena;");
        if (isTimed) code.Line($"private readonly long[] ticks = new long[{program.Steps.Length}];");
        code.Line();
        code.Line("/// <summary>Names, types, sizes, target and needs of the model.</summary>");
        code.Line("public static ModelInfo Info { get; } = new(");
        code.Line($"    {SourceText.Literal(program.Name)},");
        Ports(program.Inputs);
        Ports(program.Outputs);
        code.Line($"    Target: {SourceText.Literal(program.Target.Name)},");
        code.Line($"    InstructionSets: [{string.Join(", ", program.Target.Features.Select(SourceText.Literal))}],");
        code.Line($"    Compiler: {SourceText.Literal(ToolVersion.Name)},");
        code.Line($"    WeightsHash: {SourceText.Literal(weightsHash)},");
        code.Line($"    ArenaBytes: {program.ArenaBytes.Value});\n");

        void Ports(ImmutableArray<ProgramPort> ports)
        {
            if (ports.IsEmpty)
            {
                code.Line("    [],");
                return;
            }
            code.Line("    [");
            foreach (var port in ports)
                code.Line($"        new({SourceText.Literal(port.Name)}, ElementType.{port.Type.DType}, "
                    + $"[{string.Join(", ", Dims(port))}]),");
            code.Line("    ],");
        }
    }

    private void Construction(CodeWriter code)
    {
        code.Line("/// <summary>An instance with its own working memory.</summary>");
        code.Line("/// <param name=\"weights\">The weights of this model; they must outlive the instance.</param>");
        code.Line("/// <exception cref=\"ArgumentException\">The weights are another model's.</exception>");
        code.Line("/// <exception cref=\"PlatformNotSupportedException\">This processor lacks what the target needs.</exception>");
        code.Block($"public {className}(Weights weights)", () =>
        {
            code.Line("ArgumentNullException.ThrowIfNull(weights);");
            foreach (var (test, name) in InstructionSets())
            {
                code.Line($"if (!{test})");
                code.Line($"    throw new PlatformNotSupportedException(\"{className} was compiled for {program.Target.Name}, and this "
                    + $"processor (or its settings) \"");
                code.Line($"        + \"has no {name}; compile the model for another target\");");
            }
            code.Line("if (weights.Hash != Info.WeightsHash)");
            code.Line("    throw new ArgumentException($\"these weights have the hash {weights.Hash}, and the model was compiled with "
                + "{Info.WeightsHash}: \"");
            code.Line("        + \"give the weights file that was written with it\", nameof(weights));");
            code.Line("this.weights = weights;");
            code.Line("arena = new Arena(Info.ArenaBytes);");
        });
        code.Line("\n/// <summary>Frees the working memory; the weights stay.</summary>");
        code.Line("public void Dispose() => arena.Dispose();\n");
    }

    private IEnumerable<(string Test, string Name)> InstructionSets()
    {
        foreach (string feature in program.Target.Features)
            switch (feature)
            {
                case "avx512": yield return ("Vector512.IsHardwareAccelerated", "AVX-512"); break;
                case "avx2": yield return ("System.Runtime.Intrinsics.X86.Avx2.IsSupported", "AVX2"); break;
                case "fma": yield return ("System.Runtime.Intrinsics.X86.Fma.IsSupported", "FMA"); break;
                case "sse4.2": yield return ("System.Runtime.Intrinsics.X86.Sse42.IsSupported", "SSE4.2"); break;
                case "neon": yield return ("System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported", "NEON"); break;
            }
    }

    private void TypedRun(CodeWriter code)
    {
        var parameters = program.Inputs.Select((p, i) => $"ReadOnlySpan<{Element(p)}> {names.Inputs[i]}")
            .Concat(program.Outputs.Select((p, i) => $"Span<{Element(p)}> {names.Outputs[i]}")).ToArray();
        code.Line("/// <summary>Runs the model. Outputs must not overlap inputs.</summary>");
        foreach (var (port, name, _, _) in Ports)
            code.Line($"/// <param name=\"{name.TrimStart('@')}\">\"{SourceText.Xml(port.Name)}\", {Type(port)}, row-major.</param>");
        code.Line("/// <exception cref=\"ArgumentException\">A span has not the length of its tensor; nothing was run.</exception>");
        code.Line("/// <exception cref=\"InvalidDataException\">The data are beyond what a node of the model takes, such as an index out "
            + "of range.</exception>");
        code.Block(code.Call("public void Run", parameters), () =>
        {
            foreach (var (port, name, _, list) in Ports)
                code.Line($"if ({name}.Length != {port.Type.Shape!.Count}) throw {list}.WrongLength({name}.Length, nameof({name}));");
            foreach (var (port, name, pointer, _) in Ports) code.Line($"fixed ({Element(port)}* {pointer} = {name})");
            code.Line($"    {code.Call("RunSteps", [.. Ports.Select(p => $"(byte*){p.Pointer}")])};");
        });
        code.Line();
    }

    private void GeneralRun(CodeWriter code)
    {
        code.Line("/// <inheritdoc/>");
        code.Block("public void Run(ReadOnlySpan<TensorView> inputs, IOutputSink outputs)", () =>
        {
            code.Line($"if (inputs.Length != {program.Inputs.Length})");
            string expected = program.Inputs.Length == 1 ? "1 input is" : $"{program.Inputs.Length} inputs are";
            code.Line($"    throw new ArgumentException($\"{expected} expected, got {{inputs.Length}}\", nameof(inputs));");
            for (int i = 0; i < program.Inputs.Length; i++) code.Line($"Info.Inputs[{i}].Check(inputs[{i}], nameof(inputs));");
            for (int i = 0; i < program.Outputs.Length; i++)
            {
                code.Line($"var output{i} = outputs.Take({i}, Info.Outputs[{i}], [{string.Join(", ", Dims(program.Outputs[i]))}]);");
                code.Line($"Info.Outputs[{i}].Check(output{i}, nameof(outputs));");
            }
            for (int i = 0; i < program.Inputs.Length; i++) code.Line($"fixed (byte* i{i} = inputs[{i}])");
            for (int i = 0; i < program.Outputs.Length; i++) code.Line($"fixed (byte* o{i} = output{i})");
            code.Line($"    {code.Call("RunSteps", [.. Ports.Select(p => p.Pointer)])};");
        });
        code.Line();
    }

    private void Host(CodeWriter code)
    {
        code.Line("/// <summary>");
        code.Line("/// For hosts that know no type of this program: opens the weights and gives a function of input arrays and output "
            + "arrays; it makes the");
        code.Line("/// output arrays that are null.");
        code.Line("/// </summary>");
        code.Line("/// <param name=\"weightsFile\">The weights file.</param>");
        code.Line("/// <param name=\"release\">Frees what the function uses.</param>");
        if (isTimed) code.Line("/// <param name=\"ticks\">Time of each step, added up over runs, in ticks of the stopwatch.</param>");
        string ticks = isTimed ? ", out long[] ticks" : "";
        code.Block($"public static Action<Array[], Array?[]> Host(string weightsFile, out Action release{ticks})", () =>
        {
            code.Line("var weights = Weights.Open(weightsFile);");
            code.Line($"var model = new {className}(weights);");
            code.Line("release = () => { model.Dispose(); weights.Dispose(); };");
            if (isTimed) code.Line("ticks = model.ticks;");
            code.Line("return (inputs, outputs) =>\n{");
            var outputs = program.Outputs.Select((p, i) =>
                $"({Element(p)}[])(outputs[{i}] ??= new {Element(p)}[{p.Type.Shape!.Count}])");
            var arguments = program.Inputs.Select((p, i) => $"({Element(p)}[])inputs[{i}]").Concat(outputs);
            code.Line($"    {code.Call("model.Run", [.. arguments])};");
            code.Line("};");
        });
        code.Line();
    }

    private void RunSteps(CodeWriter code)
    {
        code.Block(code.Call("private void RunSteps", [.. Ports.Select(p => $"byte* {p.Pointer}")]), () =>
        {
            code.Line("ObjectDisposedException.ThrowIf(arena.IsClosed, this);");
            code.Line("byte* w = weights.Take();");
            code.Block("try", () =>
            {
                code.Line("byte* a = arena.Take();");
                if (isTimed) code.Line("fixed (long* t = ticks)");
                code.Block("try", () =>
                {
                    for (int i = 0; i * StepsPerMethod < program.Steps.Length; i++)
                        code.Line($"{code.Call($"Run{i}", ["a", "w", .. Ports.Select(p => p.Pointer), .. steps.Timing])};");
                });
                code.Block("finally", () => code.Line("arena.Return();"));
            });
            code.Block("finally", () => code.Line("weights.Return();"));
        });
    }

    private static string Element(ProgramPort port) => CSharpTypes.Name(port.Type.DType);

    private static long[] Dims(ProgramPort port) => port.Type.Shape!.ToStatic()!;

    private static string Type(ProgramPort port) =>
        $"{port.Type.DType.Name()}[{port.Type.Shape}]{(port.Type.DType == DType.BFloat16 ? " as bits" : "")}";
}
