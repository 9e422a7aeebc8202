using System.Globalization;
using System.Text.Json;
using Nncc.Tests.Support;

namespace Nncc.Tests.Fuzz;

/// <summary>
/// The test assembly as a program of its own, for long runs by hand: <c>dotnet tests/bin/Release/net10.0/Nncc.Tests.dll graphs 0 10000</c>
/// (or <c>files</c>) runs so many seeds from the first one on and writes what it finds to TestResults/fuzz. The same with <c>worker</c>
/// before it is the process that <see cref="FuzzHost"/> starts, for what it runs may end it; behind are the first seed whose C# is to be
/// judged, and those that ONNX Runtime is not asked about. A worker says on its output where it is, and what has been done.
/// <c>graph SEED</c> shows the graph of a seed, and <c>nodes SEED</c> runs each of its nodes alone in ONNX Runtime.
/// </summary>
internal static class FuzzProgram
{
    /// <summary>The first argument of a worker.</summary>
    public const string Worker = "worker";

    /// <summary>Begins a line that says where the process is: a seed and an engine.</summary>
    public const string At = "at ";

    /// <summary>Begins a line with what seeds gave.</summary>
    public const string Done = "done ";

    private static void Main(string[] arguments)
    {
        if (arguments is [Worker, var work, .. var seeds]) Run(work, [.. seeds.Select(Number)]);
        else if (arguments is ["graph", var seed]) Say(new GraphFuzz(new HashSet<int>()).CaseOf(Number(seed))?.ToString() ?? "empty");
        else if (arguments is ["nodes", var crash]) RunNodes(Number(crash));
        else if (arguments is [var kind, var first, var count]) RunByHand(kind, Number(first), Number(count));
        else Say("graphs|files FIRST COUNT, or graph|nodes SEED");
    }

    private static void Run(string kind, int[] numbers)
    {
        var withoutOnnxRuntime = numbers.Skip(3).ToHashSet();
        for (int first = numbers[0], end = numbers[0] + numbers[1]; first < end; first += FuzzChunk.Size)
        {
            int count = Math.Min(FuzzChunk.Size, end - first);
            foreach (var found in kind == FuzzHost.Graphs
                ? new GraphFuzz(withoutOnnxRuntime) { Entered = Enter }.Run(first, count, numbers[2])
                : new FileFuzz { Entered = Enter }.Run(first, count)) Say(Done + JsonSerializer.Serialize(found));
        }
    }

    // The last line shows what ended the process.
    private static void RunNodes(int seed)
    {
        var judge = new GraphJudge();
        var whole = new GraphFuzz(new HashSet<int>()).CaseOf(seed)!;
        foreach (var node in whole.Graph.Nodes)
        {
            if (whole.Without([.. whole.Graph.Nodes.Where(n => n != node)]) is not { } alone) continue;
            Say(alone.ToString());
            Say(judge.Judge("onnxruntime", alone).Difference ?? "as it should be");
        }
    }

    private static void RunByHand(string kind, int first, int count)
    {
        string name = Path.Combine(Repository.Under("TestResults", "fuzz"), $"{kind}-{first}");
        Directory.CreateDirectory(Path.GetDirectoryName(name)!);
        int found = 0;
        var host = new FuzzHost(kind)
        {
            Progress = (chunk, sum) =>
            {
                foreach (string text in chunk.Differences) File.WriteAllText($"{name}-{found++:0000}.txt", text);
                File.WriteAllText($"{name}-summary.txt", sum.ToString());
            },
        };
        var result = host.Run(first, count);
        File.WriteAllText($"{name}-all.txt", string.Join("\n\n", result.Differences));
        Say($"{result}{string.Join("\n\n", result.Differences.Take(3))}\nONNX Runtime ended the process at {string.Join(" ", host.Ended)}");
        Environment.ExitCode = result.Differences.Count == 0 ? 0 : 1;
    }

    private static void Enter(int seed, string place) => Say(string.Create(CultureInfo.InvariantCulture, $"{At}{seed} {place}"));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
