using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Convolution along rows of row-major images, and transposed convolution as one over a stretched image, with an elementwise epilogue:
/// neighbouring windows of a row are the lanes, a table tells where the elements of a step stand, so that nothing is gathered. For few
/// filters, which would leave lanes of a block of channels empty. The image is copied with its padding where there is any.
/// </summary>
public sealed class RowConvTemplate : KernelTemplate
{
    // More filters than this part of a block fill it well enough.
    private const int Part = 2;

    /// <inheritdoc/>
    public override string Id => "conv-rows";

    /// <inheritdoc/>
    public override int Rank => 90;

    /// <summary>
    /// Whether a convolution over that many windows in a row has so few filters that rows are better for it than blocks of channels.
    /// A single tap is left to blocks: changing the layout would take longer than it.
    /// </summary>
    public static bool HasFewFilters(long filters, long groups, long taps, long windows, long stride, int lanes) =>
        groups == 1 && filters * Part <= lanes && taps > 1 && stride == 1 && windows >= lanes;

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        Read(region, target) is null ? Verdict.No("not a convolution along rows") : Verdict.Yes;

    private static Convolution? Read(KernelRegion region, TargetProfile target)
    {
        if (region.Body.Nodes.FirstOrDefault() is not { Op: Conv or ConvTranspose }) return null;
        int lanes = target.Lanes(sizeof(float));
        return lanes > 1 && Convolution.Of(region, out _) is
            { Groups: 1, Filters: > 0, Channels: > 0, Epilogue: { IsVectorizable: true, ResultDType: DType.Float32 } } c
            && c.Windows.Windows is [1, _, var columns] && c.Windows.Strides[2] == 1 && columns >= lanes
            && (c.IsTransposed || HasFewFilters(c.Filters, 1, c.K / c.Channels, columns, 1, lanes)) ? c : null;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Schedule> Space(KernelRegion region, TargetProfile target)
    {
        var c = Read(region, target)!;
        long most = c.Windows.Windows[2] / target.Lanes(sizeof(float));
        return [.. ProductTile.Shapes(target, isScalar: false).Concat([(4, 5), (3, 7), (3, 6), (2, 8), (1, 8), (1, 6)])
            .Where(s => s.Item2 <= most && s.Item1 <= c.Filters && s.Item1 * s.Item2 + s.Item2 + 1 < target.VectorRegisters)
            .Select(s => new Schedule(Id, [new("rows", s.Item1), new("vectors", s.Item2)]))];
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var c = Read(region, target)!;
        int rows = schedule["rows"], vectors = schedule["vectors"];
        long columns = c.Windows.Windows[2], width = vectors * target.Lanes(sizeof(float));
        var split = RowSplit.Of(c.Filters, rows);
        double tiles = c.Batch * c.Windows.Windows[1] * ((columns + width - 1) / width);
        return PlainFeatures(region, 1, 1) with
        {
            VectorOps = tiles * (split.Lower * Tile(split.Height) + split.Higher * Tile(split.Height + 1))
                + EpilogueOps(region, target.Lanes(sizeof(float))),
            BytesScratch = c.Windows.IsDirect ? 0 : 8.0 * c.Batch * c.Channels * c.Windows.StoredPlane,
        };

        // A vector that is not aligned is read from two lines.
        double Tile(int height) => c.K * Math.Max(Math.Max(height * vectors, (2 * vectors + height) / 2.0 * target.FmasPerCycle),
            ProductTile.Latency(target) * target.FmasPerCycle) + (2 * height * vectors + 30) * target.FmasPerCycle;
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var c = Read(region, target)!;
        var w = c.Windows;
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.AddRange(new ResultArgument(0), new OperandArgument(c.X),
            c.IsTransposed ? new WeightArgument(c.W, new FlippedFilters(1)) : new OperandArgument(c.W),
            new WeightArgument(-1, new TableTransform("taps", Tensor.Vector(w.Taps(c.Channels)))));
        if (!w.IsDirect) arguments.Add(new ScratchArgument(c.Channels * w.StoredPlane * sizeof(float)));
        long[] numbers = [c.Batch, c.Filters, w.Windows[1], w.Windows[2], c.K, c.Channels, w.Plane, w.Strides[1] * w.Stored[2],
            .. w.IsDirect ? [] : (long[])[.. w.Size, .. w.Stored, .. w.Begin, .. w.Stretch]];
        foreach (long number in numbers) arguments.Add(new NumberArgument(number));
        foreach (var load in c.Loads)
            arguments.AddRange(new OperandArgument(load.Operand), new NumberArgument(load.ImageStep), new NumberArgument(load.RowStep));
        return new KernelPlan(Name(c, Tile(c, schedule, target)), Id, arguments.ToImmutable());
    }

    private static ProductTile Tile(Convolution c, Schedule schedule, TargetProfile target) =>
        c.Tile(schedule, target) with { IsByTable = true };

    private static string Name(Convolution c, ProductTile tile) =>
        $"f32_conv_rows_{RowSplit.Of(c.Filters, tile.Rows).Tag}x{tile.Vectors}{(c.Windows.IsDirect ? "" : "_pad")}{tile.Tag}"
        + $"__{tile.Dialect.Suffix}";

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var c = Read(kernel.Region, target)!;
        var tile = Tile(c, kernel.Schedule, target);
        var split = RowSplit.Of(c.Filters, tile.Rows);
        foreach (int height in split.Heights) (tile with { Rows = height }).Emit(source, ragged: false);
        string image = c.Windows.IsDirect ? ""
            : ", nint size0, nint size1, nint size2, nint stored0, nint stored1, nint stored2, nint begin0, nint begin1, nint begin2, "
                + "nint step0, nint step1, nint step2";
        string loads = string.Concat(tile.Loads.Select((l, i) => $", {CSharpTypes.Name(l.DType)}* e{i}, nint e{i}n, nint e{i}m"));
        var code = new CodeWriter();
        code.Line($"/// <summary>y[n, m, p] = sum over c, t of w[m, c, t] x[n, c, p + t]"
            + $"{(c.Epilogue.Count > 0 ? $", then {c.Epilogue.Tag}" : "")}, row by row; {kernel.Schedule}.</summary>");
        code.Block($"public static void {kernel.Name}(float* y, float* x, float* w, int* taps"
            + $"{(c.Windows.IsDirect ? "" : ", float* stored")}, nint batch, nint filters, nint rows, nint columns, nint k, nint channels, "
            + $"nint plane, nint xr{image}{loads})", () =>
        {
            code.Line("nint ldc = rows * columns, lda = k, astep = 1;");
            if (split is { Higher: > 0, Lower: > 0 }) code.Line($"const nint higher = {split.HigherRows};");
            code.Block("for (nint n = 0; n < batch; n++)", () =>
            {
                code.Line("var image = x + n * channels * plane;");
                if (!c.Windows.IsDirect)
                {
                    code.Line("Windows.Store(stored, image, channels, size0, size1, size2, stored0, stored1, stored2, begin0, begin1, "
                        + "begin2, step0, step1, step2);");
                    code.Line("image = stored;");
                }
                code.Block("for (nint r = 0; r < rows; r++)", () => code.Block($"for (nint c = 0; c < columns; c += {tile.Columns})", () =>
                {
                    code.Line($"nint p = Math.Min(c, columns - {tile.Columns}), at = r * columns + p;");
                    Filters(code, tile, split);
                }));
            });
        });
        source.Add(kernel.Name, code.ToString());
    }

    private static void Filters(CodeWriter code, ProductTile tile, RowSplit split)
    {
        code.Line("nint m = 0;");
        if (split.Higher > 0) Loop(split.Height + 1, split.Lower > 0 ? "higher" : "filters");
        if (split.Lower > 0) Loop(split.Height, "filters");

        void Loop(int height, string end) => code.Block($"for (; m < {end}; m += {height})", () =>
        {
            string loads = string.Concat(tile.Loads.Select((l, i) =>
                $", e{i} + n * e{i}n + m * e{i}m{(l.AlongColumns ? " + at" : "")}, e{i}m"));
            code.Line($"{(tile with { Rows = height }).Name(false)}(y + (n * filters + m) * ldc + at, ldc, w + m * lda, lda, astep, "
                + $"image + r * xr + p, taps, k{loads});");
        });
    }
}
