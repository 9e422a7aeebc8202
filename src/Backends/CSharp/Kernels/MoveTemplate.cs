using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Ops that put each element of their operand at places which are sums of index times step: Transpose, Slice, Expand, Tile, DepthToSpace,
/// SpaceToDepth, ChannelShuffle. Where the elements lie side by side in the operand already, nothing is called.
/// </summary>
public sealed class MoveTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "move";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target)
    {
        if (region.Body.Nodes is not [{ Op: Transpose or Slice or Expand or Tile or DepthToSpace or SpaceToDepth or ChannelShuffle }])
            return Verdict.No("not a move");
        return Map(region, out var reason) is null ? Verdict.No(reason!) : Verdict.Yes;
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var map = Map(region, out _)!;
        if (map.IsContiguous) return new KernelFeatures(0, 1, 0, 0, 0, 0);
        double count = map.Extents.Aggregate(1.0, (a, b) => a * b), bytes = MoveArguments.ElementBytes(region);
        double columns = map.Extents[^1], rows = count / Math.Max(1, columns);
        // Rows are copied, or squares of four rows and columns turned, or single elements moved.
        bool isTurned = bytes == sizeof(float) && map.From.Length > 1 && map.From[^2] == 1;
        double cycles = map.From[^1] is 0 or 1 ? rows * (columns <= 8 ? 4 + columns : CycleCosts.Copy(columns * bytes))
            : isTurned ? count / 2 + 2 * (count - Math.Floor(columns / 4) * 4 * rows) + (Crowds(map.To[^2], rows) ? 2 * count : 0)
            : 6 * count;
        return new KernelFeatures(0, 1, count * bytes, count * bytes, 0, 0) { Cycles = 2 * CycleCosts.Call + cycles };
    }

    // Rows of the target that are written in turn share a set of the nearest cache where they lie a way of it apart.
    private static bool Crowds(long step, double rows) => step * sizeof(float) % 4096 == 0 && rows > 8;

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var map = Map(region, out _)!;
        int data = region.Body[region.Body.Nodes[0].Inputs[0]].Slot;
        long start = map.Start * MoveArguments.ElementBytes(region);
        if (region.Anchor().Op is Expand && region.ConstantOperand(1) is null) return Expanded(region, map);
        return map.IsContiguous ? KernelPlan.Of(new OperandView(data, start))
            : new KernelPlan("Strided.Copy", Id, [new ResultArgument(0), new OperandArgument(data, start), .. map.Arguments]);
    }

    // Sizes that are given at run time are held against those that were inferred.
    private KernelPlan Expanded(KernelRegion region, StridedMap map) => new("Expansion.Copy", Id,
        [new ResultArgument(0), region.Operand(0), region.Operand(1), new NumberArgument(region.Dims(region.Anchor().Inputs[1])[0]),
            NumbersArgument.Of(region.Dims(region.Anchor().Inputs[0])), NumbersArgument.Of(region.Dims(region.Anchor().Outputs[0])),
            new PlaceArgument(), .. map.Arguments]);

    private static StridedMap? Map(KernelRegion region, out string? reason)
    {
        var node = region.Body.Nodes[0];
        long[] dims = MoveArguments.Dims(region, node.Inputs[0]), result = MoveArguments.Dims(region, node.Outputs[0]);
        long[] strides = StridedMap.Strides(dims);
        reason = null;
        switch (node.Op)
        {
            case Transpose { Perm: var perm }:
                var order = perm.IsEmpty ? Enumerable.Range(0, dims.Length).Reverse() : perm.Select(axis => (int)axis);
                return StridedMap.Of(result, [.. order.Select(axis => strides[axis])]);
            case Expand:
                return StridedMap.Of(result,
                    [.. Enumerable.Range(dims.Length - result.Length, result.Length)
                        .Select(axis => axis < 0 || dims[axis] == 1 ? 0 : strides[axis])]);
            case Tile:
                return StridedMap.Of([.. dims.SelectMany((size, axis) => new[] { size == 0 ? 0 : result[axis] / size, size })],
                    [.. strides.SelectMany(stride => new[] { 0, stride })]);
            case DepthToSpace { Blocksize: var b, Mode: var mode }:
                return DepthToSpaceMap(dims, b, mode);
            case SpaceToDepth { Blocksize: var b }:
                long line = dims[3], plane = dims[2] * line;
                return StridedMap.Of([dims[0], b, b, dims[1], dims[2] / b, dims[3] / b], [dims[1] * plane, line, 1, plane, b * line, b]);
            case ChannelShuffle { Groups: var groups }:
                long pixels = strides[1], each = dims[1] / groups;
                return StridedMap.Of([dims[0], each, groups, pixels], [strides[0], pixels, each * pixels, 1]);
            default:
                return SliceMap(region, node, dims, strides, result, out reason);
        }
    }

    private static StridedMap DepthToSpaceMap(long[] dims, long b, DepthOrder mode)
    {
        long channels = dims[1] / (b * b), pixel = dims[2] * dims[3];
        var (row, column, channel) = mode == DepthOrder.DepthColumnRow ? (b * channels * pixel, channels * pixel, pixel)
            : (b * pixel, pixel, b * b * pixel);
        return StridedMap.Of([dims[0], channels, dims[2], b, dims[3], b], [dims[1] * pixel, channel, dims[3], row, 1, column]);
    }

    private static StridedMap? SliceMap(KernelRegion region, Node node, long[] dims, long[] strides, long[] result, out string? reason)
    {
        reason = null;
        for (int i = 1; i < node.Inputs.Length; i++)
            if (node.Inputs[i] != Node.Absent && region.Constant(node.Inputs[i]) is null)
            {
                reason = $"operand {i} of Slice is computed at run time";
                return null;
            }
        long begin = 0;
        foreach (var (axis, places) in SlicePlaces.Of(region, node, dims))
        {
            if (places.Length > 0) begin += places[0] * strides[axis];
            strides[axis] *= places.Length > 1 ? places[1] - places[0] : 1;
        }
        return StridedMap.Of(result, strides, result.Contains(0) ? 0 : begin);
    }
}
