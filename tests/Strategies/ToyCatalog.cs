using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Tests.Strategies;

/// <summary>
/// Kernels of which a test says what they cost: a region costs what its ops cost together and the call, and more where it holds ops that do
/// not get on with each other.
/// </summary>
internal sealed class ToyCatalog(Func<KernelRegion, double> price) : IKernelCatalog, ICostModel
{
    public bool IsElementwise(Op op) => op is Relu or Sigmoid or Neg or Add or Mul or Tanh;

    public Verdict Accepts(KernelRegion region, TargetProfile target) =>
        double.IsFinite(price(region)) ? Verdict.Yes : Verdict.No("too dear");

    public IReadOnlyList<LayoutChoice> Layouts(KernelRegion region, TargetProfile target) =>
        [LayoutChoice.Plain(region.Body.Inputs.Length, region.Body.Outputs.Length)];

    public IReadOnlyList<Schedule> Space(KernelRegion region, TargetProfile target) => [new Schedule("toy", [])];

    public KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target) => new(price(region), 1, 0, 0, 0, 0);

    public KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target) =>
        new("toy", "toy", [.. region.Body.Outputs.Select((_, i) => new ResultArgument(i)), .. region.Body.Inputs.Select((_, i) =>
            new OperandArgument(i))]);

    public KernelCost Predict(KernelFeatures features, TargetProfile target, double modelBytes = 0) =>
        new(features.VectorOps, 0, 0, features.VectorOps);
}
