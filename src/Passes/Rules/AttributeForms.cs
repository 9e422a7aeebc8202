using Nncc.IR.Ops;

namespace Nncc.Passes.Rules;

/// <summary>
/// One spelling for attributes that have several: axes count from 0, permutations, kernel shapes, strides, dilations and pads are written
/// out.
/// Patterns see ops in this form; graphs keep the spelling that they have.
/// </summary>
internal static class AttributeForms
{
    // What Normal writes in one way.
    private static readonly HashSet<string> Names =
        new(["axis", "perm", "auto_pad", "pads", "kernel_shape", "strides", "dilations"], StringComparer.Ordinal);

    /// <summary>Whether an attribute of that name may have several spellings.</summary>
    public static bool HasSeveral(string attribute) => Names.Contains(attribute);

    /// <summary>The op in that form, as far as the types of its operands tell.</summary>
    public static Op Normal(Op op, Func<int, IrType?> type)
    {
        switch (op)
        {
            case Transpose { Perm.IsEmpty: true } t when Rank(type(0)) is { } rank:
                return t with { Perm = Enumerable.Range(0, rank).Select(i => (long)(rank - 1 - i)).ToEquatable() };
            case Concat { Axis: < 0 } c when Rank(type(0)) is { } rank: return c with { Axis = c.Axis + rank };
            case Softmax { Axis: < 0 } s when Rank(type(0)) is { } rank: return s with { Axis = s.Axis + rank };
            case LogSoftmax { Axis: < 0 } s when Rank(type(0)) is { } rank: return s with { Axis = s.Axis + rank };
            case Gather { Axis: < 0 } g when Rank(type(0)) is { } rank: return g with { Axis = g.Axis + rank };
            case Split { Axis: < 0 } s when Rank(type(0)) is { } rank: return s with { Axis = s.Axis + rank };
            case Flatten { Axis: < 0 } f when Rank(type(0)) is { } rank: return f with { Axis = f.Axis + rank };
            case LayerNormalization { Axis: < 0 } l when Rank(type(0)) is { } rank: return l with { Axis = l.Axis + rank };
            case RMSNormalization { Axis: < 0 } r when Rank(type(0)) is { } rank: return r with { Axis = r.Axis + rank };
            case Conv c when Kernel(type(1)) is { } kernel:
                var (pad, pads) = Padding(c.AutoPad, c.Pads, kernel.Length);
                return c with
                {
                    AutoPad = pad, Pads = pads, KernelShape = kernel.ToEquatable(), Strides = Ones(c.Strides, kernel.Length),
                    Dilations = Ones(c.Dilations, kernel.Length),
                };
            case ConvTranspose c when Kernel(type(1)) is { } kernel:
                var (pad2, pads2) = Padding(c.AutoPad, c.Pads, kernel.Length);
                return c with
                {
                    AutoPad = pad2, Pads = pads2, KernelShape = kernel.ToEquatable(), Strides = Ones(c.Strides, kernel.Length),
                    Dilations = Ones(c.Dilations, kernel.Length),
                };
            case MaxPool p:
                var (pad3, pads3) = Padding(p.AutoPad, p.Pads, p.KernelShape.Count);
                return p with
                {
                    AutoPad = pad3, Pads = pads3, Strides = Ones(p.Strides, p.KernelShape.Count),
                    Dilations = Ones(p.Dilations, p.KernelShape.Count),
                };
            case AveragePool p:
                var (pad4, pads4) = Padding(p.AutoPad, p.Pads, p.KernelShape.Count);
                return p with
                {
                    AutoPad = pad4, Pads = pads4, Strides = Ones(p.Strides, p.KernelShape.Count),
                    Dilations = Ones(p.Dilations, p.KernelShape.Count),
                };
            default: return op;
        }
    }

    private static int? Rank(IrType? type) => (type as TensorType)?.Shape?.Rank;

    private static long[]? Kernel(IrType? weights) => weights is TensorType { Shape: { Rank: > 2 } shape }
        ? new Shape(shape.Dims[2..]).ToStatic() : null;

    private static EquatableArray<long> Ones(EquatableArray<long> list, int count) =>
        list.IsEmpty ? Enumerable.Repeat(1L, count).ToEquatable() : list;

    private static (AutoPad, EquatableArray<long>) Padding(AutoPad auto, EquatableArray<long> pads, int axes) => auto switch
    {
        AutoPad.Valid => (AutoPad.NotSet, Enumerable.Repeat(0L, 2 * axes).ToEquatable()),
        AutoPad.NotSet when pads.IsEmpty => (auto, Enumerable.Repeat(0L, 2 * axes).ToEquatable()),
        _ => (auto, pads),
    };
}
