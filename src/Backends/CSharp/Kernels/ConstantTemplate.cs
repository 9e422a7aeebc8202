using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Ops whose results are known when their operands' types (and constants) are, where they were not folded: Shape and Size come from the
/// weights; ConstantOfShape, EyeLike and Range, which may be too large to be folded, are computed at run time.
/// </summary>
public sealed class ConstantTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "constant";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target)
    {
        if (region.Body.Nodes is not [{ Op: ShapeOf or Size or ConstantOfShape or EyeLike or IR.Ops.Range } node])
            return Verdict.No("not a constant");
        return node.Op is IR.Ops.Range && MoveArguments.DTypeOf(region, node.Outputs[0]) == DType.Bool ? Verdict.No("a series of bool")
            : Verdict.Yes;
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target) =>
        PlainFeatures(region, 1, 1) with { BytesIn = 0, BytesWeights = 0 };

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var node = region.Body.Nodes[0];
        var dtype = MoveArguments.DTypeOf(region, node.Outputs[0]);
        long[] dims = MoveArguments.Dims(region, node.Outputs[0]);
        switch (node.Op)
        {
            case EyeLike { K: var k }:
                return new KernelPlan("Matrices.Eye", Id,
                    [new ResultArgument(0), new NumberArgument(dims[0]), new NumberArgument(dims[1]), new NumberArgument(k),
                    Weight("one", Tensor.FromLongs(dtype, [], [1]))]);
            case IR.Ops.Range:
                return new KernelPlan("Series.Range", Id,
                    [new ResultArgument(0), new NumberArgument(dims[0]), MoveArguments.Operand(region, 0),
                    MoveArguments.Operand(region, 2)]);
            case ConstantOfShape { Value: var value }:
                return Copy(Weight("value", value ?? Tensor.Scalar(0f)), StridedMap.Of(dims, new long[dims.Length]));
            default:
                // Known: the operand's sizes are bound.
                var sizes = region.Body[node.Outputs[0]].Known!.Value;
                return Copy(Weight("sizes", Tensor.Vector([.. sizes.Select(size => size.Value!.Value)])),
                    StridedMap.Of(dims, StridedMap.Strides(dims)));
        }
    }

    private static KernelArgument Weight(string label, Tensor content) => new WeightArgument(-1, new TableTransform(label, content));

    private KernelPlan Copy(KernelArgument from, StridedMap map) =>
        new("Strided.Copy", Id, [new ResultArgument(0), from, .. map.Arguments]);
}
