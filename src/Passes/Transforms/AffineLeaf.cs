using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes.Rules;

namespace Nncc.Passes.Transforms;

/// <summary>A node with weights that takes a factor and a summand for each channel of its result.</summary>
internal sealed class AffineLeaf(GraphEdit edit, RewritePlan plan)
{
    /// <summary>The node with other weights, added to the list; or why not.</summary>
    public string? Take(Node node, Tensor factor, Tensor summand, List<(Node Node, Op Op, Tensor Weights, Tensor? Bias)> leaves)
    {
        string name = edit[node.Outputs[0]].Name;
        if (node.Op is not (Conv or ConvTranspose or Gemm or MatMul)) return $"{node.Op.FullName} (\"{name}\") has no weights";
        if (leaves.Any(l => l.Node.Id == node.Id)) return $"\"{name}\" is reached twice";
        if (edit.Constant(node.Inputs[1]) is not { } weights) return $"the weights of \"{name}\" are not constant";
        if (edit.UseCount(node.Inputs[1]) != 1) return $"the weights of \"{name}\" are shared";
        int given = node.Inputs.Length > 2 ? node.Inputs[2] : Node.Absent;
        if (given != Node.Absent && edit.Constant(given) is null) return $"the bias of \"{name}\" is not constant";
        if (node.Op is MatMul && weights.Rank != 2) return $"the weights of \"{name}\" are no matrix";
        int axis = node.Op is Conv or ConvTranspose ? 1 : factor.Rank - 1;
        if (Channels(factor, axis) is not { } k || Channels(summand, axis) is not { } s)
            return $"what is done to \"{name}\" differs within a channel";
        bool isShifted = s.Any(item => item != 0);
        if (node.Op is MatMul && isShifted) return $"the product \"{name}\" has no bias";
        var bias = given == Node.Absent ? null : edit.Constant(given);
        double scale = 1;
        var op = node.Op;
        if (op is Gemm gemm) (op, scale) = (gemm with { Beta = 1 }, gemm.Beta);
        if (Scaled(weights, FactorShape(node.Op, weights, k.Length), k) is not { } newWeights)
            return $"the weights of \"{name}\" do not fit";
        Tensor? newBias = null;
        if (bias is not null || isShifted)
        {
            double[] old = bias is null ? [0] : bias.ToDoubles();
            if (old.Length != 1 && (old.Length != k.Length || bias!.Dims[^1] != k.Length))
                return $"the bias of \"{name}\" is no vector";
            newBias = Tensor.FromDoubles(weights.DType, [k.Length],
                [.. k.Select((item, i) => old[i % old.Length] * scale * item + s[i])]);
        }
        leaves.Add((node, op, newWeights, newBias));
        return null;
    }

    // The weights' axes along which the channels of the result lie; for a transposed convolution those of each group.
    private static long[] FactorShape(Op op, Tensor weights, int channels) => op switch
    {
        Conv => [channels, .. weights.Dims.Skip(1).Select(_ => 1L)],
        ConvTranspose t => [t.Group, 1, channels / t.Group, .. weights.Dims.Skip(2).Select(_ => 1L)],
        Gemm { TransB: true } => [channels, 1],
        _ => [1, channels],
    };

    private Tensor? Scaled(Tensor weights, long[] shape, double[] k)
    {
        var dims = weights.Dims.ToArray();
        object product = Tensor.FromDoubles(DType.Float64, shape, k) is var factors && shape.Length > dims.Length
            ? Do(new Reshape(), Do(new Mul(), Do(new Reshape(), Wide(weights),
                Vector([shape[0], dims[0] / shape[0], .. dims[1..]])), RewritePlan.Constant(factors)), Vector(dims))
            : Do(new Mul(), Wide(weights), RewritePlan.Constant(factors));
        return (Do(new Cast(weights.DType), product) as Operand)?.Constant;
    }

    private object Wide(Tensor weights) => Do(new Cast(DType.Float64), RewritePlan.Constant(weights));

    private static Operand Vector(long[] sizes) => RewritePlan.Constant(Tensor.Vector(sizes));

    private object Do(Op op, params object[] operands) => operands.FirstOrDefault(o => o is not Operand)
        ?? plan.Apply(op, [.. operands.Select(o => (Operand?)o)], 1);

    // The number of each channel; null where it is not one.
    private static double[]? Channels(Tensor tensor, int axis)
    {
        double[] items = tensor.ToDoubles(), channels = new double[tensor.Dims[axis]];
        long inner = tensor.Dims.Skip(axis + 1).Aggregate(1L, (a, b) => a * b);
        for (long i = items.Length - 1; i >= 0; i--) channels[i / inner % channels.Length] = items[i];
        for (long i = 0; i < items.Length; i++)
            if (items[i] != channels[i / inner % channels.Length]) return null;
        return channels;
    }
}
