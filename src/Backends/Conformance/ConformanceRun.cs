using System.Collections.Immutable;
using System.Globalization;
using Nncc.Backends.Engines;
using Nncc.Backends.Models;
using Nncc.Backends.OnnxRuntime;
using Nncc.IR.Onnx;

namespace Nncc.Backends.Conformance;

/// <summary>What a conformance run may be told.</summary>
public sealed record ConformanceOptions
{
    /// <summary>What computes the cases.</summary>
    public ConformanceBackend Backend { get; init; }

    /// <summary>Cases at the same time; 0 for the number of processors.</summary>
    public int Parallelism { get; init; }

    /// <summary>How long a case may take.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Takes what is being done; null for nobody.</summary>
    public Action<string>? Progress { get; init; }
}

/// <summary>
/// Runs cases of the ONNX backend data. Each case stands alone: whatever one does, a fault, an exception or a run without an end, becomes
/// its status and leaves the others as they are.
/// </summary>
/// <param name="compiler">Knows ops, targets and ONNX Runtime.</param>
/// <param name="options">What computes, and limits.</param>
public sealed class ConformanceRun(Compiler compiler, ConformanceOptions options)
{
    // Compiling a batch takes memory with the number of its programs; one Roslyn compilation costs as much as several of them.
    private const int BatchSize = 96;

    // Opsets that ONNX has not released yet are in the data as well.
    private static readonly OrtSessionOptions JudgeOptions = new()
    {
        IntraOpThreads = 1, InterOpThreads = 1, LogLevel = OrtLogLevel.Error,
        Config = ImmutableSortedDictionary<string, string>.Empty.Add("session.allow_released_opsets_only", "0"),
    };

    /// <summary>Runs the cases.</summary>
    /// <exception cref="NnccException">ONNX Runtime is to compute and is not there, or the options name no target.</exception>
    public ConformanceReport Run(ImmutableArray<ConformanceCase> cases, CancellationToken cancellation = default)
    {
        var results = new ConformanceResult[cases.Length];
        if (options.Backend == ConformanceBackend.OnnxRuntime) _ = compiler.OnnxRuntime;
        if (options.Backend == ConformanceBackend.CSharp)
            for (int first = 0; first < cases.Length; first += BatchSize)
            {
                options.Progress?.Invoke($"{first} of {cases.Length} cases");
                using var batch = new CSharpCases(compiler, cases[first..Math.Min(cases.Length, first + BatchSize)]);
                Each(batch.Count, i => results[first + i] = Isolated(batch[i].Case, batch[i].Run, cancellation), cancellation);
            }
        else
            Each(cases.Length, i =>
            {
                results[i] = Isolated(cases[i], token => Check(cases[i], token), cancellation);
                options.Progress?.Invoke($"{cases[i].Name}");
            }, cancellation);
        return new ConformanceReport(options.Backend, [.. results]);
    }

    /// <summary>
    /// The first difference of what a model gives from what the case says; null for none.
    /// </summary>
    internal static string? Compare(ConformanceCase @case, IReadOnlyList<IrType> inputs, IReadOnlyList<IrType> outputs,
        Func<ImmutableArray<Datum?>, ImmutableArray<Datum>> run)
    {
        int number = 0;
        foreach (var (given, expected) in @case.Data(inputs, outputs))
        {
            var actual = run(given);
            if (expected.Length > 0 && expected.All(e => e is null))
                throw new NnccException(FaultCodes.DataFile, $"set {number} says nothing of the outputs", @case.Name);
            for (int i = 0; i < expected.Length; i++)
                if (expected[i] is { } datum && DatumDifference.Find(datum, actual[i]) is { } difference)
                    return string.Create(CultureInfo.InvariantCulture,
                        $"output {i}{(number > 0 ? $" of set {number}" : "")}: {difference}");
            number++;
        }
        return null;
    }

    private void Each(int count, Action<int> body, CancellationToken cancellation) => Parallel.For(0, count,
        new ParallelOptions
        {
            MaxDegreeOfParallelism = options.Parallelism == 0 ? Environment.ProcessorCount : options.Parallelism,
            CancellationToken = cancellation,
        }, body);

    private ConformanceResult Isolated(ConformanceCase @case, Func<CancellationToken, string?> run, CancellationToken cancellation)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(options.Limit);
        try
        {
            return run(limited.Token) is { } difference ? new ConformanceResult(@case, ConformanceStatus.Differs, difference)
                : new ConformanceResult(@case, ConformanceStatus.Passed);
        }
        catch (NnccException e)
        {
            string more = e.Faults.Length == 1 ? "" : $" (and {e.Faults.Length - 1} more)";
            return new ConformanceResult(@case, ConformanceStatus.Refused, $"{e.Faults[0].Code} {e.Faults[0].Message}{more}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new ConformanceResult(@case, ConformanceStatus.Failed, $"it takes longer than {options.Limit.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new ConformanceResult(@case, ConformanceStatus.Failed, $"{e.GetType().Name}: {e.Message.Split('\n')[0]}");
        }
    }

    private string? Check(ConformanceCase @case, CancellationToken cancellation)
    {
        if (options.Backend == ConformanceBackend.OnnxRuntime) return CheckByOnnxRuntime(@case, cancellation);
        // A compiler is for one thread at a time.
        var own = compiler.With(compiler.Options with { Notify = null, Observe = null, ReproducerPath = null });
        var model = own.Read(@case.ModelPath);
        if (options.Backend == ConformanceBackend.Onnx)
            model = OnnxReader.Read(OnnxWriter.ToBytes(own.Canonicalize(model, cancellation), own.Ops), own.Ops);
        using var engine = new EvaluatorRunner(model.Graph);
        return Compare(@case, Types(model.Graph, isInput: true), Types(model.Graph, isInput: false), given =>
        {
            var results = engine.Run(given, cancellation);
            foreach (var (output, result) in model.Graph.Outputs.Zip(results))
                if (TypeRelation.Contradicts(model.Graph[output.Value].Type, result.Type))
                    throw new InvalidOperationException(
                        $"\"{output.Name}\" was inferred as {model.Graph[output.Value].Type} and is {result.Type}");
            return results;
        });
    }

    private string? CheckByOnnxRuntime(ConformanceCase @case, CancellationToken cancellation)
    {
        using var session = OrtSession.Open(compiler.OnnxRuntime, @case.ModelPath, compiler.Options.OnnxRuntime.Session ?? JudgeOptions);
        var ports = session.Inputs.Concat(session.OverridableInitializers).ToList();
        return Compare(@case, [.. ports.Select(p => p.Type)], [.. session.Outputs.Select(p => p.Type)], given => session.Run(
            ports.Zip(given).Where(p => p.Second is not null).ToDictionary(p => p.First.Name, p => p.Second!), null, cancellation));
    }

    /// <summary>Types of a graph's inputs or outputs.</summary>
    internal static IReadOnlyList<IrType> Types(Graph graph, bool isInput) =>
        isInput ? [.. graph.Inputs.Select(i => graph[i.Value].Type)] : [.. graph.Outputs.Select(o => graph[o.Value].Type)];
}
