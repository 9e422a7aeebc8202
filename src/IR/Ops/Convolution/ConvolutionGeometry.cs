using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>The attributes that say where windows lie, as ONNX writes them; an empty list is one that is not given.</summary>
/// <param name="AutoPad">How padding is found.</param>
/// <param name="Dilations">Distance between taps for each spatial axis; default 1.</param>
/// <param name="Pads">Padding: all beginnings, then all ends; default 0. Counts only with <see cref="AutoPad.NotSet"/>.</param>
/// <param name="Strides">Distance between windows for each spatial axis; default 1.</param>
public readonly record struct WindowAttributes(
    AutoPad AutoPad, EquatableArray<long> Dilations, EquatableArray<long> Pads, EquatableArray<long> Strides);

/// <summary>
/// Where the windows of a convolution or pooling lie, with padding resolved. Along each spatial axis tap t of window w meets element
/// <c>w · stride + t · dilation - padBegin</c> of the padded side; what is outside of [0, size) is padding. For a convolution and a
/// pooling the padded side is the operand and the windowed side the result; for a transposed convolution and an unpooling it is
/// the other way round.
/// </summary>
/// <param name="Padded">Sizes of the side that windows slide over, without padding.</param>
/// <param name="Windowed">Number of windows along each axis: sizes of the other side.</param>
/// <param name="Kernel">Taps of a window along each axis.</param>
/// <param name="Strides">Distance between windows; positive.</param>
/// <param name="Dilations">Distance between taps; positive.</param>
/// <param name="PadsBegin">Padding before the first element.</param>
/// <param name="PadsEnd">Padding behind the last element; windows reach beyond it where their number was rounded up.</param>
public sealed record ConvolutionGeometry(ImmutableArray<Dim> Padded, ImmutableArray<Dim> Windowed, ImmutableArray<Dim> Kernel,
    ImmutableArray<long> Strides, ImmutableArray<long> Dilations, ImmutableArray<Dim> PadsBegin, ImmutableArray<Dim> PadsEnd)
{
    /// <summary>Number of spatial axes.</summary>
    public int Rank => Kernel.Length;

    /// <summary>Taps of a window in all.</summary>
    public Dim Taps => Dim.Product(Kernel);

    /// <summary>Windows in all (for one image and channel).</summary>
    public Dim Windows => Dim.Product(Windowed);

    /// <summary>How far a window reaches along an axis: (taps - 1) · dilation + 1.</summary>
    public Dim Extent(int axis) => (Kernel[axis] - 1) * Dilations[axis] + 1;

    /// <summary>
    /// For each window along an axis, how many of its taps meet an element of the padded side, or with <paramref name="orPadding"/> an
    /// element or padding. Sizes are numbers.
    /// </summary>
    public int[] TapCounts(int axis, bool orPadding)
    {
        long Number(Dim dim) => dim.Value ?? throw new InvalidOperationException($"{dim} is no number");
        long begin = Number(PadsBegin[axis]), low = orPadding ? -begin : 0;
        long high = Number(Padded[axis]) + (orPadding ? Number(PadsEnd[axis]) : 0), taps = Number(Kernel[axis]);
        var counts = new int[Number(Windowed[axis])];
        for (int w = 0; w < counts.Length; w++)
            for (long t = 0; t < taps; t++)
                if (w * Strides[axis] + t * Dilations[axis] - begin is var at && at >= low && at < high) counts[w]++;
        return counts;
    }

    /// <summary>
    /// The windows over an operand. Their number is floor((size + pads - extent) / stride) + 1, or with <paramref name="ceil"/> the
    /// ceiling, less a window that would begin in the padding at the end; with padding SAME it is ceil(size / stride).
    /// Source: ai.onnx Conv-22, MaxPool-22.
    /// </summary>
    /// <param name="op">Name of the op, for faults.</param>
    /// <param name="size">Sizes of the operand's spatial axes.</param>
    /// <param name="kernel">Taps along each of them.</param>
    /// <param name="attributes">Where windows lie.</param>
    /// <param name="ceil">Whether the number of windows is rounded up.</param>
    /// <exception cref="NnccException">The attributes do not fit the number of axes, or no window fits into the operand.</exception>
    public static ConvolutionGeometry Over(string op, ImmutableArray<Dim> size, ImmutableArray<Dim> kernel, WindowAttributes attributes,
        bool ceil = false)
    {
        var (strides, dilations, pads) = Check(op, size, kernel, attributes);
        int rank = size.Length;
        Dim[] windows = new Dim[rank], begin = new Dim[rank], end = new Dim[rank];
        for (int i = 0; i < rank; i++)
        {
            Dim extent = (kernel[i] - 1) * dilations[i] + 1;
            if (attributes.AutoPad is AutoPad.SameUpper or AutoPad.SameLower)
            {
                windows[i] = Dim.CeilDiv(size[i], strides[i]);
                (begin[i], end[i]) = Split((windows[i] - 1) * strides[i] + extent - size[i], attributes.AutoPad == AutoPad.SameUpper);
                continue;
            }
            (begin[i], end[i]) = (pads[i], pads[i + rank]);
            var room = size[i] + pads[i] + pads[i + rank] - extent;
            windows[i] = ceil ? Dim.Min(Dim.CeilDiv(room, strides[i]) + 1, Dim.CeilDiv(size[i] + pads[i], strides[i]))
                : Dim.FloorDiv(room, strides[i]) + 1;
            if (windows[i].Value < 1 && size[i].Value != 0)
                throw Fault(FaultCodes.OperandShape,
                    $"{op} has a window of {extent}{(dilations[i] > 1 ? $" ({kernel[i]} taps, dilation {dilations[i]})" : "")} "
                    + $"along spatial axis {i}, which does not fit into {size[i]} with padding {pads[i]} and {pads[i + rank]}");
            if (windows[i].Value < 0) windows[i] = 0;
        }
        return new ConvolutionGeometry(size, [.. windows], kernel, strides, dilations, [.. begin], [.. end]);
    }

    /// <summary>
    /// The windows of a transposed convolution, one for each element of the operand. The result's size is
    /// stride · (size - 1) + outputPadding + extent - pads; with padding SAME it is size · stride, or what the windows reach where that is
    /// less; or it is given, and then as with SAME
    /// the padding follows from it. A result beyond the reach of all windows is legal: nothing is added there.
    /// Source: ai.onnx ConvTranspose-22.
    /// </summary>
    /// <param name="op">Name of the op, for faults.</param>
    /// <param name="size">Sizes of the operand's spatial axes.</param>
    /// <param name="kernel">Taps along each of them.</param>
    /// <param name="attributes">Where windows lie.</param>
    /// <param name="outputPadding">How much larger the result is at the end; empty for 0.</param>
    /// <param name="outputShape">Sizes of the result's spatial axes; empty where they are not given.</param>
    /// <exception cref="NnccException">The attributes do not fit the number of axes, or nothing is left of the result.</exception>
    public static ConvolutionGeometry Transposed(string op, ImmutableArray<Dim> size, ImmutableArray<Dim> kernel,
        WindowAttributes attributes,
        EquatableArray<long> outputPadding, EquatableArray<long> outputShape)
    {
        var (strides, dilations, pads) = Check(op, size, kernel, attributes);
        int rank = size.Length;
        if (!outputPadding.IsEmpty && (outputPadding.Count != rank || outputPadding.Any(p => p < 0)))
            throw Fault(FaultCodes.Attribute,
                $"{op} has {rank} spatial axes and takes as many output_padding of 0 and more, got {outputPadding}");
        if (!outputShape.IsEmpty && (outputShape.Count != rank || outputShape.Any(s => s < 0)))
            throw Fault(FaultCodes.Attribute, $"{op} has {rank} spatial axes and takes as many sizes in output_shape, got {outputShape}");
        Dim[] result = new Dim[rank], begin = new Dim[rank], end = new Dim[rank];
        for (int i = 0; i < rank; i++)
        {
            var reach = (size[i] - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 + (outputPadding.IsEmpty ? 0 : outputPadding[i]);
            bool same = attributes.AutoPad is AutoPad.SameUpper or AutoPad.SameLower;
            if (same || !outputShape.IsEmpty)
            {
                result[i] = outputShape.IsEmpty ? Dim.Min(size[i] * strides[i], reach) : outputShape[i];
                (begin[i], end[i]) = Split(reach - result[i], attributes.AutoPad == AutoPad.SameUpper);
                continue;
            }
            (begin[i], end[i]) = (pads[i], pads[i + rank]);
            result[i] = reach - begin[i] - end[i];
            if (result[i].Value < 1 && size[i].Value != 0)
                throw Fault(FaultCodes.OperandShape, $"{op} has nothing left along spatial axis {i}: its windows reach over {reach}, and "
                    + $"padding takes away {begin[i]} and {end[i]}");
            if (result[i].Value < 0) result[i] = 0;
        }
        return new ConvolutionGeometry([.. result], size, kernel, strides, dilations, [.. begin], [.. end]);
    }

    private static (Dim Begin, Dim End) Split(Dim total, bool endTakesOdd)
    {
        total = Dim.Max(total, 0);
        var half = Dim.FloorDiv(total, 2);
        return endTakesOdd ? (half, total - half) : (total - half, half);
    }

    private static (ImmutableArray<long> Strides, ImmutableArray<long> Dilations, ImmutableArray<long> Pads) Check(
        string op, ImmutableArray<Dim> size, ImmutableArray<Dim> kernel, WindowAttributes attributes)
    {
        int rank = size.Length;
        if (kernel.Length != rank)
            throw Fault(FaultCodes.OperandShape, $"{op} has {rank} spatial axes and a window of [{new Shape(kernel)}]");
        if (kernel.FirstOrDefault(k => k.Value < 1) is { } none)
            throw Fault(FaultCodes.Attribute, $"{op} takes windows of 1 tap and more, got [{new Shape(kernel)}]");
        return (One("strides", attributes.Strides), One("dilations", attributes.Dilations), Pads());

        ImmutableArray<long> One(string name, EquatableArray<long> list) => list.IsEmpty ? [.. Enumerable.Repeat(1L, rank)]
            : list.Count == rank && list.All(item => item > 0) ? list.Items
            : throw Fault(FaultCodes.Attribute, $"{op} has {rank} spatial axes and takes as many {name} of 1 and more, got {list}");

        ImmutableArray<long> Pads() => attributes.AutoPad != AutoPad.NotSet || attributes.Pads.IsEmpty
            ? [.. Enumerable.Repeat(0L, 2 * rank)]
            : attributes.Pads.Count == 2 * rank && attributes.Pads.All(p => p >= 0) ? attributes.Pads.Items
            : throw Fault(FaultCodes.Attribute,
                $"{op} has {rank} spatial axes and takes twice as many pads of 0 and more, got {attributes.Pads}");
    }

    private static NnccException Fault(FaultCode code, string message) => new(code, message);
}
