using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>Ops that only give the same elements other sizes: nothing is called, the result is the operand's memory.</summary>
public sealed class ViewTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "view";

    /// <inheritdoc/>
    public override int Rank => 0;

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target)
    {
        if (region.Body.Nodes is not [{ Op: Reshape or Squeeze or Unsqueeze or Flatten or Identity or Dropout } node]
            || node.GivenOutputs.Count() != 1)
            return Verdict.No("not a change of sizes alone");
        return node.Op is Dropout && (Trains(region, node) || node.Outputs[0] == Node.Absent)
            ? Verdict.No("Dropout that trains, or its mask") : Verdict.Yes;
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target) => new(0, 1, 0, 0, 0, 0);

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target) =>
        KernelPlan.Of(new OperandView(region.Body[region.Body.Nodes[0].Inputs[0]].Slot));

    private static bool Trains(KernelRegion region, Node node) =>
        node.Inputs.Length > 2 && node.Inputs[2] != Node.Absent && region.Constant(node.Inputs[2])?.ToLong() != 0;
}
