using System.Collections.Immutable;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Regions of elementwise ops only: one loop nest over the result. Axes along which all operands step alike are merged; the innermost loop
/// runs over vectors, and an operand is either read along it or the same throughout.
/// </summary>
public sealed class ElementwiseTemplate : KernelTemplate
{
    // Elements of a line that stay with one thread: whole cache lines of any type.
    private const int Grain = 64;

    /// <inheritdoc/>
    public override string Id => "elementwise";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        region.Body.Nodes.Any(n => !ElementwiseCode.IsElementwise(n.Op)) ? Verdict.No("not elementwise")
        : ElementwiseBody.Of(region, null, out var reason) is null ? Verdict.No(reason!) : Verdict.Yes;

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var body = Body(region);
        long[] extents = LoopNest.Of(body).Extents;
        return RowFeatures(region, MoveArguments.Count(extents.AsSpan(..^1)), extents[^1], body.IsVectorizable ? target.Lanes(4) : 1);
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var body = Body(region);
        var loops = LoopNest.Of(body);
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        long behind = ((ReadOnlySpan<long>)loops.Extents.AsSpan(1)).Product();
        arguments.Add(new ResultArgument(0) { PieceBytes = behind * body.ResultDType.Bytes(1) });
        for (int i = 0; i < body.Loads.Count; i++)
        {
            long[] steps = loops.Strides[i];
            // The elements from the first to the last of an iteration, beyond which the next one begins or not.
            long span = 1 + Enumerable.Range(1, loops.Rank - 1).Sum(axis => (loops.Extents[axis] - 1) * steps[axis]);
            arguments.Add(new OperandArgument(body.Loads[i].Operand)
            {
                PieceBytes = steps[0] * body.Loads[i].DType.Bytes(1), IsShared = steps[0] != 0 && span > steps[0],
            });
        }
        for (int axis = 0; axis < loops.Rank; axis++)
            arguments.Add(new NumberArgument(loops.Extents[axis]) { IsPieceCount = axis == 0 });
        for (int axis = 0; axis < loops.Rank - 1; axis++)
            for (int i = 0; i < body.Loads.Count; i++) arguments.Add(new NumberArgument(loops.Strides[i][axis]));
        if (body.CanFail) arguments.Add(new PlaceArgument());
        return new KernelPlan(Name(body, loops, target), Id, arguments.ToImmutable())
        {
            Split = new KernelSplit(loops.Extents[0], loops.Rank == 1 ? Grain : 1),
        };
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var body = Body(kernel.Region);
        var loops = LoopNest.Of(body);
        var vector = Dialect(body, target);
        string result = CSharpTypes.Name(body.ResultDType);
        var parameters = new List<string> { $"{result}* y" };
        parameters.AddRange(body.Loads.Select((l, i) => $"{CSharpTypes.Name(l.DType)}* x{i}"));
        parameters.AddRange(Enumerable.Range(0, loops.Rank).Select(axis => $"nint n{axis}"));
        for (int axis = 0; axis < loops.Rank - 1; axis++)
            parameters.AddRange(Enumerable.Range(0, body.Loads.Count).Select(i => $"nint s{i}_{axis}"));
        if (body.CanFail) parameters.Add($"string {ElementwiseCode.Place}");
        var code = new CodeWriter();
        code.Line($"/// <summary>y = {body.Tag} over {loops.Rank} loop{(loops.Rank == 1 ? "" : "s")}.</summary>");
        code.Block($"public static void {kernel.Name}({string.Join(", ", parameters)})", () => Nest(code, body, loops, vector, 0, ""));
        source.Add(kernel.Name, code.ToString());
    }

    private static void Nest(CodeWriter code, ElementwiseBody body, LoopNest loops, VectorDialect vector, int axis, string suffix)
    {
        if (axis == loops.Rank - 1)
        {
            Innermost(code, body, loops, vector, axis, suffix);
            return;
        }
        string inner = $"_{axis}";
        code.Block($"for (nint i{axis} = 0; i{axis} < n{axis}; i{axis}++)", () =>
        {
            for (int i = 0; i < body.Loads.Count; i++) code.Line($"var x{i}{inner} = x{i}{suffix} + i{axis} * s{i}_{axis};");
            string rest = string.Join(" * ", Enumerable.Range(axis + 1, loops.Rank - axis - 1).Select(k => $"n{k}"));
            code.Line($"var y{inner} = y{suffix} + i{axis} * {rest};");
            Nest(code, body, loops, vector, axis + 1, inner);
        });
    }

    private static void Innermost(CodeWriter code, ElementwiseBody body, LoopNest loops, VectorDialect vector, int axis, string suffix)
    {
        for (int i = 0; i < body.Loads.Count; i++)
            if (loops.Strides[i][axis] == 0)
            {
                code.Line($"var c{i} = *x{i}{suffix};");
                if (!vector.IsScalar) code.Line($"var v{i} = {vector.Splat($"c{i}")};");
            }
        code.Line("nint i = 0;");
        if (!vector.IsScalar)
            code.Block($"for (; i <= n{axis} - {vector.Lanes}; i += {vector.Lanes})", () =>
                code.Line(vector.Store($"y{suffix} + i",
                    body.Print(code, vector, i => loops.Strides[i][axis] == 0 ? $"v{i}" : vector.Load($"x{i}{suffix} + i")))));
        var scalar = vector.Scalar;
        code.Block($"for (; i < n{axis}; i++)", () =>
            code.Line($"y{suffix}[i] = {body.Print(code, scalar, i => loops.Strides[i][axis] == 0 ? $"c{i}" : $"x{i}{suffix}[i]")};"));
    }

    private static string Name(ElementwiseBody body, LoopNest loops, TargetProfile target)
    {
        int last = loops.Rank - 1;
        return $"{body.ResultDType.Name()}{body.UniqueTag(i => $"{loops.Strides[i][last]}")}_{loops.Rank}d__{Dialect(body, target).Suffix}";
    }

    private static VectorDialect Dialect(ElementwiseBody body, TargetProfile target) =>
        body.IsVectorizable ? VectorDialect.For(target, DType.Float32) : VectorDialect.For(target, body.ResultDType).Scalar;

    private static ElementwiseBody Body(KernelRegion region) => ElementwiseBody.Of(region, null, out _)!;
}

