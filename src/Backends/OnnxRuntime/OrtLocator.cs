using System.Runtime.InteropServices;
using Nncc.IR;

namespace Nncc.Backends.OnnxRuntime;

/// <summary>
/// Where the shared library of ONNX Runtime is looked for: a path that the caller gives; beside the program, where its NuGet
/// package would put it; and the npm package onnxruntime-node below given folders, where <c>./test</c> installs it.
/// </summary>
public static class OrtLocator
{
    private const string Advice = "in a checkout of nncc ./test installs it; elsewhere: "
        + "npm install --ignore-scripts onnxruntime-node@1.30.0, or give the library's path";

    /// <summary>The path of the library, or null where it is in none of the places.</summary>
    /// <param name="explicitPath">The library, or the folder that holds it; where given, nothing else is looked at.</param>
    /// <param name="roots">Folders that may hold <c>.tools/node_modules</c> or <c>node_modules</c>, such as the root of a checkout.</param>
    public static string? Find(string? explicitPath, params IEnumerable<string> roots) =>
        Places(explicitPath, roots).FirstOrDefault(File.Exists);

    /// <summary>As <see cref="Find"/>, but an absent library is a fault that names the folders and says how to install it.</summary>
    /// <exception cref="NnccException">NNC6001.</exception>
    public static string Require(string? explicitPath, params IEnumerable<string> roots)
    {
        var folders = roots.ToList();
        if (Find(explicitPath, folders) is { } found) return found;
        var looked = Places(explicitPath, folders).Select(p => Path.GetDirectoryName(p)!).Distinct(StringComparer.Ordinal)
            .Where(f => f.Length > 0);
        throw new NnccException(FaultCodes.OrtMissing, explicitPath is null
            ? $"the ONNX Runtime library is not there; looked in {string.Join(", ", looked)}"
            : $"there is no ONNX Runtime library at \"{explicitPath}\"", advice: Advice);
    }

    private static IEnumerable<string> Places(string? explicitPath, IEnumerable<string> roots)
    {
        if (explicitPath is not null)
            return [Path.GetFullPath(explicitPath), .. FileNames.Select(name => Path.Combine(Path.GetFullPath(explicitPath), name))];
        string here = AppContext.BaseDirectory;
        List<string> folders = [here, Path.Combine(here, "runtimes", RuntimeId, "native")];
        foreach (string root in roots)
            foreach (string modules in (ReadOnlySpan<string>)[".tools/node_modules", "node_modules"])
                folders.Add(Path.GetFullPath(Path.Combine(root, modules, "onnxruntime-node/bin/napi-v6", NodePlatform, Architecture)));
        return folders.SelectMany(folder => FileNames.Select(name => Path.Combine(folder, name)));
    }

    private static string Architecture => RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    private static string RuntimeId =>
        $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{Architecture}";

    private static string NodePlatform => OperatingSystem.IsWindows() ? "win32" : OperatingSystem.IsMacOS() ? "darwin" : "linux";

    private static string[] FileNames => OperatingSystem.IsWindows() ? ["onnxruntime.dll"]
        : OperatingSystem.IsMacOS() ? ["libonnxruntime.dylib", "libonnxruntime.1.dylib"]
        : ["libonnxruntime.so", "libonnxruntime.so.1"];
}
