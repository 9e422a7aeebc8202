namespace Nncc.IR.Onnx;

/// <summary>
/// Names of sizes. A model names some (dim_param), leaves others open, and inference adds sizes that only running can tell. The open
/// ones are called <c>?value.axis</c>, those of inference <c>u12_0</c> (see <see cref="FreshSymbols"/>); neither is written into a file.
/// </summary>
internal static class DimNames
{
    /// <summary>The size of an axis that the model leaves open.</summary>
    public static Dim Open(string value, int axis) => Dim.Symbol($"?{value}.{axis}");

    /// <summary>The size that a model calls by this name; a name that nncc gives to sizes itself gets an underscore.</summary>
    public static Dim Named(string name) => Dim.Symbol(IsAnonymous(name) ? $"_{name}" : name);

    /// <summary>Whether the name says nothing: it stands for an open size or one of inference.</summary>
    public static bool IsAnonymous(string name) => name.StartsWith('?') || name.StartsWith("either(", StringComparison.Ordinal)
        || FreshSymbols.IsFresh(name);

    /// <summary>Whether a size tells nothing: it is one such symbol.</summary>
    public static bool IsAnonymous(Dim dim) => dim.SymbolName is { } name && IsAnonymous(name);

    /// <summary>Whether there is such a symbol anywhere in the size.</summary>
    public static bool HasAnonymous(Dim dim) => dim.Symbols.Any(IsAnonymous);
}
