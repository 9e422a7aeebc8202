using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Reductions over any axes, and poolings over all spatial axes, with an elementwise epilogue. Where the last axis is reduced, rows are
/// folded into numbers; where it is kept, rows are joined element by element.
/// </summary>
public sealed class ReduceTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "reduce";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        ReductionCode.Of(region, out var reason) is null ? Verdict.No(reason!) : Verdict.Yes;

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        const double single = 1.4; // cycles of an element that is not in a vector
        var r = Read(region);
        int lanes = r.Dialect(target).Lanes;
        double elements = region.Elements(region.Anchor().Inputs[0]), rows = elements / Math.Max(1, r.Length);
        double vectors = lanes > 1 ? r.Length / lanes : 0, singles = r.Length - vectors * lanes;
        double each = r.Kind.IsPlain && !r.Kind.HasCenter ? 1 : 12;
        // Sums of a row become one number; rows that are joined are read and written again for each.
        double beside = r.IsByRows ? CycleCosts.Call / 2 + CycleCosts.JoinLanes(vectors > 0 ? lanes : 1) / 2 : 3;
        return PlainFeatures(region, 1, 1) with
        {
            VectorOps = rows * vectors * 2 * each * target.FmasPerCycle,
            Cycles = 3 * CycleCosts.Call + rows * (beside + singles * single * each)
                + region.Elements(region.Body.Outputs[0].Value) * CycleCosts.Single(region) / (r.IsByRows ? 1 : lanes),
        };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var r = Read(region);
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.Add(new ResultArgument(0));
        arguments.Add(region.Operand(0));
        int operands = arguments.Count;
        arguments.AddRange(r.Epilogue.Arguments);
        var scratch = new ScratchArgument(Math.Max(1, r.Length) * r.Kind.Fold.Accumulator.Bits() / 8, r.Kind.Fold.Accumulator);
        if (!r.IsByRows) arguments.Add(scratch);
        if (!r.IsByRows && r.Kind.HasCenter) arguments.Add(scratch);
        long[] numbers = [r.Elements, r.Length, .. r.IsByRows ? (long[])[] : [r.Rows, r.RowStep]];
        foreach (long number in numbers) arguments.Add(new NumberArgument(number));
        int loops = arguments.Count;
        arguments.AddRange(r.Kept.Arguments);
        arguments.AddRange(r.Reduced.Arguments);
        return r.Kept.Share(new KernelPlan(Name(r, target), Id, arguments.ToImmutable()), loops,
            [("y", 0, r.Epilogue.Body.ResultDType, region.Elements(region.Body.Outputs[0].Value)),
            ("x", 1, r.Kind.Fold.DType, region.Elements(region.Anchor().Inputs[0])), .. r.Epilogue.Moved(region, operands)]);
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var r = Read(kernel.Region);
        var dialect = r.Dialect(target);
        if (r.Epilogue.Body.NeedsElementary || !r.Kind.IsPlain) source.Need("Elementary");
        string element = CSharpTypes.Name(r.Kind.Fold.DType), sum = r.Kind.Fold.Type,
            result = CSharpTypes.Name(r.Epilogue.Body.ResultDType);
        string scratch = r.IsByRows ? "" : $", {sum}* sums" + (r.Kind.HasCenter ? $", {sum}* centers" : "");
        var code = new CodeWriter();
        code.Line($"/// <summary>y = {r.Kind.Name} of x over {(r.IsByRows ? "rows" : "columns")}{Then(r.Epilogue)}.</summary>");
        code.Block($"public static void {kernel.Name}({result}* y, {element}* x{r.Epilogue.Parameters}{scratch}, nint elements, nint length"
            + $"{(r.IsByRows ? "" : ", nint rows, nint step")}{r.Kept.Parameters}{r.Reduced.Parameters})", () =>
        {
            if (r.Kind.IsMean) code.Line($"var count = ({sum})elements;");
            r.Kept.Print(code, () =>
            {
                if (r.IsByRows) Rows(source, code, r, dialect);
                else Columns(source, code, r, dialect);
            });
        });
        source.Add(kernel.Name, code.ToString());
    }

    private static void Rows(KernelSource source, CodeWriter code, ReductionCode r, VectorDialect dialect)
    {
        var scalar = dialect.Scalar;
        if (r.Kind.Center is { } center)
        {
            code.Line($"var center = {center.Literal(scalar)};");
            string row = center.AddRow(source, dialect);
            r.Reduced.Print(code, () => code.Line($"center = {center.Join(scalar, "center", $"{row}({r.Reduced.Inside("x")}, length)")};"));
            code.Line($"if (!{r.Kind.Fold.Type}.IsFinite(center)) center = 0;");
        }
        code.Line($"var sum = {r.Kind.Fold.Literal(scalar)};");
        string sumRow = r.Kind.Fold.AddRow(source, dialect), rest = r.Kind.HasCenter ? ", center" : "";
        r.Reduced.Print(code, () =>
            code.Line($"sum = {r.Kind.Fold.Join(scalar, "sum", $"{sumRow}({r.Reduced.Inside("x")}, length{rest})")};"));
        code.Line($"var anchor = {r.Kind.Cast}({r.Kind.Finish(scalar, "sum", "center")});");
        code.Line($"*{r.Kept.Inside("y")} = {r.Epilogue.Body.Print(code, scalar, i => $"*{r.Kept.Inside($"e{i}")}", "anchor")};");
    }

    private static void Columns(KernelSource source, CodeWriter code, ReductionCode r, VectorDialect dialect)
    {
        if (r.Kind.Center is { } center)
        {
            Fill(code, center, dialect, "centers");
            string columns = center.AddColumns(source, dialect);
            r.Reduced.Print(code, () => code.Line($"{columns}(centers, {r.Reduced.Inside("x")}, rows, step, length);"));
            code.Line("for (nint j = 0; j < length; j++)");
            code.Line($"    if (!{r.Kind.Fold.Type}.IsFinite(centers[j])) centers[j] = 0;");
        }
        Fill(code, r.Kind.Fold, dialect, "sums");
        string sumColumns = r.Kind.Fold.AddColumns(source, dialect), rest = r.Kind.HasCenter ? ", centers" : "";
        r.Reduced.Print(code, () => code.Line($"{sumColumns}(sums, {r.Reduced.Inside("x")}, rows, step, length{rest});"));
        r.Epilogue.Print(code, dialect, "length", r.Kept.Inside("y"), r.Kept.Inside, (d, _) =>
        {
            code.Line($"var sum = {d.Load("sums + j")};");
            if (r.Kind.HasCenter) code.Line($"var center = {d.Load("centers + j")};");
            string finished = r.Kind.Finish(d, "sum", "center");
            return d.IsScalar ? $"{r.Kind.Cast}({finished})" : finished;
        });
    }

    private static void Fill(CodeWriter code, Fold fold, VectorDialect dialect, string pointer) =>
        code.Line($"new Span<{fold.Type}>({pointer}, checked((int)length)).Fill({fold.Literal(dialect.Scalar)});");

    private static string Name(ReductionCode r, TargetProfile target) =>
        $"{r.Kind.Fold.DType.Name()}_reduce_{r.Kind.Name}_{(r.IsByRows ? "rows" : "columns")}_"
            + $"k{r.Kept.Depth}r{r.Reduced.Depth}{r.Epilogue.Tag}"
            + $"__{r.Dialect(target).Suffix}";

    private static ReductionCode Read(KernelRegion region) => ReductionCode.Of(region, out _)!;

    internal static string Then(RowEpilogue epilogue) => epilogue.Body.Count > 0 ? $", then {epilogue.Body.Tag}" : "";
}
