namespace Nncc.Cli;

/// <summary>
/// The user's folder for plugins, <c>nncc/plugins</c> among the application data: each folder in it holds one plugin, an assembly with the
/// folder's name.
/// </summary>
internal static class PluginFolder
{
    /// <summary>The folder.</summary>
    public static string Path => System.IO.Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "nncc",
            "plugins");

    /// <summary>The plugins in it, by name.</summary>
    public static IEnumerable<string> Files() => !Directory.Exists(Path) ? []
        : Directory.EnumerateDirectories(Path).Order(StringComparer.Ordinal)
            .Select(folder => System.IO.Path.Combine(folder, $"{System.IO.Path.GetFileName(folder)}.dll")).Where(File.Exists);
}
