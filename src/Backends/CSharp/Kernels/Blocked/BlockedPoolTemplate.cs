using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// Poolings over windows of images in blocks of channels, with an elementwise epilogue: a vector for each window. Taps outside of the image
/// are left out, so that no halo is needed; windows that lie inside have their taps written out.
/// </summary>
public sealed class BlockedPoolTemplate : KernelTemplate
{
    private const int MostTaps = 25;

    /// <inheritdoc/>
    public override string Id => "pool-blocked";

    /// <inheritdoc/>
    public override bool TakesLayouts => true;

    /// <inheritdoc/>
    public override LayoutChoice? Layouts(KernelRegion region, TargetProfile target) => Read(region, target) is { } pool
        ? pool.Epilogue.Choice(region, region.Slot(0), BlockedImage.LayoutOf(pool.Rank, pool.Epilogue.Lanes)) : null;

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        Read(region, target) is { } pool && BlockedImage.Operand(region, region.Slot(0), pool.Epilogue.Lanes) is not null
        && BlockedImage.Result(region, 0, pool.Epilogue.Lanes) is not null
            ? Verdict.Yes : Verdict.No("not a pooling over blocks of channels");

    private sealed record Pool(bool IsMax, int Rank, WindowAxis Rows, WindowAxis Columns, float[] Counts, BlockedEpilogue Epilogue)
    {
        public long WrittenTaps => Rows.Taps * Columns.Taps <= MostTaps ? Rows.Taps * Columns.Taps : 0;
    }

    private static Pool? Read(KernelRegion region, TargetProfile target)
    {
        int lanes = target.Lanes(sizeof(float));
        var anchor = region.Anchor();
        if (lanes == 1 || anchor.Op is not (MaxPool or AveragePool) || region.ResultSlot(1) >= 0) return null;
        long[] dims = region.Dims(anchor.Inputs[0]);
        if (dims.Length is not (3 or 4) || dims.Contains(0) || region.DType(anchor.Inputs[0]) != DType.Float32
            || !region.Body[anchor.Inputs[0]].IsInput) return null;
        if (BlockedEpilogue.Of(region, anchor, Node.Absent, lanes) is not { } epilogue) return null;
        var geometry = ((WindowPool)anchor.Op).Geometry(((TensorType)region.Body[anchor.Inputs[0]].Type).Shape!);
        float[] counts = anchor.Op is not AveragePool average ? []
            : [.. dims.Length == 3 ? [1f] : Count(0), .. Count(geometry.Rank - 1)];
        return new Pool(anchor.Op is MaxPool, dims.Length, dims.Length == 3 ? WindowAxis.One : WindowAxis.Of(geometry, 0),
            WindowAxis.Of(geometry, geometry.Rank - 1), counts, epilogue);

        IEnumerable<float> Count(int axis) => geometry.TapCounts(axis, average.CountIncludePad).Select(count => (float)count);
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var p = Read(region, target)!;
        long[] result = region.Dims(region.Body.Outputs[0].Value);
        const double tap = 2, window = 18, row = 35; // cycles
        double rows = (double)result[0] * ((result[1] + p.Epilogue.Lanes - 1) / p.Epilogue.Lanes) * p.Rows.Windows;
        return PlainFeatures(region, 1, 1) with
        {
            VectorOps = EpilogueOps(region, p.Epilogue.Lanes),
            Cycles = rows * (row + p.Columns.Windows * (window + tap * p.Rows.Taps * p.Columns.Taps)),
        };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var p = Read(region, target)!;
        var x = BlockedImage.Operand(region, region.Slot(0), p.Epilogue.Lanes)!;
        var y = BlockedImage.Result(region, 0, p.Epilogue.Lanes)!;
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.AddRange(new ResultArgument(0), new OperandArgument(region.Slot(0), x.Start * sizeof(float)));
        if (!p.IsMax) arguments.Add(new WeightArgument(-1, new TableTransform("counts", Tensor.Vector(p.Counts))));
        long[] numbers =
        [
            y.Batch, y.Blocks, y.Height, y.Width, y.ImageStep, y.PlaneStep, y.RowStep, y.Top, y.Bottom, y.Left, y.Right,
            x.ImageStep, x.PlaneStep, x.RowStep, .. Axis(p.Rows), .. Axis(p.Columns),
        ];
        int batch = arguments.Count, first = batch + numbers.Length;
        foreach (long number in numbers) arguments.Add(new NumberArgument(number));
        arguments.AddRange(p.Epilogue.Arguments);
        string taps = p.WrittenTaps > 0 ? $"_{p.Rows.Taps}x{p.Columns.Taps}" : "";
        string name = $"f32_blocks_{(p.IsMax ? "max" : "average")}pool{taps}{p.Epilogue.Tag}__"
            + VectorDialect.For(target, DType.Float32).Suffix;
        var plan = BlockedPieces.Share(new KernelPlan(name, Id, arguments.ToImmutable()), y, batch, batch + 1, 1, p.Epilogue, first,
            (1, x.ImageStep * sizeof(float), x.PlaneStep * sizeof(float)));
        // A mean divides by counts that it finds by its number of rows.
        if (!p.IsMax) return plan;
        const int toBegin = 16; // from the number of rows to how far the first window reaches out
        return BlockedBands.WithImage(BlockedBands.Of(plan, y, batch + 2, p.Epilogue, first, [], [(batch + 2 + toBegin, -p.Rows.Stride)]),
            batch + 2, x, p.Rows);

        static long[] Axis(WindowAxis axis) => [axis.Size, axis.Taps, axis.Stride, axis.Dilation, axis.Begin];
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var p = Read(kernel.Region, target)!;
        var dialect = VectorDialect.For(target, DType.Float32);
        var code = new CodeWriter();
        code.Line($"/// <summary>y = {(p.IsMax ? "greatest" : "mean")} of x over windows"
            + $"{(p.Epilogue.Body.Count > 0 ? $", then {p.Epilogue.Body.Tag}" : "")}, in blocks of channels.</summary>");
        code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        code.Block($"public static void {kernel.Name}(float* y, float* x{(p.IsMax ? "" : ", float* counts")}, nint batch, nint blocks, "
            + "nint rows, nint columns, nint yn, nint yc, nint yr, nint top, nint bottom, nint left, nint right, nint xn, nint xc, "
            + "nint xr, nint size0, nint kernel0, nint stride0, nint dilation0, nint begin0, "
            + $"nint size1, nint kernel1, nint stride1, nint dilation1, nint begin1{p.Epilogue.Parameters})", () =>
        {
            code.Line($"Halos.Clear(y, batch * blocks, yc, rows, columns, {dialect.Lanes}, top, bottom, left, right);");
            code.Line($"y += top * yr + left * {dialect.Lanes};");
            code.Line($"nint across = dilation1 * {dialect.Lanes};");
            p.Epilogue.PrintOutside(code, dialect);
            code.Block("for (nint n = 0; n < batch; n++)", () => code.Block("for (nint b = 0; b < blocks; b++)", () =>
            {
                p.Epilogue.PrintBlock(code, dialect);
                code.Block("for (nint r = 0; r < rows; r++)", () => Row(code, p, dialect));
            }));
        });
        source.Add(kernel.Name, code.ToString());
    }

