using System.Diagnostics;
using System.Security.Cryptography;
using Nncc.Tests.Support;

namespace Nncc.Tests.House;

public class DeterministicBuildTests
{
    /// <summary>The tool built from two copies of its sources in different folders is the same bytes.</summary>
    [Fact]
    [Trait("speed", "slow")]
    public void Two_builds_give_equal_assemblies()
    {
        using TemporaryFolder first = new(), second = new();
        var a = Build(first.At("a"));
        var b = Build(second.At("another", "place"));
        Assert.Contains("nncc.dll", a.Keys);
        Assert.Contains("Nncc.IR.dll", a.Keys);
        Assert.Equal(a, b);
    }

    private static SortedDictionary<string, string> Build(string folder)
    {
        foreach (string name in (string[])["src", "rules"]) Copy(Repository.Under(name), Path.Combine(folder, name));
        foreach (string name in (string[])["Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig"])
            File.Copy(Repository.Under(name), Path.Combine(folder, name));
        var start = new ProcessStartInfo("dotnet",
            ["build", Path.Combine(folder, "src", "Cli", "Nncc.Cli.csproj"), "-c", "Release", "-v", "q", "--nologo", "-nodeReuse:false",
                "-p:UseSharedCompilation=false"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output);
        string built = Path.Combine(folder, "src", "Cli", "bin", "Release", "net10.0");
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(built, "*cc*.dll"))
            hashes[Path.GetFileName(file)] = Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));
        return hashes;
    }

    private static void Copy(string from, string to)
    {
        if (!Directory.Exists(from)) return;
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (string folder in Directory.EnumerateDirectories(from))
            if (Path.GetFileName(folder) is not ("bin" or "obj")) Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }
}
