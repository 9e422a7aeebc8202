using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Separable;

/// <summary>
/// A convolution of one group, a Gemm or a matrix product with constant weights: what becomes of channels is in its weights, along one axis
/// of them for those that come and along another for those that go.
/// </summary>
/// <param name="Node">The node.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="Bias">Its bias, a number for each channel that goes; null for none.</param>
/// <param name="InAxis">The axis of the weights for channels that come.</param>
/// <param name="OutAxis">The axis of the weights for channels that go.</param>
internal sealed record ChannelLayer(Node Node, Tensor Weights, Tensor? Bias, int InAxis, int OutAxis)
{
    /// <summary>The layer of a node; null where it is none.</summary>
    public static ChannelLayer? Of(GraphEdit edit, Node node)
    {
        if (node.Op is not (Conv { Group: 1 } or Gemm { TransA: false } or MatMul)
            || edit.Constant(node.Inputs[1]) is not { DType: DType.Float32 or DType.Float64, Count: > 0, Rank: > 1 } weights) return null;
        var (inAxis, outAxis) = node.Op switch { Conv or Gemm { TransB: true } => (1, 0), _ => (0, 1) };
        if (node.Op is MatMul && weights.Rank != 2) return null;
        if (node.Inputs.Length < 3 || node.Inputs[2] == Node.Absent) return new(node, weights, null, inAxis, outAxis);
        return edit.Constant(node.Inputs[2]) is { } bias && bias.Count == weights.Dims[outAxis] && bias.Dims[^1] == bias.Count
            ? new(node, weights, bias, inAxis, outAxis) : null;
    }

    /// <summary>How many channels come.</summary>
    public int Incoming => (int)Weights.Dims[InAxis];

    /// <summary>How many channels go.</summary>
    public int Outgoing => (int)Weights.Dims[OutAxis];

    /// <summary>The axis of an operand of that rank that its channels lie along.</summary>
    public int ChannelAxis(int rank) => Node.Op is MatMul ? rank - 1 : 1;

    /// <summary>Whether it sees zeros beside its operand.</summary>
    public bool IsPadded => Node.Op is Conv conv && IsPaddedBy(conv);

    /// <summary>Whether a convolution sees zeros beside its operand.</summary>
    public static bool IsPaddedBy(Conv op) => op.AutoPad is not (AutoPad.NotSet or AutoPad.Valid) || op.Pads.Any(p => p != 0);

    /// <summary>What each channel that goes always is, as all its weights are zero; NaN for one that depends on the operand.</summary>
    public double[] Constants()
    {
        double[] constants = Bias?.ToDoubles() ?? new double[Outgoing];
        if (Node.Op is Gemm { Beta: var beta })
            for (int m = 0; m < constants.Length; m++) constants[m] *= beta;
        Each((at, incoming, outgoing, weight) =>
        {
            if (weight != 0) constants[outgoing] = double.NaN;
        });
        return constants;
    }

    /// <summary>Which channels that come have weights that are all zero.</summary>
    public bool[] Unread()
    {
        var unread = new bool[Incoming];
        Array.Fill(unread, true);
        Each((at, incoming, outgoing, weight) => unread[incoming] &= weight == 0);
        return unread;
    }

    /// <summary>Puts the layer in without some of the channels that go.</summary>
    /// <returns>Its result.</returns>
    public int WithOutgoing(GraphEdit edit, bool[] kept, Provenance origin) =>
        Insert(edit, Node.Inputs[0], Node.Op, ChannelLink.Take(Weights, OutAxis, kept),
            Bias is null ? null : ChannelLink.Take(Bias, Bias.Rank - 1, kept), origin);

    /// <summary>Puts the layer in without some of the channels that come, which were always the given constants.</summary>
    /// <returns>Its result.</returns>
    public int WithIncoming(GraphEdit edit, int x, bool[] kept, double[] constants, Provenance origin)
    {
        float alpha = Node.Op is Gemm gemm ? gemm.Alpha : 1, beta = Node.Op is Gemm { Beta: var factor } ? factor : 1;
        var sum = new double[Outgoing];
        Each((at, incoming, outgoing, weight) =>
        {
            if (!kept[incoming] && weight != 0) sum[outgoing] += alpha * weight * constants[incoming];
        });
        var bias = Bias;
        var op = Node.Op;
        if (sum.Any(s => s != 0))
        {
            double[] own = Bias?.ToDoubles() ?? new double[Outgoing];
            bias = Tensor.FromDoubles(Weights.DType, [Outgoing], [.. sum.Select((s, m) => s + beta * own[m])]);
            if (op is Gemm scaled) op = scaled with { Beta = 1 };
        }
        return Insert(edit, x, op, ChannelLink.Take(Weights, InAxis, kept), bias, origin);
    }

    private int Insert(GraphEdit edit, int x, Op op, Tensor weights, Tensor? bias, Provenance origin)
    {
        int[] operands = [x, edit.AddConstant(weights, origin: origin, before: Node),
            .. bias is null ? Array.Empty<int>() : [edit.AddConstant(bias, origin: origin, before: Node)]];
        return edit.Insert(op, operands, origin, before: Node).Outputs[0];
    }

    private void Each(Action<int, int, int, double> hear)
    {
        double[] w = Weights.ToDoubles();
        int inner = 1, first = Math.Min(InAxis, OutAxis);
        for (int axis = 2; axis < Weights.Rank; axis++) inner *= (int)Weights.Dims[axis];
        int columns = (int)Weights.Dims[1];
        for (int at = 0; at < w.Length; at++)
        {
            int row = at / inner / columns, column = at / inner % columns;
            hear(at, InAxis == first ? row : column, InAxis == first ? column : row, w[at]);
        }
    }
}
