namespace Nncc.Backends.CSharp.Kernels;

/// <summary>The p-norm (Σ|x|^p)^(1/p) as code: what an element counts as, and the root.</summary>
internal static class PowerCode
{
    /// <summary>The greatest order that is multiplied out.</summary>
    public const long MostOrder = 64;

    /// <summary>|x|^p by repeated squaring. <paramref name="x"/> is a name.</summary>
    public static string Power(VectorDialect d, string x, long p)
    {
        if (p == 1) return d.Call("Abs", x);
        string squared = Squares(x, p / 2 * 2);
        return p % 2 == 0 ? squared : $"{d.Call("Abs", x)} * {squared}";
    }

    /// <summary>sum^(1/p).</summary>
    public static string Root(VectorDialect d, string sum, long p) => p switch
    {
        1 => sum,
        2 => d.Call("Sqrt", sum),
        _ => d.Call("Exp", $"{d.Call("Log", sum)} * {d.Literal(1.0 / p)}"),
    };

    private static string Squares(string x, long even) => even == 2 ? $"({x} * {x})"
        : even % 4 == 0 ? Twice(Squares(x, even / 2)) : $"({x} * {x} * {Squares(x, even - 2)})";

    private static string Twice(string half) => $"({half} * {half})";
}
