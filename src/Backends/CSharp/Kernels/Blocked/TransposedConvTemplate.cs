using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// Transposed convolution over images in blocks of channels, with an elementwise epilogue: pixels of the result that stand a stride apart
/// are a convolution of stride 1 with the taps that meet them (<see cref="TransposedPhase"/>), so that nothing is multiplied with zeros.
/// </summary>
public sealed class TransposedConvTemplate : KernelTemplate
{
    // Numbers of a phase in the table before its taps.
    private const int Header = 3;

    /// <inheritdoc/>
    public override string Id => "conv-transposed";

    /// <inheritdoc/>
    public override int Rank => 60;

    /// <inheritdoc/>
    public override bool TakesLayouts => true;

    private sealed record Transposed(int X, int W, long Batch, long Channels, long Filters, TransposedAxis Rows, TransposedAxis Columns,
        int Rank, BlockedEpilogue Epilogue)
    {
        public int Lanes => Epilogue.Lanes;

        public long Blocks => (Filters + Lanes - 1) / Lanes;

        public IEnumerable<TransposedPhase> Phases => TransposedPhase.Of(Rows, Columns, Channels, Lanes);
    }

    private static Transposed? Read(KernelRegion region, TargetProfile target)
    {
        int lanes = target.Lanes(sizeof(float));
        if (lanes == 1 || region.Body.Nodes.FirstOrDefault() is not { Op: ConvTranspose { Group: 1 } conv } anchor) return null;
        if (anchor.GivenInputs.Any(i => !region.Body[i].IsInput) || region.ConstantOperand(1) is not { DType: DType.Float32 }) return null;
        long[] x = region.Dims(anchor.Inputs[0]), w = region.Dims(anchor.Inputs[1]);
        if (x.Length is not (3 or 4) || x.Contains(0) || w.Contains(0) || region.DType(anchor.Inputs[0]) != DType.Float32) return null;
        var geometry = conv.Geometry(((TensorType)region.Body[anchor.Inputs[0]].Type).Shape!,
            ((TensorType)region.Body[anchor.Inputs[1]].Type).Shape!);
        if (geometry.Dilations.Any(d => d != 1)) return null;
        int bias = region.Has(2) ? anchor.Inputs[2] : Node.Absent;
        if (BlockedEpilogue.Of(region, anchor, bias, lanes) is not { } epilogue) return null;
        var rows = x.Length == 3 ? TransposedAxis.One : Axis(0);
        var columns = Axis(x.Length - 3);
        if (rows.Begin < 0 || columns.Begin < 0 || rows.Result < rows.Stride || columns.Result < columns.Stride) return null;
        return new Transposed(region.Slot(0), region.Slot(1), x[0], x[1], w[1], rows, columns, x.Length,
            epilogue with { Spread = (int)columns.Stride });

        TransposedAxis Axis(int axis) => new(geometry.Windowed[axis].Value!.Value, geometry.Padded[axis].Value!.Value,
            geometry.Kernel[axis].Value!.Value, geometry.Strides[axis], geometry.PadsBegin[axis].Value!.Value);
    }

    /// <inheritdoc/>
    public override LayoutChoice? Layouts(KernelRegion region, TargetProfile target) => Read(region, target) is { } c
        ? c.Epilogue.Choice(region, c.X, BlockedImage.LayoutOf(c.Rank, c.Lanes, (c.Rows.Before, c.Rows.Behind),
            (c.Columns.Before, c.Columns.Behind))) : null;

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        Read(region, target) is { } c && BlockedImage.Operand(region, c.X, c.Lanes) is not null
        && BlockedImage.Result(region, 0, c.Lanes) is not null ? Verdict.Yes : Verdict.No("not a transposed convolution over blocks");

