using System.Collections.Immutable;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>Regions of elementwise ops only over images in blocks of channels: a vector for each pixel.</summary>
public sealed class BlockedElementwiseTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "elementwise-blocked";

    /// <inheritdoc/>
    public override bool TakesLayouts => true;

    /// <inheritdoc/>
    public override LayoutChoice? Layouts(KernelRegion region, TargetProfile target) => Read(region, target)?.Choice(region);

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        Read(region, target) is { } epilogue && BlockedImage.Result(region, 0, epilogue.Lanes) is not null ? Verdict.Yes
            : Verdict.No("not elementwise over blocks of channels");

    private static BlockedEpilogue? Read(KernelRegion region, TargetProfile target)
    {
        int lanes = target.Lanes(sizeof(float));
        if (lanes == 1 || region.Body.Nodes.Any(n => !ElementwiseCode.IsElementwise(n.Op)) || region.Body.Outputs.Length != 1) return null;
        var epilogue = BlockedEpilogue.Of(region, null, Node.Absent, lanes);
        return epilogue is { Body.CanFail: false } && !epilogue.Body.Dims.Contains(0)
            && epilogue.Loads.Any(l => l.Kind == BlockedLoadKind.Element) ? epilogue : null;
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        const double loop = 2, row = 15; // of a pixel and of a row, beside what the ops say
        var y = BlockedImage.Result(region, 0, target.Lanes(sizeof(float)))!;
        double rows = (double)y.Batch * y.Blocks * y.Height;
        return PlainFeatures(region, 1, 1) with
        {
            VectorOps = rows * y.Width * loop + EpilogueOps(region, target.Lanes(sizeof(float))), Cycles = CycleCosts.Call + row * rows,
        };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var epilogue = Read(region, target)!;
        var y = BlockedImage.Result(region, 0, epilogue.Lanes)!;
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.Add(new ResultArgument(0));
        foreach (long number in (long[])[y.Batch, y.Blocks, y.Height, y.Width, y.ImageStep, y.PlaneStep, y.RowStep, y.Top, y.Bottom, y.Left,
            y.Right]) arguments.Add(new NumberArgument(number));
        int first = arguments.Count;
        arguments.AddRange(epilogue.Arguments);
        string name = $"f32_blocks{epilogue.Tag}__{VectorDialect.For(target, DType.Float32).Suffix}";
        return BlockedPieces.Share(new KernelPlan(name, Id, arguments.ToImmutable()), y, 1, 2, 1, epilogue, first);
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var epilogue = Read(kernel.Region, target)!;
        var dialect = VectorDialect.For(target, DType.Float32);
        var code = new CodeWriter();
        code.Line($"/// <summary>y = {epilogue.Body.Tag} over images in blocks of channels.</summary>");
        code.Block($"public static void {kernel.Name}(float* y, nint batch, nint blocks, nint rows, nint columns, nint yn, nint yc, "
            + $"nint yr, nint top, nint bottom, nint left, nint right{epilogue.Parameters})", () =>
        {
            code.Line($"Halos.Clear(y, batch * blocks, yc, rows, columns, {dialect.Lanes}, top, bottom, left, right);");
            code.Line($"y += top * yr + left * {dialect.Lanes};");
            epilogue.PrintOutside(code, dialect);
            code.Block("for (nint n = 0; n < batch; n++)", () => code.Block("for (nint b = 0; b < blocks; b++)", () =>
            {
                epilogue.PrintBlock(code, dialect);
                code.Block("for (nint r = 0; r < rows; r++)", () =>
                {
                    code.Line("var to = y + n * yn + b * yc + r * yr;");
                    epilogue.PrintRow(code);
                    code.Block("for (nint p = 0; p < columns; p++)", () =>
                        epilogue.PrintPixel(code, dialect, $"to + p * {dialect.Lanes}", ""));
                });
            }));
        });
        source.Add(kernel.Name, code.ToString());
    }
}
