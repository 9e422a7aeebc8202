namespace Nncc.IR.Onnx;

/// <summary>Where a path really leads: absolute, without <c>..</c>, every link followed.</summary>
internal static class RealPath
{
    /// <summary>The path with links followed; parts that do not exist stay as they are.</summary>
    /// <exception cref="IOException">The links lead in a circle.</exception>
    public static string Of(string path)
    {
        var pending = new Stack<string>();
        string root = Path.GetPathRoot(Path.GetFullPath(path))!, real = root;
        Push(pending, Path.GetFullPath(path)[root.Length..]);
        int links = 0;
        while (pending.TryPop(out var part))
        {
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? root;
                continue;
            }
            string next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }
            if (++links > 40) throw new IOException($"too many links in {path}");
            if (Path.IsPathRooted(target)) real = root = Path.GetPathRoot(target)!;
            Push(pending, Path.IsPathRooted(target) ? target[root.Length..] : target);
        }
        return real;
    }

    /// <summary>Whether a real path lies in a real folder, at any depth.</summary>
    public static bool IsInside(string path, string folder) =>
        path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar,
            OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    private static void Push(Stack<string> pending, string path)
    {
        foreach (string part in path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar],
            StringSplitOptions.RemoveEmptyEntries).Reverse())
            if (part != ".") pending.Push(part);
    }
}
