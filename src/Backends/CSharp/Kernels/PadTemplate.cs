using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Pad and CenterCropPad. With a constant the result is filled and what is kept of the data is copied into it; the other modes look up each
/// axis in a table.
/// </summary>
public sealed class PadTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "pad";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target)
    {
        if (region.Body.Nodes is not [{ Op: Pad or CenterCropPad } node]) return Verdict.No("not a Pad");
        foreach (int i in node.Op is Pad ? new[] { 1, 3 } : [1])
            if (i < node.Inputs.Length && node.Inputs[i] != Node.Absent && region.Constant(node.Inputs[i]) is null)
                return Verdict.No($"operand {i} of {node.Op.FullName} is computed at run time");
        return Verdict.Yes;
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var plain = PlainFeatures(region, 1, 1);
        long[] dims = MoveArguments.Dims(region, region.Body.Nodes[0].Inputs[0]);
        double rows = dims.Length == 0 ? 1 : Math.Max(1, MoveArguments.Count(dims.AsSpan(..^1)));
        // Filled, then row by row; or looked up one by one.
        return plain with
        {
            VectorOps = 0,
            Cycles = IsFilled(region) ? CycleCosts.Copy(plain.BytesOut) + rows * 1.5 * CycleCosts.Copy(plain.BytesIn / rows)
                : CycleCosts.Call + 4 * plain.BytesOut / MoveArguments.ElementBytes(region),
        };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var node = region.Body.Nodes[0];
        long[] dims = MoveArguments.Dims(region, node.Inputs[0]), result = MoveArguments.Dims(region, node.Outputs[0]);
        long[] strides = StridedMap.Strides(dims);
        var places = Places(region, node, dims);
        var value = node.Op is Pad { Mode: PadMode.Constant }
            ? MoveArguments.OperandOr(region, 2, "zero", MoveArguments.Zero(MoveArguments.DTypeOf(region, node.Inputs[0])))
            : new WeightArgument(-1, new TableTransform("zero", MoveArguments.Zero(MoveArguments.DTypeOf(region, node.Inputs[0]))));
        var data = MoveArguments.Operand(region, 0);
        if (dims.Length == 0) return KernelPlan.Of(new OperandView(((OperandArgument)data).Index));
        if (!IsFilled(region))
        {
            long[] table = [.. places.SelectMany((axis, k) => axis.Select(place => place < 0 ? -1 : place * strides[k]))];
            return new KernelPlan("Separable.Gather", Id, [new ResultArgument(0), data, value,
                new WeightArgument(-1, new TableTransform("places", Tensor.Vector(table))), NumbersArgument.Of(result)]);
        }
        long begin = 0, start = 0;
        long[] kept = new long[dims.Length], to = StridedMap.Strides(result);
        for (int axis = 0; axis < dims.Length; axis++)
        {
            long first = Array.FindIndex(places[axis], place => place >= 0);
            kept[axis] = places[axis].Count(place => place >= 0);
            if (first < 0) continue;
            start += first * to[axis];
            begin += places[axis][first] * strides[axis];
        }
        if (kept.Contains(0)) (start, begin) = (0, 0);
        var map = StridedMap.Of(kept, to, strides, begin);
        var from = (OperandArgument)data with { ByteOffset = map.Start * MoveArguments.ElementBytes(region) };
        return new KernelPlan("Strided.Pad", Id, [new ResultArgument(0), new NumberArgument(MoveArguments.Count(result)), value, from,
            new NumberArgument(start), .. map.Arguments]);
    }

    // Kept elements lie side by side on each axis, with new ones before and behind.
    private static bool IsFilled(KernelRegion region) => region.Body.Nodes[0].Op is CenterCropPad or Pad { Mode: PadMode.Constant };

    // The axes that the op says nothing of stay as they are.
    private static long[][] Places(KernelRegion region, Node node, long[] dims)
    {
        var operands = node.Inputs.Select(region.Constant).ToArray();
        long[] given = operands[1]!.ToLongs();
        long[] axes = node.Op is CenterCropPad crop ? [.. crop.Axes] : operands.Length > 3 && operands[3] is { } some ? some.ToLongs() : [];
        bool all = axes.Length == 0 && (node.Op is CenterCropPad || operands.Length <= 3 || operands[3] is null);
        if (all) axes = [.. Enumerable.Range(0, dims.Length).Select(i => (long)i)];
        var places = dims.Select(size => Enumerable.Range(0, (int)size).Select(i => (long)i).ToArray()).ToArray();
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = (int)(axes[i] < 0 ? axes[i] + dims.Length : axes[i]);
            places[axis] = node.Op is Pad pad ? AxisPlaces.Of(pad, dims[axis], Tensor.Vector(given[i], given[axes.Length + i]))
                : AxisPlaces.Of(new CenterCropPad(), dims[axis], Tensor.Vector(given[i]));
        }
        return places;
    }
}