    private static void Row(CodeWriter code, Pool p, VectorDialect dialect)
    {
        code.Line("nint start0 = r * stride0 - begin0;");
        code.Line("nint first0 = Windows.FirstTap(start0, dilation0), end0 = Windows.EndTap(start0, dilation0, size0, kernel0);");
        code.Line("var from = x + n * xn + b * xc + (start0 + first0 * dilation0) * xr;");
        code.Line("nint down = dilation0 * xr;");
        code.Line("var to = y + n * yn + b * yc + r * yr;");
        p.Epilogue.PrintRow(code);
        code.Block("for (nint p = 0; p < columns; p++)", () =>
        {
            code.Line("nint start1 = p * stride1 - begin1;");
            code.Line("nint first1 = Windows.FirstTap(start1, dilation1), end1 = Windows.EndTap(start1, dilation1, size1, kernel1);");
            code.Line($"var result = {Neutral(p, dialect)};");
            if (p.WrittenTaps > 0)
            {
                code.Block("if (end0 - first0 == kernel0 && end1 - first1 == kernel1)", () =>
                {
                    code.Line($"var at = from + start1 * {dialect.Lanes};");
                    for (long i = 0; i < p.Rows.Taps; i++)
                    {
                        for (long j = 0; j < p.Columns.Taps; j++)
                        {
                            string place = j switch { 0 => "at", 1 => "at + across", _ => $"at + {j} * across" };
                            code.Line(i + j == 0 ? $"result = {dialect.Load(place)};" : $"result = {Join(p, dialect.Load(place))};");
                        }
                        if (i < p.Rows.Taps - 1) code.Line("at += down;");
                    }
                });
                code.Line("else");
            }
            code.Block("for (nint t = first0; t < end0; t++)", () => code.Block("for (nint u = first1; u < end1; u++)", () =>
            {
                code.Line($"var at = from + (t - first0) * down + (start1 + u * dilation1) * {dialect.Lanes};");
                code.Line($"result = {Join(p, dialect.Load("at"))};");
            }));
            if (!p.IsMax) code.Line($"result /= {dialect.Splat("counts[r] * counts[rows + p]")};");
            p.Epilogue.PrintPixel(code, dialect, $"to + p * {dialect.Lanes}", "result");
        });
    }

    private static string Neutral(Pool p, VectorDialect dialect) => dialect.Literal(p.IsMax ? double.NegativeInfinity : 0);

    private static string Join(Pool p, string next) => p.IsMax ? $"Max(result, {next})" : $"result + {next}";
}
