using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Nncc.Tests.Fuzz;

/// <summary>What some seeds gave.</summary>
internal sealed record FuzzChunk
{
    /// <summary>Seeds of a chunk, whose C# programs are compiled together.</summary>
    public const int Size = 125;

    /// <summary>The first seed that is still to be done.</summary>
    public int Next { get; set; }

    /// <summary>The first seed whose C# program is still to be judged.</summary>
    public int NextCSharp { get; set; }

    /// <summary>By engine, how many graphs it judged, at least in part.</summary>
    public SortedDictionary<string, int> Graphs { get; init; } = new(StringComparer.Ordinal);

    /// <summary>By engine, how many nodes it judged.</summary>
    public SortedDictionary<string, int> Nodes { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Ops of the graphs.</summary>
    public SortedSet<string> Ops { get; init; } = new(StringComparer.Ordinal);

    /// <summary>What differs, shrunk.</summary>
    public List<string> Differences { get; init; } = [];

    /// <summary>What ONNX Runtime said where it failed at run time, and how often.</summary>
    public SortedDictionary<string, int> RunFailures { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Adds another one.</summary>
    public void Add(FuzzChunk other)
    {
        (Next, NextCSharp) = (other.Next, other.NextCSharp);
        Ops.UnionWith(other.Ops);
        Differences.AddRange(other.Differences);
        foreach (var (sum, more) in new[] { (Graphs, other.Graphs), (Nodes, other.Nodes), (RunFailures, other.RunFailures) })
            foreach (var (key, count) in more) sum[key] = sum.GetValueOrDefault(key) + count;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Concat(Graphs.Select(g => $"{g.Key}: {g.Value} graphs, {Nodes.GetValueOrDefault(g.Key)} nodes\n"))
        + $"{Ops.Count} ops, {Differences.Count} differences\n" + string.Concat(RunFailures.Select(f => $"{f.Value} x {f.Key}\n"));
}

/// <summary>
/// Runs seeds in a process of their own. ONNX Runtime may end it (an assertion of its own, or worse): another process goes on there and
/// leaves that seed to the other engines. Where another engine does, that is a difference.
/// </summary>
/// <param name="kind"><see cref="Graphs"/> or <see cref="Files"/>.</param>
internal sealed class FuzzHost(string kind)
{
    /// <summary>Random graphs in all engines.</summary>
    public const string Graphs = "graphs";

    /// <summary>Spoilt files in the reader and behind it.</summary>
    public const string Files = "files";

    private const int SeedsPerProcess = 8 * FuzzChunk.Size;

    // Of the managed heap, in bytes.
    private const string MemoryLimit = "0x80000000";

    private readonly SortedSet<int> skipped = [];

    /// <summary>Hears of each chunk with the sum so far; null for nobody.</summary>
    public Action<FuzzChunk, FuzzChunk>? Progress { get; init; }

    /// <summary>Seeds at which ONNX Runtime ended the process.</summary>
    public IReadOnlyCollection<int> Ended => skipped;

    /// <summary>Runs so many seeds.</summary>
    public FuzzChunk Run(int first, int count)
    {
        var sum = new FuzzChunk { Next = first, NextCSharp = first };
        for (int end = first + count; sum.Next < end;)
        {
            if (Process(Math.Min(SeedsPerProcess, end - sum.Next), sum) is not var (place, error)) continue;
            int at = place.Length == 0 ? -1 : int.Parse(place.Split(' ')[0], CultureInfo.InvariantCulture);
            if (place.EndsWith("onnxruntime", StringComparison.Ordinal) && skipped.Add(at)) continue;
            sum.Differences.Add($"// seed {place}: the process ended: {error}");
            // Those that share the batch of a program that ends the process are left out of it.
            if (place.EndsWith(GraphJudge.CSharp, StringComparison.Ordinal)) sum.NextCSharp = sum.Next + FuzzChunk.Size;
            else sum.Next = Math.Max(at, sum.Next) + 1;
        }
        return sum;
    }

    // Where the process was and its error output if it did not end well; null where it did.
    private (string Place, string Error)? Process(int count, FuzzChunk sum)
    {
        string[] arguments = [typeof(FuzzHost).Assembly.Location, FuzzProgram.Worker, kind, Text(sum.Next), Text(count),
            Text(sum.NextCSharp), .. skipped.Select(Text)];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_GCHeapHardLimit"] = MemoryLimit;
        using var process = System.Diagnostics.Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string place = "";
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(FuzzProgram.At, StringComparison.Ordinal)) place = line[FuzzProgram.At.Length..];
            if (!line.StartsWith(FuzzProgram.Done, StringComparison.Ordinal)) continue;
            var chunk = JsonSerializer.Deserialize<FuzzChunk>(line[FuzzProgram.Done.Length..])!;
            sum.Add(chunk);
            Progress?.Invoke(chunk, sum);
        }
        process.WaitForExit();
        return process.ExitCode == 0 ? null : (place, $"{process.ExitCode} {errors.Result.Trim()}");

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
