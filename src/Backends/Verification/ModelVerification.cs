using System.Collections.Immutable;
using Nncc.Backends.Engines;
using Nncc.Backends.Models;
using Nncc.IR.Evaluate;
using Nncc.Passes.Targets;

namespace Nncc.Backends.Verification;

/// <summary>What is verified, and with which data.</summary>
public sealed record VerificationOptions
{
    /// <summary>Targets whose C# is verified.</summary>
    public ImmutableArray<string> Targets { get; init; } = [HostTarget.Name];

    /// <summary>A folder of expected data (<see cref="TestDataSet"/>); null for made-up inputs.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Seed of made-up inputs.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The file that the model was read from, which ONNX Runtime loads; null to write it anew for that.</summary>
    public string? ModelPath { get; init; }

    /// <summary>Whether the values inside of the model are compared as well.</summary>
    public bool Layers { get; init; }

    /// <summary>Told what comes next; null for nobody.</summary>
    public Action<string>? Progress { get; init; }
}

/// <summary>
/// Runs a model in every engine and compares the answers with those of the wide evaluation of the graph as read: expected data, ONNX
/// Runtime, the evaluator on the canonical graph, the written and re-read ONNX model in the evaluator and in ONNX Runtime, emitted C# for
/// each target.
/// </summary>
public sealed class ModelVerification
{
    /// <summary>Name of the expected data among the engines.</summary>
    public const string Golden = "golden";

    private readonly Compiler compiler;
    private readonly Model model;
    private readonly VerificationOptions options;
    private readonly CancellationToken cancellation;
    private readonly ErrorBars bars;

    private ModelVerification(Compiler compiler, Model model, VerificationOptions options, CancellationToken cancellation)
    {
        (this.compiler, this.model, this.options, this.cancellation) = (compiler, model, options, cancellation);
        bars = new ErrorBars(model.Graph);
    }

    /// <summary>Verifies a model.</summary>
    /// <param name="compiler">Its options bind sizes; sizes that stay open are bound by the data.</param>
    /// <param name="model">The model as read.</param>
    /// <param name="options">What is verified.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NnccException">The data are not usable, or the evaluator, which judges, cannot run the model.</exception>
    public static VerificationReport Run(Compiler compiler, Model model, VerificationOptions? options = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        model = compiler.Specialize(model, cancellation);
        compiler = compiler.With(compiler.Options with { Passes = compiler.Options.Passes.WithoutSizes });
        var verification = new ModelVerification(compiler, model, options, cancellation);
        var sets = options.DataFolder is { } folder ? TestDataSet.ReadAll(folder, model.Graph)
            : [TestDataSet.Random(model.Graph, options.Seed)];
        return new VerificationReport([.. sets.Select(verification.Run)]);
    }

    private DataSetResult Run(TestDataSet set)
    {
        var bound = compiler.With(compiler.Options with { Passes = ModelInputs.WithShapes(compiler.Options.Passes, model.Graph,
            set.Inputs) });
        using var engines = new VerifiedEngines(bound, model, options);
        double margin = model.Graph.Outputs.Select(o => bars[o.Value]).DefaultIfEmpty(ErrorBars.Float32).Max();
        options.Progress?.Invoke("wide evaluation");
        var reference = new Evaluator(isWide: true, cancellation).RunWithMargin(model.Graph, set.Inputs, margin);
        var results = ImmutableArray.CreateBuilder<EngineResult>();
        var outer = Judge(set, VerifiedEngines.Outside, engines, reference, o =>
            bars[o] == ErrorBars.Float32 ? ErrorBars.OnnxRuntime : bars[o]);
        var relaxed = model.Graph.Outputs.Select((o, i) =>
            outer.Outputs.IsEmpty ? bars[o.Value] : ErrorBars.Relaxed(bars[o.Value], outer.Outputs[i].Error)).ToArray();
        if (relaxed.DefaultIfEmpty(0).Max() > margin)
            reference = new Evaluator(isWide: true, cancellation).RunWithMargin(model.Graph, set.Inputs, relaxed.Max());
        if (!set.Outputs.IsEmpty) results.Add(Compare(Golden, set.Outputs, reference, relaxed));
        results.Add(outer);
        foreach (string engine in engines.Names.Where(n => n != VerifiedEngines.Outside)) results.Add(Judge(set, engine, engines, reference,
            null, relaxed));
        return new DataSetResult(set.Name, options.Layers ? [.. results.Select(r => WithLayers(r, set, engines))] : results.ToImmutable());
    }

    private EngineResult Judge(TestDataSet set, string engine, VerifiedEngines engines, MarginRun reference, Func<int, double>? bar,
        double[]? relaxed = null)
    {
        cancellation.ThrowIfCancellationRequested();
        options.Progress?.Invoke(engine);
        try
        {
            using var runner = engines.Load(engine, cancellation);
            var actual = runner.Run(set.Inputs, cancellation);
            return Compare(engine, actual, reference, relaxed ?? [.. model.Graph.Outputs.Select(o => bar!(o.Value))]);
        }
        catch (NnccException e)
        {
            bool isAbsent = e.Faults.All(f => f.Code == FaultCodes.OrtMissing || f.Code == FaultCodes.OrtVersion
                || f.Code == FaultCodes.TargetNotHere) || (engine == VerifiedEngines.Outside && HasPluginOps);
            return new EngineResult(engine, isAbsent ? VerificationStatus.Absent : VerificationStatus.Refused, [], e.Faults);
        }
    }

    // ONNX Runtime cannot know the ops of a plugin, and does not judge then.
    private bool HasPluginOps => model.Graph.Nodes.Any(n => compiler.Plugins.Plugins.Any(p => p.Ops.Contains(n.Op.FullName)));

    // Expected data may leave outputs out.
    private EngineResult Compare(string engine, IReadOnlyList<Datum?> actual, MarginRun reference, double[] bar)
    {
        ImmutableArray<OutputComparison> outputs = [.. model.Graph.Outputs.Select((o, i) => actual[i] is not { } datum ? null
            : OutputComparison.Of(o.Name, reference.Outputs[i], reference.Nudged[i], datum, bar[i])).OfType<OutputComparison>()];
        return new EngineResult(engine, outputs.All(o => o.Agrees) ? VerificationStatus.Agrees : VerificationStatus.Differs, outputs, []);
    }

    private EngineResult WithLayers(EngineResult result, TestDataSet set, VerifiedEngines engines)
    {
        if (result.Status is VerificationStatus.Refused or VerificationStatus.Absent
            || !engines.Names.Contains(result.Engine)) return result;
        options.Progress?.Invoke($"{result.Engine}, layers");
        var values = engines.InnerValues(result.Engine, set.Inputs, cancellation);
        return result with { Layers = LayerComparison.Run(model.Graph, set.Inputs, values, bars, cancellation) };
    }
}
