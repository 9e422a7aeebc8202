using System.Globalization;
using System.Text.Json;
using Nncc.Tests.Support;

namespace Nncc.Tests.Fuzz;

/// <summary>
/// The test assembly as a program of its own, for long runs by hand: <c>dotnet tests/bin/Release/net10.0/Nncc.Tests.dll graphs 0 10000</c>
/// (or <c>files</c>) runs so many seeds from the first one on and writes what it finds to TestResults/fuzz. The same with <c>worker</c>
/// before it is the process that <see cref="FuzzHost"/> starts, for what it runs may end it; seeds behind are those that ONNX Runtime is
/// not asked about. A worker says on its output where it is, and what each chunk of seeds gave.
/// </summary>
internal static class FuzzProgram
{
    /// <summary>The first argument of a worker.</summary>
    public const string Worker = "worker";

    /// <summary>Begins a line that says where the process is: a seed and an engine.</summary>
    public const string At = "at ";

    /// <summary>Begins a line with what a chunk gave.</summary>
    public const string Done = "done ";

    private static void Main(string[] arguments)
    {
        if (arguments is [Worker, var work, .. var seeds]) Run(work, [.. seeds.Select(Number)]);
        else if (arguments is [var kind, var first, var count]) RunByHand(kind, Number(first), Number(count));
        else Say("graphs|files FIRST COUNT");
    }

    private static void Run(string kind, int[] numbers)
    {
        for (int first = numbers[0], end = numbers[0] + numbers[1]; first < end; first += FuzzChunk.Size)
        {
            int count = Math.Min(FuzzChunk.Size, end - first);
            Say(Done + JsonSerializer.Serialize(kind == FuzzHost.Graphs
                ? new GraphFuzz(numbers.Skip(2).ToHashSet()) { Entered = Enter }.Run(first, count)
                : new FileFuzz { Entered = Enter }.Run(first, count)));
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
