using Nncc.IR.Ops;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>A region read as a normalization over contiguous rows: of layers, images, or groups of channels.</summary>
/// <param name="Name">Name, for kernels.</param>
/// <param name="DType">Element type.</param>
/// <param name="Epsilon">Added to the variance or mean square.</param>
/// <param name="IsCentered">Whether the mean is taken off.</param>
/// <param name="HasBias">Whether there is an operand <c>bias</c> beside <c>scale</c>.</param>
/// <param name="Mean">Which result of the region the means are; -1 where nobody uses them.</param>
/// <param name="Inverse">Which result of the region the inverse deviations are; -1 where nobody uses them.</param>
/// <param name="Elements">Elements of a row that is normalized together.</param>
/// <param name="Length">Elements of its innermost loop.</param>
/// <param name="Rows">Loops over rows, over y, x and the operands.</param>
/// <param name="Parts">Loops in a row, over the same.</param>
/// <param name="Epilogue">Scale and bias, and what follows, along the innermost loop.</param>
internal sealed record NormCode(string Name, DType DType, float Epsilon, bool IsCentered, bool HasBias, int Mean, int Inverse,
    long Elements, long Length,
    StepLoops Rows, StepLoops Parts, RowEpilogue Epilogue)
{
    /// <summary>The vectors to use.</summary>
    public VectorDialect Dialect(TargetProfile target) => VectorDialect.For(target, DType);

    /// <summary>Whether the op is one of these.</summary>
    public static bool IsOne(Op op) => op is LayerNormalization or RMSNormalization or InstanceNormalization or GroupNormalization;

    /// <summary>Reads a region; null and the reason where it is none.</summary>
    public static NormCode? Of(KernelRegion region, out string? reason)
    {
        var anchor = region.Anchor();
        if (ElementwiseBody.Of(region, anchor, out reason) is not { } body) return null;
        var dtype = region.DType(anchor.Inputs[0]);
        bool hasBias = region.Has(2);
        var other = anchor.GivenInputs.Select(region.DType).Append(region.DType(anchor.Outputs[0])).FirstOrDefault(t => t != dtype, dtype);
        if (dtype is not (DType.Float32 or DType.Float64) || other != dtype)
        {
            reason = $"elements of {dtype.Name()}{(other == dtype ? "" : $" and {other.Name()}")}";
            return null;
        }
        if (anchor.Outputs.Skip(1).Where(o => o != Node.Absent).Select(region.DType).FirstOrDefault(t => t != DType.Float32) is var wider
            && wider != DType.Unknown)
        {
            reason = $"means of {wider.Name()}";
            return null;
        }
        long[] dims = [.. body.Dims];
        bool byChannel = anchor.Op is InstanceNormalization or GroupNormalization;
        var pointers = new List<(string Name, long[] Steps)> { ("y", RegionFacts.RowMajor(dims)), ("x", RegionFacts.RowMajor(dims)) };
        for (int i = 1; i <= (hasBias ? 2 : 1); i++)
            pointers.Add((i == 1 ? "scale" : "bias", Operand(region.Dims(anchor.Inputs[i]), byChannel, dims.Length)));
        for (int i = 0; i < body.Loads.Count; i++) pointers.Add(($"e{i}", body.Loads[i].Strides()));

        // The first axes are rows; a group of channels is divided from the others.
        int rows = anchor.Op switch
        {
            LayerNormalization layer => (int)(layer.Axis < 0 ? layer.Axis + dims.Length : layer.Axis),
            RMSNormalization rms => (int)(rms.Axis < 0 ? rms.Axis + dims.Length : rms.Axis),
            _ => 2,
        };
        if (anchor.Op is GroupNormalization { NumGroups: var groups })
        {
            long each = dims[1] / groups;
            pointers = [.. pointers.Select(p => (p.Name, (long[])[p.Steps[0], p.Steps[1] * each, .. p.Steps[1..]]))];
            dims = [dims[0], groups, each, .. dims[2..]];
        }
        var outer = StepLoops.Over("r", dims[..rows], [.. pointers.Select(p => (p.Name, p.Steps[..rows]))]);
        var inner = LoopNest.Merge(dims[rows..], [.. pointers.Select(p => p.Steps[rows..])]);
        var parts = StepLoops.Over("p", inner.Extents[..^1], [.. pointers.Select((p, i) => (p.Name, inner.Strides[i][..^1]))], outer);
        bool IsAlong(string name) => inner.Strides[pointers.FindIndex(p => p.Name == name)][^1] != 0;
        RowOperand[] own = [.. pointers.Skip(2).SkipLast(body.Loads.Count)
            .Select((p, i) => new RowOperand(p.Name, region.Slot(i + 1), dtype, IsAlong(p.Name)))];
        return new NormCode(anchor.Op.Name.Replace("Normalization", "norm").ToLowerInvariant(), dtype, EpsilonOf(anchor.Op),
            anchor.Op is not RMSNormalization,
            hasBias, region.ResultSlot(1), region.ResultSlot(2), ((ReadOnlySpan<long>)dims.AsSpan(rows)).Product(), inner.Extents[^1],
                outer, parts,
            RowEpilogue.Of(body, i => IsAlong($"e{i}"), own));
    }

    private static float EpsilonOf(Op op) => op switch
    {
        LayerNormalization layer => layer.Epsilon,
        RMSNormalization rms => rms.Epsilon,
        InstanceNormalization instance => instance.Epsilon,
        _ => ((GroupNormalization)op).Epsilon,
    };

    // Steps of scale or bias along the axes of X: one for each channel, or aligned at the last axis.
    private static long[] Operand(long[] dims, bool byChannel, int rank)
    {
        if (byChannel) return [.. Enumerable.Range(0, rank).Select(axis => axis == 1 ? 1L : 0)];
        long[] steps = RegionFacts.RowMajor(dims);
        return [.. Enumerable.Repeat(0L, rank - dims.Length), .. steps.Select((step, axis) => dims[axis] == 1 ? 0 : step)];
    }
}
