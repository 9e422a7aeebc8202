using System.Collections.Immutable;
using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp;

/// <summary>Prints the class of a model: what is known of it, construction, typed and general runs, the steps.</summary>
/// <param name="family">The programs, of which an instance runs the best that its processor can.</param>
/// <param name="className">Name of the class.</param>
/// <param name="weightsHash">Hash of the weights.</param>
/// <param name="steps">Print the steps of each.</param>
/// <param name="isTimed">Whether the class keeps the time of each step.</param>
internal sealed class ModelClassSource(ProgramFamily family, string className, string weightsHash, ImmutableArray<StepSource> steps,
    bool isTimed)
{
    // A method with very many calls compiles slowly; the JIT's time per method grows faster than its length.
    private const int StepsPerMethod = 50;

    private readonly ModelProgram program = family.First;
    private readonly ParameterNames names = ParameterNames.Of(family.First);
    private readonly ImmutableArray<string> parts = TargetChoice.Parts(family);

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
        code.Line($"/// The model \"{SourceText.Xml(program.Name)}\", compiled for {TargetChoice.Words(family)}. An instance runs once at "
            + $"a time; instances share weights.");
        code.Line($"/// </summary>");
        code.Block($"public sealed unsafe class {className} : IModel", () =>
        {
            Info(code);
            Construction(code);
            TypedRun(code);
            GeneralRun(code);
            Host(code);
            RunSteps(code);
            foreach (var (part, source) in parts.Zip(steps))
                if (IsAlone) source.Print(code, StepsPerMethod);
                else
                {
                    code.Line();
                    code.Block($"private static class Steps{part}", () => source.Print(code, StepsPerMethod, "internal"));
                }
        });
        return code.ToString();
    }

    private void Info(CodeWriter code)
    {
        code.Line("private readonly Weights weights;");
        code.Line("private readonly Arena arena;");
        if (!IsAlone) code.Line("private readonly int kernels;");
        if (HasThreads)
        {
            code.Line("private readonly ThreadTeam? team;");
            code.Line("private readonly Action<int>? work;");
            code.Line($"private byte* {string.Join(", ", Shared)}; // of the run that is going on");
        }
        if (isTimed) code.Line($"private readonly long[] ticks = new long[{program.Steps.Length}];");
        code.Line();
        if (HasThreads)
        {
            code.Line("/// <summary>Threads that an instance may have at most.</summary>");
            code.Line($"public const int MaxThreads = {program.Threads};\n");
        }
        code.Line("/// <summary>Names, types, sizes, target and needs of the model.</summary>");
        code.Line("public static ModelInfo Info { get; } = new(");
        code.Line($"    {SourceText.Literal(program.Name)},");
        Ports(program.Inputs);
        Ports(program.Outputs);
        code.Line($"    Target: {SourceText.Literal(TargetChoice.Names(family))},");
        code.Line($"    InstructionSets: [{string.Join(", ", TargetChoice.Common(family).Select(SourceText.Literal))}],");
        code.Line($"    Compiler: {SourceText.Literal(ToolVersion.Name)},");
        code.Line($"    WeightsHash: {SourceText.Literal(weightsHash)},");
        code.Line($"    ArenaBytes: {family.ArenaBytes});\n");
        if (IsAlone) return;
        code.Line("/// <summary>The target whose kernels the instance runs.</summary>");
        code.Line("public string Target { get; }\n");

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
        if (HasThreads)
            code.Line("/// <param name=\"threads\">Threads of a run, the caller's included; any number gives the same bits.</param>");
        code.Line("/// <exception cref=\"ArgumentException\">The weights are another model's.</exception>");
        code.Line("/// <exception cref=\"PlatformNotSupportedException\">This processor lacks what the target needs.</exception>");
        code.Block($"public {className}(Weights weights{(HasThreads ? ", int threads = MaxThreads" : "")})", () =>
        {
            code.Line("ArgumentNullException.ThrowIfNull(weights);");
            if (HasThreads)
            {
                code.Line("ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);");
                code.Line("ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, MaxThreads);");
            }
            if (IsAlone) CheckTarget(code);
            else ChooseTarget(code);
            code.Line("if (weights.Hash != Info.WeightsHash)");
            code.Line("    throw new ArgumentException($\"these weights have the hash {weights.Hash}, and the model was compiled with "
                + "{Info.WeightsHash}: \"");
            code.Line("        + \"give the weights file that was written with it\", nameof(weights));");
            code.Line("this.weights = weights;");
            code.Line("arena = new Arena(Info.ArenaBytes);");
            Prepare(code);
            if (HasThreads) code.Line("if (threads > 1) (team, work) = (new ThreadTeam(threads), Work);");
            code.Line("if (weights.Touch()) WarmUp();");
        });
        WarmUp(code);
        if (HasThreads)
        {
            code.Line("\n/// <summary>Frees the working memory and ends the threads; the weights stay.</summary>");
            code.Block("public void Dispose()", () =>
            {
                code.Line("arena.Dispose();");
                code.Line("team?.Dispose();");
            });
            code.Line();
            return;
        }
        code.Line("\n/// <summary>Frees the working memory; the weights stay.</summary>");
        code.Line("public void Dispose() => arena.Dispose();\n");
    }

    private void CheckTarget(CodeWriter code)
    {
        foreach (var (test, name) in TargetChoice.Tests(program.Target))
        {
            code.Line($"if (!{test})");
            code.Line($"    throw new PlatformNotSupportedException(\"{className} was compiled for {program.Target.Name}, and this "
                + $"processor (or its settings) \"");
            code.Line($"        + \"has no {name}; compile the model for another target\");");
        }
    }

    private void ChooseTarget(CodeWriter code)
    {
        foreach (var (i, member) in family.Members.Index())
        {
            string tests = string.Join(" && ", TargetChoice.Tests(member.Target).Select(t => t.Test));
            code.Line($"{(i == 0 ? "" : "else ")}{(tests.Length == 0 ? "" : $"if ({tests}) ")}(kernels, Target) = ({i}, "
                + $"{SourceText.Literal(member.Target.Name)});");
            if (tests.Length == 0) return; // any processor runs it
        }
        code.Line($"else throw new PlatformNotSupportedException(\"{className} was compiled for {TargetChoice.Names(family)}, and this \"");
        code.Line("    + \"processor (or its settings) has the instructions for none of them; compile the model for another target\");");
    }

    // The first run is to be as fast as others: its methods are compiled here.
    private void Prepare(CodeWriter code)
    {
        if (IsAlone)
        {
            Prepare(className, steps[0]);
            return;
        }
        code.Block("switch (kernels)", () =>
        {
            foreach (var (i, part) in parts.Index())
            {
                code.Line($"case {i}:");
                Prepare($"Steps{part}", steps[i]);
                code.Line("break;");
            }
        });

        void Prepare(string calls, StepSource source)
        {
            foreach (string type in source.Classes.Prepend(calls)) code.Line($"Preparation.Compile(typeof({type}));");
        }
    }

    // Compiled methods still have to be found at their first call, and memory to be brought in.
    private void WarmUp(CodeWriter code)
    {
        var offsets = new List<long>();
        long bytes = 0;
        foreach (var (port, _, _, _) in Ports)
        {
            offsets.Add(bytes);
            bytes += MemoryPlanner.Align(program.Buffers[port.Buffer].Bytes.Value!.Value);
        }
        code.Line();
        code.Line("// A run with zeros, so that the first one with data is at full speed.");
        code.Block("private void WarmUp()", () =>
        {
            code.Line($"using var blank = new Arena({bytes});");
            code.Line("byte* p = blank.Take();");
            code.Block("try", () =>
                code.Line($"{code.Call("RunSteps", [.. offsets.Select(o => o == 0 ? "p" : $"p + {o}")])};"));
            code.Block("catch (InvalidDataException)", () => code.Line("// Zeros are not data for each node."));
            code.Block("finally", () => code.Line("blank.Return();"));
            if (isTimed) code.Line("Array.Clear(ticks);");
        });
    }

    private bool IsAlone => family.Members.Length == 1;

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
        if (HasThreads) code.Line("/// <param name=\"threads\">Threads of a run.</param>");
        if (isTimed) code.Line("/// <param name=\"ticks\">Time of each step, added up over runs, in ticks of the stopwatch.</param>");
        string ticks = isTimed ? ", out long[] ticks" : "";
        string threads = HasThreads ? ", int threads" : "";
        code.Block($"public static Action<Array[], Array?[]> Host(string weightsFile{threads}, out Action release{ticks})", () =>
        {
            code.Line("var weights = Weights.Open(weightsFile);");
            code.Line($"var model = new {className}(weights{(HasThreads ? ", threads" : "")});");
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
                    if (!HasThreads) AllCalls(code, isShared: false);
                    else
                    {
                        code.Block("if (team is null)", () => AllCalls(code, isShared: false));
                        code.Block("else", () =>
                        {
                            string[] pointers = ["a", "w", .. Ports.Select(p => p.Pointer)];
                            foreach (var (field, pointer) in Shared.Zip(pointers)) code.Line($"{field} = {pointer};");
                            code.Line("team.Run(work!);");
                        });
                    }
                });
                code.Block("finally", () => code.Line("arena.Return();"));
            });
            code.Block("finally", () => code.Line("weights.Return();"));
        });
        if (!HasThreads) return;
        code.Line();
        code.Line("// What each thread does in a run.");
        code.Block("private void Work(int thread)", () =>
        {
            if (isTimed) code.Block("fixed (long* t = ticks)", () => AllCalls(code, isShared: true));
            else AllCalls(code, isShared: true);
        });
    }

    // The steps of the target that was chosen.
    private void AllCalls(CodeWriter code, bool isShared)
    {
        if (IsAlone)
        {
            Calls(code, "", steps[0], isShared);
            return;
        }
        code.Block("switch (kernels)", () =>
        {
            foreach (var (i, part) in parts.Index())
            {
                code.Line($"case {i}:");
                Calls(code, $"Steps{part}.", steps[i], isShared);
                code.Line("break;");
            }
        });
    }

    private void Calls(CodeWriter code, string where, StepSource source, bool isShared)
    {
        string[] memory = isShared ? ["team!", "thread", .. Shared] : ["a", "w", .. Ports.Select(p => p.Pointer)];
        foreach (string method in StepSource.Methods(source.Program, StepsPerMethod, isShared))
            code.Line($"{code.Call($"{where}{method}", [.. memory, .. source.Timing])};");
    }

    private bool HasThreads => program.Threads > 1;

    // Fields for the pointers of a run.
    private string[] Shared => ["arenaNow", "weightsNow", .. Ports.Select(p => $"{p.Pointer}Now")];

    private static string Element(ProgramPort port) => CSharpTypes.Name(port.Type.DType);

    private static long[] Dims(ProgramPort port) => port.Type.Shape!.ToStatic()!;

    private static string Type(ProgramPort port) =>
        $"{port.Type.DType.Name()}[{port.Type.Shape}]{(port.Type.DType == DType.BFloat16 ? " as bits" : "")}";
}
