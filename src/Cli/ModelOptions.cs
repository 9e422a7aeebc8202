using System.CommandLine;
using System.Collections.Immutable;
using System.Globalization;
using Nncc.Backends;
using Nncc.Backends.CSharp;
using Nncc.Passes;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Cli;

/// <summary>Arguments and options that several verbs share, and the compiler that they ask for.</summary>
internal sealed class ModelOptions
{
    private const string ReproducerFile = "nncc-reproducer.nnir";

    private readonly Option<string[]> shapes = new("--shape")
    {
        Description = "Shape of an input, such as input=1x3x224x224; once for each input", HelpName = "INPUT=SHAPE",
            DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> dims = new("--dim")
    {
        Description = "Size of a symbol in the model's shapes, such as batch=1; once for each", HelpName = "NAME=SIZE",
            DefaultValueFactory = _ => [],
    };

    private readonly Option<long> foldLimit = new("--fold-budget", "--fold-limit")
    {
        Description = "Bytes by which a constant computed ahead may be larger than what it is computed from", HelpName = "BYTES",
            DefaultValueFactory = _ => new CompileOptions().FoldLimit,
    };

    private readonly Option<string?> onnxRuntime = new("--onnxruntime")
    {
        Description = "The shared library of ONNX Runtime, or its folder", HelpName = "PATH",
    };

    private readonly Option<string> target;

    private readonly Option<string> strategy = new("--strategy")
    {
        Description = $"What goes into one kernel: {string.Join(", ", FusionStrategies.Shipped.Select(s => $"{s.Name} ({s.Summary})"))}",
            HelpName = "NAME", DefaultValueFactory = _ => new CompilerOptions().Strategy,
    };

    private readonly Option<string?> plan = new("--plan")
    {
        Description = "Compile by a plan in place of a strategy (see --emit-plan of compile)", HelpName = "FILE",
    };

    private readonly Option<bool> exactConv = new("--exact-conv")
    {
        Description = "Sum convolutions as they are written, without Winograd's algorithm, which spreads NaN and infinities",
    };

    /// <summary>Options with a default target; where it is null the verb has no target.</summary>
    public ModelOptions(string? defaultTarget = null)
    {
        target = new("--target")
        {
            Description = "The machine that C# is for: see nncc targets list, host for this one, or a file NAME.target.json",
            HelpName = "NAME",
            DefaultValueFactory = _ => defaultTarget ?? new CompilerOptions().Target,
        };
        target.CompletionSources.Add(_ => TargetNames());
        strategy.CompletionSources.Add(_ => FusionStrategies.Shipped.Select(s => s.Name));
    }

    /// <summary>The model.</summary>
    public Argument<string> Model { get; } = new("model") { Description = "An ONNX model, or a graph in .nnir text", HelpName = "MODEL" };

    /// <summary>Shapes of inputs; one of <see cref="Sizes"/>.</summary>
    public Option Shapes => shapes;

    /// <summary>Sizes and limits of passes.</summary>
    public Symbol[] Sizes => [shapes, dims, foldLimit];

    /// <summary>Which rules rewrite the model.</summary>
    public RewriteOptions Rewriting { get; } = new();

    /// <summary>What C# is lowered for.</summary>
    public Symbol[] Lowering => [target, strategy, plan, exactConv];

    /// <summary>The plan that C# is lowered by; one of <see cref="Lowering"/>.</summary>
    public Option Plan => plan;

    /// <summary>Where ONNX Runtime is.</summary>
    public Symbol OnnxRuntime => onnxRuntime;

    /// <summary>The runtime that <c>--target</c> names; null where it names a machine.</summary>
    public string? Runtime(Invocation call) => RuntimeProfiles.Standard().Find(call.Get(target)!)?.Name;

    /// <summary>The compiler that the options ask for.</summary>
    /// <param name="call">The call.</param>
    /// <param name="change">What the verb adds to the options.</param>
    /// <exception cref="NnccException">An option cannot be read: all of them.</exception>
    public Compiler Compiler(Invocation call, Func<CompilerOptions, CompilerOptions>? change = null)
    {
        var output = call.Output;
        var options = new CompilerOptions
        {
            Clock = TimeProvider.System,
            Passes = Rewriting.Apply(call, Passes(call)),
            RuleFolders = Rewriting.Folders(call),
            Plugins = Rewriting.Plugins(call),
            Steps = Rewriting.Steps(call),
            Target = Has(call, target) ? call.Get(target)! : new CompilerOptions().Target,
            Strategy = Has(call, strategy) ? call.Get(strategy)! : new CompilerOptions().Strategy,
            PlanFile = Has(call, plan) ? call.Get(plan) : null,
            CSharp = new CSharpOptions(ExactConv: Has(call, exactConv) && call.Get(exactConv)),
            OnnxRuntime = new OnnxRuntimeOptions(Has(call, onnxRuntime) ? call.Get(onnxRuntime) : null, Roots().ToEquatable()),
            Notify = output.Notice,
            Observe = report => output.Detail(report.Steps == 0 ? $"{report.Pass.Name}: nothing to do"
                : $"{report.Pass.Name}: {report.Steps} steps, {report.Before.Nodes.Length} nodes -> {report.After.Nodes.Length}"),
            ReproducerPath = Path.Combine(Directory.GetCurrentDirectory(), ReproducerFile),
        };
        if (options.Steps is { } steps) call.Logs.Add(steps);
        return new Compiler(change?.Invoke(options) ?? options);
    }

    /// <summary>Reads the model of the call and tells what is odd about it.</summary>
    /// <param name="call">The call.</param>
    /// <param name="compiler">The compiler.</param>
    /// <param name="needsContent">Whether files of external data must be there.</param>
    public Model Read(Invocation call, Compiler compiler, bool needsContent = true)
    {
        var model = call.Output.Busy($"reading {Path.GetFileName(call.Get(Model))}",
            _ => compiler.Read(call.Get(Model)!, needsContent));
        call.Output.Warnings(model.Warnings);
        return model;
    }

    /// <summary>The part before and after the last equals sign.</summary>
    /// <exception cref="NnccException">There is none.</exception>
    public static (string Name, string Value) Pair(string text, string option, string form) =>
        text.LastIndexOf('=') is > 0 and var at && at < text.Length - 1 ? (text[..at], text[(at + 1)..])
            : throw new NnccException(FaultCodes.Usage, $"\"{text}\" is not understood", option, $"write {option} {form}");

    private static IEnumerable<string> TargetNames() => 
        TargetProfiles.Standard().Names.Append(HostTarget.Name).Concat(RuntimeProfiles.Standard().All.Select(r => r.Name));

    private CompileOptions Passes(Invocation call)
    {
        var options = new CompileOptions();
        if (!Has(call, shapes)) return options;
        var faults = new List<Fault>();
        var boundShapes = options.Shapes.ToBuilder();
        var boundDims = options.Dims.ToBuilder();
        foreach (string text in call.Get(shapes)!) Try(() =>
        {
            var (name, shape) = Pair(text, "--shape", "INPUT=1x3x224x224");
            boundShapes[name] = ParseShape(shape);
        });
        foreach (string text in call.Get(dims)!) Try(() =>
        {
            var (name, size) = Pair(text, "--dim", "NAME=1");
            boundDims[name] = long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
                : throw new NnccException(FaultCodes.Usage, $"\"{size}\" is no size", "--dim", "write --dim NAME=1");
        });
        if (call.Get(foldLimit) < 0) faults.Add(new Fault(FaultCodes.Usage, $"{call.Get(foldLimit)} is no number of bytes",
            "--fold-budget"));
        return faults.Count == 0 ? options with { Shapes = boundShapes.ToImmutable(), Dims = boundDims.ToImmutable(),
            FoldLimit = call.Get(foldLimit) }
            : throw new NnccException([.. faults]);

        void Try(Action read)
        {
            try
            {
                read();
            }
            catch (NnccException e)
            {
                faults.AddRange(e.Faults);
            }
        }
    }

    /// <summary>A shape from an option.</summary>
    /// <exception cref="NnccException">The text is none.</exception>
    public static Shape ParseShape(string text)
    {
        try
        {
            return Shape.Parse(text);
        }
        catch (FormatException e)
        {
            throw new NnccException(FaultCodes.Usage, $"\"{text}\" is no shape: {e.Message}", "--shape", "write --shape INPUT=1x3x224x224");
        }
    }

    private static bool Has(Invocation call, Option option) => call.Arguments.CommandResult.Command.Options.Contains(option);

    // In a checkout ./test installs ONNX Runtime at the root; elsewhere it may lie in the current folder.
    private static IEnumerable<string> Roots()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Compiler.sln"))) yield return folder.FullName;
        yield return Directory.GetCurrentDirectory();
    }
}
