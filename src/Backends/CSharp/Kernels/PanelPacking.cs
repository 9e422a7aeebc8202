namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Prints the method that packs a panel at run time: k rows of some columns of a matrix with any steps, side by side, filled up with zeros.
/// </summary>
internal static class PanelPacking
{
    /// <summary>
    /// Adds the method for panels of so many columns: (to, from, k, columns, row, column), steps last. Gives its name.
    /// </summary>
    public static string Add(KernelSource source, VectorDialect dialect, int width)
    {
        string name = $"{dialect.DType.Name()}_pack{width}__{dialect.Suffix}", element = dialect.Element;
        if (source.Has(name)) return name;
        var code = new CodeWriter();
        code.Line($"/// <summary>A panel of {width} columns, of which so many are there, from a matrix with these steps.</summary>");
        code.Block($"public static void {name}({element}* to, {element}* from, nint k, nint columns, nint row, nint column)", () =>
        {
            code.Line("if (columns <= 0) return;");
            code.Line("nint p = 0;");
            code.Line($"if (columns < {width}) new Span<{element}>(to, checked((int)(k * {width}))).Clear();");
            if (!dialect.IsScalar)
            {
                code.Block("if (column == 1)", () =>
                {
                    code.Block($"for (; p < k; p++, to += {width}, from += row)", () =>
                    {
                        code.Line("nint j = 0;");
                        code.Line($"for (; j <= columns - {dialect.Lanes}; j += {dialect.Lanes}) "
                            + dialect.Store("to + j", dialect.Load("from + j")));
                        code.Line("for (; j < columns; j++) to[j] = from[j];");
                    });
                    code.Line("return;");
                });
                code.Line("// Rows of the source become columns, in squares of 4.");
                code.Block("if (row == 1)", () => code.Block("for (; p <= k - 4; p += 4)", () =>
                {
                    code.Line("nint j = 0;");
                    code.Block("for (; j <= columns - 4; j += 4)", Square);
                    code.Line($"for (; j < columns; j++) for (nint i = p; i < p + 4; i++) to[i * {width} + j] = from[i + j * column];");
                }));
            }
            code.Line($"for (; p < k; p++) for (nint j = 0; j < columns; j++) to[p * {width} + j] = from[p * row + j * column];");
        });
        source.Add(name, code.ToString());
        return name;

        void Square()
        {
            code.Line($"var source = from + j * column + p;\nvar target = to + p * {width} + j;");
            for (int i = 0; i < 4; i++) code.Line($"var r{i} = Vector128.Load(source + {i} * column);");
            for (int i = 0; i < 4; i += 2)
            {
                code.Line($"var low{i} = LowPairs(r{i}, r{i + 1});");
                code.Line($"var high{i} = HighPairs(r{i}, r{i + 1});");
            }
            string[] rows = ["LowHalves(low0, low2)", "HighHalves(low0, low2)", "LowHalves(high0, high2)", "HighHalves(high0, high2)"];
            for (int i = 0; i < 4; i++) code.Line($"Vector128.Store({rows[i]}, target + {i * width});");
        }
    }
}
