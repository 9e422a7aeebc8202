using System.Diagnostics;
using System.Globalization;
using Nncc.Backends;
using Nncc.IR.Onnx;
using Nncc.Passes.Counting;
using Nncc.Tests.Laws;
using Nncc.Tests.Onnx;
using Nncc.Tests.Support;

namespace Nncc.Tests.Fuzz;

/// <summary>
/// Spoilt files through reader, optimizer, counter, writer and C# backend: each ends soon, with a model or with numbered faults. Memory is
/// limited by the process (<see cref="FuzzHost"/>).
/// </summary>
internal sealed class FileFuzz
{
    private const long LargestFile = 400_000;

    /// <summary>What a file may take of processors.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    // By the clock, for what waits forever; a busy machine may hold the process for a while.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private static readonly Lazy<string[]> Models = new(() => !Directory.Exists(Path.Combine(Repository.Shared, "models")) ? []
        : [.. new[] { "models", "onnx-backend" }.SelectMany(f =>
            Directory.EnumerateFiles(Path.Combine(Repository.Shared, f), "*.onnx", SearchOption.AllDirectories))
            .Where(f => new FileInfo(f).Length < LargestFile).Order(StringComparer.Ordinal)]);

    private readonly Compiler compiler = new();
    private FuzzChunk chunk = new();

    /// <summary>Hears which seed is at which stage; null for nobody.</summary>
    public Action<int, string>? Entered { get; init; }

    /// <summary>Runs the files of these seeds, and gives what each came to.</summary>
    public IEnumerable<FuzzChunk> Run(int first, int count)
    {
        foreach (int seed in Enumerable.Range(first, count))
        {
            RunOne(seed);
            chunk.Next = seed + 1;
            yield return chunk;
            chunk = new FuzzChunk();
        }
    }

    private void RunOne(int seed)
    {
        byte[] file = Spoilt(seed);
        string stage = "read";
        using var source = new CancellationTokenSource();
        var run = Task.Run(() => Through(file, s => Entered?.Invoke(seed, stage = s), source.Token));
        if (!EndsSoon(run))
        {
            source.Cancel();
            Add(seed, stage, $"it takes longer than {Limit.TotalSeconds} s", file);
            if (!EndsSoon(run)) Environment.Exit(3); // a thread that nobody ends
        }
        else if (run.Result is { } failure) Add(seed, stage, failure, file);
        else Count(stage);
    }

    private static bool EndsSoon(Task run)
    {
        using var process = Process.GetCurrentProcess();
        var spent = process.TotalProcessorTime;
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < LongestWait && process.TotalProcessorTime - spent < Limit; process.Refresh())
            if (run.Wait(TimeSpan.FromSeconds(1))) return true;
        return run.IsCompleted;
    }

    /// <summary>
    /// The spoilt file of a seed: of a real model, a conformance case, a random graph, or a model with something of everything.
    /// </summary>
    public byte[] Spoilt(int seed)
    {
        var random = new Random(seed);
        int kind = random.Next(4);
        byte[] whole = kind == 0 ? HostileInputTests.Rich()
            : kind == 1 || Models.Value.Length == 0 ? Written(random.Next(200))
            : File.ReadAllBytes(Models.Value[random.Next(Models.Value.Length)]);
        return FileMutation.Of(whole, random);
    }

    private byte[] Written(int seed)
    {
        var (graph, _) = RandomGraph.Of(seed);
        try
        {
            return OnnxWriter.ToBytes(new Model(graph, ModelHeader.Empty), compiler.Ops);
        }
        catch (NnccException)
        {
            return HostileInputTests.Rich(); // ops that no opset has together
        }
    }

    // Null, or what went wrong. Each stage that the file gets to is counted.
    private string? Through(byte[] file, Action<string> enter, CancellationToken cancellation)
    {
        try
        {
            enter("read");
            var model = OnnxReader.Read(file, compiler.Ops);
            using var storage = model.Header.Storage;
            enter("write");
            byte[] written = OnnxWriter.ToBytes(model, compiler.Ops);
            enter("read again");
            OnnxReader.Read(written, compiler.Ops).Header.Storage?.Dispose();
            enter("count");
            ModelCounter.Count(model.Graph);
            enter("optimize");
            model = compiler.Canonicalize(model, cancellation);
            enter("emit");
            compiler.EmitCSharp(model, cancellation);
            enter("done");
            return null;
        }
        catch (NnccException e)
        {
            return e.Faults.IsEmpty ? "a fault without a number" : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (Exception e)
        {
            return $"{e.GetType().Name}: {e.Message}\n{e.InnerException?.StackTrace ?? e.StackTrace}";
        }
    }

    private void Count(string stage) => chunk.Graphs[stage] = chunk.Graphs.GetValueOrDefault(stage) + 1;

    private void Add(int seed, string stage, string failure, byte[] file) => chunk.Differences.Add(
        string.Create(CultureInfo.InvariantCulture, $"// seed {seed}, {stage}, {file.Length} bytes: {failure.Replace("\n", "\n// ")}\n"));
}
