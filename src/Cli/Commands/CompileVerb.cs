using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Nncc.Backends;
using Nncc.Backends.CSharp;
using Nncc.Passes.Targets;

namespace Nncc.Cli.Commands;

/// <summary>Writes a model as a C# project or as ONNX.</summary>
internal sealed class CompileVerb : Verb
{
    private const string CSharp = "csharp", Onnx = "onnx";

    private readonly ModelOptions model = new();
    private readonly Option<string> emit =
        new("--emit") { Description = "What is written", HelpName = "csharp|onnx", DefaultValueFactory = _ => CSharp };
    private readonly Option<string?> output = new("--output", "-o")
    {
        Description = "The folder of the C# project, or the ONNX file", HelpName = "PATH",
    };
    private readonly Option<string?> className = new("--class")
    {
        Description = "Name of the model's class; from the file's name by default", HelpName = "NAME",
    };
    private readonly Option<string> ns = new("--namespace")
    {
        Description = "Namespace of the emitted types", DefaultValueFactory = _ => new CSharpOptions().Namespace,
    };
    private readonly Option<bool> library = new("--library") { Description = "A library, without a Program.cs" };
    private readonly Option<int> threads = new("--threads")
    {
        Description = "Threads that an instance may have at most; their number is chosen where it is made", HelpName = "N",
        DefaultValueFactory = _ => 1,
    };
    private readonly Option<int?> opset = new("--opset") { Description = "Demand this opset of ai.onnx", HelpName = "N" };
    private readonly Option<bool> externalData = new("--external-data") { Description = "Put weights into a file beside the ONNX model" };
    private readonly Option<string?> emitPlan = new("--emit-plan")
    {
        Description = "Also write which kernels compute which nodes, and how, as text that --plan reads", HelpName = "FILE",
    };
    private readonly Option<bool> force = new("--force") { Description = "Write into a folder that holds other files" };

