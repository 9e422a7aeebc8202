using System.Diagnostics;
using Nncc.Backends;
using Nncc.Backends.CSharp;
using Nncc.Backends.CSharp.Runtime;
using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;
using Nncc.Tests.Support;

namespace Nncc.Tests.Backends;

/// <summary>Emitted projects as their users build them: with the SDK alone, as a program, as a library, trimmed.</summary>
[Trait("speed", "slow")]
public class EmittedProjectTests
{
    // Most of the runtime sources are in it.
    private static Graph Graph()
    {
        var b = new GraphBuilder("net");
        int x = b.Input("image", DType.Float32, 1, 3, 8, 8), places = b.Input("places", DType.Int64, 4),
            h = b.Input("half", DType.Float16, 5);
        var random = new Random(3);
        int w = b.Constant("w", Tensor.Of([4, 3, 3, 3], Enumerable.Range(0, 108).Select(_ => random.NextSingle() - 0.5f).ToArray()));
        int t = b.Add("relu", new Relu(), b.Add("conv", new Conv(Pads: [1, 1, 1, 1]), x, w));
        int turned = b.Add("turned", new Transpose([0, 2, 3, 1]), t);
        b.Output("taken", b.Add("gather", new Gather(1), turned, places));
        b.Output("waves", b.Add("sin", new Sin(), h));
        b.Output("padded", b.Add("pad", new Pad(PadMode.Reflect), turned, b.Constant("pads", Tensor.Vector(0L, 2, 2, 0, 0, 2, 2, 0))));
        b.Output("padded zero", b.Add("pad zero", new Pad(), places, b.Constant("one", Tensor.Vector(1L, 1))));
        b.Output("sorted", b.AddMany("top", new TopK(), 2, h, b.Constant("k", Tensor.Vector(3L)))[1]);
        b.Output("divided", b.Add("div", new Div(), places, b.Constant("two", Tensor.Scalar(2L))));
        b.Output("summed", b.Add("scatter", new ScatterElements(0, ScatterReduction.Add), places, places, places));
        b.Output("triangle", b.Add("trilu", new Trilu(), t));
        return b.Build();
    }

    [Fact]
    public void A_program_builds_without_packages_and_gives_the_right_answer()
    {
        using var folder = new TemporaryFolder();
        var graph = Graph();
        Write(folder.At("net"), graph, new CSharpOptions("Net"));
        File.WriteAllText(folder.At("nuget.config"), "<configuration><packageSources><clear /></packageSources></configuration>");
        var environment = new Dictionary<string, string> { ["NUGET_PACKAGES"] = folder.At("packages") };
        Run("dotnet", [.. Build, folder.At("net")], environment);

        var inputs = graph.Inputs.Select((input, i) => Arrays.Random((TensorType)graph[input.Value].Type, new Random(i))).ToArray();
        inputs[1] = Tensor.Vector(0L, 3, 2, 1);
        var arguments = new List<string> { folder.At("net", "bin", "Release", "net10.0", "Net.dll") };
        for (int i = 0; i < inputs.Length; i++)
        {
            TensorFiles.Write(folder.At($"{i}.npy"), View(inputs[i]));
            arguments.AddRange(["--input", $"{graph[graph.Inputs[i].Value].Name}={folder.At($"{i}.npy")}"]);
        }
        string output = Run("dotnet", [.. arguments, "--repeat", "3", "--output", folder.At("out")]);
        Assert.Contains("output \"taken\" Float32[1, 4, 8, 4]", output);
        Assert.Contains("3 runs: min", output);
        var expected = new Evaluator(isWide: true).Run(graph, [.. inputs]);
        foreach (string file in Directory.GetFiles(folder.At("out")))
        {
            int index = int.Parse(Path.GetFileName(file).Split('-')[0]);
            Arrays.AssertClose((Tensor)expected[index], Elements(TensorFiles.Read(file)), graph.Outputs[index].Name);
        }
        Assert.Equal(graph.Outputs.Length, Directory.GetFiles(folder.At("out")).Length);

        // What is wrong is said in a line, with an exit code of its own.
        Assert.Contains("no input of that name", Fails(1, arguments[0], "nothing=x.npy"));
        Assert.Contains("there is no option --fast", Fails(1, arguments[0], "--fast"));
        Assert.Contains("absent.npy", Fails(2, arguments[0], "image=absent.npy"));
        Assert.Contains("Float32 is expected", Fails(2, arguments[0], $"image={folder.At("1.npy")}"));
        Assert.Contains("is not a weights file", Fails(2, arguments[0], "--weights", folder.At("1.npy")));
    }