/// <summary>
/// Loops over a result: extents, outermost first, and the step of each operand along them; axes that step alike are merged.
/// </summary>
internal sealed record LoopNest(long[] Extents, long[][] Strides)
{
    public int Rank => Extents.Length;

    public static LoopNest Of(ElementwiseBody body) => Merge([.. body.Dims], [.. body.Loads.Select(l => l.Strides())]);

    /// <summary>Merges an axis into the next inner one wherever every stride says that they are contiguous.</summary>
    public static LoopNest Merge(long[] dims, long[][] strides)
    {
        var extents = new List<long>();
        var steps = strides.Select(_ => new List<long>()).ToArray();
        for (int axis = 0; axis < dims.Length; axis++)
        {
            if (dims[axis] == 1) continue;
            int last = extents.Count - 1;
            if (last >= 0 && Enumerable.Range(0, strides.Length).All(i => steps[i][last] == strides[i][axis] * dims[axis]))
            {
                extents[last] *= dims[axis];
                for (int i = 0; i < strides.Length; i++) steps[i][last] = strides[i][axis];
            }
            else
            {
                extents.Add(dims[axis]);
                for (int i = 0; i < strides.Length; i++) steps[i].Add(strides[i][axis]);
            }
        }
        if (extents.Count == 0)
        {
            extents.Add(1);
            foreach (var list in steps) list.Add(0);
        }
        return new LoopNest([.. extents], [.. steps.Select(s => s.ToArray())]);
    }
}
