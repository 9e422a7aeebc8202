using System.Collections.Immutable;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// Convolution whose groups are not whole blocks of channels, over images in blocks of channels, with an elementwise epilogue. A panel of
/// filters sums over the channels of all groups that its filters belong to, with zeros for those of other groups; where a tap of a channel
/// stands is told by a table. Not exact: a NaN or an infinity spreads to filters of neighbouring groups.
/// </summary>
public sealed class GroupedConvTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "conv-grouped";

    /// <inheritdoc/>
    public override int Rank => 50;

    /// <inheritdoc/>
    public override bool TakesLayouts => true;

    /// <inheritdoc/>
    public override bool IsExact => false;

    /// <inheritdoc/>
    public override LayoutChoice? Layouts(KernelRegion region, TargetProfile target) =>
        Read(region, target) is { } c ? c.Layouts(c.Blocks) : null;

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        Read(region, target) is { } c && BlockedImage.Operand(region, c.X, c.Lanes) is not null
        && BlockedImage.Result(region, 0, c.Lanes) is not null ? Verdict.Yes : Verdict.No("not a grouped convolution over blocks");

    // Whole blocks and single channels have kernels that waste nothing.
    private static BlockedConvolution? Read(KernelRegion region, TargetProfile target) =>
        BlockedConvolution.Of(region, target) is { Groups: > 1 } c && (c.Channels > 1 || c.Filters > 1)
        && (c.Channels % c.Lanes != 0 || c.Filters % c.Lanes != 0) ? c : null;

    private static long Blocks(BlockedConvolution c) => (c.Groups * c.Filters + c.Lanes - 1) / c.Lanes;

    private static IEnumerable<GroupPanel> Panels(BlockedConvolution c, Schedule schedule) =>
        GroupPanel.Of(c.Groups, c.Filters, c.Channels, c.Lanes, schedule["vectors"]);

    /// <inheritdoc/>
    public override IReadOnlyList<Schedule> Space(KernelRegion region, TargetProfile target)
    {
        var c = Read(region, target)!;
        return [.. BlockedTile.Shapes(target, c.Columns.Windows, Blocks(c)).Select(s =>
            new Schedule(Id, [new("pixels", s.Pixels), new("vectors", s.Vectors)]))];
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var c = Read(region, target)!;
        double weights = Panels(c, schedule).Sum(p => p.Vectors * c.Lanes * p.Channels * c.Taps * 4.0);
        double row = Panels(c, schedule).Sum(p =>
            BlockedTile.Cost(c.Columns.Windows, p.Vectors, schedule["pixels"], p.Vectors, p.Channels * c.Taps, weights, target));
        return PlainFeatures(region, 1, 1) with { VectorOps = c.Batch * c.Rows.Windows * row + EpilogueOps(region, c.Lanes) };
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
            new WeightArgument(c.W, new GroupPanels(c.Lanes, schedule["vectors"], c.Groups)),
            new WeightArgument(-1, new TableTransform("taps", Tensor.Vector(Taps(c, x, schedule)))));
        long[] numbers =
        [
            c.Batch, Blocks(c), y.Height, y.Width, y.ImageStep, y.PlaneStep, y.RowStep, y.Top, y.Bottom, y.Left, y.Right,
            x.ImageStep, x.RowStep * c.Rows.Stride,
        ];
        foreach (long number in numbers) arguments.Add(new NumberArgument(number));
        int first = arguments.Count;
        arguments.AddRange(c.Epilogue.Arguments);
        var plan = BlockedPieces.Share(new KernelPlan(Name(c, schedule, target), Id, arguments.ToImmutable()), y, 4, -1, 1, c.Epilogue,
            first, (1, x.ImageStep * sizeof(float), 0));
        return BlockedBands.Of(plan, y, 6, c.Epilogue, first, [(1, x.RowStep * c.Rows.Stride * sizeof(float))]);
    }

    // For each panel the number of its steps, then for each step where its element stands relative to a window's first.
    private static int[] Taps(BlockedConvolution c, BlockedImage x, Schedule schedule)
    {
        var table = new List<int>();
        foreach (var panel in Panels(c, schedule))
        {
            table.Add(checked((int)(panel.Channels * c.Taps)));
            foreach (var (channel, tap) in panel.Steps(c.Lanes, c.Taps))
                table.Add(checked((int)(channel / c.Lanes * x.PlaneStep + tap / c.Columns.Taps * c.Rows.Dilation * x.RowStep
                    + tap % c.Columns.Taps * c.Columns.Dilation * c.Lanes + channel % c.Lanes)));
        }
        return [.. table];
    }

    private static string Name(BlockedConvolution c, Schedule schedule, TargetProfile target)
    {
        long tail = Blocks(c) % schedule["vectors"];
        return $"f32_conv_groups_{schedule["pixels"]}x{schedule["vectors"]}{(tail > 0 ? $"_tail{tail}" : "")}_step{c.Columns.Stride}"
            + $"{c.Epilogue.Tag}__{VectorDialect.For(target, DType.Float32).Suffix}";
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var c = Read(kernel.Region, target)!;
        var tile = new BlockedTile(kernel.Schedule["pixels"], kernel.Schedule["vectors"], c.Columns.Stride * c.Lanes, IsPlanar: true,
            VectorDialect.For(target, DType.Float32), c.Epilogue);
        int tail = (int)(Blocks(c) % tile.Vectors);
        tile.Emit(source);
        if (tail > 0) (tile with { Vectors = tail }).Emit(source);
        var code = new CodeWriter();
        code.Line("/// <summary>y[n, m, p] = sum over c, t of w[m, c, t] x[n, c, p * stride + t], c in the group of m"
            + $"{(c.Epilogue.Body.Count > 0 ? $", then {c.Epilogue.Body.Tag}" : "")}; {kernel.Schedule}.</summary>");
        code.Block($"public static void {kernel.Name}(float* y, float* x, float* w, int* table, nint batch, nint filters, nint rows, "
            + "nint columns, nint yn, nint yc, nint yr, nint top, nint bottom, nint left, nint right, nint xn, nint xr"
            + $"{c.Epilogue.Parameters})", () =>
        {
            code.Line($"Halos.Clear(y, batch * filters, yc, rows, columns, {c.Lanes}, top, bottom, left, right);");
            code.Line($"y += top * yr + left * {c.Lanes};");
            code.Line("const nint first = 0;");
            code.Block("for (nint n = 0; n < batch; n++)", () =>
            {
                code.Line("var from = x + n * xn;");
                code.Block("for (nint r = 0; r < rows; r++)", () =>
                {
                    code.Line("var taps = table;");
                    code.Line("var panel = w;");
                    BlockedConvTemplate.Panels(code, tile, tail, panel => code.Block("", () =>
                    {
                        code.Line("nint k = *taps++;");
                        BlockedConvTemplate.Row(code, panel, "panel");
                        code.Line("taps += k;");
                        code.Line($"panel += k * {panel.Vectors * c.Lanes};");
                    }));
                });
            });
        });
        source.Add(kernel.Name, code.ToString());
    }
}
