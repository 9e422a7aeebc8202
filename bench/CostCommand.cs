using System.CommandLine;
using Nncc.Backends;
using Nncc.Backends.Benchmarks;
using Nncc.Backends.Models;
using Nncc.IR;

namespace Nncc.Bench;

/// <summary>The verb <c>cost</c>: runs legal schedules of every node of the set beside what the cost model predicts of them.</summary>
internal static class CostCommand
{
    /// <summary>The verb.</summary>
    /// <param name="root">The checkout.</param>
    public static Command Create(string root)
    {
        var target = new Option<string>("--target") { Description = "The target of the emitted C#", DefaultValueFactory = _ => "host" };
        var only = BenchSet.Only(root);
        var programs = new Option<int>("--programs") { Description = "Schedules of each node at most", DefaultValueFactory = _ => 10 };
        var rounds = new Option<int>("--rounds") { Description = "Rounds of all programs", DefaultValueFactory = _ => 10 };
        var csv = new Option<string?>("--csv") { Description = "A file for all trials" };
        var measured = new Option<string[]>("--measured")
        {
            Description = "Files of trials: nothing is measured, and what is predicted now stands beside what they say",
        };
        var output = new Option<string?>("--output", "-o") { Description = "The Markdown file; without it the tables are printed" };
        var command = new Command("cost", "Measures legal schedules beside what the cost model predicts of them")
        {
            target, only, programs, rounds, csv, measured, output,
        };
        command.SetAction(parsed =>
        {
            var study = new CostStudy();
            var known = (parsed.GetValue(measured) ?? []).SelectMany(file => TrialFile.Read(File.ReadAllText(file)))
                .ToDictionary(StringComparer.Ordinal);
            foreach (var model in BenchSet.Chosen(root, parsed.GetValue(only)!))
                try
                {
                    if (known.Count > 0 && !known.ContainsKey(model.Name)) continue;
                    var compiler = new Compiler(new CompilerOptions { Target = parsed.GetValue(target)!, Clock = TimeProvider.System });
                    var bound = Bound(compiler, model);
                    var trial = known.TryGetValue(model.Name, out var old) ? ScheduleStudy.Predict(compiler, bound, old.Trials, old.Ms)
                        : ScheduleStudy.Measure(compiler, bound, parsed.GetValue(programs), parsed.GetValue(rounds), TimeProvider.System);
                    if (trial is null) Console.Error.WriteLine($"{model.Name}: other kernels than those that were measured");
                    else study.Add(model, trial);
                }
                catch (NnccException e)
                {
                    Console.Error.WriteLine($"{model.Name}: {e.Message}");
                }
            if (parsed.GetValue(csv) is { } trials) File.WriteAllText(trials, study.Csv());
            if (parsed.GetValue(output) is { } path) File.WriteAllText(path, study.Markdown());
            else Console.Out.Write(study.Markdown());
        });
        return command;
    }

    // The model with the sizes of its data set, where it has one.
    private static Model Bound(Compiler compiler, BenchModel chosen)
    {
        var model = compiler.Read(chosen.Arguments[0]);
        if (chosen.Arguments.Count < 3) return model;
        var inputs = TestDataSet.ReadAll(chosen.Arguments[2], model.Graph)[0].Inputs;
        return compiler.With(compiler.Options with
        {
            Passes = ModelInputs.WithShapes(compiler.Options.Passes.WithoutSizes, model.Graph, inputs),
        }).Specialize(model);
    }
}
