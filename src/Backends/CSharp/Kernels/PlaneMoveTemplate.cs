using System.Collections.Immutable;
using Nncc.Backends.CSharp.Kernels.Blocked;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Ops one after the other that only move channels of row-major images: each channel of the result is copied from where it is.
/// </summary>
public sealed class PlaneMoveTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "plane-move";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        region.Body.Nodes.Length > 1 && region.Body.Outputs.Length == 1 && ChannelMap.Of(region) is not null ? Verdict.Yes
            : Verdict.No("not moves of channels");

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target) =>
        PlainFeatures(region, target.Lanes(sizeof(float)), 0.5);

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var channels = ChannelMap.Of(region)!.Results[0];
        int[] images = Images(region);
        long[] dims = region.Dims(region.Body.Outputs[0].Value);
        var table = channels.SelectMany(c => new[] { Array.IndexOf(images, c.Operand), c.Channel });
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.AddRange(new ResultArgument(0), new WeightArgument(-1, new TableTransform("channels", Tensor.Vector<int>([.. table]))),
            new NumberArgument(dims[0]), new NumberArgument(dims[1]), new NumberArgument(MoveArguments.Count(dims.AsSpan(2))));
        foreach (int image in images)
            arguments.AddRange(new OperandArgument(image), new NumberArgument(region.Dims(region.Body.Inputs[image].Value)[1]));
        return new KernelPlan($"f32_planes_{images.Length}", Id, arguments.ToImmutable());
    }

    private static int[] Images(KernelRegion region) =>
        [.. Enumerable.Range(0, region.Constants.Length).Where(i => region.Constants[i] is null)];

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        int images = Images(kernel.Region).Length;
        string operands = string.Concat(Enumerable.Range(0, images).Select(i => $", float* x{i}, nint x{i}c"));
        var code = new CodeWriter();
        code.Line($"/// <summary>Each channel of y is one of {images} image{(images == 1 ? "" : "s")}, by a table.</summary>");
        code.Block($"public static void {kernel.Name}(float* y, int* table, nint batch, nint channels, nint plane{operands})", () =>
        {
            code.Line($"var images = stackalloc float*[{images}];");
            code.Line($"var counts = stackalloc nint[{images}];");
            for (int i = 0; i < images; i++)
            {
                code.Line($"images[{i}] = x{i};");
                code.Line($"counts[{i}] = x{i}c;");
            }
            code.Block("for (nint n = 0; n < batch; n++)", () => code.Block("for (nint c = 0; c < channels; c++, y += plane)", () =>
            {
                code.Line("int image = table[2 * c], channel = table[2 * c + 1];");
                code.Line("Strided.Move(y, images[image] + (n * counts[image] + channel) * plane, plane);");
            }));
        });
        source.Add(kernel.Name, code.ToString());
    }
}
