namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>The methods that transform one tile of one block of channels, and the products of one.</summary>
internal static class WinogradTransforms
{
    /// <summary>Adds the method for Bᵀ d B: (to, step from product to product, x, its row step). Gives its name.</summary>
    public static string AddOperand(KernelSource source, WinogradForm form, VectorDialect dialect)
    {
        string name = $"f32_winograd{form.Outputs}_operand__{dialect.Suffix}";
        if (source.Has(name)) return name;
        var code = new CodeWriter();
        code.Line($"/// <summary>A tile of {form.Side} x {form.Side} pixels of one block of channels, for "
            + $"F({form.Outputs}, 3).</summary>");
        code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        code.Block($"public static void {name}(float* to, nint step, float* x, nint xr)", () =>
            Transform(code, form.Side, form.Side, dialect,
            (i, j) => $"x{Rows(i)}{(j == 0 ? "" : $" + {j * dialect.Lanes}")}",
            (line, name) => form.PrintOperand(code, dialect, line, name),
            (i, j) => $"to + {i * form.Side + j} * step"));
        source.Add(name, code.ToString());
        return name;

        static string Rows(int i) => i switch { 0 => "", 1 => " + xr", _ => $" + {i} * xr" };
    }

    /// <summary>Adds the method for Aᵀ m A: (to, products, step from product to product). Gives its name.</summary>
    public static string AddResult(KernelSource source, WinogradForm form, VectorDialect dialect)
    {
        string name = $"f32_winograd{form.Outputs}_result__{dialect.Suffix}";
        if (source.Has(name)) return name;
        var code = new CodeWriter();
        code.Line($"/// <summary>The {form.Outputs} x {form.Outputs} results of a tile from its products by "
            + $"F({form.Outputs}, 3).</summary>");
        code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        code.Block($"public static void {name}(float* to, float* m, nint step)", () => Transform(code, form.Side, form.Outputs, dialect,
            (i, j) => $"m + {i * form.Side + j} * step", (line, name) => form.PrintResult(code, dialect, line, name),
            (i, j) => (i * form.Outputs + j) * dialect.Lanes is > 0 and var at ? $"to + {at}" : "to"));
        source.Add(name, code.ToString());
        return name;
    }

    // Columns first, then rows.
    private static void Transform(CodeWriter code, int side, int results, VectorDialect dialect, Func<int, int, string> from,
        Func<string[], string, string[]> line, Func<int, int, string> to)
    {
        var columns = new string[side][];
        for (int j = 0; j < side; j++)
        {
            for (int i = 0; i < side; i++) code.Line($"var x{i}_{j} = {dialect.Load(from(i, j))};");
            columns[j] = line([.. Enumerable.Range(0, side).Select(i => $"x{i}_{j}")], $"c{j}_");
        }
        for (int i = 0; i < results; i++)
        {
            string[] row = line([.. columns.Select(c => c[i])], $"r{i}_");
            for (int j = 0; j < results; j++) code.Line(dialect.Store(to(i, j), row[j]));
        }
    }
}
