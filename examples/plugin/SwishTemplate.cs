using Nncc.Backends.CSharp;
using Nncc.Backends.CSharp.Kernels;
using Nncc.IR;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Example.Swish;

/// <summary>Swish as a kernel of its own, where <c>--disable expand-swish</c> leaves the op in the graph.</summary>
public sealed class SwishTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "swish";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        region.Body.Nodes is not [{ Op: Swish } node] ? Verdict.No("not a single Swish")
        : ((TensorType)region.Body[node.Outputs[0]].Type).DType != DType.Float32 ? Verdict.No("it takes f32")
        : Verdict.Yes;

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target) =>
        PlainFeatures(region, VectorDialect.For(target, DType.Float32).Lanes, efficiency: 0.5);

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var node = region.Body.Nodes[0];
        return new KernelPlan($"f32_swish__{VectorDialect.For(target, DType.Float32).Suffix}", Id,
        [
            new ResultArgument(0), new OperandArgument(0), new ConstantArgument(((Swish)node.Op).Beta),
            new NumberArgument(Dim.Product(((TensorType)region.Body[node.Outputs[0]].Type).Shape!)),
        ]);
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var d = VectorDialect.For(target, DType.Float32);
        // The operations of a lane and of the rest are the same, and so are their bits.
        string vectors = d.IsScalar ? "" : $$"""
                for (; i <= count - {{d.Lanes}}; i += {{d.Lanes}})
                {
                    var v = {{d.Load("x + i")}};
                    {{d.Store("y + i", $"v / OnePlusExpOfMinus({d.Splat("beta")} * v)")}}
                }

            """;
        source.Add(kernel.Name, $$"""
            /// <summary>y = x / (1 + e^(-beta x)).</summary>
            public static void {{kernel.Name}}(float* y, float* x, float beta, nint count)
            {
                nint i = 0;
            {{vectors}}    for (; i < count; i++) y[i] = x[i] / OnePlusExpOfMinus(beta * x[i]);
            }
            """);
    }
}
