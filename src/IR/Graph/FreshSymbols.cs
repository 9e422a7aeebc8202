namespace Nncc.IR;

/// <summary>
/// Names of sizes that only running can tell: <c>u12_0</c> is the first that node 12 makes. The inputs of a body may have types with such
/// names from the graph around it, whose nodes have ids of their own; the body's names then start with one u more.
/// </summary>
public static class FreshSymbols
{
    /// <summary>The size of an axis of a body's input that may be another one at each iteration.</summary>
    /// <param name="body">The body.</param>
    /// <param name="outside">The types that come in from outside.</param>
    /// <param name="input">Number of the input.</param>
    /// <param name="axis">The axis.</param>
    public static Dim OfInput(Graph body, IEnumerable<IrType> outside, int input, int axis) =>
        Dim.Symbol($"{Prefix(outside)}{body.NextNode + input}_{axis}");

    /// <summary>
    /// What a body's input is declared as, for use beside types from outside: a size with a name that these may mean otherwise becomes
    /// one of the input's own.
    /// </summary>
    public static IrType Declared(IrType declared, Graph body, IEnumerable<IrType> outside, int input)
    {
        int outer = Prefix(outside).Length - 1;
        if (declared is not TensorType { Shape: { } shape } tensor) return declared;
        return tensor with
        {
            Shape = new Shape([.. shape.Select((size, axis) =>
                size.Symbols.Any(name => Depth(name) is > 0 and var depth && depth <= outer) ? OfInput(body, outside, input, axis)
                    : size)]),
        };
    }

    /// <summary>What the names of a graph with inputs of these types start with, before the node's id.</summary>
    internal static string Prefix(IEnumerable<IrType> inputs)
    {
        int most = 0;
        foreach (var type in inputs)
            foreach (string name in type.Symbols) most = Math.Max(most, Depth(name));
        return new string('u', most + 1);
    }

    /// <summary>Whether a name was made for such a size.</summary>
    public static bool IsFresh(string name) => Depth(name) > 0;

    /// <summary>Orders such names by the node, then by the number.</summary>
    internal static Comparer<string> Order { get; } = Comparer<string>.Create((a, b) => Key(a).CompareTo(Key(b)));

    private static (int, string, int, string) Key(string name)
    {
        int underscore = name.IndexOf('_');
        return (underscore, name[..underscore], name.Length - underscore, name[underscore..]);
    }

    /// <summary>The number of u's before digits, an underscore and digits; 0 for other names.</summary>
    internal static int Depth(string name)
    {
        int depth = name.AsSpan().IndexOfAnyExcept('u');
        if (depth <= 0) return 0;
        var rest = name.AsSpan(depth);
        int underscore = rest.IndexOf('_');
        return underscore > 0 && underscore < rest.Length - 1 && !rest[..underscore].ContainsAnyExceptInRange('0', '9')
            && !rest[(underscore + 1)..].ContainsAnyExceptInRange('0', '9') ? depth : 0;
    }
}
