using System.Collections.Immutable;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// Winograd's minimal filtering F(m, 3) in two dimensions (Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016): m x
/// m results of a filter of 3 x 3 from (m+2) x (m+2) products, Y = Aᵀ [(G g Gᵀ) ∘ (Bᵀ d B)] A. F(4, 3) has the points 0, ±1/√2, ±√2, ∞,
/// with which its rounding error in binary32 is about that of the plain sum (Alam, Anderson, Barabasz and Gregg, "Winograd convolution for
/// deep neural networks: efficient point selection", 2022).
/// </summary>
/// <param name="Outputs">m.</param>
/// <param name="Filter">G, by rows.</param>
internal sealed record WinogradForm(int Outputs, ImmutableArray<ImmutableArray<double>> Filter)
{
    private static readonly double Root = Math.Sqrt(2);

    /// <summary>F(2, 3).</summary>
    public static WinogradForm Two { get; } = new(2, [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]]);

    /// <summary>F(4, 3).</summary>
    public static WinogradForm Four { get; } = new(4,
    [
        [1, 0, 0], [-2.0 / 3, -Root / 3, -1.0 / 3], [-2.0 / 3, Root / 3, -1.0 / 3],
        [1.0 / 6, Root / 6, 1.0 / 3], [1.0 / 6, -Root / 6, 1.0 / 3],
        [0, 0, 1],
    ]);

    /// <summary>The form of that m.</summary>
    public static WinogradForm Of(int outputs) => outputs == 2 ? Two : Four;

    /// <summary>Side of a tile of the operand, and of the products: m + 2.</summary>
    public int Side => Outputs + 2;

    /// <summary>Products of a tile.</summary>
    public int Products => Side * Side;

    /// <summary>Additions and multiply-adds of the transforms of one tile: of the operand, and of the products.</summary>
    public (int Operand, int Result) Operations => Outputs == 2 ? (2 * 4 * 4, 4 * 6 * 4 / 4) : (12 * 12, 10 * 10);

    /// <summary>Prints Bᵀ on one line of a tile; gives the names of the results, which begin as said.</summary>
    public string[] PrintOperand(CodeWriter code, VectorDialect d, string[] x, string name)
    {
        string Literal(double value) => d.Literal(value);
        if (Outputs == 2)
        {
            code.Line($"var {name}0 = {x[0]} - {x[2]};");
            code.Line($"var {name}1 = {x[1]} + {x[2]};");
            code.Line($"var {name}2 = {x[2]} - {x[1]};");
            code.Line($"var {name}3 = {x[1]} - {x[3]};");
            return Names(name, 4);
        }
        code.Line($"var {name}0 = {d.MulAdd(x[2], Literal(-2.5), x[0])} + {x[4]};");
        code.Line($"var {name}e = {d.MulAdd(x[2], Literal(-2), x[4])};");
        code.Line($"var {name}o = {d.MulAdd(x[1], Literal(-Root), $"{x[3]} * {Literal(Root / 2)}")};");
        code.Line($"var {name}1 = {name}e + {name}o;");
        code.Line($"var {name}2 = {name}e - {name}o;");
        code.Line($"var {name}f = {d.MulAdd(x[2], Literal(-0.5), x[4])};");
        code.Line($"var {name}p = {d.MulAdd(x[1], Literal(-Root / 2), $"{x[3]} * {Literal(Root)}")};");
        code.Line($"var {name}3 = {name}f + {name}p;");
        code.Line($"var {name}4 = {name}f - {name}p;");
        code.Line($"var {name}5 = {d.MulAdd(x[3], Literal(-2.5), x[1])} + {x[5]};");
        return Names(name, 6);
    }

    /// <summary>Prints Aᵀ on one line of products; gives the names of the results, which begin as said.</summary>
    public string[] PrintResult(CodeWriter code, VectorDialect d, string[] m, string name)
    {
        string Literal(double value) => d.Literal(value);
        if (Outputs == 2)
        {
            code.Line($"var {name}0 = {m[0]} + {m[1]} + {m[2]};");
            code.Line($"var {name}1 = {m[1]} - {m[2]} - {m[3]};");
            return Names(name, 2);
        }
        code.Line($"var {name}e = {m[1]} + {m[2]};");
        code.Line($"var {name}o = {m[1]} - {m[2]};");
        code.Line($"var {name}f = {m[3]} + {m[4]};");
        code.Line($"var {name}p = {m[3]} - {m[4]};");
        code.Line($"var {name}0 = {m[0]} + {name}e + {name}f;");
        code.Line($"var {name}1 = {d.MulAdd($"{name}o", Literal(Root / 2), $"{name}p * {Literal(Root)}")};");
        code.Line($"var {name}2 = {d.MulAdd($"{name}e", Literal(0.5), $"{name}f * {Literal(2)}")};");
        code.Line($"var {name}3 = {d.MulAdd($"{name}o", Literal(Root / 4), d.MulAdd($"{name}p", Literal(2 * Root), m[5]))};");
        return Names(name, 4);
    }

    private static string[] Names(string name, int count) => [.. Enumerable.Range(0, count).Select(i => $"{name}{i}")];
}
