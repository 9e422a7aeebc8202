using System.Collections.Immutable;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// Convolution by filters of 3 x 3, of stride and dilation 1, by <see cref="WinogradForm"/>, over images in blocks of channels, with an
/// elementwise epilogue. Some tiles at a time are transformed; then for each panel of filters each product of all of them is a product of
/// matrices, tiles by channels and channels by filters, which <see cref="BlockedTile"/> computes; then the results are transformed back. A
/// tile at the end reaches beyond the image into its halo. Not exact: a NaN or an infinity spreads over the results of its tile.
/// </summary>
public sealed class WinogradTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "conv-winograd";

    /// <inheritdoc/>
    public override int Rank => 10;

    /// <inheritdoc/>
    public override bool TakesLayouts => true;

    /// <inheritdoc/>
    public override bool IsExact => false;

    /// <inheritdoc/>
    public override LayoutChoice? Layouts(KernelRegion region, TargetProfile target)
    {
        if (Read(region, target) is not { } c) return null;
        // The halo is for the better of the two forms, and for both where one's is larger.
        long bottom = 0, right = 0;
        foreach (int outputs in Forms)
        {
            bottom = Math.Max(bottom, Reach(c.Rows, outputs));
            right = Math.Max(right, Reach(c.Columns, outputs));
        }
        return c.Layouts(BlockedImage.LayoutOf(c.Rank, c.Lanes, (c.Rows.Begin, bottom), (c.Columns.Begin, right)));
    }

    private static readonly int[] Forms = [4, 2];

    // Channels that are summed up at once. Sums of more are made of such parts: their rounding error grows with the length of a part and
    // with the number of parts, and not with their product (Higham, "The accuracy of floating point summation", 1993).
    private const int PartChannels = 128;

    // How far the last tile reaches behind the last element.
    private static long Reach(WindowAxis axis, int outputs) =>
        Math.Max(0, (axis.Windows + outputs - 1) / outputs * outputs + 2 - axis.Begin - axis.Size);

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        Read(region, target) is { } c && BlockedImage.Operand(region, c.X, c.Lanes) is { } x
        && BlockedImage.Result(region, 0, c.Lanes) is not null && Forms.Any(f => Fits(c, x, f)) ? Verdict.Yes
            : Verdict.No("not a convolution over blocks of channels by filters of 3 x 3 that stand close");

    private static bool Fits(BlockedConvolution c, BlockedImage x, int outputs) =>
        x.Bottom >= Reach(c.Rows, outputs) && x.Right >= Reach(c.Columns, outputs);

    private static BlockedConvolution? Read(KernelRegion region, TargetProfile target) => BlockedConvolution.Of(region, target) is
    {
        Groups: 1, Rows: { Taps: 3, Stride: 1, Dilation: 1 }, Columns: { Taps: 3, Stride: 1, Dilation: 1 }, Rank: 4,
    } c && c.Channels >= c.Lanes && c.Filters >= c.Lanes ? c : null;

    /// <inheritdoc/>
    public override IReadOnlyList<Schedule> Space(KernelRegion region, TargetProfile target)
    {
        var c = Read(region, target)!;
        var x = BlockedImage.Operand(region, c.X, c.Lanes)!;
        var space = new List<Schedule>();
        foreach (int outputs in Forms.Where(f => Fits(c, x, f)))
        {
            long tiles = Tiles(c, outputs);
            foreach (long most in (long[])[28, 14, 42, 56, 98, 16, 20])
            {
                // Blocks of nearly equal size; the last one overlaps the one before.
                long count = (tiles + most - 1) / most, block = (tiles + count - 1) / count;
                if (most > 14 && Scratch(c, outputs, block, 2) > target.Caches[Math.Min(1, target.Caches.Count - 1)].KiB * 1024L) continue;
                foreach (var (pixels, vectors) in BlockedTile.Shapes(target, block, c.FilterBlocks))
                    if (vectors > 1 || c.FilterBlocks == 1)
                        space.Add(new Schedule(Id,
                            [new("outputs", outputs), new("tiles", (int)block), new("pixels", pixels), new("vectors", vectors)]));
            }
        }
        return [.. space.Distinct()];
    }

    private static long Tiles(BlockedConvolution c, int outputs) =>
        ((c.Rows.Windows + outputs - 1) / outputs) * ((c.Columns.Windows + outputs - 1) / outputs);

    // Bytes of a block's transformed tiles, and of its products for one panel.
    private static long Scratch(BlockedConvolution c, int outputs, long block, int vectors) =>
        WinogradForm.Of(outputs).Products * block * (ChannelBlocks(c) + vectors) * c.Lanes * sizeof(float);

    private static long ChannelBlocks(BlockedConvolution c) => (c.Channels + c.Lanes - 1) / c.Lanes;

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var c = Read(region, target)!;
        int outputs = schedule["outputs"];
        var form = WinogradForm.Of(outputs);
        double tiles = Tiles(c, outputs), blocks = Math.Ceiling(tiles / schedule["tiles"]), computed = blocks * schedule["tiles"];
        double weights = (double)form.Products * c.Channels * c.FilterBlocks * c.Lanes * sizeof(float);
        // The first block reads the weights, which is traffic; the others again.
        double products = form.Products * (Products(0) + (blocks - 1) * Products(weights));
        // Each number of a transform is also read and written, far from the one before, and sums wait for those before; twice as long where
        // what goes from the operand to the products and from them to the result fills half of the second level.
        double between = (double)form.Products * schedule["tiles"] * c.Lanes * sizeof(float) * (ChannelBlocks(c) + c.FilterBlocks);
        double half = target.Caches[Math.Min(1, target.Caches.Count - 1)].KiB * 512.0;
        double transforms = 1.25 * (1 + Math.Min(1, between / half)) * computed
            * (ChannelBlocks(c) * (form.Operations.Operand + 3 * form.Products)
            + c.FilterBlocks * (form.Operations.Result + 2 * form.Products + 4 * outputs * outputs));
        return PlainFeatures(region, 1, 1) with
        {
            VectorOps = c.Batch * (products + transforms) + EpilogueOps(region, c.Lanes), BytesWeights = weights, AreWeightsFirst = true,
        };

        double Products(double range) =>
            BlockedTile.Cost(schedule["tiles"], c.FilterBlocks, schedule["pixels"], schedule["vectors"], c.Channels, range, target);
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var c = Read(region, target)!;
        var x = BlockedImage.Operand(region, c.X, c.Lanes)!;
        var y = BlockedImage.Result(region, 0, c.Lanes)!;
        int outputs = schedule["outputs"], block = schedule["tiles"], vectors = schedule["vectors"];
        var form = WinogradForm.Of(outputs);
        long start = x.Start - c.Rows.Begin * x.RowStep - c.Columns.Begin * x.Lanes;
        long product = (long)block * c.Lanes * sizeof(float) * form.Products;
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.AddRange(new ResultArgument(0), new OperandArgument(c.X, start * sizeof(float)),
            new WeightArgument(c.W, new WinogradPanels(outputs, c.Lanes, vectors)),
            new ScratchArgument(product * ChannelBlocks(c)), new ScratchArgument(product * vectors),
            new ScratchArgument(outputs * outputs * c.Lanes * sizeof(float)));
        long[] numbers =
        [
            c.Batch, c.FilterBlocks, y.Height, y.Width, y.ImageStep, y.PlaneStep, y.RowStep, y.Top, y.Bottom, y.Left, y.Right,
            x.ImageStep, x.PlaneStep, x.RowStep, ChannelBlocks(c), c.Channels - (ChannelBlocks(c) - 1) * c.Lanes,
            (c.Columns.Windows + outputs - 1) / outputs, Tiles(c, outputs),
        ];
        foreach (long number in numbers) arguments.Add(new NumberArgument(number));
        int first = arguments.Count;
        arguments.AddRange(c.Epilogue.Arguments);
        return BlockedPieces.Share(new KernelPlan(Name(c, schedule, target), Id, arguments.ToImmutable()), y, 6, 7, vectors,
            c.Epilogue, first, (1, x.ImageStep * sizeof(float), 0), (2, 0, c.Channels * form.Products * c.Lanes * sizeof(float)));
    }

    private static string Name(BlockedConvolution c, Schedule schedule, TargetProfile target)
    {
        long tail = c.FilterBlocks % schedule["vectors"];
        string form = (tail > 0 ? $"_tail{tail}" : "") + (c.Channels > PartChannels ? "_parts" : "");
        return $"f32_winograd{schedule["outputs"]}_{schedule["tiles"]}_{schedule["pixels"]}x{schedule["vectors"]}{form}{c.Epilogue.Tag}__"
            + VectorDialect.For(target, DType.Float32).Suffix;
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var c = Read(kernel.Region, target)!;
        var dialect = VectorDialect.For(target, DType.Float32);
        int outputs = kernel.Schedule["outputs"], block = kernel.Schedule["tiles"], lanes = dialect.Lanes;
        var form = WinogradForm.Of(outputs);
        var tile = new BlockedTile(kernel.Schedule["pixels"], kernel.Schedule["vectors"], lanes, IsPlanar: false, dialect,
            BlockedEpilogue.Empty(lanes));
        int tail = (int)(c.FilterBlocks % tile.Vectors);
        bool hasParts = c.Channels > PartChannels;
        foreach (int vectors in tail > 0 ? [tile.Vectors, tail] : new[] { tile.Vectors })
        {
            (tile with { Vectors = vectors }).Emit(source);
            if (hasParts) (tile with { Vectors = vectors, IsPart = true }).Emit(source);
        }
        string operand = WinogradTransforms.AddOperand(source, form, dialect), result = WinogradTransforms.AddResult(source, form, dialect);
        int step = block * lanes; // from a block of channels to the next among transformed tiles
        var code = new CodeWriter();
        code.Line($"/// <summary>y[n, m, p] = sum over c, t of w[m, c, t] x[n, c, p + t] by F({outputs}, 3), {block} tiles at a time"
            + $"{(c.Epilogue.Body.Count > 0 ? $", then {c.Epilogue.Body.Tag}" : "")}; {kernel.Schedule}.</summary>");
        code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        code.Block($"public static void {kernel.Name}(float* y, float* x, float* w, float* tiles, float* products, float* results, "
            + "nint batch, nint filters, nint rows, nint columns, nint yn, nint yc, nint yr, nint top, nint bottom, nint left, nint right, "
            + $"nint xn, nint xc, nint xr, nint blocks, nint last, nint across, nint count{c.Epilogue.Parameters})", () =>
        {
            code.Line($"Halos.Clear(y, batch * filters, yc, rows, columns, {lanes}, top, bottom, left, right);");
            code.Line($"y += top * yr + left * {lanes};");
            code.Line($"nint product = blocks * {step}, k = ((blocks - 1) * {lanes} + last) * {lanes};");
            c.Epilogue.PrintOutside(code, dialect);
            code.Block("for (nint n = 0; n < batch; n++)", () => code.Block($"for (nint block = 0; block < count; block += {block})", () =>
            {
                code.Line($"nint start = Math.Min(block, count - {block});");
                code.Block($"for (nint t = 0; t < {block}; t++)", () =>
                {
                    code.Line($"nint row = (start + t) / across * {outputs}, column = (start + t) % across * {outputs};");
                    code.Line("for (nint b = 0; b < blocks; b++)");
                    code.Line($"    {operand}(tiles + b * {step} + t * {lanes}, product, "
                        + $"x + n * xn + b * xc + row * xr + column * {lanes}, xr);");
                });
                BlockedConvTemplate.Panels(code, tile, tail, panel => Panel(code, c, form, panel, block, result, hasParts));
            }));
        });
        source.Add(kernel.Name, code.ToString());
    }

    private static void Panel(CodeWriter code, BlockedConvolution c, WinogradForm form, BlockedTile tile, int block, string result,
        bool hasParts)
    {
        int lanes = tile.Dialect.Lanes, step = block * lanes, outputs = form.Outputs;
        code.Block($"for (nint i = 0; i < {form.Products}; i++)", () =>
            code.Block($"for (nint p = 0; p < {block}; p += {tile.Pixels})", () =>
        {
            code.Line($"nint at = Math.Min(p, {block - tile.Pixels}) * {lanes};");
            if (!hasParts)
            {
                Sums(tile, "", "blocks", "last");
                return;
            }
            int part = PartChannels / lanes;
            Sums(tile, "", $"{part}", $"{lanes}");
            code.Block($"for (nint b = {part}; b < blocks; b += {part})", () =>
            {
                code.Line($"nint many = Math.Min({part}, blocks - b);");
                Sums(tile with { IsPart = true }, "b", "many", $"b + many == blocks ? last : {lanes}");
            });
        }));
        code.Block($"for (nint v = 0; v < {tile.Vectors}; v++)", () =>
        {
            code.Line("nint b = f + v;");
            c.Epilogue.PrintBlock(code, tile.Dialect);
            code.Block($"for (nint t = 0; t < {block}; t++)", () =>
            {
                code.Line($"{result}(results, products + v * {step} + t * {lanes}, {tile.Vectors * step});");
                code.Line($"nint row = (start + t) / across * {outputs}, column = (start + t) % across * {outputs};");
                code.Line($"nint lastRow = Math.Min(rows, row + {outputs}), lastColumn = Math.Min(columns, column + {outputs});");
                code.Block("for (nint r = row; r < lastRow; r++)", () =>
                {
                    code.Line($"var sums = results + ((r - row) * {outputs} - column) * {lanes};");
                    code.Line("var to = y + n * yn + b * yc + r * yr;");
                    c.Epilogue.PrintRow(code);
                    code.Block("for (nint p = column; p < lastColumn; p++)", () =>
                    {
                        code.Line($"var sum = {tile.Dialect.Load($"sums + p * {lanes}")};");
                        c.Epilogue.PrintPixel(code, tile.Dialect, $"to + p * {lanes}", "sum");
                    });
                });
            });
        });

        // A tile by some blocks of channels from one on.
        void Sums(BlockedTile sums, string first, string blocks, string last)
        {
            string From(int step) => first.Length == 0 ? "" : $" + {first} * {step}";
            code.Line(code.Call(sums.Name, [$"products + i * {tile.Vectors * step} + at", $"{step}",
                $"tiles + i * product + at{From(step)}",
                $"w + f * {form.Products} * k + i * {tile.Vectors} * k{From(tile.Vectors * lanes * lanes)}",
                $"{blocks}, {last}, {step}, 1, 1, 0, 0"]) + ";");
        }
    }
}
