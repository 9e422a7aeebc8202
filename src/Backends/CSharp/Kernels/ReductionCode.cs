using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>A region read as a reduction: what is folded, along which loops, and what follows.</summary>
/// <param name="Kind">What is folded.</param>
/// <param name="IsByRows">Whether the last axis is reduced.</param>
/// <param name="Elements">Elements that make one result.</param>
/// <param name="Length">Length of the last axis: of a row that is folded, or of rows that are joined.</param>
/// <param name="Rows">With a kept last axis: the innermost reduced loop.</param>
/// <param name="RowStep">Its step.</param>
/// <param name="Kept">The other kept loops, over y, x and the operands of the epilogue.</param>
/// <param name="Reduced">The other reduced loops, inside of those, over x.</param>
/// <param name="Epilogue">What follows.</param>
internal sealed record ReductionCode(ReductionKind Kind, bool IsByRows, long Elements, long Length, long Rows, long RowStep, StepLoops Kept,
    StepLoops Reduced,
    RowEpilogue Epilogue)
{
    /// <summary>The vectors to use.</summary>
    public VectorDialect Dialect(TargetProfile target) => VectorDialect.For(target, Kind.Fold.DType);

    /// <summary>Reads a region; null and the reason where it is none.</summary>
    public static ReductionCode? Of(KernelRegion region, out string? reason)
    {
        var anchor = region.Anchor();
        reason = "not a reduction";
        if (anchor.Op is not (Reduction or GlobalPool)) return null;
        if (ElementwiseBody.Of(region, anchor, out reason) is not { } body) return null;
        var dtype = region.DType(anchor.Inputs[0]);
        long[] dims = region.Dims(anchor.Inputs[0]);
        if (Along(region, dims.Length, out reason) is not { } along
            || ReductionKind.Of(anchor.Op, dtype, out reason) is not { } kind) return null;

        // Strides of the result and of what follows along the axes that stay.
        int[] kept = [.. Enumerable.Range(0, dims.Length).Where(i => !along[i])];
        long[] keptDims = [.. kept.Select(i => dims[i])];
        bool keepsAxes = body.Dims.Length == dims.Length;
        long[] xSteps = RegionFacts.RowMajor(dims);
        var pointers = new List<(string Name, long[] Steps)> { ("y", RegionFacts.RowMajor(keptDims)),
            ("x", [.. kept.Select(i => xSteps[i])]) };
        for (int i = 0; i < body.Loads.Count; i++)
        {
            long[] steps = body.Loads[i].Strides();
            pointers.Add(($"e{i}", keepsAxes ? [.. kept.Select(axis => steps[axis])] : steps));
        }
        int[] reduced = [.. Enumerable.Range(0, dims.Length).Where(i => along[i])];
        long[] reducedDims = [.. reduced.Select(i => dims[i])];
        var inner = LoopNest.Merge(reducedDims, [[.. reduced.Select(i => xSteps[i])]]);
        long elements = ((ReadOnlySpan<long>)reducedDims).Product();

        int last = Array.FindLastIndex(dims, size => size != 1);
        bool byRows = last < 0 || along[last];
        if (byRows)
        {
            var all = StepLoops.Over("k", keptDims, pointers);
            return new ReductionCode(kind, true, elements, inner.Extents[^1], 0, 0, all, Outer(inner, all),
                RowEpilogue.Of(body, _ => false));
        }
        var merged = LoopNest.Merge(keptDims, [.. pointers.Select(p => p.Steps)]);
        var outer = StepLoops.Over("k", merged.Extents[..^1], [.. pointers.Select((p, i) => (p.Name, merged.Strides[i][..^1]))]);
        return new ReductionCode(kind, false, elements, merged.Extents[^1], inner.Extents[^1], inner.Strides[0][^1], outer,
            Outer(inner, outer),
            RowEpilogue.Of(body, i => merged.Strides[i + 2][^1] != 0));
    }

    private static StepLoops Outer(LoopNest inner, StepLoops kept) =>
        StepLoops.Over("r", inner.Extents[..^1], [("x", inner.Strides[0][..^1])], kept);

    private static bool[]? Along(KernelRegion region, int rank, out string? reason)
    {
        reason = null;
        if (region.Anchor().Op is not Reduction reduction) return [.. Enumerable.Range(0, rank).Select(i => i >= 2)];
        if (region.Has(1) && region.ConstantOperand(1) is null)
        {
            reason = "the axes are computed at run time";
            return null;
        }
        return reduction.Along(region.ConstantOperand(1)?.ToLongs() ?? [], rank);
    }
}
