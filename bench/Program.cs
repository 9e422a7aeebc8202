using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Nncc.Backends;
using Nncc.Backends.Benchmarks;
using Nncc.Backends.Models;
using Nncc.Bench;
using Nncc.IR;

var threads = new Option<int>("--threads") { Description = "Threads of each engine", DefaultValueFactory = _ => 1 };
var target = new Option<string>("--target") { Description = "The target of the emitted C#", DefaultValueFactory = _ => "host" };
var only = new Option<string?>("--only") { Description = "These models alone, names between commas" };
var quick = new Option<bool>("--quick") { Description = "Short measurements without errors" };
var output = new Option<string?>("--output", "-o") { Description = "The Markdown file; without it the table is printed" };
var command = new RootCommand("Measures the set of models and writes the table of the README") { threads, target, only, quick, output };
command.Subcommands.Add(RewrittenModels.Command(Root));
command.SetAction(parsed =>
{
    string root = Root(), folder = Path.Combine(root, "out", "bench");
    Directory.CreateDirectory(folder);
    var chosen = parsed.GetValue(only)?.Split(',');
    var models = BenchSet.All(root, folder).Where(m => chosen?.Contains(m.Name) != false).ToList();
    if (chosen?.FirstOrDefault(name => models.All(m => m.Name != name)) is { } unknown)
    {
        Console.Error.WriteLine($"the set has no \"{unknown}\"");
        return 1;
    }
    var table = new ResultTable(DateTime.UtcNow);
    string[] manner = ["--threads", parsed.GetValue(threads).ToString(CultureInfo.InvariantCulture), "--target", parsed.GetValue(target)!,
        "--vs", "onnxruntime", "--layers", "--json", "-q", .. parsed.GetValue(quick) ? ["--runs", "10", "--seconds", "0.2", "--no-errors"]
            : Array.Empty<string>()];
    foreach (var model in models)
    {
        Console.Error.WriteLine(model.Name);
        string file = model.Arguments[0];
        if (model.Group != BenchSet.Real && !File.Exists(file)) Nncc(["zoo", model.Name, "-o", file, "-q"]);
        var (exit, text, error) = Nncc(["bench", .. model.Arguments, .. manner]);
        if (exit != 0)
        {
            table.Refused(model, error.Split('\n')[0]);
            continue;
        }
        File.WriteAllText(Path.Combine(folder, $"{model.Name}.json"), text);
        table.Add(model, JsonDocument.Parse(text).RootElement);
    }
    if (parsed.GetValue(output) is { } path) File.WriteAllText(path, table.Markdown());
    else Console.Out.Write(table.Markdown());
    return 0;
});
var programs = new Option<int>("--programs") { Description = "Schedules of each node at most", DefaultValueFactory = _ => 10 };
var rounds = new Option<int>("--rounds") { Description = "Rounds of all programs", DefaultValueFactory = _ => 10 };
var csv = new Option<string?>("--csv") { Description = "A file for all trials" };
var costCommand = new Command("cost", "Measures legal schedules beside what the cost model predicts of them")
{
    target, only, programs, rounds, csv, output,
};
costCommand.SetAction(parsed =>
{
    string root = Root(), folder = Path.Combine(root, "out", "bench");
    Directory.CreateDirectory(folder);
    var chosen = parsed.GetValue(only)?.Split(',');
    var study = new CostStudy();
    foreach (var model in BenchSet.All(root, folder).Where(m => chosen?.Contains(m.Name) != false))
    {
        string file = model.Arguments[0];
        if (model.Group != BenchSet.Real && !File.Exists(file)) Nncc(["zoo", model.Name, "-o", file, "-q"]);
        try
        {
            var compiler = new Compiler(new CompilerOptions { Target = parsed.GetValue(target)!, Clock = TimeProvider.System });
            // The constants of the cost model were chosen with a look at networks of the zoo.
            study.Add(model.Name, ScheduleStudy.Measure(compiler, Bound(compiler, file, model.Arguments), parsed.GetValue(programs),
                parsed.GetValue(rounds), TimeProvider.System), model.Group != BenchSet.Real);
        }
        catch (NnccException e)
        {
            Console.Error.WriteLine($"{model.Name}: {e.Message}");
        }
    }
    if (parsed.GetValue(csv) is { } trials) File.WriteAllText(trials, study.Csv());
    if (parsed.GetValue(output) is { } path) File.WriteAllText(path, study.Markdown());
    else Console.Out.Write(study.Markdown());
    return 0;
});
command.Subcommands.Add(costCommand);
return command.Parse(args).Invoke();

// The model with the sizes of its data set, where it has one.
static Model Bound(Compiler compiler, string file, IReadOnlyList<string> arguments)
{
    var model = compiler.Read(file);
    if (arguments.Count < 3) return model;
    var inputs = TestDataSet.ReadAll(arguments[2], model.Graph)[0].Inputs;
    return compiler.With(compiler.Options with
    {
        Passes = ModelInputs.WithShapes(compiler.Options.Passes.WithoutSizes, model.Graph, inputs),
    }).Specialize(model);
}

// The checkout that this program was built in.
static string Root()
{
    for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        if (File.Exists(Path.Combine(folder.FullName, "Compiler.sln"))) return folder.FullName;
    return Directory.GetCurrentDirectory();
}

// A process of its own, so that no model finds the memory and the code of another.
static (int Exit, string Output, string Error) Nncc(string[] arguments)
{
    var info = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "nncc.dll"), .. arguments])
    {
        RedirectStandardOutput = true, RedirectStandardError = true,
    };
    using var process = Process.Start(info)!;
    var error = process.StandardError.ReadToEndAsync();
    string text = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return (process.ExitCode, text, error.Result);
}
