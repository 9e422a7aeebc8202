using System.Collections.Immutable;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// Direct convolution of any kernel, stride and dilation over images in blocks of channels, with an elementwise epilogue. The padding is
/// the image's halo, so that no window is special. Groups are taken one after the other and must have whole blocks.
/// </summary>
public sealed class BlockedConvTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "conv-blocked";

    /// <inheritdoc/>
    public override int Rank => 40;

    /// <inheritdoc/>
    public override bool TakesLayouts => true;

    /// <inheritdoc/>
    public override LayoutChoice? Layouts(KernelRegion region, TargetProfile target) =>
        Read(region, target) is { } c ? c.Layouts(c.Blocks) : null;

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        Read(region, target) is { } c && BlockedImage.Operand(region, c.X, c.Lanes) is not null
        && BlockedImage.Result(region, 0, c.Lanes) is not null ? Verdict.Yes : Verdict.No("not a convolution over blocks of channels");

    private static BlockedConvolution? Read(KernelRegion region, TargetProfile target) =>
        BlockedConvolution.Of(region, target) is { } c
        && (c.Groups == 1 || (c.Channels % c.Lanes == 0 && c.Filters % c.Lanes == 0)) ? c : null;

    /// <inheritdoc/>
    public override IReadOnlyList<Schedule> Space(KernelRegion region, TargetProfile target)
    {
        var c = Read(region, target)!;
        // Whether the weights stay in the second level of cache while an image passes, or rather the image while the weights pass.
        double weights = c.Groups * c.FilterBlocks * c.Lanes * c.Channels * c.Taps * 4.0;
        int[] outer = weights <= HalfOfSecondLevel(target) ? [1, 0] : [0, 1];
        if (c.Rows.Windows == 1) outer = outer[..1]; // both are the same order then
        return [.. BlockedTile.Shapes(target, c.Columns.Windows, c.FilterBlocks).SelectMany(s => outer, (s, rowsOutside) =>
            new Schedule(Id, [new("pixels", s.Pixels), new("vectors", s.Vectors), new("rows-outside", rowsOutside)]))];
    }

    private static double HalfOfSecondLevel(TargetProfile target) => target.Caches[Math.Min(1, target.Caches.Count - 1)].KiB * 512.0;

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var c = Read(region, target)!;
        bool isRowsOutside = schedule["rows-outside"] == 1;
        double rows = c.Batch * c.Groups * c.Rows.Windows, weights = c.FilterBlocks * c.Lanes * c.Channels * c.Taps * 4.0;
        var plain = PlainFeatures(region, 1, 1);
        double row = BlockedTile.Cost(c.Columns.Windows, c.FilterBlocks, schedule["pixels"], schedule["vectors"], c.Channels * c.Taps,
            isRowsOutside && rows > 1 ? weights : 0, target);
        double panels = Math.Ceiling(c.FilterBlocks / (double)schedule["vectors"]);
        return plain with
        {
            VectorOps = rows * row + EpilogueOps(region, c.Lanes),
            CodeBytes = CodeBytes(region, schedule["pixels"] * (schedule["vectors"] + c.FilterBlocks % schedule["vectors"])),
            BytesAgain = isRowsOutside ? 0 : plain.BytesIn * (panels - 1),
            SpanAgain = plain.BytesIn,
        };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var c = Read(region, target)!;
        var x = BlockedImage.Operand(region, c.X, c.Lanes)!;
        var y = BlockedImage.Result(region, 0, c.Lanes)!;
        long start = x.Start - c.Rows.Begin * x.RowStep - c.Columns.Begin * x.Lanes;
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.AddRange(new ResultArgument(0), new OperandArgument(c.X, start * sizeof(float)),
            new WeightArgument(c.W, new FilterPanels(c.Lanes, schedule["vectors"], c.Groups, IsPlanar: false)));
        long blocks = (c.Channels + c.Lanes - 1) / c.Lanes;
        long[] numbers =
        [
            c.Batch, c.Groups, c.FilterBlocks, y.Height, y.Width, y.ImageStep, y.PlaneStep, y.RowStep, y.Top, y.Bottom, y.Left, y.Right,
            x.ImageStep, x.PlaneStep, x.RowStep * c.Rows.Stride, c.Channels * c.Taps,
            blocks, c.Channels - (blocks - 1) * c.Lanes, c.Rows.Taps, c.Columns.Taps, x.RowStep * c.Rows.Dilation,
            x.Lanes * c.Columns.Dilation,
        ];
        foreach (long number in numbers) arguments.Add(new NumberArgument(number));
        int first = arguments.Count;
        arguments.AddRange(c.Epilogue.Arguments);
        var plan = BlockedPieces.Share(new KernelPlan(Name(c, schedule, target), Id, arguments.ToImmutable()), y, 3, c.Groups == 1 ? 5 : -1,
            schedule["vectors"], c.Epilogue, first, (1, x.ImageStep * sizeof(float), 0),
            (2, 0, c.Channels * c.Taps * c.Lanes * sizeof(float)));
        return BlockedBands.OfWindows(plan, y, 6, c.Epilogue, first, x, c.Rows);
    }

    private static BlockedTile Tile(BlockedConvolution c, Schedule schedule, TargetProfile target) => new(schedule["pixels"],
        schedule["vectors"], c.Columns.Stride * c.Lanes, IsPlanar: false, VectorDialect.For(target, DType.Float32), c.Epilogue);

    private static string Name(BlockedConvolution c, Schedule schedule, TargetProfile target)
    {
        long tail = c.FilterBlocks % schedule["vectors"];
        return $"f32_conv_blocks_{schedule["pixels"]}x{schedule["vectors"]}{(tail > 0 ? $"_tail{tail}" : "")}_step{c.Columns.Stride}"
            + $"{(schedule["rows-outside"] == 1 ? "_rows" : "")}{c.Epilogue.Tag}__{VectorDialect.For(target, DType.Float32).Suffix}";
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var c = Read(kernel.Region, target)!;
        var tile = Tile(c, kernel.Schedule, target);
        int tail = (int)(c.FilterBlocks % tile.Vectors);
        tile.Emit(source);
        if (tail > 0) (tile with { Vectors = tail }).Emit(source);
        var code = new CodeWriter();
        code.Line($"/// <summary>y[n, m, p] = sum over c, t of w[m, c, t] x[n, c, p * stride + t]"
            + $"{(c.Epilogue.Body.Count > 0 ? $", then {c.Epilogue.Body.Tag}" : "")}; {kernel.Schedule}.</summary>");
        code.Block($"public static void {kernel.Name}(float* y, float* x, float* w, nint batch, nint groups, nint filters, nint rows, "
            + "nint columns, nint yn, nint yc, nint yr, nint top, nint bottom, nint left, nint right, nint xn, nint xc, nint xr, nint k, "
            + $"nint blocks, nint last, nint height, nint width, nint down, nint across{c.Epilogue.Parameters})", () =>
        {
            code.Line($"Halos.Clear(y, batch * groups * filters, yc, rows, columns, {c.Lanes}, top, bottom, left, right);");
            code.Line($"y += top * yr + left * {c.Lanes};");
            code.Block("for (nint n = 0; n < batch; n++)", () => code.Block("for (nint g = 0; g < groups; g++)", () =>
            {
                code.Line("var from = x + n * xn + g * blocks * xc;");
                code.Line($"var panels = w + g * filters * k * {c.Lanes};");
                code.Line("nint first = g * filters;");
                if (kernel.Schedule["rows-outside"] == 1)
                    code.Block("for (nint r = 0; r < rows; r++)", () => Panels(code, tile, tail, panel => Row(code, panel)));
                else
                    Panels(code, tile, tail, panel => code.Block("for (nint r = 0; r < rows; r++)", () => Row(code, panel)));
            }));
        });
        source.Add(kernel.Name, code.ToString());
    }

    /// <summary>
    /// Prints the loop over panels of filters: <c>f</c> is the first block of each; the last panel may be a smaller one, which is not there
    /// for a thread whose piece ends before it.
    /// </summary>
    internal static void Panels(CodeWriter code, BlockedTile tile, int tail, Action<BlockedTile> inside)
    {
        code.Block("", () =>
        {
            code.Line("nint f = 0;");
            if (tail == 0) code.Block($"for (; f < filters; f += {tile.Vectors})", () => inside(tile));
            else
            {
                code.Block($"for (; f <= filters - {tile.Vectors}; f += {tile.Vectors})", () => inside(tile));
                code.Block("if (f < filters)", () => inside(tile with { Vectors = tail }));
            }
        });
    }

    /// <summary>Prints the tiles of a row; the last one may overlap the one before.</summary>
    internal static void Row(CodeWriter code, BlockedTile tile) => Row(code, tile, $"panels + f * k * {tile.Dialect.Lanes}");

    /// <summary>The same, with the text of the place of the panel's weights.</summary>
    internal static void Row(CodeWriter code, BlockedTile tile, string weights) =>
        code.Block($"for (nint c = 0; c < columns; c += {tile.Pixels})", () =>
        {
            code.Line($"nint p = Math.Min(c, columns - {tile.Pixels});");
            code.Line(code.Call(tile.Name, [$"y + n * yn + (first + f) * yc + r * yr + p * {tile.Dialect.Lanes}", "yc",
                $"from + r * xr + p * {tile.PixelStep}", weights, tile.ReadingArguments
                + tile.Epilogue.TileArguments("n", "(first + f)", "r", "p")]) + ";");
        });
}
