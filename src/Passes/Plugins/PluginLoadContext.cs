using System.Reflection;
using System.Runtime.Loader;

namespace Nncc.Passes.Plugins;

/// <summary>
/// The load context of one plugin. What it depends on comes from its own folder, in its own versions; nncc's assemblies, and what they
/// depend on, are those that run.
/// </summary>
internal sealed class PluginLoadContext(string path) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(path), isCollectible: true)
{
    private readonly AssemblyDependencyResolver resolver = new(path);

    /// <summary>The plugin's name; that of its file until it has said another.</summary>
    public string Plugin { get; set; } = Path.GetFileNameWithoutExtension(path);

    /// <summary>The file.</summary>
    public string File => path;

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName name)
    {
        if (name.Name?.StartsWith("Nncc.",
            StringComparison.Ordinal) == true) return Default.LoadFromAssemblyName(new AssemblyName(name.Name));
        return resolver.ResolveAssemblyToPath(name) is { } found ? LoadFromAssemblyPath(found) : null;
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string name) =>
        resolver.ResolveUnmanagedDllToPath(name) is { } found ? LoadUnmanagedDllFromPath(found) : 0;
}
