using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear, by functions of the runtime.</summary>
public sealed class QuantizationTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "quantization";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        region.IsSingle() && region.Anchor().Op is QuantizeLinear or DequantizeLinear or DynamicQuantizeLinear
            ? Verdict.Yes : Verdict.No("not a quantization");

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target) => PlainFeatures(region, 1, 0.25);

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var anchor = region.Anchor();
        long[] dims = region.Dims(anchor.Inputs[0]);
        var x = region.Operand(0);
        if (anchor.Op is DynamicQuantizeLinear)
            return new KernelPlan("Quantization.Dynamic", Id,
                [region.ResultArgument(0), region.ResultArgument(1), region.ResultArgument(2), x,
                new NumberArgument(((ReadOnlySpan<long>)dims).Product())]);
        var quantize = anchor.Op as QuantizeLinear;
        var (axis, block) = quantize is null ? (((DequantizeLinear)anchor.Op).Axis, ((DequantizeLinear)anchor.Op).BlockSize)
            : (quantize.Axis, quantize.BlockSize);
        long[] scales = region.Dims(anchor.Inputs[1]);
        var small = region.DType(quantize is null ? anchor.Inputs[0] : anchor.Outputs[0]);
        long count = ((ReadOnlySpan<long>)scales).Product();
        KernelArgument zero = region.Has(2) ? region.Operand(2)
            : new WeightArgument(-1, new TableTransform("zeros", Tensor.FromLongs(small, [count], new long[count])));
        KernelArgument[] arguments = [new ResultArgument(0), x, region.Operand(1), zero, .. Grid(dims, scales, axis, block)];
        if (quantize is null) return new KernelPlan("Quantization.Dequantize", Id, [.. arguments]);
        DType from = region.DType(anchor.Inputs[0]), scale = region.DType(anchor.Inputs[1]);
        var precision = quantize.Precision != DType.Unknown ? quantize.Precision : scale == DType.Float64 ? scale : DType.Float32;
        return (from, scale, precision) == (DType.Float32, DType.Float32, DType.Float32)
            ? new KernelPlan("Quantization.Quantize", Id, [.. arguments])
            : new KernelPlan("Quantization.QuantizeWide", Id, [.. arguments, new NumberArgument(precision == DType.Float32 ? 1 : 0)]);
    }

    // Extents before, along and behind the axis, the block, and the steps of the scales along these.
    private static KernelArgument[] Grid(long[] dims, long[] scales, long axis, long block)
    {
        long count = ((ReadOnlySpan<long>)dims).Product();
        if (((ReadOnlySpan<long>)scales).Product() == 1) return Numbers(1, 1, count, 1, [0, 0, 0]);
        int at = dims.Length == 1 ? 0 : (int)(axis < 0 ? axis + dims.Length : axis);
        long inner = ((ReadOnlySpan<long>)dims.AsSpan(at + 1)).Product(), outer = ((ReadOnlySpan<long>)dims.AsSpan(0, at)).Product();
        return block == 0 ? Numbers(outer, dims[at], inner, 1, [0, 1, 0])
            : Numbers(outer, dims[at], inner, block, [scales[at] * inner, inner, 1]);

        KernelArgument[] Numbers(long outer, long size, long inner, long block, long[] steps) =>
            [new NumberArgument(outer), new NumberArgument(size),
            new NumberArgument(inner), new NumberArgument(block), NumbersArgument.Of(steps)];
    }
}
