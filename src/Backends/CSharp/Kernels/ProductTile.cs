using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>An operand of what follows a product, as a tile sees it.</summary>
/// <param name="AlongColumns">Whether it changes from column to column (step 1); else it is the same for a row of the tile.</param>
/// <param name="DType">Element type.</param>
internal sealed record TileLoad(bool AlongColumns, DType DType)
{
    /// <summary>Text for keys.</summary>
    public string Mode => AlongColumns ? "n" : "m";
}

/// <summary>
/// The register tile that matrix product and convolution share: c[m, n] = epilogue(sum over k of a[m, k] * b[k, n]) for a few rows and a
/// few vectors of columns. a is read in place with any strides, b is a packed panel of k rows. Sums run over k in order, one accumulator
/// per element, so that every tile shape gives the same bits.
/// </summary>
/// <param name="Rows">Rows of the tile.</param>
/// <param name="Vectors">Vectors of columns.</param>
/// <param name="Dialect">Vector width.</param>
/// <param name="Loads">Operands of the epilogue, the bias first.</param>
/// <param name="Epilogue">
/// Prints the epilogue for one element or vector: writer, dialect, operand texts, sum; gives the result's text.
/// </param>
/// <param name="Tag">What tells the epilogue apart, for the name.</param>
/// <param name="IsVectorizable">Whether the epilogue has a vector form.</param>
/// <param name="Result">Element type of the result.</param>
internal sealed record ProductTile(
    int Rows, int Vectors, VectorDialect Dialect, IReadOnlyList<TileLoad> Loads,
    Func<CodeWriter, VectorDialect, Func<int, string>, string, string> Epilogue,
    string Tag, bool IsVectorizable, DType Result)
{
    // Cycles that a tile takes beside its multiply-adds and stores: the call, zeroing, the last steps' latency.
    private const int TileOverhead = 20;

    /// <summary>Cycles of a vector of results: what follows reads operands, and stores, beside what it computes.</summary>
    public const int StoreCycles = 3;

    // Of the share of the peak that tiles reach with their operands in the nearest cache and nothing else to do: other streams, pages and
    // lines that are shared leave so much to those of whole kernels.
    private const double Sustained = 0.98;

    // What goes round in the order of its use stays in a cache only where it is well below its size.
    private const double PartOfCache = 1.5;

    /// <summary>Columns of the tile.</summary>
    public int Columns => Vectors * Dialect.Lanes;

    /// <summary>Columns of a panel of b; a tile of fewer columns computes the first ones.</summary>
    public int PanelColumns { get; init; } = Vectors * Dialect.Lanes;

    /// <summary>
    /// Whether row k of b stands at an offset that a table tells, instead of in a panel: then a row of the tile need not be aligned.
    /// </summary>
    public bool IsByTable { get; init; }

    /// <summary>Name of the method for whole tiles, or for the last columns.</summary>
    public string Name(bool ragged) => $"{Dialect.DType.Name()}_tile_{Rows}x{Vectors}{(PanelColumns == Columns ? "" : $"of{PanelColumns}")}"
        + $"{(IsByTable ? "_table" : "")}{Tag}{(ragged || !IsVectorizable ? "_ragged" : "")}__{Dialect.Suffix}";

    /// <summary>The tile for the last panel, where so many columns are left; the same where there are no fewer.</summary>
    public ProductTile Last(long columns) =>
        columns == 0 ? this : this with { Vectors = (int)((columns + Dialect.Lanes - 1) / Dialect.Lanes) };

    /// <summary>The parameters of the epilogue's operands in a declaration: a pointer and the step from row to row each.</summary>
    public static string Parameters(IReadOnlyList<TileLoad> loads) =>
        string.Concat(loads.Select((l, i) => $", {CSharpTypes.Name(l.DType)}* e{i}, nint e{i}m"));

    /// <summary>Adds the methods for whole tiles and for the last columns.</summary>
    public void Emit(KernelSource source)
    {
        if (IsVectorizable) Emit(source, ragged: false);
        Emit(source, ragged: true);
    }

    /// <summary>Adds the method for whole tiles or for the last columns.</summary>
    public void Emit(KernelSource source, bool ragged)
    {
        ragged |= !IsVectorizable;
        if (!source.Has(Name(ragged))) source.Add(Name(ragged), Print(ragged));
    }

    private string Print(bool ragged)
    {
        var code = new CodeWriter();
        string element = Dialect.Element;
        code.Line($"/// <summary>c = a b over {Rows} rows and {Columns} "
            + $"columns{(ragged ? ", of which only the first ones are stored" : "")}; b is a panel of k rows.</summary>");
        code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        code.Block($"public static void {Name(ragged)}({CSharpTypes.Name(Result)}* c, nint ldc, {element}* a, nint lda, nint astep, "
            + $"{element}* b{(IsByTable ? ", int* offsets" : "")}, nint k"
            + $"{(ragged ? ", nint columns" : "")}{Parameters(Loads)})", () =>
        {
            for (int r = 0; r < Rows; r++)
                for (int v = 0; v < Vectors; v++)
                    code.Line($"var c{r}_{v} = {(Dialect.IsScalar ? $"default({element})" : $"{Dialect.Vector}.Zero")};");
            if (Rows > 2) code.Line("nint lda2 = lda + lda;");
            if (Rows > 3) code.Line("nint lda3 = lda2 + lda;");
            for (int r = 4; r < Rows; r += 4) code.Line($"var a{r} = a{(r == 4 ? "" : $"{r - 4}")} + 4 * lda;");
            code.Block("for (nint p = 0; p < k; p++)", () =>
            {
                if (IsByTable) code.Line("var at = b + offsets[p];");
                for (int v = 0; v < Vectors; v++)
                    code.Line($"var b{v} = {Dialect.Load($"{(IsByTable ? "at" : "b")} + {v * Dialect.Lanes}")};");
                for (int r = 0; r < Rows; r++)
                {
                    string row = (r % 4) switch { 0 => "0", 1 => "lda", 2 => "lda2", _ => "lda3" };
                    code.Line($"var x{r} = {Dialect.Splat($"a{(r < 4 ? "" : $"{r / 4 * 4}")}[{row}]")};");
                    for (int v = 0; v < Vectors; v++) code.Line($"c{r}_{v} = {Dialect.MulAdd($"x{r}", $"b{v}", $"c{r}_{v}")};");
                }
                code.Line("a += astep;");
                for (int r = 4; r < Rows; r += 4) code.Line($"a{r} += astep;");
                if (!IsByTable) code.Line($"b += {PanelColumns};");
            });
            if (ragged) Spill(code, element);
            else StoreVectors(code);
        });
        return code.ToString();
    }

    private void StoreVectors(CodeWriter code)
    {
        for (int r = 0; r < Rows; r++)
            for (int v = 0; v < Vectors; v++)
                code.Block("", () =>
                {
                    string at = $"c + {r} * ldc + {v * Dialect.Lanes}";
                    string value = Epilogue(code, Dialect, i => Loads[i].AlongColumns
                        ? Dialect.Load($"e{i} + {r} * e{i}m + {v * Dialect.Lanes}") : Dialect.Splat($"e{i}[{r} * e{i}m]"), $"c{r}_{v}");
                    code.Line(Dialect.Store(at, value));
                });
    }

    private void Spill(CodeWriter code, string element)
    {
        code.Line($"var sums = stackalloc {element}[{Rows * Columns}];");
        for (int r = 0; r < Rows; r++)
            for (int v = 0; v < Vectors; v++) code.Line(Dialect.Store($"sums + {r * Columns + v * Dialect.Lanes}", $"c{r}_{v}"));
        code.Block($"for (nint r = 0; r < {Rows}; r++)", () => code.Block("for (nint j = 0; j < columns; j++)", () =>
        {
            code.Line($"var sum = sums[r * {Columns} + j];");
            string value = Epilogue(code, Dialect.Scalar, i => Loads[i].AlongColumns ? $"e{i}[r * e{i}m + j]" : $"e{i}[r * e{i}m]", "sum");
            code.Line($"c[r * ldc + j] = {value};");
        }));
    }

    /// <summary>
    /// Prints the loop over the rows of one panel, in tiles of the heights that <paramref name="split"/> says.
    /// </summary>
    /// <param name="code">Where to.</param>
    /// <param name="split">How the rows are divided.</param>
    /// <param name="c">Text of the place of the panel's first result.</param>
    /// <param name="a">Text of the place of a.</param>
    /// <param name="b">Text of the place of the panel.</param>
    /// <param name="columns">Text of the number of columns that are stored; empty where they are those of the tile.</param>
    /// <param name="load">Text of the place of an operand of the epilogue at row m.</param>
    /// <param name="after">Prints what follows a tile of so many rows at row m.</param>
    public void PrintRows(CodeWriter code, RowSplit split, string c, string a, string b, string columns, Func<int, string> load,
        Action<int>? after = null)
    {
        code.Line("nint m = 0;");
        if (split.Higher > 0) Loop(split.Height + 1, split.Lower > 0 ? "higher" : "rows");
        if (split.Lower > 0) Loop(split.Height, "rows");

        void Loop(int height, string end) => code.Block($"for (; m < {end}; m += {height})", () =>
        {
            bool ragged = columns.Length > 0 || !IsVectorizable;
            string count = !ragged ? "" : columns.Length > 0 ? $", {columns}" : $", {Columns}";
            code.Line($"{(this with { Rows = height }).Name(ragged)}({c} + m * ldc, ldc, {a} + m * lda, lda, astep, {b}, k{count}"
                + $"{string.Concat(Loads.Select((_, i) => $", {load(i)}, e{i}m"))});");
            after?.Invoke(height);
        });
    }

    /// <summary>
    /// Prints the loop over the rows of one panel where their number is known at run time only: whole tiles. The text calls the tile for
    /// whole panels, or the ragged one where fewer than its columns are valid.
    /// </summary>
    public void PrintWholeRows(CodeWriter code, string rows, string c, string a, string b, string columns)
    {
        code.Line("nint m = 0;");
        string whole = $"{c} + m * ldc, ldc, {a} + m * lda, lda, astep, {b}, k";
        code.Block($"for (; m <= {rows} - {Rows}; m += {Rows})", () =>
        {
            code.Line($"if ({columns} == {Columns}) {Name(false)}({whole});");
            code.Line($"else {Name(true)}({whole}, {columns});");
        });
    }

    /// <summary>Prints the loop over the rows that a larger tile's loop left, from <c>m</c> on; without operands of an epilogue.</summary>
    public void PrintRest(CodeWriter code, string rows, string c, string a, string b, string columns)
    {
        string whole = $"{c} + m * ldc, ldc, {a} + m * lda, lda, astep, {b}, k";
        code.Block($"for (; m < {rows}; m += {Rows})", () =>
        {
            code.Line($"if ({columns} == {Columns}) {Name(false)}({whole});");
            code.Line($"else {Name(true)}({whole}, {columns});");
        });
    }

    /// <summary>
    /// Vector multiply-adds that m rows, n columns and k steps cost in this tile, waiting included: a tile with few accumulators waits for
    /// their latency (4 steps), one with few columns for its loads; each tile starts, stores its results and ends.
    /// </summary>
    public static double Cost(long m, long n, long k, int rows, int vectors, int lanes, TargetProfile target)
    {
        int elementBytes = target.VectorBits == 0 ? sizeof(float) : target.VectorBits / 8 / lanes;
        long whole = n / (vectors * lanes), last = (n % (vectors * lanes) + lanes - 1) / lanes;
        var split = RowSplit.Of(m, rows);
        return whole * Panel(vectors) + (last > 0 ? Panel((int)last) : 0);

        double Panel(int v) => split.Lower * Tile(split.Height, v) + split.Higher * Tile(split.Height + 1, v);

        // A panel that a single tile goes through is no nearer for having been read: that is the traffic of the whole b.
        double Tile(int r, int v) => target.FmasPerCycle
            * (k * Step(r, v, m <= rows ? 0 : (double)k * v * lanes * elementBytes, elementBytes, target)
                + TileOverhead + StoreCycles * r * v);
    }

    /// <summary>
    /// Cycles of a step of a tile, in which each of its sums gets a product. It waits for its multiply-adds as far as the profile knows how
    /// fast they are with operands in the nearest cache, and else for their latency where there are few and for loads: a vector of b each
    /// and an element for each row. Vectors of b that come from farther away add what hides only in part behind that.
    /// </summary>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="vectors">Vectors of columns.</param>
    /// <param name="range">Bytes that pass until a vector of b is read again, which say from where it comes.</param>
    /// <param name="elementBytes">Bytes of an element.</param>
    /// <param name="target">The machine.</param>
    public static double Step(int rows, int vectors, double range, int elementBytes, TargetProfile target)
    {
        double sums = rows * vectors / target.FmasPerCycle / Sustained;
        range *= PartOfCache;
        double bytes = vectors * target.Lanes(elementBytes) * (double)elementBytes,
            loads = bytes * target.ClockGHz / target.BandwidthFor(range);
        bool isNear = range <= target.Caches[0].KiB * 1024.0;
        if (target.EfficiencyOf(rows, vectors) is { } share) return isNear ? sums / share : Together(sums / share, loads + rows / 2.0);
        return Together(Math.Max(sums, Latency(target)), loads + rows / 2.0);

        static double Together(double a, double b) => Math.Cbrt(a * a * a + b * b * b);
    }

    /// <summary>Cycles until a multiply-add can go on with a sum; where it is two instructions, those of both.</summary>
    public static double Latency(TargetProfile target) => target.HasFma ? 4 : 7;

    /// <summary>The tile shapes that fit the registers: accumulators, one vector of b each, one of a.</summary>
    public static IEnumerable<(int Rows, int Vectors)> Shapes(TargetProfile target, bool isScalar)
    {
        foreach (int vectors in isScalar ? [2, 1] : new[] { 2, 3, 4, 8, 1 })
            foreach (int rows in isScalar ? [4, 2, 1] : new[] { 14, 12, 10, 8, 7, 6, 5, 4, 3, 2, 1 })
                if (rows * vectors + vectors + 1 <= target.VectorRegisters - 1) yield return (rows, vectors);
    }
}
