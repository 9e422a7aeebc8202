using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// Sums, means and greatest elements of all pixels of images in blocks of channels, by global poolings and by reductions over the spatial
/// axes, with an elementwise epilogue. A row is joined first, then the rows, so that rounding errors of sums grow with the sides. The
/// result is in blocks where the axes are kept, else row-major.
/// </summary>
public sealed class GlobalPoolTemplate : KernelTemplate
{
    private const int Accumulators = 4;

    /// <inheritdoc/>
    public override string Id => "global-pool-blocked";

    /// <inheritdoc/>
    public override bool TakesLayouts => true;

    /// <inheritdoc/>
    public override LayoutChoice? Layouts(KernelRegion region, TargetProfile target)
    {
        if (Read(region, target) is not { } pool) return null;
        var image = BlockedImage.LayoutOf(pool.Rank, pool.Lanes);
        if (pool.Epilogue is not null) return pool.Epilogue.Choice(region, region.Slot(0), image);
        return new LayoutChoice([.. region.Constants.Select((_, i) => new LayoutSlot(i == region.Slot(0) ? image : null))],
            [new LayoutSlot(null)]);
    }

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        Read(region, target) is { } pool && BlockedImage.Operand(region, region.Slot(0), pool.Lanes) is not null
        && (pool.Epilogue is null ? region.ResultLayout(0) is null : BlockedImage.Result(region, 0, pool.Lanes) is not null)
            ? Verdict.Yes : Verdict.No("not a reduction of pixels in blocks of channels");

    /// <summary>A reduction of pixels; the epilogue is null where the result is row-major.</summary>
    private sealed record Pool(ReductionKind Kind, int Rank, int Lanes, BlockedEpilogue? Epilogue);

