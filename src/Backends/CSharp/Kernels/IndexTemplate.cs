using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Ops that read or write at places which their indices say: Gather, GatherElements, GatherND, ScatterElements, ScatterND, TensorScatter,
/// OneHot; by functions of the runtime, which refuse indices that are outside.
/// </summary>
public sealed class IndexTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "index";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target)
    {
        if (region.Body.Nodes is not
            [{ Op: Gather or GatherElements or GatherND or ScatterElements or ScatterND or TensorScatter or OneHot } node])
            return Verdict.No("not an op with indices");
        int indices = node.Op is TensorScatter ? 2 : node.Op is OneHot ? 0 : 1;
        if (indices < node.Inputs.Length && node.Inputs[indices] != Node.Absent
            && MoveArguments.DTypeOf(region, node.Inputs[indices]) is var dtype
            && (node.Op is OneHot ? dtype == DType.Bool : dtype is not (DType.Int32 or DType.Int64)))
            return Verdict.No($"indices of {dtype.Name()}");
        return Reduction(node.Op) != 0 && MoveArguments.DTypeOf(region, node.Inputs[0]) == DType.Bool ? Verdict.No("a reduction of bool")
            : Verdict.Yes;
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var plain = PlainFeatures(region, 1, 0.25);
        var node = region.Body.Nodes[0];
        long[] data = MoveArguments.Dims(region, node.Inputs[0]);
        double results = MoveArguments.Count(MoveArguments.Dims(region, node.Outputs[0])), bytes = MoveArguments.ElementBytes(region);
        // Of gathered data only what is taken is read. Each block is resolved, and once before all are checked.
        switch (node.Op)
        {
            case Gather { Axis: var axis }:
                double block = MoveArguments.Count(data.AsSpan((int)Axis(axis, data.Length) + 1));
                double indices = MoveArguments.Count(MoveArguments.Dims(region, node.Inputs[1])), blocks = results / Math.Max(1, block);
                return plain with
                {
                    VectorOps = 0, BytesIn = plain.BytesOut, BytesWeights = 0,
                    Cycles = CycleCosts.Call + CycleCosts.Index * (indices + blocks)
                        + (block == 1 ? 0 : blocks * CycleCosts.Copy(block * bytes)),
                };
            case GatherElements or GatherND:
                return plain with { VectorOps = 0, BytesIn = plain.BytesOut, BytesWeights = 0, Cycles = 2 * CycleCosts.Index * results };
            case ScatterND:
                double updates = MoveArguments.Count(MoveArguments.Dims(region, node.Inputs[2]));
                long[] places = MoveArguments.Dims(region, node.Inputs[1]);
                double rows = MoveArguments.Count(places.AsSpan(..^1));
                if (Constant(region, node, data, places) is { } known) rows = known.Starts.Length;
                return plain with
                {
                    VectorOps = 0,
                    Cycles = CycleCosts.Copy(MoveArguments.Count(data) * bytes)
                        + rows * (updates > rows ? CycleCosts.Copy(updates * bytes / rows) : 2),
                };
            default: return plain;
        }
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var node = region.Body.Nodes[0];
        long[] data = MoveArguments.Dims(region, node.Inputs[0]), result = MoveArguments.Dims(region, node.Outputs[0]);
        long[] indices = node.Op is OneHot ? data : MoveArguments.Dims(region, node.Inputs[1]);
        KernelArgument Operand(int index) => MoveArguments.Operand(region, index);
        if (Constant(region, node, data, indices) is { } known)
        {
            KernelArgument table = new WeightArgument(-1, known.Table), number = Number(known.Starts.Length), run = Number(known.Block);
            return node.Op is GatherND ? Plan("Indexing.Runs", new ResultArgument(0), Operand(0), table, number, run)
                : Plan("Scatter.Runs", new ResultArgument(0), Number(MoveArguments.Count(data)), Operand(0), Operand(2), table, number,
                    run);
        }
        KernelArgument to = new ResultArgument(0), place = new PlaceArgument(), count = Number(MoveArguments.Count(data));
        switch (node.Op)
        {
            case Gather { Axis: var axis }:
                axis = Axis(axis, data.Length);
                return Plan("Indexing.Gather", to, Operand(0), Operand(1), Before(data, axis), Number(data[axis]), Behind(data, axis + 1),
                    Number(MoveArguments.Count(indices)), place);
            case GatherElements { Axis: var axis }:
                return Plan("Indexing.GatherElements", [to, Operand(0), Operand(1), Places(indices), .. Along(data, indices, axis), place]);
            case GatherND { BatchDims: var batch }:
                int first = (int)batch, end = first + (int)indices[^1];
                return Plan("Indexing.GatherND", to, Operand(0), Operand(1), Places(indices[..^1]), Before(indices, batch),
                    Number(MoveArguments.Count(indices.AsSpan(first, indices.Length - 1 - first))), NumbersArgument.Of(data[first..end]),
                        Behind(data, end), place);
            case OneHot { Axis: var axis }:
                axis = Axis(axis, result.Length);
                return Plan("Indexing.OneHot", to, Operand(0), Operand(2), Before(result, axis), Number(result[axis]),
                    Behind(result, axis + 1));
            case ScatterElements { Axis: var axis, Reduction: var how }:
                KernelArgument[] elements = [to, count, Operand(0), Operand(1), Operand(2), Places(indices), .. Along(data, indices, axis)];
                return how == ScatterReduction.None ? Plan("Scatter.Elements", [.. elements, place])
                    : Plan("Scatter.ElementsWith", [.. elements, Number((int)how), place]);
            case ScatterND { Reduction: var how }:
                int depth = (int)indices[^1];
                KernelArgument[] blocks = [to, count, Operand(0), Operand(1), Operand(2), Places(indices[..^1]),
                    Number(MoveArguments.Count(indices.AsSpan()[..^1])),
                    NumbersArgument.Of(data[..depth]), Behind(data, depth)];
                return how == ScatterReduction.None ? Plan("Scatter.Blocks", [.. blocks, place])
                    : Plan("Scatter.BlocksWith", [.. blocks, Number((int)how), place]);
            case TensorScatter { Axis: var axis, Mode: var mode }:
                axis = Axis(axis, data.Length);
                return Plan("Scatter.Cache", to, Operand(0), Operand(1),
                    MoveArguments.OperandOr(region, 2, "starts", Tensor.Vector(new long[data[0]])),
                    Number(data[0]), Number(MoveArguments.Count(data.AsSpan(1, (int)axis - 1))), Number(data[axis]), Number(indices[axis]),
                        Behind(data, axis + 1),
                    Number(mode == CacheMode.Circular ? 1 : 0), place);
            default: throw new InvalidOperationException($"no plan for {node.Op.FullName}");
        }
    }

    // Where indices are constant and blocks only copied.
    private static ConstantPlaces? Constant(KernelRegion region, Node node, long[] data, long[] indices)
    {
        if (node.Op is not (GatherND or ScatterND { Reduction: ScatterReduction.None }) || region.Constant(node.Inputs[1]) is not { } known)
            return null;
        int batch = node.Op is GatherND { BatchDims: var dims } ? (int)dims : 0, end = batch + (int)indices[^1];
        return ConstantPlaces.Of(known, MoveArguments.Count(data.AsSpan(0, batch)), data.AsSpan(batch..end),
            MoveArguments.Count(data.AsSpan(end)));
    }

    private KernelPlan Plan(string function, params KernelArgument[] arguments) => new(function, Id, [.. arguments]);

    private static int Reduction(Op op) => (int)(op switch
    {
        ScatterElements { Reduction: var how } => how,
        ScatterND { Reduction: var how } => how,
        _ => ScatterReduction.None,
    });

    // Extents and steps of single elements, the step and the size along the axis.
    private static KernelArgument[] Along(long[] data, long[] indices, long axis)
    {
        axis = Axis(axis, data.Length);
        long[] steps = StridedMap.Strides(data);
        long along = steps[axis];
        steps[axis] = 0;
        return [NumbersArgument.Of(indices), NumbersArgument.Of(steps), Number(along), Number(data[axis])];
    }

    private static ScratchArgument Places(ReadOnlySpan<long> rows) => new(MoveArguments.Count(rows) * sizeof(long), DType.Int64);

    private static NumberArgument Before(long[] dims, long axis) => Number(MoveArguments.Count(dims.AsSpan(0, (int)axis)));

    private static NumberArgument Behind(long[] dims, long axis) => Number(MoveArguments.Count(dims.AsSpan((int)axis)));

    private static NumberArgument Number(long value) => new(value);

    private static long Axis(long axis, int rank) => axis < 0 ? axis + rank : axis;
}