    /// <inheritdoc/>
    public override IReadOnlyList<Schedule> Space(KernelRegion region, TargetProfile target)
    {
        var c = Read(region, target)!;
        return [.. BlockedTile.Shapes(target, c.Columns.Result / c.Columns.Stride, c.Blocks).Select(s =>
            new Schedule(Id, [new("pixels", s.Pixels), new("vectors", s.Vectors)]))];
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var c = Read(region, target)!;
        double rows = c.Phases.Sum(p => c.Rows.Count(p.Row) * BlockedTile.Cost(c.Columns.Count(p.Column), c.Blocks, schedule["pixels"],
            schedule["vectors"], p.Steps.Length, p.Steps.Length * c.Blocks * c.Lanes * 4.0, target));
        return PlainFeatures(region, 1, 1) with { VectorOps = c.Batch * rows + EpilogueOps(region, c.Lanes) };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var c = Read(region, target)!;
        var x = BlockedImage.Operand(region, c.X, c.Lanes)!;
        var y = BlockedImage.Result(region, 0, c.Lanes)!;
        // Each phase: rows, columns, steps, then where the element of each step stands.
        int[] table = [.. c.Phases.SelectMany(p => (int[])[(int)c.Rows.Count(p.Row), (int)c.Columns.Count(p.Column), p.Steps.Length,
            .. p.Steps.Select(s => checked((int)(s.Channel / c.Lanes * x.PlaneStep + s.Row * x.RowStep + s.Column * c.Lanes
                + s.Channel % c.Lanes)))])];
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.AddRange(new ResultArgument(0), new OperandArgument(c.X, x.Start * sizeof(float)),
            new WeightArgument(c.W, new TransposedPanels(c.Lanes, schedule["vectors"], c.Rows.Stride, c.Columns.Stride, c.Rows.Begin,
                c.Columns.Begin)), new WeightArgument(-1, new TableTransform("taps", Tensor.Vector(table))));
        long[] numbers =
        [
            c.Batch, c.Blocks, y.Height, y.Width, y.ImageStep, y.PlaneStep, y.RowStep, y.Top, y.Bottom, y.Left, y.Right, x.ImageStep,
            x.RowStep, c.Rows.Stride,
        ];
        foreach (long number in numbers) arguments.Add(new NumberArgument(number));
        int first = arguments.Count;
        arguments.AddRange(c.Epilogue.Arguments);
        return BlockedPieces.Share(new KernelPlan(Name(c, schedule, target), Id, arguments.ToImmutable()), y, 4, -1, 1, c.Epilogue, first,
            (1, x.ImageStep * sizeof(float), 0));
    }

    private static string Name(Transposed c, Schedule schedule, TargetProfile target)
    {
        long tail = c.Blocks % schedule["vectors"];
        return $"f32_conv_transposed_{schedule["pixels"]}x{schedule["vectors"]}{(tail > 0 ? $"_tail{tail}" : "")}{c.Epilogue.Tag}"
            + $"__{VectorDialect.For(target, DType.Float32).Suffix}";
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var c = Read(kernel.Region, target)!;
        var tile = new BlockedTile(kernel.Schedule["pixels"], kernel.Schedule["vectors"], c.Lanes, IsPlanar: true,
            VectorDialect.For(target, DType.Float32), c.Epilogue);
        int tail = (int)(c.Blocks % tile.Vectors);
        tile.Emit(source);
        if (tail > 0) (tile with { Vectors = tail }).Emit(source);
        var code = new CodeWriter();
        code.Line("/// <summary>y[n, m, p * stride + t] = sum over c, t of w[c, m, t] x[n, c, p]"
            + $"{(c.Epilogue.Body.Count > 0 ? $", then {c.Epilogue.Body.Tag}" : "")}; {kernel.Schedule}.</summary>");
        code.Block($"public static void {kernel.Name}(float* y, float* x, float* w, int* table, nint batch, nint filters, nint rows, "
            + "nint columns, nint yn, nint yc, nint yr, nint top, nint bottom, nint left, nint right, nint xn, nint xr, nint down"
            + $"{c.Epilogue.Parameters})", () =>
        {
            code.Line($"Halos.Clear(y, batch * filters, yc, rows, columns, {c.Lanes}, top, bottom, left, right);");
            code.Line($"y += top * yr + left * {c.Lanes};");
            code.Block("for (nint n = 0; n < batch; n++)", () =>
            {
                code.Line("var from = x + n * xn;");
                code.Line("var phase = table;");
                code.Line("var panels = w;");
                code.Block("for (nint i = 0; i < down; i++)", () => code.Block($"for (nint j = 0; j < {c.Columns.Stride}; j++)", () =>
                {
                    code.Line($"nint height = phase[0], width = phase[1], k = phase[2];");
                    code.Line($"var taps = phase + {Header};");
                    code.Block("for (nint r = 0; r < height; r++)", () =>
                        BlockedConvTemplate.Panels(code, tile, tail, panel => Row(code, panel, c.Columns.Stride)));
                    code.Line($"phase += {Header} + k;");
                    code.Line($"panels += filters * k * {c.Lanes};");
                }));
            });
        });
        source.Add(kernel.Name, code.ToString());
    }

    private static void Row(CodeWriter code, BlockedTile tile, long stride) =>
        code.Block($"for (nint c = 0; c < width; c += {tile.Pixels})", () =>
        {
            int lanes = tile.Dialect.Lanes;
            code.Line($"nint p = Math.Min(c, width - {tile.Pixels}), row = i + r * down, column = j + p * {stride};");
            code.Line(code.Call(tile.Name, [$"y + n * yn + f * yc + row * yr + column * {lanes}", "yc", $"from + r * xr + p * {lanes}",
                $"panels + f * k * {lanes}", tile.ReadingArguments + tile.Epilogue.TileArguments("n", "f", "row", "column")]) + ";");
        });
}
