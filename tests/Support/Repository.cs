namespace Nncc.Tests.Support;

/// <summary>Places in the checkout that the tests run from.</summary>
internal static class Repository
{
    /// <summary>The folder that holds Compiler.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The optional test data beside the checkout; may be absent (see <see cref="Needs.Shared"/>).</summary>
    public static string Shared { get; } = Path.Combine(Path.GetDirectoryName(Root)!, "shared");

    /// <summary>A path below the root.</summary>
    public static string Under(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Compiler.sln"))) return folder.FullName;
        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not in a checkout");
    }
}