    private static Pool? Read(KernelRegion region, TargetProfile target)
    {
        int lanes = target.Lanes(sizeof(float));
        var anchor = region.Anchor();
        if (lanes == 1 || anchor.Op is not (GlobalPool or ReduceMean or ReduceSum or ReduceMax) || !region.Body[anchor.Inputs[0]].IsInput)
            return null;
        long[] dims = region.Dims(anchor.Inputs[0]);
        if (dims.Length is not (3 or 4) || dims.Contains(0) || region.DType(anchor.Inputs[0]) != DType.Float32) return null;
        if (ReductionKind.Of(anchor.Op, DType.Float32, out _) is not { HasCenter: false } kind) return null;
        if (anchor.Op is Reduction reduction)
        {
            if (region.Has(1) && region.ConstantOperand(1) is null) return null;
            var along = reduction.Along(region.ConstantOperand(1)?.ToLongs() ?? [], dims.Length);
            if (along is null || along[0] || along[1] || !along[2..].All(a => a)) return null;
        }
        bool keepsAxes = region.Dims(anchor.Outputs[0]).Length == dims.Length;
        if (!keepsAxes) return region.IsSingle() ? new Pool(kind, dims.Length, lanes, null) : null;
        return BlockedEpilogue.Of(region, anchor, Node.Absent, lanes) is { } epilogue ? new Pool(kind, dims.Length, lanes, epilogue) : null;
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target) =>
        PlainFeatures(region, target.Lanes(sizeof(float)), 0.5);

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var p = Read(region, target)!;
        var x = BlockedImage.Operand(region, region.Slot(0), p.Lanes)!;
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.AddRange(new ResultArgument(0), new OperandArgument(region.Slot(0), x.Start * sizeof(float)));
        long[] numbers = [x.Batch, p.Epilogue is null ? x.Channels : x.Blocks, x.Height, x.Width, x.ImageStep, x.PlaneStep, x.RowStep];
        foreach (long number in numbers) arguments.Add(new NumberArgument(number));
        if (p.Epilogue is not null)
        {
            var y = BlockedImage.Result(region, 0, p.Lanes)!;
            long[] place = [y.ImageStep, y.PlaneStep, y.Top, y.Bottom, y.Left, y.Right];
            foreach (long number in place) arguments.Add(new NumberArgument(number));
            arguments.AddRange(p.Epilogue.Arguments);
        }
        string form = p.Epilogue is null ? "_rowmajor" : p.Epilogue.Tag;
        return new KernelPlan($"f32_blocks_{p.Kind.Name}_pixels{form}__{VectorDialect.For(target, DType.Float32).Suffix}", Id,
            arguments.ToImmutable());
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var p = Read(kernel.Region, target)!;
        var dialect = VectorDialect.For(target, DType.Float32);
        string rest = p.Epilogue is null ? "" : $", nint yn, nint yc, nint top, nint bottom, nint left, nint right{p.Epilogue.Parameters}";
        var code = new CodeWriter();
        code.Line($"/// <summary>y = {p.Kind.Name} of all pixels of x"
            + $"{(p.Epilogue?.Body.Count > 0 ? $", then {p.Epilogue.Body.Tag}" : "")}, in blocks of channels.</summary>");
        code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        code.Block($"public static void {kernel.Name}(float* y, float* x, nint batch, nint {(p.Epilogue is null ? "channels" : "blocks")}, "
            + $"nint rows, nint columns, nint xn, nint xc, nint xr{rest})", () =>
        {
            if (p.Epilogue is null) code.Line($"nint blocks = (channels + {p.Lanes - 1}) / {p.Lanes};");
            else
            {
                code.Line($"Halos.Clear(y, batch * blocks, yc, 1, 1, {p.Lanes}, top, bottom, left, right);");
                code.Line($"y += top * (left + 1 + right) * {p.Lanes} + left * {p.Lanes};");
            }
            if (p.Kind.IsMean) code.Line("var count = (float)(rows * columns);");
            p.Epilogue?.PrintOutside(code, dialect);
            code.Block("for (nint n = 0; n < batch; n++)", () => code.Block("for (nint b = 0; b < blocks; b++)", () =>
            {
                Pixels(code, p.Kind.Fold, dialect);
                code.Line($"var result = {p.Kind.Finish(dialect, "total", "")};");
                if (p.Epilogue is null) RowMajor(code, p, dialect);
                else
                {
                    p.Epilogue.PrintBlock(code, dialect);
                    if (p.Epilogue.Loads.Any(l => l.Kind is BlockedLoadKind.Element or BlockedLoadKind.Pixel))
                        code.Line("const nint r = 0, p = 0;");
                    p.Epilogue.PrintRow(code);
                    p.Epilogue.PrintPixel(code, dialect, "y + n * yn + b * yc", "result");
                }
            }));
        });
        source.Add(kernel.Name, code.ToString());
    }

    private static void Pixels(CodeWriter code, Fold fold, VectorDialect dialect)
    {
        string neutral = fold.Literal(dialect);
        code.Line($"var total = {neutral};");
        code.Line("var from = x + n * xn + b * xc;");
        code.Block("for (nint i = 0; i < rows; i++, from += xr)", () =>
        {
            for (int a = 0; a < Accumulators; a++) code.Line($"var a{a} = {neutral};");
            code.Line("nint j = 0;");
            code.Block($"for (; j <= columns - {Accumulators}; j += {Accumulators})", () =>
            {
                for (int a = 0; a < Accumulators; a++)
                    code.Line($"a{a} = {fold.Join(dialect, $"a{a}", dialect.Load($"from + (j + {a}) * {dialect.Lanes}"))};");
            });
            code.Line($"for (; j < columns; j++) a0 = {fold.Join(dialect, "a0", dialect.Load($"from + j * {dialect.Lanes}"))};");
            code.Line($"var low = {fold.Join(dialect, "a0", "a1")};");
            code.Line($"var high = {fold.Join(dialect, "a2", "a3")};");
            code.Line($"low = {fold.Join(dialect, "low", "high")};");
            code.Line($"total = {fold.Join(dialect, "total", "low")};");
        });
    }

    private static void RowMajor(CodeWriter code, Pool p, VectorDialect dialect)
    {
        code.Line($"var to = y + n * channels + b * {p.Lanes};");
        code.Line($"if ((b + 1) * {p.Lanes} <= channels) {dialect.Store("to", "result")}");
        code.Line("else");
        code.Line($"    for (nint i = 0; i < channels - b * {p.Lanes}; i++) to[i] = result[(int)i];");
    }
}
