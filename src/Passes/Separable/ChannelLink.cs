using System.Collections.Immutable;
using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;

namespace Nncc.Passes.Separable;

/// <summary>
/// A node between two layers that makes of each channel only the same channel of its result: elementwise ops, batch norms, poolings,
/// depthwise convolutions, and flattening, which makes a run of features of a channel.
/// </summary>
/// <param name="Node">The node.</param>
/// <param name="Operand">Which of its operands has the channels.</param>
/// <param name="Axis">The axis that they lie along.</param>
/// <param name="Run">How many features it makes of each channel; 1 where it does not flatten.</param>
internal sealed record ChannelLink(Node Node, int Operand, int Axis, int Run = 1)
{
    /// <summary>The link that a node is, for channels along an axis of its result; null where it is none.</summary>
    public static ChannelLink? Of(GraphEdit edit, Node node, int axis)
    {
        if (node.Outputs.Length != 1 || node.Inputs.IsEmpty) return null;
        int operand = node.Op is Add or Mul && edit.Constant(node.Inputs[0]) is not null ? 1 : 0;
        if (edit[node.Inputs[operand]].Type is not TensorType { Shape: { } x }) return null;
        bool fits = node.Op switch
        {
            FloatUnary or NumberUnary or Shrink or Identity => true,
            Clip => node.Inputs.Skip(1).All(i => i == Node.Absent || edit.Constant(i) is not null),
            Add or Sub or Mul or Div or PRelu => edit.Constant(node.Inputs[1 - operand]) is { } other && IsPerChannel(other, x, axis),
            BatchNormalization { TrainingMode: false } => axis == 1 && node.Inputs.Skip(1).All(i => edit.Constant(i) is not null),
            MaxPool or AveragePool or GlobalAveragePool or GlobalMaxPool => axis == 1 && x.Rank > 2,
            Conv conv => axis == 1 && IsDepthwise(edit, node, conv),
            _ => false,
        };
        if (fits) return new ChannelLink(node, operand, axis);
        bool isFlat = axis == 1 && x.Rank > 2 && x.Dims[1..].All(d => d.IsConstant) && (node.Op is Flatten { Axis: 1 }
            || (node.Op is Reshape && edit[node.Outputs[0]].Type is TensorType { Shape: { Rank: 2 } y }
                && Dim.AreEqual(y[0], x[0]) == Answer.Yes));
        return isFlat ? new ChannelLink(node, 0, 1, (int)Dim.Product(x.Dims[2..]).Value!.Value) : null;
    }

    /// <summary>What constant channels become; NaN stands for a channel that is not constant.</summary>
    public double[] Through(GraphEdit edit, double[] channels)
    {
        var result = Node.Op switch
        {
            Conv conv => Convolved(edit, conv, channels),
            AveragePool { CountIncludePad: true } pool when pool.AutoPad != AutoPad.Valid && (pool.AutoPad != AutoPad.NotSet
                || pool.Pads.Any(p => p != 0)) => [.. channels.Select(c => c == 0 ? 0 : double.NaN)],
            MaxPool or AveragePool or GlobalPool or Flatten or Reshape => channels,
            _ => Computed(edit, channels),
        };
        return [.. result.Select((c, i) => double.IsFinite(channels[i]) && double.IsFinite(c) ? c : double.NaN)];
    }

    /// <summary>Puts the node in for fewer channels.</summary>
    /// <returns>Its result.</returns>
    public int Copy(GraphEdit edit, int x, bool[] kept, Provenance origin)
    {
        if (Run > 1 || Node.Op is Reshape or Flatten) return edit.Insert(new Flatten(), [x], origin, before: Node).Outputs[0];
        var operands = Node.Inputs.ToArray();
        operands[Operand] = x;
        for (int i = 0; i < operands.Length; i++)
            if (i != Operand && operands[i] != Node.Absent && edit.Constant(operands[i]) is { } constant
                && ChannelsOf(constant, edit, kept.Length) is { } axis)
                operands[i] = edit.AddConstant(Take(constant, axis, kept), origin: origin, before: Node);
        var op = Node.Op is Conv conv ? conv with { Group = kept.Count(k => k) } : Node.Op;
        return edit.Insert(op, operands, origin, before: Node).Outputs[0];
    }

    /// <summary>The parts of a tensor along an axis that are kept.</summary>
    public static Tensor Take(Tensor tensor, int axis, bool[] kept)
    {
        double[] items = tensor.ToDoubles();
        long inner = 1;
        for (int i = axis + 1; i < tensor.Rank; i++) inner *= tensor.Dims[i];
        long[] dims = [.. tensor.Dims];
        dims[axis] = kept.Count(k => k);
        return Tensor.FromDoubles(tensor.DType, dims, [.. items.Where((_, at) => kept[at / inner % kept.Length])]);
    }

    // The axis of a constant operand that has the channels; null where it holds for all of them.
    private int? ChannelsOf(Tensor constant, GraphEdit edit, int channels)
    {
        if (Node.Op is Conv or BatchNormalization) return 0;
        int rank = ((TensorType)edit[Node.Inputs[Operand]].Type).Shape!.Rank, axis = Axis - (rank - constant.Rank);
        return axis >= 0 && constant.Dims[axis] == channels && (channels > 1 || constant.Count == 1) ? axis : null;
    }

    private static bool IsPerChannel(Tensor constant, Shape x, int axis)
    {
        int offset = x.Rank - constant.Rank;
        if (offset < 0) return false;
        for (int i = 0; i < constant.Rank; i++)
            if (constant.Dims[i] != 1 && (i + offset != axis || x[axis].Value != constant.Dims[i])) return false;
        return true;
    }

    private static bool IsDepthwise(GraphEdit edit, Node node, Conv op) => edit.Constant(node.Inputs[1]) is { } weights
        && op.Group > 1 && weights.Dims[0] == op.Group && weights.Dims[1] == 1
        && node.Inputs.Skip(2).All(i => i == Node.Absent || edit.Constant(i) is not null);

    private double[] Convolved(GraphEdit edit, Conv op, double[] channels)
    {
        double[] w = edit.Constant(Node.Inputs[1])!.ToDoubles();
        double[]? bias = Node.Inputs.Length > 2 && Node.Inputs[2] != Node.Absent ? edit.Constant(Node.Inputs[2])!.ToDoubles() : null;
        int taps = w.Length / channels.Length;
        return [.. channels.Select((c, i) => (bias?[i] ?? 0) + (c == 0 ? 0 : ChannelLayer.IsPaddedBy(op) ? double.NaN
            : c * w.AsSpan(i * taps, taps).ToArray().Sum()))];
    }

    // By the evaluator, on one number for each channel.
    private double[] Computed(GraphEdit edit, double[] channels)
    {
        var type = (TensorType)edit[Node.Inputs[Operand]].Type;
        var dims = new long[type.Shape!.Rank];
        Array.Fill(dims, 1);
        dims[Axis] = channels.Length;
        var small = Tensor.FromDoubles(type.DType, dims, channels);
        ImmutableArray<Datum?> operands = [.. Node.Inputs.Select((input, i) => i == Operand ? small
            : input == Node.Absent ? null : (Datum)edit.Constant(input)!)];
        return ((Tensor)new Evaluator().Apply(Node, operands, [new TensorType(type.DType, Shape.Of(dims))])[0]).ToDoubles();
    }
}
