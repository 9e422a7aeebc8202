using System.Collections.Immutable;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// Depthwise convolution (one filter for each channel) over images in blocks of channels, with an elementwise epilogue: the sums of
/// neighbouring pixels of a row stay in registers, and each column of a row of taps is read once for all pixels that it belongs to.
/// </summary>
public sealed class DepthwiseTemplate : KernelTemplate
{
    private const int MostPixels = 14;
    // Cycles of a tile beside its steps and stores.
    private const int TileOverhead = 8;

    // Rows of more taps would need more code and registers than there are.
    private const int MostTaps = 9;

    /// <inheritdoc/>
    public override string Id => "conv-depthwise";

    /// <inheritdoc/>
    public override int Rank => 20;

    /// <inheritdoc/>
    public override bool TakesLayouts => true;

    /// <inheritdoc/>
    public override LayoutChoice? Layouts(KernelRegion region, TargetProfile target) =>
        Read(region, target) is { } c ? c.Layouts(c.Blocks) : null;

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        Read(region, target) is { } c && BlockedImage.Operand(region, c.X, c.Lanes) is not null
        && BlockedImage.Result(region, 0, c.Lanes) is not null ? Verdict.Yes : Verdict.No("not a depthwise convolution over blocks");

    private static BlockedConvolution? Read(KernelRegion region, TargetProfile target) =>
        BlockedConvolution.Of(region, target) is { Channels: 1, Filters: 1, Groups: > 1, Columns.Taps: <= MostTaps } c ? c : null;

    /// <inheritdoc/>
    public override IReadOnlyList<Schedule> Space(KernelRegion region, TargetProfile target)
    {
        var c = Read(region, target)!;
        // Accumulators, a row of weights and a column.
        int room = target.VectorRegisters - 1 - (int)c.Columns.Taps;
        int most = (int)Math.Max(1, Math.Min(Math.Min(MostPixels, room), c.Columns.Windows));
        return [.. Enumerable.Range(0, most).Select(i => new Schedule(Id, [new("pixels", most - i)]))];
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var c = Read(region, target)!;
        int pixels = schedule["pixels"];
        double blocks = c.Batch * ((c.Groups + c.Lanes - 1) / c.Lanes), tiles = (c.Columns.Windows + pixels - 1) / pixels;
        double loads = Math.Min((pixels - 1) * c.Columns.Stride + (c.Columns.Taps - 1) * c.Columns.Dilation + 1, pixels * c.Columns.Taps);
        double step = Math.Max(Math.Max(pixels * c.Columns.Taps, loads + c.Columns.Taps), 4 * target.FmasPerCycle);
        return PlainFeatures(region, 1, 1) with { 
            VectorOps = blocks * c.Rows.Windows * tiles * (c.Rows.Taps * step + 3 * pixels + TileOverhead * target.FmasPerCycle)
                + EpilogueOps(region, c.Lanes),
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
            new WeightArgument(c.W, new TapLanes(c.Lanes)));
        long[] numbers =
        [
            c.Batch, y.Blocks, y.Height, y.Width, y.ImageStep, y.PlaneStep, y.RowStep, y.Top, y.Bottom, y.Left, y.Right,
            x.ImageStep, x.PlaneStep, x.RowStep * c.Rows.Stride, c.Rows.Taps, x.RowStep * c.Rows.Dilation,
        ];
        foreach (long number in numbers) arguments.Add(new NumberArgument(number));
        int first = arguments.Count;
        arguments.AddRange(c.Epilogue.Arguments);
        var plan = BlockedPieces.Share(new KernelPlan(Name(c, schedule, target), Id, arguments.ToImmutable()), y, 3, 4, 1, c.Epilogue,
            first, (1, x.ImageStep * sizeof(float), x.PlaneStep * sizeof(float)), (2, 0, c.Taps * c.Lanes * sizeof(float)));
        return BlockedBands.OfWindows(plan, y, 5, c.Epilogue, first, x, c.Rows);
    }

