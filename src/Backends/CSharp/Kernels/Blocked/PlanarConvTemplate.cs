using System.Collections.Immutable;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// The first convolution of a network: from a row-major image of few channels to one in blocks of channels, with an elementwise epilogue.
/// The image is copied with its padding stored around it, where there is any.
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
        return PlainFeatures(region, 1, 1) with
        {
            VectorOps = (double)c.Batch * c.Rows.Windows * BlockedTile.Cost(c.Columns.Windows, c.FilterBlocks, schedule["pixels"],
                schedule["vectors"], c.Channels * c.Taps, c.FilterBlocks * c.Lanes * c.Channels * c.Taps * 4.0, target)
                + EpilogueOps(region, c.Lanes),
            BytesScratch = IsDirect(c) ? 0 : 8.0 * c.Channels * c.Rows.Stored * c.Columns.Stored,
        };
    }

    private static bool IsDirect(BlockedConvolution c) => c.Rows.Stored == c.Rows.Size && c.Columns.Stored == c.Columns.Size;

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var c = Read(region, target)!;
        var y = BlockedImage.Result(region, 0, c.Lanes)!;
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.AddRange(new ResultArgument(0), new OperandArgument(c.X),
            new WeightArgument(c.W, new FilterPanels(c.Lanes, schedule["vectors"], 1, IsPlanar: true)),
            new WeightArgument(-1, new TableTransform("taps", Tensor.Vector(Taps(c)))));
        if (!IsDirect(c)) arguments.Add(new ScratchArgument(c.Channels * c.Rows.Stored * c.Columns.Stored * sizeof(float)));
        long[] numbers =
        [
            c.Batch, c.FilterBlocks, y.Height, y.Width, y.ImageStep, y.PlaneStep, y.RowStep, y.Top, y.Bottom, y.Left, y.Right,
            c.Channels * c.Rows.Size * c.Columns.Size, c.Columns.Stored * c.Rows.Stride, c.Channels * c.Taps,
            .. IsDirect(c) ? (long[])[]
                : [c.Channels, c.Rows.Size, c.Columns.Size, c.Rows.Stored, c.Columns.Stored, c.Rows.Begin, c.Columns.Begin],
        ];
        int batch = arguments.Count, first = batch + numbers.Length;
        foreach (long number in numbers) arguments.Add(new NumberArgument(number));
        arguments.AddRange(c.Epilogue.Arguments);
        return BlockedPieces.Share(new KernelPlan(Name(c, schedule, target), Id, arguments.ToImmutable()), y, batch,
            batch + 1, schedule["vectors"], c.Epilogue, first,
            (1, c.Channels * c.Rows.Size * c.Columns.Size * sizeof(float), 0), (2, 0, c.Channels * c.Taps * c.Lanes * sizeof(float)));
    }

    // For each channel and tap where it stands relative to a window's first element.
    private static int[] Taps(BlockedConvolution c)
    {
        var table = new List<int>();
        for (long channel = 0; channel < c.Channels; channel++)
            for (long i = 0; i < c.Rows.Taps; i++)
                for (long j = 0; j < c.Columns.Taps; j++)
                    table.Add(checked((int)((channel * c.Rows.Stored + i * c.Rows.Dilation) * c.Columns.Stored + j * c.Columns.Dilation)));
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
            + $"{(isDirect ? "" : ", nint channels, nint size0, nint size1, nint stored0, nint stored1, nint begin0, nint begin1")}"
            + $"{c.Epilogue.Parameters})", () =>
        {
            code.Line($"Halos.Clear(y, batch * filters, rows, columns, {c.Lanes}, top, bottom, left, right);");
            code.Line($"y += top * yr + left * {c.Lanes};");
            code.Line("var panels = w;");
            code.Line("const nint first = 0;");
            code.Block("for (nint n = 0; n < batch; n++)", () =>
            {
                if (isDirect) code.Line("var from = x + n * xn;");
                else
                {
                    code.Line("var from = stored;");
                    code.Line("Windows.Store(stored, x + n * xn, channels, 1, size0, size1, 1, stored0, stored1, "
                        + "0, begin0, begin1, 1, 1, 1);");
                }
                code.Block("for (nint r = 0; r < rows; r++)", () =>
                    BlockedConvTemplate.Panels(code, tile, tail, panel => BlockedConvTemplate.Row(code, panel)));
            });
        });
        source.Add(kernel.Name, code.ToString());
    }
}
