using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>What templates that move elements ask of their region.</summary>
internal static class MoveArguments
{
    /// <summary>The sizes of a value of the region.</summary>
    public static long[] Dims(KernelRegion region, int value) => ((TensorType)region.Body[value].Type).Shape!.ToStatic()!;

    /// <summary>The element type of a value of the region.</summary>
    public static DType DTypeOf(KernelRegion region, int value) => ((TensorType)region.Body[value].Type).DType;

    /// <summary>Bytes of an element of the first result.</summary>
    public static int ElementBytes(KernelRegion region) => DTypeOf(region, region.Body.Outputs[0].Value).Bits() / 8;

    /// <summary>Product of sizes.</summary>
    public static long Count(ReadOnlySpan<long> dims)
    {
        long count = 1;
        foreach (long dim in dims) count *= dim;
        return count;
    }

    /// <summary>A pointer to operand <paramref name="index"/> of the region's only node.</summary>
    public static KernelArgument Operand(KernelRegion region, int index) =>
        new OperandArgument(region.Body[region.Body.Nodes[0].Inputs[index]].Slot);

    /// <summary>A pointer to an operand that may be absent; then to these elements among the weights.</summary>
    public static KernelArgument OperandOr(KernelRegion region, int index, string label, Tensor otherwise) =>
        region.Body.Nodes[0].Inputs is var inputs && index < inputs.Length && inputs[index] != Node.Absent ? Operand(region, index)
            : new WeightArgument(-1, new TableTransform(label, otherwise));

    /// <summary>A single zero of a dtype.</summary>
    public static Tensor Zero(DType dtype) => Tensor.FromLongs(dtype, [], [0]);
}
