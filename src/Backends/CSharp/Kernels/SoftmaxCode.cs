using Nncc.IR.Ops;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>A region read as a softmax.</summary>
/// <param name="IsLog">Whether the logarithm is wanted.</param>
/// <param name="DType">Element type.</param>
/// <param name="Length">Elements along the axis.</param>
/// <param name="Columns">Elements from one place on the axis to the next; 1 for rows.</param>
/// <param name="Outer">Loops over the axes before, over y, x and the operands of the epilogue.</param>
/// <param name="Axis">The loop over the axis, inside of those.</param>
/// <param name="Epilogue">What follows, along the innermost loop.</param>
internal sealed record SoftmaxCode(bool IsLog, DType DType, long Length, long Columns, StepLoops Outer, StepLoops Axis,
    RowEpilogue Epilogue)
{
    /// <summary>Whether the axis is the innermost loop.</summary>
    public bool IsAlongRows => Columns == 1;

    /// <summary>The vectors to use.</summary>
    public VectorDialect Dialect(TargetProfile target) => VectorDialect.For(target, DType);

    /// <summary>Reads a region; null and the reason where it is none.</summary>
    public static SoftmaxCode? Of(KernelRegion region, out string? reason)
    {
        var anchor = region.Anchor();
        reason = "not a softmax";
        if (anchor.Op is not (Softmax or LogSoftmax)) return null;
        if (ElementwiseBody.Of(region, anchor, out reason) is not { } body) return null;
        var dtype = region.DType(anchor.Inputs[0]);
        long[] dims = [.. body.Dims];
        long axis = ((AxisFunction)anchor.Op).Axis;
        if (axis < 0) axis += dims.Length;
        reason = dtype is not (DType.Float32 or DType.Float64) ? $"elements of {dtype.Name()}"
            : body.ResultDType != dtype ? $"a result of {body.ResultDType.Name()}, which has no place for exponentials" : null;
        if (reason is not null) return null;
        int at = (int)axis;
        long[] own = RegionFacts.RowMajor(dims);
        var loads = body.Loads.Select(l => l.Strides()).ToArray();
        var inner = LoopNest.Merge(dims[(at + 1)..], [own[(at + 1)..], .. loads.Select(s => s[(at + 1)..])]);
        if (inner.Rank > 1)
        {
            reason = "an operand of the epilogue is broadcast along a part of the axes behind the softmax";
            return null;
        }
        long columns = inner.Extents[0];
        bool alongRows = columns == 1;
        var outer = StepLoops.Over("o", dims[..at], Pointers(s => s[..at]));
        return new SoftmaxCode(anchor.Op is LogSoftmax, dtype, dims[at], columns, outer,
            StepLoops.Over("a", [dims[at]], Pointers(s => [s[at]]), outer),
            RowEpilogue.Of(body, i => alongRows ? loads[i][at] != 0 : inner.Strides[i + 1][0] != 0));

        (string, long[])[] Pointers(Func<long[], long[]> part) =>
            [("y", part(own)), ("x", part(own)), .. loads.Select((s, i) => ($"e{i}", part(s)))];
    }
}
