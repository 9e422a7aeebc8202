namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// How elements become one: a sum, a greatest element and the like, and the methods that fold rows and columns. Sums of many elements are
/// taken in blocks, so that their rounding error grows with the number of blocks and with the length of one, not with the product of both.
/// </summary>
/// <param name="Name">Name, for the names of methods.</param>
/// <param name="DType">Type of the elements.</param>
/// <param name="Accumulator">Type in which they are joined; that of the elements where there are vectors.</param>
/// <param name="Neutral">Result of no elements, as a literal of the accumulator's type.</param>
/// <param name="Join">Two results as one.</param>
/// <param name="Item">The text of what an element counts as, in the accumulator's type; the second text is the center, where there is
/// one.</param>
/// <param name="Lanes">Name of the method of <c>Simd</c> that joins the lanes of a vector.</param>
/// <param name="IsCentered">Whether there is a center: a number that <see cref="Item"/> sets against each element.</param>
internal sealed record Fold(string Name, DType DType, DType Accumulator, double Neutral, Func<VectorDialect, string, string, string> Join,
    Func<VectorDialect, string, string, string> Item, string Lanes, bool IsCentered = false)
{
    // Terms that one accumulator of a row or column takes before it is added to the total.
    private const int Block = 64;

    private const int Accumulators = 4;

    /// <summary>C# type of the result.</summary>
    public string Type => CSharpTypes.Name(Accumulator);

    private string Element => CSharpTypes.Name(DType);

    private bool IsSum => Lanes == "SumLanes";

    /// <summary>A sum of what elements count as.</summary>
    public static Fold Sum(string name, DType dtype, DType accumulator, Func<VectorDialect, string, string, string> item,
        bool isCentered = false) =>
        new(name, dtype, accumulator, 0, (_, a, b) => $"{a} + {b}", item, "SumLanes", isCentered);

    /// <summary>The sum of floats of a type.</summary>
    public static Fold Sum(DType dtype) => Sum("sum", dtype, dtype, (_, x, _) => x);

    /// <summary>The sum of squared differences from the center.</summary>
    public static Fold CenteredSquares(DType dtype) =>
        Sum("centeredsquares", dtype, dtype, (_, x, c) => $"({x} - {c}) * ({x} - {c})", isCentered: true);

    /// <summary>The sum of squares.</summary>
    public static Fold Squares(DType dtype) => Sum("squares", dtype, dtype, (_, x, _) => $"{x} * {x}");

    /// <summary>The sum of exponentials of differences from the center.</summary>
    public static Fold Exponentials(DType dtype) =>
        Sum("exponentials", dtype, dtype, (d, x, c) => d.Call("Exp", $"{x} - {c}"), isCentered: true);

    /// <summary>The greatest element; NaN if there is one.</summary>
    public static Fold Max(DType dtype, DType accumulator, double least, Func<VectorDialect, string, string, string> item) =>
        new("max", dtype, accumulator, least, (d, a, b) => d.Call("Max", a, b), item, "MaxLanes");

    /// <summary>The greatest float; NaN if there is one.</summary>
    public static Fold Max(DType dtype) => Max(dtype, dtype, double.NegativeInfinity, (_, x, _) => x);

    /// <summary>
    /// Adds the method that folds a row of elements: (x, n), then the center where there is one. Gives its name.
    /// </summary>
    public string AddRow(KernelSource source, VectorDialect dialect)
    {
        string name = $"{DType.Name()}_{Name}_row__{dialect.Suffix}";
        if (source.Has(name)) return name;
        int lanes = dialect.Lanes, width = Accumulators * lanes;
        var code = new CodeWriter();
        code.Line($"/// <summary>The {Name} of a row{(IsSum ? $", in blocks of {Block * width}" : "")}.</summary>");
        code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        code.Block($"public static {Type} {name}({Element}* x, nint n{(IsCentered ? $", {Type} center" : "")})", () =>
        {
            if (IsCentered && !dialect.IsScalar) code.Line($"var centers = {dialect.Splat("center")};");
            string center = dialect.IsScalar ? "center" : "centers";
            code.Line($"var total = {Literal(dialect)};");
            code.Line("nint i = 0;");
            code.Block($"while (n - i >= {width})", () =>
            {
                code.Line($"nint end = i + {(IsSum ? $"Math.Min(n - i, {Block * width})" : "(n - i)")} / {width} * {width};");
                for (int a = 0; a < Accumulators; a++) code.Line($"var a{a} = {Literal(dialect)};");
                code.Block($"for (; i < end; i += {width})", () =>
                {
                    for (int a = 0; a < Accumulators; a++)
                    {
                        code.Line($"var x{a} = {dialect.Load(a == 0 ? "x + i" : $"x + i + {a * lanes}")};");
                        code.Line($"a{a} = {Join(dialect, $"a{a}", Item(dialect, $"x{a}", center))};");
                    }
                });
                code.Line($"var pair = {Join(dialect, "a0", "a1")};");
                code.Line($"var other = {Join(dialect, "a2", "a3")};");
                code.Line($"pair = {Join(dialect, "pair", "other")};");
                code.Line($"total = {Join(dialect, "total", "pair")};");
            });
            code.Block($"for (; n - i >= {lanes}; i += {lanes})", () =>
            {
                code.Line($"var item = {dialect.Load("x + i")};");
                code.Line($"total = {Join(dialect, "total", Item(dialect, "item", center))};");
            });
            if (dialect.IsScalar) { code.Line("return total;"); return; }
            code.Line($"var result = {Lanes}(total);");
            code.Block("for (; i < n; i++)", () =>
            {
                code.Line("var item = x[i];");
                code.Line($"result = {Join(dialect.Scalar, "result", Item(dialect.Scalar, "item", "center"))};");
            });
            code.Line("return result;");
        });
        source.Add(name, code.ToString());
        return name;
    }

    /// <summary>
    /// Adds the method that folds columns of a matrix into accumulators, which hold a result already: (to, x, rows, step, n), then the
    /// centers, one for each column, where there are any. Gives its name.
    /// </summary>
    public string AddColumns(KernelSource source, VectorDialect dialect)
    {
        string name = $"{DType.Name()}_{Name}_columns__{dialect.Suffix}";
        if (source.Has(name)) return name;
        var code = new CodeWriter();
        code.Line($"/// <summary>Joins to each accumulator the {Name} of a column of n: rows stand step apart.</summary>");
        code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        code.Block($"public static void {name}({Type}* to, {Element}* x, nint rows, nint step, nint "
            + $"n{(IsCentered ? $", {Type}* centers" : "")})", () =>
        {
            code.Line("nint j = 0;");
            if (!dialect.IsScalar)
            {
                Columns(code, dialect, Accumulators);
                Columns(code, dialect, 1);
            }
            Columns(code, dialect.Scalar, 1);
        });
        source.Add(name, code.ToString());
        return name;
    }

    /// <summary>
    /// Adds the method that folds rows of some planes, element by element: (to, x, planes, plane step, rows, row step, n). Gives its name.
    /// </summary>
    public string AddWindow(KernelSource source, VectorDialect dialect)
    {
        string name = $"{DType.Name()}_{Name}_window__{dialect.Suffix}";
        if (source.Has(name)) return name;
        var code = new CodeWriter();
        code.Line($"/// <summary>The {Name} of the elements at the same place of rows of some planes; the last vector of a row may overlap "
            + "the one before.</summary>");
        code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        code.Block($"public static void {name}({Type}* to, {Element}* x, nint planes, nint planeStep, nint rows, nint rowStep, nint n)",
            () => Overlapping(code, dialect, "n", (d, at) =>
            {
                code.Line($"var total = {Literal(d)};");
                code.Line($"var plane = x + {at};");
                code.Block("for (nint i = 0; i < planes; i++, plane += planeStep)", () =>
                {
                    code.Line("var row = plane;");
                    code.Block("for (nint u = 0; u < rows; u++, row += rowStep)", () =>
                    {
                        code.Line($"var item = {d.Load("row")};");
                        code.Line($"total = {Join(d, "total", Item(d, "item", ""))};");
                    });
                });
                code.Line(d.Store($"to + {at}", "total"));
            }));
        source.Add(name, code.ToString());
        return name;
    }

    /// <summary>
    /// Prints the loop over so many elements, of which each is computed from others than are written: the last vector overlaps the one
    /// before; fewer than a vector are computed one by one.
    /// </summary>
    /// <param name="code">Where to.</param>
    /// <param name="dialect">The vectors.</param>
    /// <param name="count">Text of the number of elements.</param>
    /// <param name="inside">Prints what becomes of the elements from a place on.</param>
    public static void Overlapping(CodeWriter code, VectorDialect dialect, string count, Action<VectorDialect, string> inside)
    {
        if (!dialect.IsScalar)
            code.Block($"if ({count} >= {dialect.Lanes})", () => code.Block($"for (nint j = 0; j < {count}; j += {dialect.Lanes})", () =>
            {
                code.Line($"nint at = Math.Min(j, {count} - {dialect.Lanes});");
                inside(dialect, "at");
            }));
        if (!dialect.IsScalar) code.Line("else");
        code.Block($"for (nint j = 0; j < {count}; j++)", () => inside(dialect.Scalar, "j"));
    }

    private void Columns(CodeWriter code, VectorDialect d, int vectors)
    {
        int width = vectors * d.Lanes;
        code.Block($"for (; n - j >= {width}; j += {width})", () =>
        {
            for (int v = 0; v < vectors; v++)
            {
                code.Line($"var t{v} = {d.Load($"to + j + {v * d.Lanes}")};");
                if (IsCentered) code.Line($"var c{v} = {d.Load($"centers + j + {v * d.Lanes}")};");
            }
            code.Line("var p = x + j;");
            code.Block("for (nint row = 0; row < rows;)", () =>
            {
                code.Line($"nint end = {(IsSum ? $"Math.Min(rows, row + {2 * Block})" : "rows")};");
                for (int v = 0; v < vectors; v++) code.Line($"var a{v} = {Literal(d)};");
                code.Block("for (; row < end; row++, p += step)", () =>
                {
                    for (int v = 0; v < vectors; v++)
                    {
                        code.Line($"var x{v} = {d.Load($"p + {v * d.Lanes}")};");
                        code.Line($"a{v} = {Join(d, $"a{v}", Item(d, $"x{v}", $"c{v}"))};");
                    }
                });
                for (int v = 0; v < vectors; v++) code.Line($"t{v} = {Join(d, $"t{v}", $"a{v}")};");
            });
            for (int v = 0; v < vectors; v++) code.Line(d.Store($"to + j + {v * d.Lanes}", $"t{v}"));
        });
    }

    /// <summary>The neutral element in a dialect.</summary>
    public string Literal(VectorDialect d) => d.Splat(CSharpTypes.Literal(Accumulator, Neutral));
}
