using System.Diagnostics;
using Nncc.Tests.Support;

namespace Nncc.Tests.Cli;

/// <summary>Programs as a user starts them: the example of the library, and the built command line.</summary>
public class ExampleTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_example_compiles_and_runs_a_model_without_the_command_line()
    {
        string app = Repository.Under("examples", "app", "bin", Configuration, "net10.0", "app.dll");
        var (exit, output, error) = Start("dotnet", app, CliModels.Write(folder), folder.At("out"));
        Assert.True(exit == 0, error);
        Assert.Contains("Small.cs: ", output);
        Assert.Contains("y: f32[1x3], greatest value ", output);
        Assert.True(File.Exists(folder.At("out", "Small.weights")));
        (exit, _, error) = Start("dotnet", app, folder.At("absent.onnx"));
        Assert.Equal(2, exit);
        Assert.StartsWith("NNC2001", error);
    }

    [Fact]
    public void The_built_program_does_what_the_tests_see()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "nncc.dll");
        var (exit, output, _) = Start("dotnet", program, "version");
        Assert.Equal((0, $"{Nncc.Backends.ToolVersion.Name}\n"), (exit, output));
        (exit, output, string error) = Start("dotnet", program, "run", CliModels.Write(folder), "--input", "random", "--engine",
            "evaluator", "-q");
        Assert.True(exit == 0, error);
        Assert.StartsWith("y: f32[1x3]\n", output);
        (exit, output, error) = Start("dotnet", program, "inspect", folder.At("absent.onnx"));
        Assert.Equal((2, ""), (exit, output));
        Assert.StartsWith("NNC2001 error: ", error);
    }

    [Fact]
    public void Ctrl_C_ends_a_run_with_its_exit_code()
    {
        if (OperatingSystem.IsWindows()) return;
        // A model that takes the evaluator minutes.
        var build = new Nncc.IR.GraphBuilder("slow");
        int x = build.Input("x", Nncc.IR.DType.Float32, 1, 64, 256, 256);
        int w = build.Constant("w", Nncc.IR.Tensor.Of([64, 64, 3, 3], new float[64 * 64 * 9]));
        for (int i = 0; i < 40; i++) x = build.Add($"conv{i}", new Nncc.IR.Ops.Conv(Pads: [1, 1, 1, 1]), x, w);
        build.Output("y", x);
        string model = CliModels.Write(folder, build.Build(), "slow.onnx"), saved = folder.At("saved");
        var info = new ProcessStartInfo("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "nncc.dll"), "run", model, "--input", "random", "--engine", "evaluator", "-v", "-o",
                saved])
            { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(info)!;
        // It runs when it says so.
        for (string? line = process.StandardError.ReadLine(); line is not null and not "evaluator"; line =
            process.StandardError.ReadLine()) { }
        Process.Start("kill", ["-INT", $"{process.Id}"]).WaitForExit();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(130, process.ExitCode);
        Assert.Contains("stopped", error);
        Assert.False(Directory.Exists(saved));
    }

    [Fact]
    [Trait("speed", "slow")]
    public void The_script_builds_and_starts_the_program()
    {
        if (OperatingSystem.IsWindows()) return;
        var (exit, output, error) = Start(Repository.Under("nncc"), "zoo", "toy_cnn", "-o", folder.At("toy.onnx"));
        Assert.True(exit == 0, error);
        Assert.StartsWith("wrote", output);
        (exit, output, error) = Start(Repository.Under("nncc"), "inspect", folder.At("toy.onnx"), "--json");
        Assert.True(exit == 0, error);
        Assert.Contains("370338", output);
    }

    private static string Configuration =>
        Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;

    private static (int Exit, string Output, string Error) Start(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true,
            RedirectStandardOutput = true })!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
