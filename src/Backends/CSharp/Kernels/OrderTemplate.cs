using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>ArgMax, ArgMin, TopK, CumSum and CumProd along one axis, by functions of the runtime.</summary>
public sealed class OrderTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "order";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target)
    {
        if (region.Body.Nodes is not [{ Op: ArgExtreme or TopK or Cumulative } node]) return Verdict.No("not an order or a running sum");
        return node.Op is Cumulative && region.Constant(node.Inputs[1]) is null
            ? Verdict.No($"the axis of {node.Op.FullName} is computed at run time")
            : Verdict.Yes;
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target) => PlainFeatures(region, 1, 0.25);

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var node = region.Body.Nodes[0];
        long[] dims = MoveArguments.Dims(region, node.Inputs[0]);
        long given = node.Op switch
        {
            ArgExtreme op => op.Axis,
            TopK op => op.Axis,
            _ => region.Constant(node.Inputs[1])!.ToLong(),
        };
        int axis = (int)(given < 0 ? given + dims.Length : given);
        var x = MoveArguments.Operand(region, 0);
        KernelArgument[] sizes =
            [Number(MoveArguments.Count(dims.AsSpan(0, axis))), Number(dims[axis]), Number(MoveArguments.Count(dims.AsSpan(axis + 1)))];
        switch (node.Op)
        {
            case ArgExtreme op:
                return Plan($"Orders.{op.Name}", [new ResultArgument(0), x, .. sizes, Number(op.SelectLastIndex ? 1 : 0)]);
            case Cumulative op:
                return Plan($"Orders.{op.Name}",
                    [new ResultArgument(0), x, .. sizes, Number(op.Exclusive ? 1 : 0), Number(op.Reverse ? 1 : 0)]);
            default:
                long count = MoveArguments.Dims(region, region.Body.Outputs[0].Value)[axis];
                var dtype = MoveArguments.DTypeOf(region, node.Inputs[0]);
                long results = MoveArguments.Count(dims.AsSpan(0, axis)) * count * MoveArguments.Count(dims.AsSpan(axis + 1));
                return Plan("Orders.TopK", [Result(region, 0, dtype, results), Result(region, 1, DType.Int64, results), x,
                    new ScratchArgument(count * sizeof(long), DType.Int64), .. sizes, Number(count),
                        Number(((TopK)node.Op).Largest ? 1 : -1)]);
        }
    }

    // A result that nobody wants is written into memory of the call.
    private static KernelArgument Result(KernelRegion region, int slot, DType dtype, long count)
    {
        int index = region.Body.Outputs.Select(o => region.Body[o.Value].Slot).ToList().IndexOf(slot);
        return index >= 0 ? new ResultArgument(index) : new ScratchArgument(dtype.Bytes(count), dtype);
    }

    private KernelPlan Plan(string function, KernelArgument[] arguments) => new(function, Id, [.. arguments]);

    private static NumberArgument Number(long value) => new(value);
}