    private static string Name(BlockedConvolution c, Schedule schedule, TargetProfile target) =>
        $"f32_depthwise_{schedule["pixels"]}x{c.Columns.Taps}_step{c.Columns.Stride}"
        + $"{(c.Columns.Dilation > 1 ? $"_apart{c.Columns.Dilation}" : "")}{c.Epilogue.Tag}__"
        + $"{VectorDialect.For(target, DType.Float32).Suffix}";

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var c = Read(kernel.Region, target)!;
        var dialect = VectorDialect.For(target, DType.Float32);
        int pixels = kernel.Schedule["pixels"];
        string tile = kernel.Name.Replace("_depthwise_", "_depthwise_tile_", StringComparison.Ordinal);
        source.Add(tile, Tile(c, tile, dialect, pixels));
        var code = new CodeWriter();
        code.Line($"/// <summary>y[n, c, p] = sum over t of w[c, t] x[n, c, p * stride + t]"
            + $"{(c.Epilogue.Body.Count > 0 ? $", then {c.Epilogue.Body.Tag}" : "")}; {kernel.Schedule}.</summary>");
        code.Block($"public static void {kernel.Name}(float* y, float* x, float* w, nint batch, nint blocks, nint rows, nint columns, "
            + "nint yn, nint yc, nint yr, nint top, nint bottom, nint left, nint right, nint xn, nint xc, nint xr, nint height, nint down"
            + $"{c.Epilogue.Parameters})", () =>
        {
            code.Line($"Halos.Clear(y, batch * blocks, yc, rows, columns, {c.Lanes}, top, bottom, left, right);");
            code.Line($"y += top * yr + left * {c.Lanes};");
            code.Block("for (nint n = 0; n < batch; n++)", () => code.Block("for (nint b = 0; b < blocks; b++)", () =>
                code.Block("for (nint r = 0; r < rows; r++)", () => code.Block($"for (nint c = 0; c < columns; c += {pixels})", () =>
                {
                    code.Line($"nint p = Math.Min(c, columns - {pixels});");
                    code.Line(code.Call(tile, [$"y + n * yn + b * yc + r * yr + p * {c.Lanes}",
                        $"x + n * xn + b * xc + r * xr + p * {c.Columns.Stride * c.Lanes}", $"w + b * height * {c.Columns.Taps * c.Lanes}",
                        $"height, down{c.Epilogue.TileArguments("n", "b", "r", "p")}"]) + ";");
                }))));
        });
        source.Add(kernel.Name, code.ToString());
    }

    private static string Tile(BlockedConvolution c, string name, VectorDialect dialect, int pixels)
    {
        int taps = (int)c.Columns.Taps, lanes = dialect.Lanes;
        var code = new CodeWriter();
        code.Line($"/// <summary>{pixels} pixel{(pixels == 1 ? "" : "s")} of a row of one block of channels.</summary>");
        code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        code.Block($"public static void {name}(float* y, float* x, float* w, nint height, nint down{c.Epilogue.TileParameters})", () =>
        {
            for (int p = 0; p < pixels; p++) code.Line($"var c{p}_0 = {dialect.Vector}.Zero;");
            code.Block("for (nint i = 0; i < height; i++)", () =>
            {
                for (int t = 0; t < taps; t++) code.Line($"var w{t} = {dialect.Load(t == 0 ? "w" : $"w + {t * lanes}")};");
                // Each column of the row once, for all pixels and taps that meet there.
                var meets = Enumerable.Range(0, pixels).SelectMany(p => Enumerable.Range(0, taps), (p, t) =>
                    (Pixel: p, Tap: t, Column: p * c.Columns.Stride + t * c.Columns.Dilation));
                foreach (var column in meets.GroupBy(m => m.Column).OrderBy(g => g.Key))
                {
                    code.Line($"var x{column.Key} = {dialect.Load(column.Key == 0 ? "x" : $"x + {column.Key * lanes}")};");
                    foreach (var (pixel, tap, _) in column)
                        code.Line($"c{pixel}_0 = {dialect.MulAdd($"x{column.Key}", $"w{tap}", $"c{pixel}_0")};");
                }
                code.Line("x += down;");
                code.Line($"w += {taps * lanes};");
            });
            c.Epilogue.Print(code, dialect, pixels, 1);
        });
        return code.ToString();
    }
}
