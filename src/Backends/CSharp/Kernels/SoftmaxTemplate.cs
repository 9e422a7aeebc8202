using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Softmax and LogSoftmax with an elementwise epilogue: greatest element, sum of exponentials of the differences from it, then each
/// element. Along the last axis rows are folded; along another one vectors of neighbouring columns.
/// </summary>
public sealed class SoftmaxTemplate : KernelTemplate
{
    // Terms that a column's accumulator takes before it is added to the total.
    private const int Block = 128;

    /// <inheritdoc/>
    public override string Id => "softmax";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        SoftmaxCode.Of(region, out var reason) is null ? Verdict.No(reason!) : Verdict.Yes;

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        // Cycles of a vector (an exponential, a maximum, a sum, a product) of a row and across rows, of an element that is in none, and of
        // a row beside them.
        const double vector = 150, across = 30, single = 27, row = 50;
        var r = Read(region);
        double elements = region.Elements(region.Anchor().Inputs[0]), lanes = r.Dialect(target).Lanes;
        double length = Math.Max(1, r.IsAlongRows ? r.Length : r.Columns), rows = elements / length;
        double vectors = Math.Floor(length / lanes), singles = length - vectors * lanes;
        return PlainFeatures(region, 1, 1) with
        {
            VectorOps = rows * (r.IsAlongRows ? vector : across) * vectors + EpilogueOps(region, r.Dialect(target).Lanes),
            Cycles = CycleCosts.Call + rows * (singles * single + (r.IsAlongRows ? row : CycleCosts.Call)),
        };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var r = Read(region);
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.Add(new ResultArgument(0));
        arguments.Add(region.Operand(0));
        if (!r.IsAlongRows)
            for (int i = 0; i < (r.IsLog ? 2 : 1); i++)
                arguments.Add(new ScratchArgument(Math.Max(1, r.Columns) * r.DType.Bits() / 8, r.DType));
        int operands = arguments.Count;
        arguments.AddRange(r.Epilogue.Arguments);
        arguments.Add(new NumberArgument(r.Length));
        if (!r.IsAlongRows) arguments.Add(new NumberArgument(r.Columns));
        int loops = arguments.Count;
        arguments.AddRange(r.Outer.Arguments);
        if (!r.IsAlongRows) arguments.AddRange(r.Axis.Arguments);
        long elements = region.Elements(region.Anchor().Inputs[0]);
        return r.Outer.Share(new KernelPlan(Name(r, target), Id, arguments.ToImmutable()), loops,
            [("y", 0, r.DType, elements), ("x", 1, r.DType, elements), .. r.Epilogue.Moved(region, operands)]);
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var r = Read(kernel.Region);
        var dialect = r.Dialect(target);
        if (r.Epilogue.Body.NeedsElementary || dialect.DType != DType.Float32) source.Need("Elementary");
        string element = dialect.Element;
        var code = new CodeWriter();
        string formula = r.IsLog ? "x - max - log(sum of e^(x - max))" : "e^(x - max) / sum of e^(x - max)";
        code.Line($"/// <summary>y = {formula}{ReduceTemplate.Then(r.Epilogue)}.</summary>");
        string scratch = r.IsAlongRows ? "" : r.IsLog ? $", {element}* scales, {element}* maxima" : $", {element}* scales";
        string sizes = r.IsAlongRows ? $", nint length{r.Outer.Parameters}"
            : $", nint length, nint columns{r.Outer.Parameters}{r.Axis.Parameters}";
        code.Block($"public static void {kernel.Name}({element}* y, {element}* x{scratch}{r.Epilogue.Parameters}{sizes})", () =>
            r.Outer.Print(code, () =>
            {
                code.Line($"var from = {r.Outer.Inside("x")};");
                code.Line($"var to = {r.Outer.Inside("y")};");
                if (r.IsAlongRows) Along(source, code, r, dialect);
                else Across(code, r, dialect);
            }));
        source.Add(kernel.Name, code.ToString());
    }

    private static void Along(KernelSource source, CodeWriter code, SoftmaxCode r, VectorDialect dialect)
    {
        code.Line($"var max = {Fold.Max(dialect.DType).AddRow(source, dialect)}(from, length);");
        if (r.IsLog)
        {
            string sum = Fold.Exponentials(dialect.DType).AddRow(source, dialect);
            code.Line($"var log = {dialect.Scalar.Call("Log", $"{sum}(from, length, max)")};");
            r.Epilogue.Print(code, dialect, "length", "to", r.Outer.Inside,
                (d, _) => $"{d.Load("from + j")} - {d.Splat("max")} - {d.Splat("log")}");
            return;
        }
        code.Line($"var scale = 1 / {AddExponentials(source, dialect)}(to, from, length, max);");
        r.Epilogue.Print(code, dialect, "length", "to", r.Outer.Inside, (d, _) => $"{d.Load("to + j")} * {d.Splat("scale")}");
    }

    // The method that writes the exponentials of a row and gives their sum.
    private static string AddExponentials(KernelSource source, VectorDialect dialect)
    {
        string name = $"{dialect.DType.Name()}_exponentials_stored__{dialect.Suffix}", element = dialect.Element;
        string sum = Fold.Sum(dialect.DType).AddRow(source, dialect);
        if (source.Has(name)) return name;
        var code = new CodeWriter();
        code.Line("/// <summary>y = e^(x - max); gives the sum of y.</summary>");
        code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        code.Block($"public static {element} {name}({element}* y, {element}* x, nint n, {element} max)", () =>
        {
            code.Line("nint i = 0;");
            foreach (var d in dialect.IsScalar ? new[] { dialect } : [dialect, dialect.Scalar])
                code.Block($"for (; n - i >= {d.Lanes}; i += {d.Lanes})", () =>
                    code.Line(d.Store("y + i", d.Call("Exp", $"{d.Load("x + i")} - {d.Splat("max")}"))));
            code.Line($"return {sum}(y, n);");
        });
        source.Add(name, code.ToString());
        return name;
    }

    // Greatest element and sum of each column, then all rows.
    private static void Across(CodeWriter code, SoftmaxCode r, VectorDialect dialect)
    {
        code.Block("", () =>
        {
            code.Line("nint j = 0;");
            foreach (var d in dialect.IsScalar ? new[] { dialect } : [dialect, dialect.Scalar])
                code.Block($"for (; columns - j >= {d.Lanes}; j += {d.Lanes})", () => Column(code, r, d));
        });
        r.Axis.Print(code, () => r.Epilogue.Print(code, dialect, "columns", r.Axis.Inside("y"), r.Axis.Inside, (d, _) => r.IsLog
            ? $"{d.Load($"{r.Axis.Inside("x")} + j")} - {d.Load("maxima + j")} - {d.Load("scales + j")}"
            : $"{d.Load($"{r.Axis.Inside("y")} + j")} * {d.Load("scales + j")}"));
    }

    private static void Column(CodeWriter code, SoftmaxCode r, VectorDialect d)
    {
        code.Line($"var max = {Fold.Max(d.DType).Literal(d)};");
        code.Line($"for (nint i = 0; i < length; i++) max = {d.Call("Max", "max", d.Load("from + i * columns + j"))};");
        code.Line($"var sum = {Fold.Sum(d.DType).Literal(d)};");
        code.Block("for (nint i = 0; i < length;)", () =>
        {
            code.Line($"nint end = Math.Min(length, i + {Block});");
            code.Line($"var part = {Fold.Sum(d.DType).Literal(d)};");
            code.Block("for (; i < end; i++)", () =>
            {
                code.Line($"var power = {d.Call("Exp", $"{d.Load("from + i * columns + j")} - max")};");
                if (!r.IsLog) code.Line(d.Store("to + i * columns + j", "power"));
                code.Line("part += power;");
            });
            code.Line("sum += part;");
        });
        if (r.IsLog) code.Line(d.Store("maxima + j", "max"));
        code.Line(d.Store("scales + j", r.IsLog ? d.Call("Log", "sum") : $"{d.Literal(1)} / sum"));
    }

    private static string Name(SoftmaxCode r, TargetProfile target)
    {
        var dialect = r.Dialect(target);
        string form = r.IsAlongRows ? $"rows{r.Outer.Depth}" : $"columns{r.Outer.Depth}{r.Axis.Depth}";
        return $"{dialect.DType.Name()}_{(r.IsLog ? "log" : "")}softmax_{form}{r.Epilogue.Tag}__{dialect.Suffix}";
    }

    private static SoftmaxCode Read(KernelRegion region) => SoftmaxCode.Of(region, out _)!;
}
