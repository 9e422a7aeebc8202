using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Convolution of any kernel, stride, dilation, padding and group over one to three spatial axes, with an elementwise epilogue, as a
/// product: filters are the rows, windows the columns, channels and taps the sum. For a block of windows the elements that each tap meets
/// are gathered into panels (im2col, a block at a time), then all filters are computed over them. Padding is stored around a copy of the
/// image where there is any.
/// </summary>
public sealed class ConvTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "conv";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        region.Body.Nodes.FirstOrDefault() is not { Op: Conv or ConvTranspose } ? Verdict.No("not a convolution")
        : Convolution.Of(region, out var reason) is null ? Verdict.No(reason!) : Verdict.Yes;

    /// <inheritdoc/>
    public override IReadOnlyList<Schedule> Space(KernelRegion region, TargetProfile target)
    {
        var c = Convolution.Of(region, out _)!;
        var shapes = ProductTile.Shapes(target, target.VectorBits == 0).Where(s => s.Rows <= Math.Max(1, c.Filters)).ToArray();
        return [.. shapes.SelectMany(s => new[] { 4, 1 }, (s, panels) =>
            new Schedule(Id, [new("rows", s.Rows), new("vectors", s.Vectors), new("panels", panels)]))];
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var c = Convolution.Of(region, out _)!;
        var plain = PlainFeatures(region, 1, 1);
        int lanes = target.Lanes(4), columns = schedule["vectors"] * lanes;
        double images = (double)c.Batch * c.Groups;
        // Cycles of a tap of a panel, of an element of it that is moved alone, and of a row of the image that is stored with padding.
        const double tap = 40, single = 2, stored = 40;
        double padded = Math.Ceiling(c.Windows.Count / (double)columns) * columns;
        bool isCopied = c.Windows.Strides[2] == 1 && c.Windows.Windows[2] >= columns / 2;
        double gathered = c.Windows.Count / (isCopied ? (double)lanes : 1);
        double blocks = Math.Ceiling(c.Windows.Count / (double)(columns * schedule["panels"]));
        return plain with
        {
            VectorOps = images * ProductTile.Cost(c.Filters, c.Windows.Count, c.K, schedule["rows"], schedule["vectors"], lanes, target)
                + EpilogueOps(region, lanes),
            Cycles = c.Batch * c.Groups * (c.K * tap * Math.Ceiling(c.Windows.Count / (double)columns)
                + c.K * (single * gathered + single * (padded - c.Windows.Count)))
                + (c.Windows.IsDirect ? 0 : stored * c.Batch * c.Groups * c.Channels * c.Windows.Size[0] * c.Windows.Size[1]),
            BytesWeights = plain.BytesWeights * blocks,
            BytesScratch = images * 8.0 * c.K * c.Windows.Count,
        };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var c = Convolution.Of(region, out _)!;
        var tile = c.Tile(schedule, target);
        var w = c.Windows;
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.Add(new ResultArgument(0));
        arguments.Add(new OperandArgument(c.X));
        arguments.Add(c.IsTransposed ? new WeightArgument(c.W, new FlippedFilters((int)c.Groups)) : new OperandArgument(c.W));
        arguments.Add(new WeightArgument(-1, new TableTransform("taps", Tensor.Vector(w.Taps(c.Channels)))));
        arguments.Add(new WeightArgument(-1, new TableTransform("starts", Tensor.Vector(w.Starts()))));
        arguments.Add(new ScratchArgument(c.K * tile.Columns * schedule["panels"] * 4));
        if (!w.IsDirect) arguments.Add(new ScratchArgument(c.Channels * c.Groups * w.StoredPlane * 4));
        long[] numbers = [c.Batch, c.Groups, c.Filters, c.Channels, c.K, w.Count, .. w.IsDirect ? [w.Plane]
            : (long[])[.. w.Size, .. w.Stored, .. w.Begin, .. w.Stretch]];
        foreach (long number in numbers) arguments.Add(new NumberArgument(number));
        foreach (var load in c.Loads)
        {
            arguments.Add(new OperandArgument(load.Operand));
            arguments.Add(new NumberArgument(load.ImageStep));
            arguments.Add(new NumberArgument(load.RowStep));
        }
        return new KernelPlan(Name(c, schedule, tile), Id, arguments.ToImmutable());
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var c = Convolution.Of(kernel.Region, out _)!;
        var tile = c.Tile(kernel.Schedule, target);
        int tail = (int)(c.Filters % tile.Rows), panels = kernel.Schedule["panels"];
        if (c.Filters >= tile.Rows) tile.Emit(source);
        if (tail > 0) (tile with { Rows = tail }).Emit(source);
        string result = CSharpTypes.Name(tile.Result);
        var code = new CodeWriter();
        code.Line($"/// <summary>y[n, m, p] = sum over c, t of w[m, c, t] x[n, c, start(p) + "
            + $"tap(t)]{(c.Epilogue.Count > 0 ? $", then {c.Epilogue.Tag}" : "")}; {kernel.Schedule}.</summary>");
        string image = c.Windows.IsDirect ? "nint plane"
            : "nint size0, nint size1, nint size2, nint stored0, nint stored1, nint stored2, nint begin0, nint begin1, nint begin2, "
                + "nint step0, nint step1, nint step2";
        string loads = string.Concat(tile.Loads.Select((l, i) => $", {CSharpTypes.Name(l.DType)}* e{i}, nint e{i}n, nint e{i}m"));
        string head =
            $"public static void {kernel.Name}({result}* y, float* x, float* w, int* taps, int* starts, float* "
                + $"panels{(c.Windows.IsDirect ? "" : ", float* stored")}, "
            + $"nint batch, nint groups, nint filters, nint channels, nint k, nint windows, {image}{loads})";
        code.Block(head, () =>
        {
            if (c.Filters == 0) return; // no elements to compute
            if (!c.Windows.IsDirect) code.Line("nint plane = stored0 * stored1 * stored2;");
            code.Line("nint ldc = windows, lda = k, astep = 1;");
            code.Block("for (nint n = 0; n < batch; n++)", () =>
            {
                code.Line(c.Windows.IsDirect ? "var images = x + n * groups * channels * plane;"
                    : "Windows.Store(stored, x + n * groups * channels * size0 * size1 * size2, groups * channels, size0, size1, size2, "
                        + "stored0, stored1, stored2, begin0, begin1, begin2, step0, step1, step2);");
                if (!c.Windows.IsDirect) code.Line("var images = stored;");
                code.Block("for (nint g = 0; g < groups; g++)", () =>
                {
                    code.Line("var from = images + g * channels * plane;");
                    code.Line("var weights = w + g * filters * k;");
                    code.Line("var to = y + (n * groups + g) * filters * windows;");
                    for (int i = 0; i < tile.Loads.Count; i++) code.Line($"var f{i} = e{i} + n * e{i}n + g * filters * e{i}m;");
                    code.Block($"for (nint block = 0; block < windows; block += {tile.Columns * panels})", () =>
                    {
                        code.Line($"nint end = Math.Min(windows, block + {tile.Columns * panels});");
                        code.Line($"for (nint j = block; j < end; j += {tile.Columns})");
                        code.Line($"    Windows.Gather(panels + (j - block) * k, from, taps, k, starts + j, Math.Min({tile.Columns}, end - "
                            + $"j), {tile.Columns});");
                        Rows(code, tile, c.Filters >= tile.Rows, tail);
                    });
                });
            });
        });
        source.Add(kernel.Name, code.ToString());
    }

    // For each tile of filters all panels of the block, so that a tile's weights are read once for the block.
    private static void Rows(CodeWriter code, ProductTile tile, bool hasWhole, int tail)
    {
        code.Line("nint m = 0;");
        if (hasWhole) code.Block($"for (; m <= filters - {tile.Rows}; m += {tile.Rows})", () => Panels(tile));
        if (tail > 0) Panels(tile with { Rows = tail });

        void Panels(ProductTile rows) => code.Block($"for (nint j = block; j < end; j += {tile.Columns})", () =>
        {
            code.Line($"nint columns = Math.Min({tile.Columns}, end - j);");
            string whole = "to + m * ldc + j, ldc, weights + m * lda, lda, astep, panels + (j - block) * k, k";
            string loads = string.Concat(tile.Loads.Select((l, i) => $", f{i} + m * e{i}m{(l.AlongColumns ? " + j" : "")}, e{i}m"));
            if (!tile.IsVectorizable) { code.Line($"{rows.Name(true)}({whole}, columns{loads});"); return; }
            code.Line($"if (columns == {tile.Columns}) {rows.Name(false)}({whole}{loads});");
            code.Line($"else {rows.Name(true)}({whole}, columns{loads});");
        });
    }

    private static string Name(Convolution c, Schedule schedule, ProductTile tile) =>
        $"f32_conv_{tile.Rows}x{tile.Vectors}x{schedule["panels"]}_tail{c.Filters % tile.Rows}"
        + $"{(c.Windows.IsDirect ? "" : "_pad")}{tile.Tag}__{tile.Dialect.Suffix}";
}
