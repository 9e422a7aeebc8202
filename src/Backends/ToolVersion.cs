using System.Reflection;

namespace Nncc.Backends;

/// <summary>Name and version of this compiler, as outputs carry it.</summary>
public static class ToolVersion
{
    /// <summary>The version, such as <c>0.1.0</c>.</summary>
    public static string Number { get; } = typeof(ToolVersion).Assembly.GetName().Version!.ToString(3);

    /// <summary>Name and version, such as <c>nncc 0.1.0</c>.</summary>
    public static string Name => $"nncc {Number}";
}
