using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>Questions that templates ask of a region whose first node is the op that they compute. Types are static tensors.</summary>
internal static class RegionFacts
{
    /// <summary>The first node: what a template knows how to compute.</summary>
    public static Node Anchor(this KernelRegion region) => region.Body.Nodes[0];

    /// <summary>Whether the region is a single op.</summary>
    public static bool IsSingle(this KernelRegion region) => region.Body.Nodes.Length == 1;

    /// <summary>Sizes of a value.</summary>
    public static long[] Dims(this KernelRegion region, int value) => ((TensorType)region.Body[value].Type).Shape!.ToStatic()!;

    /// <summary>Number of elements of a value.</summary>
    public static long Elements(this KernelRegion region, int value) => ((ReadOnlySpan<long>)region.Dims(value)).Product();

    /// <summary>Element type of a value.</summary>
    public static DType DType(this KernelRegion region, int value) => ((TensorType)region.Body[value].Type).DType;

    /// <summary>Whether the anchor's operand <paramref name="index"/> is given.</summary>
    public static bool Has(this KernelRegion region, int index) =>
        index < region.Anchor().Inputs.Length && region.Anchor().Inputs[index] != Node.Absent;

    /// <summary>Content of the anchor's operand <paramref name="index"/> where it is given and constant.</summary>
    public static Tensor? ConstantOperand(this KernelRegion region, int index) =>
        region.Has(index) ? region.Constant(region.Anchor().Inputs[index]) : null;

    /// <summary>Which operand of the region the anchor's operand <paramref name="index"/> is.</summary>
    public static int Slot(this KernelRegion region, int index) => region.Body[region.Anchor().Inputs[index]].Slot;

    /// <summary>Which operand of the region a node's operand <paramref name="index"/> is.</summary>
    public static int Slot(this KernelRegion region, Node node, int index) => region.Body[node.Inputs[index]].Slot;

    /// <summary>The anchor's operand <paramref name="index"/> as an argument.</summary>
    public static OperandArgument Operand(this KernelRegion region, int index) => new(region.Slot(index));

    /// <summary>
    /// Which result of the region the anchor's result <paramref name="index"/> is; -1 where it is absent or nobody uses it.
    /// </summary>
    public static int ResultSlot(this KernelRegion region, int index)
    {
        var outputs = region.Anchor().Outputs;
        if (index >= outputs.Length || outputs[index] == Node.Absent) return -1;
        for (int i = 0; i < region.Body.Outputs.Length; i++)
            if (region.Body.Outputs[i].Value == outputs[index]) return i;
        return -1;
    }

    /// <summary>
    /// Where the kernel of a single op writes result <paramref name="index"/>: the region's result, or where nobody uses it memory of the
    /// call.
    /// </summary>
    public static KernelArgument ResultArgument(this KernelRegion region, int index)
    {
        if (region.ResultSlot(index) is >= 0 and var slot) return new ResultArgument(slot);
        int value = region.Anchor().Outputs[index];
        return new ScratchArgument(Math.Max(1, region.DType(value).Bytes(((ReadOnlySpan<long>)region.Dims(value)).Product())),
            region.DType(value));
    }

    /// <summary>The product of sizes.</summary>
    public static long Product(this ReadOnlySpan<long> dims)
    {
        long product = 1;
        foreach (long dim in dims) product = checked(product * dim);
        return product;
    }

    /// <summary>Elements from one place to the next along each axis of a row-major tensor.</summary>
    public static long[] RowMajor(ReadOnlySpan<long> dims)
    {
        var strides = new long[dims.Length];
        long stride = 1;
        for (int i = dims.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= dims[i];
        }
        return strides;
    }
}
