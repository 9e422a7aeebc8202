using System.Collections.Immutable;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// LayerNormalization, RMSNormalization, InstanceNormalization and GroupNormalization with an elementwise epilogue. Mean and variance are
/// taken one after the other, so that a large mean costs no digits of the variance.
/// </summary>
public sealed class NormTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "norm";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        !NormCode.IsOne(region.Anchor().Op) ? Verdict.No("not a normalization of rows")
        : NormCode.Of(region, out var reason) is null ? Verdict.No(reason!) : Verdict.Yes;

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        // Cycles of a vector in three passes (mean, variance, result) and in the first two alone, of an element of a line that is in none,
        // and of a row beside them.
        const double vector = 22, folded = 4, single = 2, row = 30;
        var r = Read(region);
        int lanes = r.Dialect(target).Lanes;
        double elements = region.Elements(region.Anchor().Inputs[0]), rows = elements / Math.Max(1, r.Elements);
        double lines = elements / Math.Max(1, r.Length), vectors = r.Length / lanes, singles = r.Length - vectors * lanes;
        return PlainFeatures(region, 1, 1) with
        {
            VectorOps = lines == rows ? lines * vectors * vector : lines * vectors * (vector - folded) / 4 + folded * elements / lanes,
            Cycles = CycleCosts.Call + rows * row + lines * (2 + singles * single),
        };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var r = Read(region);
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.Add(region.IsSingle() ? region.ResultArgument(0) : new ResultArgument(0));
        arguments.Add(region.Operand(0));
        if (r.Mean >= 0) arguments.Add(new ResultArgument(r.Mean));
        if (r.Inverse >= 0) arguments.Add(new ResultArgument(r.Inverse));
        int operands = arguments.Count;
        arguments.AddRange(r.Epilogue.Arguments);
        arguments.Add(new ConstantArgument(r.Epsilon, r.DType));
        arguments.Add(new NumberArgument(r.Elements));
        arguments.Add(new NumberArgument(r.Length));
        int loops = arguments.Count;
        arguments.AddRange(r.Rows.Arguments);
        arguments.AddRange(r.Parts.Arguments);
        var plan = new KernelPlan(Name(r, target), Id, arguments.ToImmutable());
        if (r.Mean >= 0 || r.Inverse >= 0) return plan; // they are written row by row
        long elements = region.Elements(region.Anchor().Inputs[0]);
        return r.Rows.Share(plan, loops, [("y", 0, r.Epilogue.Body.ResultDType, elements), ("x", 1, r.DType, elements),
            .. r.Epilogue.Moved(region, operands)]);
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var r = Read(kernel.Region);
        var dialect = r.Dialect(target);
        if (r.Epilogue.Body.NeedsElementary) source.Need("Elementary");
        string element = dialect.Element;
        string statistics = (r.Mean >= 0 ? ", float* means" : "") + (r.Inverse >= 0 ? ", float* inverses" : "");
        var code = new CodeWriter();
        code.Line($"/// <summary>y = {(r.IsCentered ? "(x - mean)" : "x")} * inverse * scale{(r.HasBias ? " + bias" : "")}, "
            + $"inverse = 1 / sqrt(mean of {(r.IsCentered ? "(x - mean)^2" : "x^2")} + "
            + $"epsilon){ReduceTemplate.Then(r.Epilogue)}.</summary>");
        code.Block($"public static void {kernel.Name}({CSharpTypes.Name(r.Epilogue.Body.ResultDType)}* y, {element}* "
            + $"x{statistics}{r.Epilogue.Parameters}, "
            + $"{element} epsilon, nint elements, nint length{r.Rows.Parameters}{r.Parts.Parameters})", () =>
        {
            if (r.Mean >= 0 || r.Inverse >= 0) code.Line("nint row = 0;");
            r.Rows.Print(code, () =>
            {
                string x = r.Rows.Inside("x");
                if (r.IsCentered)
                {
                    code.Line($"var mean = {Fold.Sum(r.DType).AddRow(source, dialect)}({x}, elements) / elements;");
                    code.Line($"var variance = {Fold.CenteredSquares(r.DType).AddRow(source, dialect)}({x}, elements, mean) / elements;");
                }
                else code.Line($"var variance = {Fold.Squares(r.DType).AddRow(source, dialect)}({x}, elements) / elements;");
                code.Line($"var inverse = 1 / {dialect.Scalar.Call("Sqrt", "variance + epsilon")};");
                if (r.Mean >= 0) code.Line("means[row] = (float)mean;");
                if (r.Inverse >= 0) code.Line("inverses[row] = (float)inverse;");
                if (r.Mean >= 0 || r.Inverse >= 0) code.Line("row++;");
                r.Parts.Print(code, () => r.Epilogue.Print(code, dialect, "length", r.Parts.Inside("y"), r.Parts.Inside, (d, operand) =>
                {
                    string item = d.Load($"{r.Parts.Inside("x")} + j");
                    string scaled = r.IsCentered ? $"({item} - {d.Splat("mean")}) * {d.Splat("inverse")}"
                        : $"{item} * {d.Splat("inverse")}";
                    return r.HasBias ? d.MulAdd(scaled, operand("scale"), operand("bias")) : $"{scaled} * {operand("scale")}";
                }));
            });
        });
        source.Add(kernel.Name, code.ToString());
    }

    private static string Name(NormCode r, TargetProfile target)
    {
        string statistics = (r.Mean >= 0 ? "_mean" : "") + (r.Inverse >= 0 ? "_inverse" : "");
        return $"{r.DType.Name()}_{r.Name}{statistics}_r{r.Rows.Depth}p{r.Parts.Depth}{r.Epilogue.Tag}__{r.Dialect(target).Suffix}";
    }

    private static NormCode Read(KernelRegion region) => NormCode.Of(region, out _)!;
}
