using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Nncc.Bench;

string root = Root();
var threads = new Option<int>("--threads") { Description = "Threads of each engine", DefaultValueFactory = _ => 1 };
var target = new Option<string>("--target") { Description = "The target of the emitted C#", DefaultValueFactory = _ => "host" };
var only = BenchSet.Only(root);
var quick = new Option<bool>("--quick") { Description = "Short measurements without errors" };
var output = new Option<string?>("--output", "-o") { Description = "The Markdown file; without it the table is printed" };
var command = new RootCommand("Measures the set of models and writes the table of the README") { threads, target, only, quick, output };
command.Subcommands.Add(RewrittenModels.Command(root));
command.Subcommands.Add(CostCommand.Create(root));
command.Subcommands.Add(LargeGraphs.Command(root));
command.SetAction(parsed =>
{
    var table = new ResultTable(DateTime.UtcNow);
    string[] manner = ["--threads", parsed.GetValue(threads).ToString(CultureInfo.InvariantCulture), "--target", parsed.GetValue(target)!,
        "--vs", "onnxruntime", "--layers", "--json", "-q", .. parsed.GetValue(quick) ? ["--runs", "10", "--seconds", "0.2", "--no-errors"]
            : Array.Empty<string>()];
    foreach (var model in BenchSet.Chosen(root, parsed.GetValue(only)!))
    {
        Console.Error.WriteLine(model.Name);
        var (exit, text, error) = NnccProcess.Run(["bench", .. model.Arguments, .. manner]);
        if (exit != 0)
        {
            table.Refused(model, error.Split('\n')[0]);
            continue;
        }
        File.WriteAllText(Path.Combine(BenchSet.Folder(root), $"{model.Name}.json"), text);
        table.Add(model, JsonDocument.Parse(text).RootElement);
    }
    if (parsed.GetValue(output) is { } path) File.WriteAllText(path, table.Markdown());
    else Console.Out.Write(table.Markdown());
    return 0;
});
return command.Parse(args).Invoke();

// The checkout that this program was built in.
static string Root()
{
    for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        if (File.Exists(Path.Combine(folder.FullName, "Compiler.sln"))) return folder.FullName;
    return Directory.GetCurrentDirectory();
}