    public CompileVerb() : base("compile", "Compile a model to C# source without dependencies, or to optimized ONNX")
    {
        Command.Options.Add(model.Rewriting.Stats);
        Command.Options.Add(model.Rewriting.Expect);
        emit.AcceptOnlyFromAmong(CSharp, Onnx);
        Takes([model.Model, output, emit, .. model.Lowering, .. model.Sizes, .. model.Rewriting.All, className, ns, library, threads,
            opset,
            externalData, emitPlan, force]);
    }

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc compile squeezenet.onnx --target cpu-avx2 -o out/", "a C# project in out/"),
        new("nncc compile squeezenet.onnx --target cpu-avx512,cpu-avx2,cpu-sse -o out/", "one class, whose kernels the processor chooses"),
        new("nncc compile squeezenet.onnx --strategy cost --emit-plan net.plan -o out/", "with the plan of its kernels, to read and edit"),
        new("nncc compile squeezenet.onnx --plan net.plan -o out/", "by an edited plan"),
        new("nncc compile squeezenet.onnx --threads 4 -o out/", "instances with up to four threads"),
        new("nncc compile bert.onnx --dim batch=1 --dim seq=128 --class Bert -o bert/", "with open sizes bound"),
        new("nncc compile squeezenet.onnx --emit onnx -o squeezenet.opt.onnx", "optimized ONNX"),
        new("nncc compile bert.onnx --target tensorrt-like -o bert.opt.onnx", "ONNX with the patterns left that TensorRT looks for"),
        new("nncc compile net.onnx --emit onnx --stats --expect fold-batch-norm-into-conv=35",
            "as a gate: the rule must have fired 35 times"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("emit", "csharp or onnx"),
        new("output", "the folder or file that was written"),
        new("target", "the target of the C#, or several between commas; absent for ONNX"),
        new("strategy", "the fusion strategy of the C#; absent for ONNX"),
        new("runtime", "the runtime that the ONNX model is for, or null; absent for C#"),
        new("opset", "the opset of the ONNX model; absent for C#"),
        new("files[].path", "a written file, relative to the folder for C#"),
        new("files[].bytes", "its size in bytes"),
        new("steps.*", "how often a rule was applied, or a pass made a change that it calls so"),
        new("notices[].message", "what the user may want to know"),
        new("notices[].place", "where, or null"),
        new("notices[].advice", "what changes it, or null"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        string path = call.Get(model.Model)!;
        string stem = Path.GetFileNameWithoutExtension(path);
        string? runtime = model.Runtime(call);
        bool isOnnx = call.Get(emit) == Onnx || (runtime is not null && call.Arguments.GetResult(emit) is null or { Implicit: true });
        Check(call, isOnnx);
        var expected = model.Rewriting.Expected(call);
        string place = call.Get(output) ?? (isOnnx ? $"{stem}.opt.onnx" : stem);
        var compiler = model.Compiler(call, options => options with
        {
            CSharp = new CSharpOptions(call.Get(className) ?? CSharpOptions.ClassName(stem), call.Get(ns)!, call.Get(library),
                Reproduction(call), options.CSharp.ExactConv) { Threads = call.Get(threads) },
            Onnx = new OnnxOptions(call.Get(opset), call.Get(externalData), runtime),
            // Level 3 asks what is faster on a machine.
            Target = runtime is not null && isOnnx ? new CompilerOptions().Target : options.Target,
        });
        if (!isOnnx) ArtifactFolder.CheckTarget(place, call.Get(force));
        var read = model.Read(call, compiler);
        int? written = null;
        var files = call.Output.Busy($"compiling {stem}", _ =>
        {
            if (!isOnnx)
            {
                var made = WriteCSharp(call, compiler, read, place);
                if (call.Get(emitPlan) is { } planned) compiler.WritePlan(read, planned, call.Cancellation);
                return made;
            }
            var result = compiler.WriteOnnx(read, place, cancellation: call.Cancellation);
            written = result.Opset;
            return result.Files;
        });
        call.Output.Told(isOnnx ? $"wrote {place} (opset {written}, {Bytes(files)})"
            : $"wrote {place} ({Targets(compiler)}, {files.Count} files, {Bytes(files)})");
        var steps = compiler.Options.Steps!.Counts;
        model.Rewriting.Report(call, compiler.Options.Steps);
        var notices = call.Output.Notices.Select(n => new { message = $"{n.Pass}: {n.Message}", place = n.Place, advice = n.Advice });
        var list = files.Select(f => new { path = f.Path, bytes = f.Bytes });
        call.Output.Json(isOnnx ? new { emit = Onnx, output = place, runtime, opset = written, files = list, steps, notices }
            : new { emit = CSharp, output = place, target = Targets(compiler), strategy = compiler.Options.Strategy, files = list,
                steps, notices });
        RewriteOptions.Judge(expected, steps);
        return ExitCode.Ok;
    }

    private IReadOnlyList<WrittenFile> WriteCSharp(Invocation call, Compiler compiler, Model read, string place)
    {
        try
        {
            return compiler.WriteCSharp(read, place, call.Get(force), call.Cancellation);
        }
        catch (NnccException e) when (e.Faults.All(f => f.Code.Exit == ExitCode.Unsupported))
        {
            throw new NnccException([.. e.Faults.Select(f => f with { Advice = f.Advice ?? "--emit onnx takes it" })]);
        }
    }

    private static string Targets(Compiler compiler) => string.Join(",", compiler.ChosenTargets.Select(t => t.Name));

    private static string Bytes(IEnumerable<WrittenFile> files) => Sizes.Text(files.Sum(f => f.Bytes));

    // Options of one kind of output with the other are slips.
    private void Check(Invocation call, bool isOnnx)
    {
        var wrong = (isOnnx ? (Option[])[className, library, threads, emitPlan, model.Plan, force] : [opset, externalData])
            .Where(option => call.Arguments.GetResult(option) is { Implicit: false }).ToList();
        if (call.Get(threads) is < 1 or > CSharpOptions.MostThreads)
            throw new NnccException(FaultCodes.Usage,
                string.Create(CultureInfo.InvariantCulture, $"{call.Get(threads)} threads are not taken"), threads.Name,
                $"write a number from 1 to {CSharpOptions.MostThreads}");
        if (wrong.Count > 0)
            throw new NnccException([.. wrong.Select(o =>
                new Fault(FaultCodes.Usage, $"{o.Name} has no meaning for --emit {(isOnnx ? Onnx : CSharp)}"))]);
    }

    // Without the place of the output and the folders of the model: the same model gives the same bytes anywhere.
    private string Reproduction(Invocation call)
    {
        var words = new List<string> { "nncc", "compile", Path.GetFileName(call.Get(model.Model)!) };
        foreach (var result in call.Arguments.CommandResult.Children.OfType<System.CommandLine.Parsing.OptionResult>())
        {
            if (result.Implicit || result.Option == output || result.Option == force || result.Option == JsonOption) continue;
            if (result.Option == CommandLine.Quiet || result.Option == CommandLine.Verbose) continue;
            if (result.Tokens.Count == 0) words.Add(result.Option.Name);
            foreach (var token in result.Tokens) words.AddRange([result.Option.Name, WithoutFolders(token.Value)]);
        }
        return string.Join(' ', words);
    }

    // Files of target profiles by their names alone.
    private static string WithoutFolders(string value) => !value.Contains(TargetProfiles.FileEnding, StringComparison.Ordinal) ? value
        : string.Join(',', value.Split(',').Select(v => v.EndsWith(TargetProfiles.FileEnding, StringComparison.Ordinal)
            ? Path.GetFileName(v) : v));
}
