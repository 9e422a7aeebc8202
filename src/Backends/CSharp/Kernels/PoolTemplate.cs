using System.Collections.Immutable;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Poolings over windows of one to three axes with an elementwise epilogue. A window's rows are folded into one line first, vectors of all
/// rows at a time, then the line's taps, so that the work grows with the sum of the window's sides. Where windows stand more than one
/// element apart, the line is either folded at each place and the windows picked (dense), or folded for each window.
/// </summary>
public sealed class PoolTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "pool";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        PoolCode.Of(region, out var reason) is null ? Verdict.No(reason!) : Verdict.Yes;

    /// <inheritdoc/>
    public override IReadOnlyList<Schedule> Space(KernelRegion region, TargetProfile target)
    {
        var p = Read(region);
        if (p.Windows.Strides[2] == 1) return [Dense(1)];
        return p.Dialect(target).IsScalar ? [Dense(0)] : [Dense(1), Dense(0)];

        Schedule Dense(int value) => new(Id, [new("dense", value)]);
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var p = Read(region);
        double lanes = p.Dialect(target).Lanes, rows = (double)p.Batch * p.Channels * p.Windows.Windows[0] * p.Windows.Windows[1];
        double vertical = p.Windows.Kernel[0] * p.Windows.Kernel[1] * Math.Ceiling(p.Windows.Size[2] / lanes);
        double horizontal = p.Windows.Kernel[2] * (schedule["dense"] == 0 ? 1.2 * p.Windows.Windows[2] : Math.Ceiling(p.Reach / lanes));
        double picking = schedule["dense"] == 0 || p.Windows.Strides[2] == 1 ? 0 : 3 * p.Windows.Windows[2];
        const double row = 100; // cycles: calls for each row of a window, bounds of windows, a loop over the results
        return PlainFeatures(region, 1, 1) with
        {
            VectorOps = rows * 2 * vertical + EpilogueOps(region, (int)lanes), Cycles = rows * (row + horizontal + picking),
        };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var p = Read(region);
        var dtype = p.Fold.DType;
        long bytes = Math.Max(1, p.Reach) * dtype.Bits() / 8;
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.Add(new ResultArgument(0));
        arguments.Add(region.Operand(0));
        arguments.Add(new ScratchArgument(bytes, dtype));
        if (p.Windows.Strides[2] != 1) arguments.Add(new ScratchArgument(bytes, dtype));
        var counts = Tensor.FromDoubles(dtype, [p.Counts.Length], p.Counts);
        if (p.IsMean) arguments.Add(new WeightArgument(-1, new TableTransform("counts", counts)));
        arguments.AddRange(p.Epilogue.Arguments);
        arguments.AddRange(p.Arguments);
        string taps = p.WrittenTaps == 0 ? "" : $"_{p.WrittenTaps}taps";
        string form = p.Windows.Strides[2] == 1 ? "" : schedule["dense"] == 1 ? "_dense" : "_apart";
        string name = $"{dtype.Name()}_{p.Name}pool{taps}{form}{p.Epilogue.Tag}__{p.Dialect(target).Suffix}";
        return new KernelPlan(name, Id, arguments.ToImmutable());
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var p = Read(kernel.Region);
        var dialect = p.Dialect(target);
        if (p.Epilogue.Body.NeedsElementary || p.Fold.DType == DType.Float64) source.Need("Elementary");
        source.Need("Windows");
        string window = p.Fold.AddWindow(source, dialect);
        string element = p.Fold.Type, result = CSharpTypes.Name(p.Epilogue.Body.ResultDType);
        bool isApart = p.Windows.Strides[2] != 1;
        string more = (isApart ? $", {element}* folded" : "") + (p.IsMean ? $", {element}* counts" : "");
        var code = new CodeWriter();
        code.Line($"/// <summary>y = {p.Name} of x over windows{ReduceTemplate.Then(p.Epilogue)}; {kernel.Schedule}.</summary>");
        code.Block($"public static void {kernel.Name}({result}* y, {element}* x, {element}* line{more}{p.Epilogue.Parameters}, "
            + $"{p.Parameters})", () =>
        {
            code.Line("// A line holds a row with its padding, as far as windows reach.");
            code.Line("nint reach = (windows2 - 1) * stride2 + (kernel2 - 1) * dilation2 + 1;");
            code.Line("nint inside = Math.Max(0, Math.Min(size2, reach - begin2));");
            code.Line($"new Span<{element}>(line, (int)Math.Max(0, reach)).Fill({p.Fold.Literal(dialect.Scalar)});");
            if (p.IsMean) code.Line("var rowCounts = counts + windows0 + windows1;");
            code.Block("for (nint n = 0; n < batch; n++)", () => code.Block("for (nint c = 0; c < channels; c++)", () =>
                Window(code, 0, "z", () => Window(code, 1, "w", () =>
                {
                    code.Line("var rows = x + (((n * channels + c) * size0 + start0 + first0 * dilation0) * size1 + start1 + first1 * dilation1) "
                        + "* size2;");
                    code.Line(code.Call(window, ["line + begin2", "rows", "end0 - first0", "dilation0 * size1 * size2", "end1 - first1",
                        "dilation1 * size2", "inside"]) + ";");
                    code.Line("var to = y + (((n * channels + c) * windows0 + z) * windows1 + w) * windows2;");
                    for (int i = 0; i < p.Steps.Length; i++) code.Line($"var p{i} = e{i} + n * e{i}n + c * e{i}c + z * e{i}z + w * e{i}y;");
                    if (p.IsMean) code.Line("var outer = counts[z] * counts[windows0 + w];");
                    if (isApart) Apart(code, p, dialect, kernel.Schedule["dense"] == 1);
                    if (isApart && IsPicked(p))
                    {
                        string step = kernel.Schedule["dense"] == 1 ? " * stride2" : "";
                        code.Line($"for (nint j = 0; j < windows2; j++) to[j] = folded[j{step}];");
                        return;
                    }
                    p.Epilogue.Print(code, dialect, "windows2", "to", name => $"p{name[1..]}", (d, _) =>
                    {
                        string value = isApart ? d.Load("folded + j") : Taps(code, p, d, "line + j");
                        return p.IsMean ? $"{value} / ({d.Splat("outer")} * {d.Load("rowCounts + j")})"
                            : p.Order > 0 ? PowerCode.Root(d, value, p.Order) : value;
                    });
                }))));
        });
        source.Add(kernel.Name, code.ToString());
    }

    // Whether the folded line is the result.
    private static bool IsPicked(PoolCode p) =>
        p.Epilogue.Body.Count == 0 && p.Epilogue.Body.ResultDType == p.Fold.DType && !p.IsMean && p.Order == 0;

    // A loop over windows along an outer axis, with the taps that meet elements.
    private static void Window(CodeWriter code, int axis, string index, Action inside) =>
        code.Block($"for (nint {index} = 0; {index} < windows{axis}; {index}++)", () =>
        {
            code.Line($"nint start{axis} = {index} * stride{axis} - begin{axis};");
            code.Line($"nint first{axis} = Windows.FirstTap(start{axis}, dilation{axis});");
            code.Line($"nint end{axis} = Windows.EndTap(start{axis}, dilation{axis}, size{axis}, kernel{axis});");
            inside();
        });

    // The line folded for windows that stand apart: at each place, of which windows are picked, or for each window.
    private static void Apart(CodeWriter code, PoolCode p, VectorDialect dialect, bool isDense)
    {
        if (!isDense)
        {
            code.Block("for (nint j = 0; j < windows2; j++)", () =>
                code.Line($"folded[j] = {Taps(code, p, dialect.Scalar, "line + j * stride2")};"));
            return;
        }
        code.Line("nint places = (windows2 - 1) * stride2 + 1;");
        Fold.Overlapping(code, dialect, "places", (d, at) => code.Line(d.Store($"folded + {at}", Taps(code, p, d, $"line + {at}"))));
        if (!IsPicked(p)) code.Line("for (nint j = 1; j < windows2; j++) folded[j] = folded[j * stride2];");
    }

    private static string Taps(CodeWriter code, PoolCode p, VectorDialect d, string from)
    {
        code.Line($"var taps = {d.Load(from)};");
        if (p.WrittenTaps == 0)
            code.Line($"for (nint t = 1; t < kernel2; t++) taps = {p.Fold.Join(d, "taps", d.Load($"{from} + t * dilation2"))};");
        for (int t = 1; t < p.WrittenTaps; t++)
            code.Line($"taps = {p.Fold.Join(d, "taps", d.Load($"{from} + {(t == 1 ? "dilation2" : $"{t} * dilation2")}"))};");
        return "taps";
    }

    private static PoolCode Read(KernelRegion region) => PoolCode.Of(region, out _)!;
}
