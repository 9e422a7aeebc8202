namespace Nncc.Passes.Counting;

/// <summary>The block of a network that a node belongs to, from the scopes in its name.</summary>
public static class BlockScope
{
    /// <summary>Where a node stands that has no scope.</summary>
    public const string Top = "(top)";

    /// <summary>
    /// The first <paramref name="depth"/> scopes of a name, without its last part. Scopes stand between slashes where the name has one
    /// (<c>/layer1/layer1.0/conv1/Conv</c>), else between dots (<c>layer1.0.conv1</c>).
    /// </summary>
    public static string Of(string name, int depth)
    {
        char separator = name.Contains('/') ? '/' : '.';
        string[] parts = name.Split(separator, StringSplitOptions.RemoveEmptyEntries);
        return parts.Length < 2 ? Top : string.Join(separator, parts.Take(Math.Min(depth, parts.Length - 1)));
    }
}
