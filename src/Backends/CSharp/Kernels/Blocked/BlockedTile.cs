using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// The inner part of a convolution whose result lies in blocks of channels: the sums of a few neighbouring pixels of a row for a few blocks
/// of filters stay in registers over all channels and taps. In each step a vector of weights for each block meets one element of each
/// pixel's window. Sums run over blocks of channels, taps and the channels of a block (planar: channels and taps) in order, one accumulator
/// per element, so that every tile shape gives the same bits.
/// </summary>
/// <param name="Pixels">Pixels of the tile.</param>
/// <param name="Vectors">Blocks of filters.</param>
/// <param name="PixelStep">Elements of the operand from a pixel's window to the next one's.</param>
/// <param name="IsPlanar">Whether the operand is row-major: elements are then found by a table of taps.</param>
/// <param name="Dialect">Vector width.</param>
/// <param name="Epilogue">What becomes of the sums.</param>
internal sealed record BlockedTile(int Pixels, int Vectors, long PixelStep, bool IsPlanar, VectorDialect Dialect, BlockedEpilogue Epilogue)
{
    private const int MostPixels = 14;
    private const int MostVectors = 8;
    // Cycles of a tile beside its steps and stores.
    private const int TileOverhead = 14;

    /// <summary>Whether the sums are added to what is stored, as part of longer ones; without an epilogue.</summary>
    public bool IsPart { get; init; }

    /// <summary>Name of the method.</summary>
    public string Name => $"f32_{(IsPlanar ? "planar" : "block")}_tile_{Pixels}x{Vectors}_step{PixelStep}{(IsPart ? "_part" : "")}"
        + $"{Epilogue.Tag}__{Dialect.Suffix}";

    /// <summary>Parameters that say how the operand is read.</summary>
    public string Reading => IsPlanar ? "int* taps, nint k"
        : "nint blocks, nint last, nint xc, nint height, nint width, nint down, nint across";

    /// <summary>The arguments for them; a driver has variables of these names.</summary>
    public string ReadingArguments => IsPlanar ? "taps, k" : "blocks, last, xc, height, width, down, across";

    /// <summary>Adds the method.</summary>
    public void Emit(KernelSource source)
    {
        if (source.Has(Name)) return;
        var code = new CodeWriter();
        code.Line($"/// <summary>{Pixels} pixel{(Pixels == 1 ? "" : "s")} of a row by {Vectors} block{(Vectors == 1 ? "" : "s")} of "
            + $"filters{(Epilogue.Body.Count > 0 ? $", then {Epilogue.Body.Tag}" : "")}.</summary>");
        code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        code.Block($"public static void {Name}(float* y, nint yc, float* x, float* w, {Reading}{Epilogue.TileParameters})", () =>
        {
            for (int p = 0; p < Pixels; p++)
                for (int v = 0; v < Vectors; v++) code.Line($"var c{p}_{v} = {Dialect.Vector}.Zero;");
            if (IsPlanar) Planar(code);
            else Blocks(code);
            if (IsPart) AddStored(code);
            Epilogue.Print(code, Dialect, Pixels, Vectors);
        });
        source.Add(Name, code.ToString());
    }

    private void AddStored(CodeWriter code)
    {
        for (int v = 0; v < Vectors; v++)
            for (int p = 0; p < Pixels; p++)
                code.Line($"c{p}_{v} += {Dialect.Load($"y{(v == 0 ? "" : $" + {v} * yc")}{(p == 0 ? "" : $" + {p * Dialect.Lanes}")}")};");
    }

    private void Planar(CodeWriter code) => code.Block("for (nint t = 0; t < k; t++)", () =>
    {
        code.Line("var at = x + taps[t];");
        Step(code);
    });

    private void Blocks(CodeWriter code) => code.Block("for (nint b = 1; b <= blocks; b++)", () =>
    {
        code.Line($"nint channels = b == blocks ? last : {Dialect.Lanes};");
        code.Line("var row = x;");
        code.Block("for (nint i = 0; i < height; i++)", () =>
        {
            code.Line("var tap = row;");
            code.Block("for (nint j = 0; j < width; j++)", () =>
            {
                code.Line("var at = tap;");
                code.Line("var end = at + channels;");
                code.Block("do", () =>
                {
                    Step(code);
                    code.Line("at++;");
                });
                code.Line("while (at < end);");
                code.Line("tap += across;");
            });
            code.Line("row += down;");
        });
        code.Line("x += xc;");
    });

    private void Step(CodeWriter code)
    {
        for (int v = 0; v < Vectors; v++) code.Line($"var w{v} = {Dialect.Load(v == 0 ? "w" : $"w + {v * Dialect.Lanes}")};");
        for (int p = 0; p < Pixels; p++)
        {
            code.Line($"var x{p} = {Dialect.Splat($"at[{p * PixelStep}]")};");
            for (int v = 0; v < Vectors; v++) code.Line($"c{p}_{v} = {Dialect.MulAdd($"x{p}", $"w{v}", $"c{p}_{v}")};");
        }
        code.Line($"w += {Vectors * Dialect.Lanes};");
    }

    /// <summary>
    /// The tile shapes for rows of so many pixels: accumulators, a vector of weights for each block and one element in all lanes fit the
    /// registers. Those with many accumulators come first.
    /// </summary>
    public static IEnumerable<(int Pixels, int Vectors)> Shapes(TargetProfile target, long width, long filterBlocks)
    {
        // One register of many is left to the compiler; of 16 none can be spared.
        int room = target.VectorRegisters <= 16 ? target.VectorRegisters : target.VectorRegisters - 1;
        for (int pixels = (int)Math.Min(MostPixels, width); pixels >= 1; pixels--)
            for (int vectors = (int)Math.Min(MostVectors, filterBlocks); vectors >= 1; vectors--)
                if (pixels * vectors + vectors + 1 <= room) yield return (pixels, vectors);
    }

    /// <summary>
    /// Vector multiply-adds that a row of so many pixels and blocks of filters costs, waiting included. A step of a tile waits for its
    /// multiply-adds, for their latency where there are few, and for its loads: a vector of weights for each block, from the level that
    /// holds what passes until they are read again, and an element for each pixel from the nearest one. The last tile of a row overlaps the
    /// one before.
    /// </summary>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="filterBlocks">Blocks of filters.</param>
    /// <param name="pixels">Pixels of a tile.</param>
    /// <param name="vectors">Blocks of filters of a tile.</param>
    /// <param name="steps">Steps of a sum: channels times taps.</param>
    /// <param name="weightRange">
    /// Bytes that pass until a panel of weights is read again by the next row; 0 where it is the same panel.
    /// </param>
    /// <param name="target">The machine.</param>
    public static double Cost(long width, long filterBlocks, int pixels, int vectors, long steps, double weightRange, TargetProfile target)
    {
        long whole = filterBlocks / vectors, tail = filterBlocks % vectors, tiles = (width + pixels - 1) / pixels;
        double vector = target.Lanes(sizeof(float)) * sizeof(float);
        return target.FmasPerCycle * (whole * Row(vectors) + (tail > 0 ? Row((int)tail) : 0));

        double Row(int v)
        {
            double panel = steps * v * vector;
            return Tile(v, Math.Max(panel, weightRange)) + (tiles - 1) * Tile(v, panel);
        }

        double Tile(int v, double range) =>
            steps * ProductTile.Step(pixels, v, range, sizeof(float), target) + TileOverhead + ProductTile.StoreCycles * pixels * v;
    }
}
