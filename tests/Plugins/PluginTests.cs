using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Nncc.Backends;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Tests.Cli;
using Nncc.Tests.Support;
using Graph = Nncc.IR.Graph;

namespace Nncc.Tests.Plugins;

/// <summary>Plugins: the example does what it says; wrong ones are named, with what to do, and nothing else is damaged.</summary>
public class PluginTests : IDisposable
{
    /// <summary>The example's assembly.</summary>
    internal static readonly string Swish = Repository.Under("examples", "plugin", "bin",
        Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!, "net10.0", "Swish.dll");

    private const string Head = """
        using System; using System.Collections.Immutable; using Nncc.IR; using Nncc.IR.Ops; using Nncc.Passes; using Nncc.Passes.Plugins;
        using Nncc.Passes.Rules;
        [assembly: Plugin(IPlugin.ContractVersion, typeof(Wrong))]

        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // y = relu(swish(x, beta)), the swish as a file has it whose reader does not know it.
    private string Model(float beta)
    {
        var build = new GraphBuilder("swish");
        int x = build.Input("x", DType.Float32, 2, 3);
        var op = new Opaque("com.example", "Swish", new[] { new NamedAttribute("beta", beta) }.ToEquatable(), 0);
        build.Output("y", build.Add("relu", new Relu(), build.Add("swish", op, x)));
        string path = folder.At($"swish{beta}.onnx");
        new Compiler().WriteOnnx(new Model(build.Build(), ModelHeader.Empty with
        {
            Opsets = ModelHeader.Empty.Opsets.SetItem("com.example", 1),
        }), path, isAsItIs: true);
        return path;
    }

    [Fact]
    public void Without_the_plugin_the_op_is_not_known()
    {
        Assert.Contains("NNC4003", CliRun.Of("run", Model(2), "--input", "random", "--engine", "evaluator").Error);
    }

    [Fact]
    public void The_example_is_listed_with_what_it_adds()
    {
        var json = CliRun.Good("plugins", "list", "--plugin", Swish, "--json").Json.GetProperty("plugins")[0];
        Assert.Equal("swish", json.GetProperty("name").GetString());
        Assert.Equal("com.example.Swish", json.GetProperty("ops")[0].GetString());
        Assert.Equal("expand-swish", json.GetProperty("passes")[0].GetString());
        Assert.Equal("is-flat", json.GetProperty("functions")[0].GetString());
        Assert.Equal("swish.rules", json.GetProperty("rules")[0].GetString());
        Assert.Equal("pairs", json.GetProperty("strategies")[0].GetString());
        Assert.Equal("cpu-small.target.json", json.GetProperty("targets")[0].GetString());
        Assert.Equal("swish", json.GetProperty("templates")[0].GetString());
    }

    [Theory]
    [InlineData("cpu-scalar")]
    [InlineData("cpu-small")]
    [InlineData("cpu-avx2")]
    [InlineData("cpu-avx512")]
    public void Its_kernel_computes_what_the_op_says_on_its_target_too(string target)
    {
        // ONNX Runtime knows no such op.
        var verified = CliRun.Of("verify", Model(2), "--plugin", Swish, "--disable", "expand-swish", "--target", target, "--json").Json;
        var engine = verified.GetProperty("sets")[0].GetProperty("engines").EnumerateArray()
            .Single(e => e.GetProperty("engine").GetString() == $"csharp {target}");
        string? status = engine.GetProperty("status").GetString();
        Assert.True(status == "agrees" || target == "cpu-avx512" && !System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated, status);
        CliRun.Good("compile", Model(2), "--plugin", Swish, "--disable", "expand-swish", "--target", target, "-o", folder.At("out"), "-q");
        Assert.Contains("f32_swish__", File.ReadAllText(Directory.EnumerateFiles(folder.At("out"), "*.Kernels.cs").Single()));
    }

    [Fact]
    public void Its_strategy_is_compared_on_its_target()
    {
        string model = CliModels.Write(folder);
        var rows = CliRun.Good("compare", model, "--plugin", Swish, "--targets", "cpu-small,cpu-avx2", "--strategies", "rules,pairs",
            "--json").Json.GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal(4, rows.Count);
        Assert.All(rows, row => Assert.True(row.GetProperty("predictedMs").GetDouble() > 0));
        CliRun.Bad(1, ["NNC5007", "pairs"], "compile", model, "--strategy", "pairs", "-o", folder.At("out"));
    }

    [Theory]
    [InlineData("registration.Add(new All());", "all nodes", "chose a region that no kernel computes")]
    [InlineData("registration.Add(new Twice());", "twice", "in two regions")]
    [InlineData("registration.Add(new Empty());", "empty", "threw NotImplementedException")]
    public void A_wrong_strategy_is_blamed(string register, string strategy, string message)
    {
        string plugin = Compile("using System.Collections.Generic; using System.Linq; using Nncc.Passes.Strategies; "
            + "using Nncc.Passes.Targets;\n" + Of("", register) + """
            public abstract class Base : IFusionStrategy
            {
                public abstract string Name { get; }
                public string Summary => "wrong";
                public abstract Graph Run(Graph graph, IKernelCatalog catalog, TargetProfile target, PassContext context);
                protected static List<Node> Nodes(Graph graph) => graph.Nodes.Where(RegionCandidates.IsComputed).ToList();
            }
            public class All : Base
            {
                public override string Name => "all nodes";
                public override Graph Run(Graph graph, IKernelCatalog catalog, TargetProfile target, PassContext context) =>
                    Regions.Fuse(graph, [Nodes(graph)], Name, context);
            }
            public class Twice : Base
            {
                public override string Name => "twice";
                public override Graph Run(Graph graph, IKernelCatalog catalog, TargetProfile target, PassContext context) =>
                    Regions.Fuse(graph, [Nodes(graph), Nodes(graph)], Name, context);
            }
            public class Empty : Base
            {
                public override string Name => "empty";
                public override Graph Run(Graph graph, IKernelCatalog catalog, TargetProfile target, PassContext context) =>
                    throw new NotImplementedException();
            }
            """);
        var build = new GraphBuilder("products");
        int x = build.Input("x", DType.Float32, 4, 4);
        build.Output("y", build.Add("second", new MatMul(), build.Add("first", new MatMul(), x, x), x));
        string model = CliModels.Write(folder, build.Build(), "products.onnx");
        var run = CliRun.Bad(3, ["NNC3302", message], "compile", model, "--plugin", plugin, "--strategy", strategy,
            "-o", folder.At("out"));
        Assert.DoesNotContain("mistake of nncc", run.Error);
        Assert.False(Directory.Exists(folder.At("out")));
    }

    [Theory]
    [InlineData("registration.AddTarget(\"a.target.json\", \"{}\");", "cannot be added")]
    [InlineData("registration.Add(new Nncc.Passes.Strategies.NoFusion());", "the fusion strategy none is there already")]
    [InlineData("registration.Add(new Kernels());", "is no Nncc.Backends.CSharp.Kernels.KernelTemplate")]
    public void What_cannot_be_added_is_said(string register, string message)
    {
        string plugin = Compile(Of("", register)
            + "public class Kernels : Nncc.Passes.Strategies.IKernelTemplate { public string Id => \"mine\"; }");
        CliRun.Bad(3, ["NNC3302", message], "compile", CliModels.Write(folder), "--plugin", plugin, "-o", folder.At("out"));
    }

    [Fact]
    public void A_template_whose_text_does_not_compile_is_blamed()
    {
        string plugin = Compile("using Nncc.Backends.CSharp.Kernels; using Nncc.Passes.Cost; using Nncc.Passes.Programs; "
            + "using Nncc.Passes.Strategies; using Nncc.Passes.Targets;\n" + Of("", "registration.Add(new Bad());") + """
            public class Bad : KernelTemplate
            {
                public override string Id => "bad";
                public override int Rank => 1;
                public override Verdict Accepts(KernelRegion region, TargetProfile target) => Verdict.Yes;
                public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target) =>
                    PlainFeatures(region, 1, 1);
                public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target) =>
                    new KernelPlan("bad", Id, [new ResultArgument(0)]);
                public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target) =>
                    source.Add("bad", "public static void bad(float* y) => nonsense;");
            }
            """);
        CliRun.Bad(3, ["NNC3302", "the template bad of the plugin", "nonsense"], "run", CliModels.Write(folder), "--plugin", plugin,
            "--input", "random", "--engine", "csharp", "--target", "cpu-scalar");
    }

    [Fact]
    public void The_example_is_read_evaluated_expanded_and_emitted()
    {
        string model = Model(2);
        Assert.Contains("com.example.Swish(%0; beta=2.0)", CliRun.Good("dump", model, "--after", "imported", "--plugin", Swish).Out);
        string canonical = CliRun.Good("dump", model, "--plugin", Swish).Out;
        Assert.DoesNotContain("Swish(", canonical);
        Assert.Contains("Sigmoid(", canonical);
        Assert.Contains("com.example.Swish(", CliRun.Good("dump", model, "--plugin", Swish, "--disable", "expand-swish").Out);
        CliRun.Good("compile", model, "--plugin", Swish, "-o", folder.At("out"));
        var verified = CliRun.Good("verify", model, "--plugin", Swish, "--target", "cpu-scalar", "--json").Json;
        Assert.True(verified.GetProperty("agrees").GetBoolean());
        Assert.Equal("agrees", verified.GetProperty("sets")[0].GetProperty("engines").EnumerateArray()
            .Single(e => e.GetProperty("engine").GetString() == "csharp cpu-scalar").GetProperty("status").GetString());
    }

    [Fact]
    public void Its_rule_uses_its_function()
    {
        CliRun.Good("compile", Model(0), "--plugin", Swish, "--emit", "onnx", "-o", folder.At("o.onnx"), "--expect",
            "half-of-flat-swish=1", "-q");
        CliRun.Bad(3, ["NNC3208"], "compile", Model(2), "--plugin", Swish, "--emit", "onnx", "-o", folder.At("p.onnx"), "--expect",
            "half-of-flat-swish=1");
    }

    [Fact]
    public void The_rule_pack_needs_no_compiler()
    {
        var build = new GraphBuilder("pack");
        int x = build.Input("x", DType.Float32, 4);
        build.Output("y", build.Add("relu", new Relu(), build.Add("gate", new Sigmoid(), x)));
        string model = CliModels.Write(folder, build.Build(), "pack.onnx");
        CliRun.Good("compile", model, "--rules", Repository.Under("examples", "rules"), "--emit", "onnx", "-o", folder.At("o.onnx"),
            "--expect", "relu-of-sigmoid=1", "-q");
    }

    public static TheoryData<string, string, string, int> Wrong => new()
    {
        { "contract", """[assembly: Nncc.Passes.Plugins.Plugin("0.0", typeof(Wrong))] public class Wrong;""",
            "version 0.0 of the contract, and this nncc has", 1 },
        { "no plugin", "public class Nothing;", "is no plugin", 1 },
        { "wrong type", $"{Head}public class Wrong;", "is no IPlugin", 1 },
        { "constructor", Of("public Wrong() => throw new Exception(\"oh\");", ""), "\"plugin\" threw Exception: oh", 3 },
        { "static constructor", Of("static Wrong() => throw new Exception(\"oh\");", ""),
            "\"plugin\" threw Exception: oh", 3 },
        { "registration", Of("", "throw new InvalidOperationException(\"not today\");"),
            "\"mine\" threw InvalidOperationException: not today", 3 },
        { "op of the same name", Of("", "registration.Add(Relu.Definition);"), "\"mine\" cannot be added: the op Relu is there already",
            3 },
        { "wrong rule", Of("", "registration.AddRules(\"mine.rules\", \"set canonical\\nrule r\\n match Reluu(x)\\n rewrite x\\n\");"),
            "mine.rules", 1 },
        { "throwing pass", WithPass("throw new Exception(\"oh\");"), "\"mine\" threw Exception: oh", 3 },
        { "throwing function", Of("", """
            registration.Add(new RuleFunction("bang", "x", "nothing", call => throw new Exception("oh")));
            registration.AddRules("mine.rules", "set canonical\nrule r\n  match Relu(Add(x, y))\n  where bang(1)\n  rewrite Add(x, y)\n");
            """), "\"mine\" threw Exception: oh", 3 },
        { "throwing op", Of("", "registration.Add(Bang.Definition);") + """
            public sealed record Bang(float Beta = 1) : Op, IOpDefined
            {
                public override string Domain => "com.example";
                public override string Name => "Swish";
                public static OpDefinition Definition { get; } =
                    OpDefinition.For<Bang>("X", "Y", [1], domain: "com.example", name: "Swish");
                public override ImmutableArray<IrType> Infer(InferContext context) => throw new Exception("oh");
                public override ImmutableArray<Datum> Evaluate(EvaluateContext context) => throw new Exception("oh");
                public override Work Measure(MeasureContext context) => context.Elementwise(1);
            }
            """, "\"mine\" threw Exception: oh", 3 },
        { "static constructor while matching", Of("", """
            registration.Add(new RuleFunction("ask", "x", "nothing", call => Late.Answer));
            registration.AddRules("mine.rules", "set canonical\nrule r\n  match Relu(Add(x, y))\n  where ask(1)\n  rewrite Add(x, y)\n");
            """) + "public static class Late { public static object Answer; static Late() => throw new Exception(\"late\"); }",
            "\"mine\" threw Exception: late", 3 },
        { "graph that does not verify", Early(".With(stage: Stage.Canonical)"), "the pass leaver of the plugin \"mine\" gave a graph", 3 },
        { "op that stays too long", Early(""), "the op com.example.Early of the plugin \"mine\" does not verify", 3 },
    };

    // An op that may not stay up to the canonical form, in place of each Relu.
    private static string Early(string stage) => Of("", "registration.Add(Early.Definition); registration.Add(new Leaver());") + """
        public sealed record Early : Op, IOpDefined
        {
            public override string Domain => "com.example";
            public override Stage LastStage => Stage.Imported;
            public static OpDefinition Definition { get; } = OpDefinition.For<Early>("X", "Y", [1], domain: "com.example");
            public override ImmutableArray<IrType> Infer(InferContext context) => [context.Floats(0)];
            public override ImmutableArray<Datum> Evaluate(EvaluateContext context) => [context.Tensor(0)];
            public override Work Measure(MeasureContext context) => context.Elementwise(1);
        }
        public class Leaver : IPass
        {
            public string Name => "leaver";
            public string Summary => "leaves an op";
            public Graph Run(Graph graph, PassContext context)
            {
                var edit = new GraphEdit(graph);
                foreach (var node in graph.Nodes)
                    if (node.Op is Relu) context.Step(edit, Name, () => edit.Change(node, new Early(), [node.Inputs[0]]));
                return edit.Freeze()
        """ + stage + "; } }\n";

    [Fact]
    public void A_dependency_that_is_missing_while_rules_are_matched_is_named()
    {
        string library = Compile("public static class Library { public static bool Yes => true; }", "Library");
        string plugin = Compile(Of("static object Ask() => Library.Yes;", """
            registration.Add(new RuleFunction("ask", "x", "nothing", call => Ask()));
            registration.AddRules("mine.rules", "set canonical\nrule r\n  match Relu(Add(x, y))\n  where ask(1)\n  rewrite Add(x, y)\n");
            """), references: library);
        File.Delete(library);
        string model = CliModels.Write(folder), output = folder.At("out.onnx");
        var run = CliRun.Bad(3, ["NNC3302", "\"mine\" needs", "Library"], "compile", model, "--plugin", plugin, "--emit", "onnx",
            "-o", output);
        Assert.DoesNotContain("mistake of nncc", run.Error);
        Assert.False(File.Exists(output));
    }

    [Theory, MemberData(nameof(Wrong))]
    public void A_wrong_plugin_is_named_and_nothing_is_written(string what, string source, string message, int exit)
    {
        string plugin = Compile(source), model = CliModels.Write(folder), output = folder.At("out.onnx");
        if (what == "throwing op") model = Model(2);
        byte[] before = File.ReadAllBytes(model);
        var run = CliRun.Bad(exit, [message], "compile", model, "--plugin", plugin, "--emit", "onnx", "-o", output);
        Assert.DoesNotContain("mistake of nncc", run.Error);
        Assert.False(File.Exists(output));
        Assert.Equal(before, File.ReadAllBytes(model));
    }

    [Fact]
    [Trait("speed", "slow")]
    public void New_writes_starts_that_pass_their_tests()
    {
        if (OperatingSystem.IsWindows()) return;
        CliRun.Good("new", "rules", folder.At("my-rules"), "-q");
        CliRun.Good("new", "plugin", folder.At("MyPlugin"), "-q");
        CliRun.Bad(3, ["NNC7101"], "new", "plugin", folder.At("MyPlugin"));
        CliRun.Bad(1, ["NNC7001"], "new", "plugin", folder.At("my-plugin"));
        // The tests start nncc by its name.
        string program = Path.Combine(AppContext.BaseDirectory, "nncc.dll");
        File.WriteAllText(folder.At("nncc"), $"#!/bin/sh\nexec dotnet '{program}' \"$@\"\n");
        File.SetUnixFileMode(folder.At("nncc"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        foreach (string start in new[] { "my-rules", "MyPlugin" })
            ChildProcess.Run("/bin/sh", [folder.At(start, "test.sh")], folder.Path,
                new Dictionary<string, string> { ["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}" });
    }

    [Fact]
    public void What_is_no_assembly_or_not_there_is_said()
    {
        File.WriteAllText(folder.At("text.dll"), "hello");
        CliRun.Bad(1, ["NNC3301", "no .NET assembly"], "plugins", "list", "--plugin", folder.At("text.dll"));
        CliRun.Bad(1, ["NNC3301", "does not exist"], "plugins", "list", "--plugin", folder.At("absent.dll"));
    }

    [Fact]
    public void A_dependency_that_is_missing_is_named()
    {
        string library = Compile("public static class Library { public static int One => 1; }", "Library");
        string plugin = Compile(Of("", "if (Library.One == 2) throw new Exception();"), references: library);
        File.Delete(library);
        CliRun.Bad(1, ["NNC3301", "needs what is not there", "Library"], "plugins", "list", "--plugin", plugin);
    }

    private static string Of(string members, string register) => Head + "public class Wrong : IPlugin { " + members
        + " public string Name => \"mine\"; public void Register(PluginRegistration registration) { " + register + " } }\n";

    private static string WithPass(string body) => Of("", "registration.Add(new Bad());") + """
        public class Bad : IPass
        {
            public string Name => "bad";
            public string Summary => "bad";
            public Graph Run(Graph graph, PassContext context) {
        """ + body + " } }\n";

    private string Compile(string source, string name = "plugin", params string[] references)
    {
        string path = folder.At($"{name}.dll");
        var trusted = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create(name, [CSharpSyntaxTree.ParseText(source)],
            trusted.Concat(references).Select(p => MetadataReference.CreateFromFile(p)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        var result = compilation.Emit(path);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return path;
    }
}
