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
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        region.Body.Nodes is [{ Op: { Domain: "",
            Name: "Reshape" or "Squeeze" or "Unsqueeze" or "Flatten" or "Identity" or "Dropout" } } node] && node.GivenOutputs.Count() == 1
            ? Verdict.Yes : Verdict.No("not a change of sizes alone");

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target) => new(0, 1, 0, 0, 0, 0);

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target) =>
        KernelPlan.Of(new OperandView(region.Body[region.Body.Nodes[0].Inputs[0]].Slot));
}
