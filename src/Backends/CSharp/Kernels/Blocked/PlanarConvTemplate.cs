using System.Collections.Immutable;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// The first convolution of a network: from a row-major image of few channels to one in blocks of channels, with an elementwise epilogue.
/// Where there is padding, the rows that some rows of the result need are copied with it stored around them, as many as stay in a near
/// cache.
/// </summary>
public sealed class PlanarConvTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "conv-planar";

    /// <inheritdoc/>
    public override int Rank => 30;

    /// <inheritdoc/>
    public override bool TakesLayouts => true;

    /// <inheritdoc/>
    public override LayoutChoice? Layouts(KernelRegion region, TargetProfile target) => Read(region, target)?.Layouts(null);

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        Read(region, target) is { } c && region.OperandLayout(c.X) is null && BlockedImage.Result(region, 0, c.Lanes) is not null
            ? Verdict.Yes : Verdict.No("not a convolution from a row-major image to blocks of channels");

    // With as many channels as a block has, blocks are as good to read.
    private static BlockedConvolution? Read(KernelRegion region, TargetProfile target) =>
        BlockedConvolution.Of(region, target) is { Groups: 1 } c && c.Channels < c.Lanes ? c : null;

    /// <inheritdoc/>
    public override IReadOnlyList<Schedule> Space(KernelRegion region, TargetProfile target)
    {
        var c = Read(region, target)!;
        return [.. BlockedTile.Shapes(target, c.Columns.Windows, c.FilterBlocks).Select(s =>
            new Schedule(Id, [new("pixels", s.Pixels), new("vectors", s.Vectors)]))];
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var c = Read(region, target)!;
        double rows = (double)c.Batch * c.Rows.Windows;
        return PlainFeatures(region, 1, 1) with
        {
            VectorOps = rows * BlockedTile.Cost(c.Columns.Windows, c.FilterBlocks, schedule["pixels"],
                schedule["vectors"], c.Channels * c.Taps, rows > 1 ? c.FilterBlocks * c.Lanes * c.Channels * c.Taps * 4.0 : 0, target)
                + EpilogueOps(region, c.Lanes),
            BytesScratch = IsDirect(c) ? 0 : 8.0 * c.Channels * c.Rows.Windows * c.Rows.Stride * c.Columns.Stored,
        };
    }

    // Rows of the result for which rows of the image are copied at once, into an eighth of the second level of cache.
    private static long RowsAtOnce(BlockedConvolution c, TargetProfile target)
    {
        double room = target.Caches[Math.Min(1, target.Caches.Count - 1)].KiB * 1024.0 / 8;
        long rows = (long)(room / (c.Channels * c.Columns.Stored * sizeof(float)));
        return Math.Clamp((rows - Reach(c)) / c.Rows.Stride + 1, 1, c.Rows.Windows);
    }

    private static long Reach(BlockedConvolution c) => (c.Rows.Taps - 1) * c.Rows.Dilation + 1;

    // Rows of the image, or of the copied ones, that a channel has.
    private static long StoredRows(BlockedConvolution c, TargetProfile target) =>
        IsDirect(c) ? c.Rows.Stored : (RowsAtOnce(c, target) - 1) * c.Rows.Stride + Reach(c);

    private static bool IsDirect(BlockedConvolution c) => c.Rows.Stored == c.Rows.Size && c.Columns.Stored == c.Columns.Size;

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var c = Read(region, target)!;
        var y = BlockedImage.Result(region, 0, c.Lanes)!;
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.AddRange(new ResultArgument(0), new OperandArgument(c.X),
            new WeightArgument(c.W, new FilterPanels(c.Lanes, schedule["vectors"], 1, IsPlanar: true)),
            new WeightArgument(-1, new TableTransform("taps", Tensor.Vector(Taps(c, StoredRows(c, target))))));
        if (!IsDirect(c)) arguments.Add(new ScratchArgument(c.Channels * StoredRows(c, target) * c.Columns.Stored * sizeof(float)));
        long[] numbers =
        [
            c.Batch, c.FilterBlocks, y.Height, y.Width, y.ImageStep, y.PlaneStep, y.RowStep, y.Top, y.Bottom, y.Left, y.Right,
            c.Channels * c.Rows.Size * c.Columns.Size, c.Columns.Stored * c.Rows.Stride, c.Channels * c.Taps,
            .. IsDirect(c) ? (long[])[]
                : [c.Channels, c.Rows.Size, c.Columns.Size, StoredRows(c, target), c.Columns.Stored, c.Rows.Begin, c.Columns.Begin,
                    c.Rows.Stride, RowsAtOnce(c, target)],
        ];
        int batch = arguments.Count, first = batch + numbers.Length;
        foreach (long number in numbers) arguments.Add(new NumberArgument(number));
        arguments.AddRange(c.Epilogue.Arguments);
        var plan = BlockedPieces.Share(new KernelPlan(Name(c, schedule, target), Id, arguments.ToImmutable()), y, batch,
            batch + 1, schedule["vectors"], c.Epilogue, first,
            (1, c.Channels * c.Rows.Size * c.Columns.Size * sizeof(float), 0), (2, 0, c.Channels * c.Taps * c.Lanes * sizeof(float)));
        const int toBegin = 17; // from the number of rows to how far the first window reaches out
        return IsDirect(c)
            ? BlockedBands.Of(plan, y, batch + 2, c.Epilogue, first, [(1, c.Columns.Stored * c.Rows.Stride * sizeof(float))])
            : BlockedBands.Of(plan, y, batch + 2, c.Epilogue, first, [], [(batch + 2 + toBegin, -c.Rows.Stride)]);
    }

    // For each channel and tap where it stands relative to a window's first element.
    private static int[] Taps(BlockedConvolution c, long storedRows)
    {
        var table = new List<int>();
        for (long channel = 0; channel < c.Channels; channel++)
            for (long i = 0; i < c.Rows.Taps; i++)
                for (long j = 0; j < c.Columns.Taps; j++)
                    table.Add(checked((int)((channel * storedRows + i * c.Rows.Dilation) * c.Columns.Stored + j * c.Columns.Dilation)));
        return [.. table];
    }

    private static string Name(BlockedConvolution c, Schedule schedule, TargetProfile target)
    {
        long tail = c.FilterBlocks % schedule["vectors"];
        return $"f32_conv_planar_{schedule["pixels"]}x{schedule["vectors"]}{(tail > 0 ? $"_tail{tail}" : "")}_step{c.Columns.Stride}"
            + $"{(IsDirect(c) ? "" : "_pad")}{c.Epilogue.Tag}__{VectorDialect.For(target, DType.Float32).Suffix}";
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var c = Read(kernel.Region, target)!;
        var tile = new BlockedTile(kernel.Schedule["pixels"], kernel.Schedule["vectors"], c.Columns.Stride, IsPlanar: true,
            VectorDialect.For(target, DType.Float32), c.Epilogue);
        int tail = (int)(c.FilterBlocks % tile.Vectors);
        tile.Emit(source);
        if (tail > 0) (tile with { Vectors = tail }).Emit(source);
        bool isDirect = IsDirect(c);
        var code = new CodeWriter();
        code.Line($"/// <summary>y[n, m, p] = sum over c, t of w[m, c, t] x[n, c, p * stride + t]"
            + $"{(c.Epilogue.Body.Count > 0 ? $", then {c.Epilogue.Body.Tag}" : "")}, x row-major; {kernel.Schedule}.</summary>");
        code.Block($"public static void {kernel.Name}(float* y, float* x, float* w, int* taps{(isDirect ? "" : ", float* stored")}, "
            + "nint batch, nint filters, nint rows, nint columns, nint yn, nint yc, nint yr, nint top, nint bottom, nint left, nint right, "
            + "nint xn, nint xr, nint k"
            + (isDirect ? "" : ", nint channels, nint size0, nint size1, nint stored0, nint stored1, nint begin0, nint begin1, "
                + "nint stride, nint atOnce")
            + $"{c.Epilogue.Parameters})", () =>
        {
            code.Line($"Halos.Clear(y, batch * filters, yc, rows, columns, {c.Lanes}, top, bottom, left, right);");
            code.Line($"y += top * yr + left * {c.Lanes};");
            code.Line("var panels = w;");
            code.Line("const nint first = 0;");
            code.Block("for (nint n = 0; n < batch; n++)", () =>
            {
                if (isDirect)
                {
                    code.Line("var from = x + n * xn;");
                    code.Block("for (nint r = 0; r < rows; r++)", Row);
                }
                else
                    code.Block("for (nint start = 0; start < rows; start += atOnce)", () =>
                    {
                        code.Line("nint end = Math.Min(rows, start + atOnce);");
                        code.Line("Windows.StoreRows(stored, x + n * xn, channels, stored0 - (start + atOnce - end) * stride, "
                            + "size0, size1, stored0, stored1, begin0 - start * stride, begin1);");
                        code.Line("var from = stored - start * xr;");
                        code.Block("for (nint r = start; r < end; r++)", Row);
                    });
            });

            void Row() => BlockedConvTemplate.Panels(code, tile, tail, panel => BlockedConvTemplate.Row(code, panel));
        });
        source.Add(kernel.Name, code.ToString());
    }
}
