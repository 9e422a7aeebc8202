using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>Trilu and ReverseSequence, by functions of the runtime.</summary>
public sealed class MatrixTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "matrix";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target)
    {
        if (region.Body.Nodes is not [{ Op: Trilu or ReverseSequence } node]) return Verdict.No("not Trilu or ReverseSequence");
        return node.Inputs.Length < 2 || node.Inputs[1] == Node.Absent || MoveArguments.DTypeOf(region, node.Inputs[1]) is DType.Int64
            ? Verdict.Yes
            : Verdict.No("operand 1 is not int64");
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target) => PlainFeatures(region, 1, 1);

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var node = region.Body.Nodes[0];
        long[] dims = MoveArguments.Dims(region, node.Outputs[0]);
        if (node.Op is Trilu { Upper: var upper })
            return new KernelPlan(upper ? "Matrices.Upper" : "Matrices.Lower", Id, [new ResultArgument(0), MoveArguments.Operand(region, 0),
                MoveArguments.OperandOr(region, 1, "zero", Tensor.Scalar(0L)),
                new NumberArgument(MoveArguments.Count(dims.AsSpan(0, dims.Length - 2))), new NumberArgument(dims[^2]),
                new NumberArgument(dims[^1])]);
        int batch = (int)((ReverseSequence)node.Op).BatchAxis, time = 1 - batch;
        long run = MoveArguments.Count(dims.AsSpan(2));
        long[] steps = [dims[1] * run, run];
        return new KernelPlan("Matrices.Reverse", Id,
            [new ResultArgument(0), MoveArguments.Operand(region, 0), MoveArguments.Operand(region, 1),
            new NumberArgument(dims[batch]), new NumberArgument(dims[time]), new NumberArgument(steps[batch]),
            new NumberArgument(steps[time]),
            new NumberArgument(run), new PlaceArgument()]);
    }
}