    [Fact]
    public void A_library_is_used_by_a_program()
    {
        using var folder = new TemporaryFolder();
        var artifact = Write(folder.At("net"), Graph(), new CSharpOptions("Net", "Some.Models", IsLibrary: true));
        Assert.DoesNotContain(artifact.Files, f => f.Path is "Program.cs" or "Runtime/ModelConsole.cs");
        Directory.CreateDirectory(folder.At("app"));
        File.WriteAllText(folder.At("app", "app.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup><ProjectReference Include="../net/Net.csproj" /></ItemGroup>
            </Project>
            """);
        string example = artifact.Files.Single(f => f.Path == "README.md").ReadText().Split("```csharp\n")[1].Split("```")[0];
        File.WriteAllText(folder.At("app", "Program.cs"),
            example.Replace("\"Net.weights\"", "System.IO.Path.Combine(AppContext.BaseDirectory, \"Net.weights\")")
            + "Console.WriteLine(taken.Length);");
        Run("dotnet", [.. Build, folder.At("app")]);
        Assert.Equal("128", Run("dotnet", [folder.At("app", "bin", "Release", "net10.0", "app.dll")]).Trim());
    }

    /// <summary>The analyzers come in a package, so that they are asked in a project of this test and not in an emitted one.</summary>
    [Fact]
    public void Sources_pass_the_analyzers_of_trimming_and_run_trimmed()
    {
        using var folder = new TemporaryFolder();
        Write(folder.At("net"), Graph(), new CSharpOptions("Net"));
        File.Delete(folder.At("net", "Net.csproj"));
        File.WriteAllText(folder.At("net", "Trimmed.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <AllowUnsafeBlocks>true</AllowUnsafeBlocks>
                <InvariantGlobalization>true</InvariantGlobalization>
                <IsTrimmable>true</IsTrimmable>
                <EnableTrimAnalyzer>true</EnableTrimAnalyzer>
                <EnableAotAnalyzer>true</EnableAotAnalyzer>
                <EnableSingleFileAnalyzer>true</EnableSingleFileAnalyzer>
                <AnalysisLevel>latest</AnalysisLevel>
                <WarningLevel>9999</WarningLevel>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <PublishTrimmed>true</PublishTrimmed>
                <SelfContained>true</SelfContained>
                <RuntimeIdentifier>linux-x64</RuntimeIdentifier>
              </PropertyGroup>
              <ItemGroup><None Include="Net.weights" CopyToOutputDirectory="PreserveNewest" /></ItemGroup>
            </Project>
            """);
        Run("dotnet", ["publish", "-c", "Release", "-v", "q", "--nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-o",
            folder.At("published"),
            folder.At("net")]);
        string output = Run(folder.At("published", "Trimmed"), ["--repeat", "2"]);
        Assert.Contains("output \"triangle\" Float32[1, 4, 8, 8]", output);
    }

    [Fact]
    public void A_program_for_several_targets_runs_with_instructions_switched_off()
    {
        using var folder = new TemporaryFolder();
        var graph = Graph();
        var compiler = new Compiler(new CompilerOptions
        {
            Target = "cpu-sse,cpu-avx2,cpu-avx512", CSharp = new CSharpOptions("Net", IsLibrary: true),
        });
        ArtifactFolder.Write(compiler.EmitCSharp(new Model(graph, ModelHeader.Empty)), folder.At("net"), force: false, default);
        string project = folder.At("net", "Net.csproj");
        File.WriteAllText(project, File.ReadAllText(project).Replace("Library", "Exe"));
        File.WriteAllText(folder.At("net", "Program.cs"), """
            using System; using System.IO; using Models;
            using var weights = Weights.Open(Path.Combine(AppContext.BaseDirectory, "Net.weights"));
            using var model = new Net(weights);
            Console.WriteLine(model.Target);
            """);
        Run("dotnet", [.. Build, folder.At("net")]);
        string program = folder.At("net", "bin", "Release", "net10.0", "Net.dll");
        var targets = new List<string>();
        foreach (string off in new[] { "", "DOTNET_EnableAVX512", "DOTNET_EnableAVX2" })
            targets.Add(Run("dotnet", [program], off.Length == 0 ? null : new() { [off] = "0" }).Trim());
        Assert.Equal(System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated ? "cpu-avx512-zen5" : "cpu-avx2", targets[0]);
        Assert.Equal(["cpu-avx2", "cpu-sse"], targets[1..]);
    }

    private static readonly string[] Build =
        ["build", "-c", "Release", "-v", "q", "--nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false"];

    private static Artifact Write(string folder, Graph graph, CSharpOptions options)
    {
        var backend = new CSharpBackend(TargetProfiles.Standard()["cpu-sse"], FusionStrategies.Standard().Find("rules"), options);
        var artifact = backend.Emit(backend.Lower(graph, new PassContext(OpRegistry.Standard())));
        ArtifactFolder.Write(artifact, folder, force: false, default);
        return artifact;
    }

    private static TensorView View(Tensor tensor) => new((ElementType)(int)tensor.DType, Arrays.Of(tensor), [.. tensor.Dims]);

    private static Array Elements(TensorView view)
    {
        var array = view.Type.NewArray(view.Count);
        switch (array)
        {
            case float[] floats: view.As<float>().CopyTo(floats); break;
            case long[] longs: view.As<long>().CopyTo(longs); break;
            case Half[] halves: view.As<Half>().CopyTo(halves); break;
            default: throw new ArgumentException($"{view}", nameof(view));
        }
        return array;
    }

    private static string Fails(int exitCode, params string[] arguments)
    {
        var (code, _, error) = Start("dotnet", arguments);
        Assert.Equal(exitCode, code);
        Assert.DoesNotContain("   at ", error);
        return error;
    }

    private static string Run(string program, string[] arguments, Dictionary<string, string>? environment = null)
    {
        var (code, output, error) = Start(program, arguments, environment);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}\n{output}\n{error}");
        return output;
    }

    private static (int Code, string Output, string Error) Start(string program, string[] arguments, Dictionary<string,
        string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? []) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
