using System.Text;

namespace Nncc.Backends.Comparison;

/// <summary>The C# of a <see cref="BenchmarkBundle"/> beside the programs that it measures.</summary>
internal static class BundleSource
{
    /// <summary>The project file.</summary>
    public const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <AllowUnsafeBlocks>true</AllowUnsafeBlocks>
            <InvariantGlobalization>true</InvariantGlobalization>
            <TieredCompilation>false</TieredCompilation>
          </PropertyGroup>
          <ItemGroup>
            <None Include="**/*.weights" CopyToOutputDirectory="PreserveNewest" />
          </ItemGroup>
        </Project>

        """;

    /// <summary>The program that measures pairs of target and strategy.</summary>
    /// <param name="pairs">The code that makes each.</param>
    public static string Program(IEnumerable<string> pairs)
    {
        var text = new StringBuilder("""
            using System.Diagnostics;
            using System.Globalization;
            using System.Runtime.InteropServices;

            Pair[] pairs =
            [

            """.ReplaceLineEndings("\n"));
        foreach (string pair in pairs) text.Append(pair);
        return text.Append("""
            ];
            const int Rounds = 15;
            const double BlockMs = 150;
            var loaded = new List<(Pair Pair, Action<Array[], Array?[]> Run, Action Release, List<double> Times)>();
            foreach (var pair in pairs)
            {
                try
                {
                    loaded.Add((pair, pair.Load(Path.Combine(AppContext.BaseDirectory, pair.Weights), out var release), release, []));
                    foreach (var input in pair.Inputs) Fill(input);
                }
                catch (PlatformNotSupportedException e)
                {
                    Console.WriteLine($"{pair.Target}, {pair.Strategy}: {e.Message}");
                }
            }
            for (int round = -2; round < Rounds; round++)
                foreach (var (pair, run, _, times) in loaded)
                {
                    long start = Stopwatch.GetTimestamp();
                    do
                    {
                        long before = Stopwatch.GetTimestamp();
                        run(pair.Inputs, pair.Outputs);
                        if (round >= 0) times.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
                    }
                    while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < BlockMs);
                }
            string machine = $"{RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores, "
                + RuntimeInformation.OSDescription.Replace('"', ' ').Replace('\\', ' ');
            var lines = loaded.Select(l =>
            {
                l.Times.Sort();
                string Ms(double share) => l.Times[(int)(share * (l.Times.Count - 1))].ToString("R", CultureInfo.InvariantCulture);
                Console.WriteLine($"{l.Pair.Target}, {l.Pair.Strategy}: {Ms(0.5)} ms");
                l.Release();
                return $"    {{ \"target\": \"{l.Pair.Target}\", \"strategy\": \"{l.Pair.Strategy}\", \"plan\": \"{l.Pair.Plan}\", "
                    + $"\"runs\": {l.Times.Count}, \"medianMs\": {Ms(0.5)}, \"p90Ms\": {Ms(0.9)}, \"minMs\": {Ms(0)} }}";
            }).ToList();
            File.WriteAllText("measured.json",
                $"{{\n  \"machine\": \"{machine}\",\n  \"runs\": [\n{string.Join(",\n", lines)}\n  ]\n}}\n");

            // The same numbers on every machine; what the model takes does not change how long it takes.
            static void Fill(Array input)
            {
                if (input is not float[] floats) return;
                uint state = 1;
                for (int i = 0; i < floats.Length; i++) floats[i] = ((state = state * 1664525 + 1013904223) >> 8) / 8388608f - 1;
            }

            internal delegate Action<Array[], Array?[]> Loading(string weights, out Action release);

            internal sealed record Pair(
                string Target, string Strategy, string Plan, string Weights, Loading Load, Array[] Inputs, Array?[] Outputs);

            """.ReplaceLineEndings("\n")).ToString();
    }
}
