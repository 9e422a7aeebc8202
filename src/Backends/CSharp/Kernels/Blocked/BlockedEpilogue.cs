using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>How an operand of an epilogue varies over an image.</summary>
internal enum BlockedLoadKind
{
    /// <summary>One element for all.</summary>
    Scalar,
    /// <summary>One for each channel.</summary>
    Channel,
    /// <summary>One for each pixel.</summary>
    Pixel,
    /// <summary>One for each element.</summary>
    Element,
}

/// <summary>An operand of an epilogue over an image in blocks of channels.</summary>
/// <param name="Kind">How it varies.</param>
/// <param name="Pointer">Where its first element is.</param>
/// <param name="Image">Elements from an image to the next.</param>
/// <param name="Plane">Elements from a block of channels to the next.</param>
/// <param name="Row">Elements from a row to the next.</param>
internal sealed record BlockedLoad(BlockedLoadKind Kind, KernelArgument Pointer, long Image, long Plane, long Row);

/// <summary>
/// The elementwise part of a region whose result is an image in blocks of channels, printed for a few neighbouring pixels of a few blocks.
/// A bias comes before its other operands.
/// </summary>
/// <param name="Body">The elementwise part.</param>
/// <param name="HasBias">Whether the first operand is a bias that is added to the anchor's result first.</param>
/// <param name="Loads">The operands.</param>
/// <param name="Lanes">Channels of a block.</param>
internal sealed partial record BlockedEpilogue(ElementwiseBody Body, bool HasBias, ImmutableArray<BlockedLoad> Loads, int Lanes)
{
    /// <summary>Pixels of the result from one of a tile's pixels to the next.</summary>
    public int Spread { get; init; } = 1;

    // Longer epilogues are printed as a loop over what was stored, not once for each accumulator.
    private const int MostInline = 6;

    /// <summary>
    /// The epilogue of a region whose anchor is given; null where an operand lies in another way than kernels read it, or there are no
    /// vectors for it.
    /// </summary>
    /// <param name="region">The region, its layouts decided or open.</param>
    /// <param name="anchor">The anchor; null for a region of elementwise ops only.</param>
    /// <param name="bias">The anchor's operand that is a bias for each channel; absent for none.</param>
    /// <param name="lanes">Channels of a block.</param>
    public static BlockedEpilogue? Of(KernelRegion region, Node? anchor, int bias, int lanes)
    {
        if (ElementwiseBody.Of(region, anchor, out _) is not { IsVectorizable: true, ResultDType: DType.Float32 } body) return null;
        if (body.Dims.Length is not (3 or 4)) return null;
        var loads = ImmutableArray.CreateBuilder<BlockedLoad>();
        if (bias != Node.Absent)
        {
            if (region.Constant(bias) is null) return null;
            loads.Add(Constant(region.Body[bias].Slot, lanes));
        }
        foreach (var load in body.Loads)
        {
            if (Load(region, body, load, lanes) is not { } read) return null;
            loads.Add(read);
        }
        return new BlockedEpilogue(body, bias != Node.Absent, loads.ToImmutable(), lanes);
    }

    /// <summary>
    /// The layouts of operands and result where the image that the anchor reads lies as given: operands with an element for each of the
    /// result are images in blocks, as the result is. Null where an operand would have to lie in two ways.
    /// </summary>
    /// <param name="region">The region.</param>
    /// <param name="image">Which operand the anchor reads; -1 for none.</param>
    /// <param name="layout">How it lies.</param>
    public LayoutChoice? Choice(KernelRegion region, int image = -1, Layout? layout = null)
    {
        var blocks = BlockedImage.LayoutOf(Body.Dims.Length, Lanes);
        var operands = new LayoutSlot?[region.Body.Inputs.Length];
        if (image >= 0) operands[image] = new LayoutSlot(layout);
        for (int i = 0; i < Body.Loads.Count; i++)
        {
            ref var slot = ref operands[Body.Loads[i].Operand];
            var needed = NeedsBlocks(Loads[i + (HasBias ? 1 : 0)]) ? blocks : null;
            if (slot is not null && !Equals(slot.Layout is null ? null : slot.Layout with { Halo = default }, needed)) return null;
            slot ??= new LayoutSlot(needed);
        }
        return new LayoutChoice([.. operands.Select(o => o ?? new LayoutSlot(null))], [new LayoutSlot(blocks)]);
    }

    private static bool NeedsBlocks(BlockedLoad load) =>
        load.Kind == BlockedLoadKind.Element || (load.Kind == BlockedLoadKind.Channel && load.Pointer is OperandArgument);

    /// <summary>The epilogue of kernels that store sums as they are.</summary>
    public static BlockedEpilogue Empty(int lanes) => new(ElementwiseBody.None, false, [], lanes);

    /// <summary>What tells it apart, for names.</summary>
    public string Tag => (Spread > 1 ? $"_spread{Spread}" : "") + (HasBias ? "_bias" : "")
        + Body.UniqueTag(i => Loads[i + (HasBias ? 1 : 0)].Kind.ToString());

    /// <summary>The operands as arguments of a driver: pointer and steps.</summary>
    public IEnumerable<KernelArgument> Arguments => Loads.SelectMany(l => new[]
    {
        l.Pointer, new NumberArgument(l.Image), new NumberArgument(l.Plane), new NumberArgument(l.Row),
    });

    /// <summary>Their declarations, each with a comma before it.</summary>
    public string Parameters => string.Concat(Loads.Select((_, i) => $", float* e{i}, nint e{i}n, nint e{i}c, nint e{i}r"));

    /// <summary>The declarations of a tile's operands, each with a comma before it.</summary>
    public string TileParameters => string.Concat(Loads.Select((_, i) => $", float* e{i}, nint e{i}c"));

    /// <summary>The operands of a tile at that image, block, row and column, each with a comma before it.</summary>
    public string TileArguments(string image, string block, string row, string column) => string.Concat(Loads.Select((l, i) =>
        $", e{i} + {image} * e{i}n + {block} * e{i}c + {row} * e{i}r{(PixelStep(l) is > 0 and var step ? $" + {column} * {step}" : "")}, "
        + $"e{i}c"));

    private int PixelStep(BlockedLoad load) => load.Kind switch
    {
        BlockedLoadKind.Element => Lanes,
        BlockedLoadKind.Pixel => 1,
        _ => 0,
    };

    /// <summary>
    /// Prints what becomes of the accumulators <c>c{p}_{v}</c> of neighbouring pixels p and blocks v: they are stored at <c>y</c>, blocks
    /// <c>yc</c> apart.
    /// </summary>
    public void Print(CodeWriter code, VectorDialect dialect, int pixels, int vectors)
    {
        bool isLong = IsLong && pixels * vectors > 2;
        for (int i = 0; i < Loads.Length && !isLong; i++)
            if (Loads[i].Kind == BlockedLoadKind.Scalar) code.Line($"var s{i} = {dialect.Splat($"*e{i}")};");
        for (int v = 0; v < vectors; v++)
        {
            string y = v switch { 0 => "y", 1 => "y + yc", _ => $"y + {v} * yc" };
            if (v > 0) code.Line($"var y{v} = {y};");
            for (int i = 0; i < Loads.Length && !isLong; i++)
                if (Loads[i].Kind == BlockedLoadKind.Channel)
                    code.Line($"var g{i}_{v} = {dialect.Load(Place($"e{i}", $"{v} * e{i}c", v))};");
                else if (Loads[i].Kind is BlockedLoadKind.Element && v > 0) code.Line($"var h{i}_{v} = e{i} + {v} * e{i}c;");
            for (int p = 0; p < pixels; p++)
            {
                string to = Place(v == 0 ? "y" : $"y{v}", $"{p * Spread * dialect.Lanes}", p);
                if (isLong)
                {
                    code.Line(dialect.Store(to, $"c{p}_{v}"));
                    continue;
                }
                int pixel = p, vector = v;
                code.Block("", () => code.Line(dialect.Store(to, Value(code, dialect, $"c{pixel}_{vector}", i => Loads[i].Kind switch
                {
                    BlockedLoadKind.Scalar => $"s{i}",
                    BlockedLoadKind.Channel => $"g{i}_{vector}",
                    BlockedLoadKind.Pixel => dialect.Splat($"e{i}[{pixel * Spread}]"),
                    _ => dialect.Load(Place(vector == 0 ? $"e{i}" : $"h{i}_{vector}", $"{pixel * Spread * dialect.Lanes}", pixel)),
                }))));
            }
        }
        if (!isLong) return;
        if (vectors == 1) Stored(code, dialect, pixels, "y", i => $"e{i}");
        else
            code.Block($"for (nint v = 0; v < {vectors}; v++)", () =>
                Stored(code, dialect, pixels, "y + v * yc", i => $"e{i} + v * e{i}c"));
    }

    // The loop over the stored sums of a block. What is the same for all pixels is read before it: behind a store nobody moves it there.
    private void Stored(CodeWriter code, VectorDialect dialect, int pixels, string y, Func<int, string> operand)
    {
        for (int i = 0; i < Loads.Length; i++)
            if (Loads[i].Kind is BlockedLoadKind.Scalar) code.Line($"var g{i} = {dialect.Splat($"*e{i}")};");
            else if (Loads[i].Kind is BlockedLoadKind.Channel) code.Line($"var g{i} = {dialect.Load(operand(i))};");
        code.Block($"for (nint p = 0; p < {pixels}; p++)", () =>
        {
            code.Line($"var to = {y} + p * {Spread * dialect.Lanes};");
            code.Line($"var sum = {dialect.Load("to")};");
            code.Line(dialect.Store("to", Value(code, dialect, "sum", i => Loads[i].Kind switch
            {
                BlockedLoadKind.Scalar or BlockedLoadKind.Channel => $"g{i}",
                BlockedLoadKind.Pixel => dialect.Splat($"e{i}[p{(Spread > 1 ? $" * {Spread}" : "")}]"),
                _ => dialect.Load($"{operand(i)} + p * {Spread * dialect.Lanes}"),
            })));
        });
    }

    /// <summary>Prints what is the same for all images, before the loops of a kernel that goes pixel by pixel.</summary>
    public void PrintOutside(CodeWriter code, VectorDialect dialect)
    {
        for (int i = 0; i < Loads.Length; i++)
            if (Loads[i].Kind == BlockedLoadKind.Scalar) code.Line($"var s{i} = {dialect.Splat($"*e{i}")};");
    }

    /// <summary>Prints what is the same for a block of channels, inside the loops over images <c>n</c> and blocks <c>b</c>.</summary>
    public void PrintBlock(CodeWriter code, VectorDialect dialect)
    {
        for (int i = 0; i < Loads.Length; i++)
            if (Loads[i].Kind == BlockedLoadKind.Channel) code.Line($"var g{i} = {dialect.Load($"e{i} + n * e{i}n + b * e{i}c")};");
    }

    /// <summary>Prints where the operands of a row are, inside the loop over rows <c>r</c>.</summary>
    public void PrintRow(CodeWriter code)
    {
        for (int i = 0; i < Loads.Length; i++)
            if (Loads[i].Kind is BlockedLoadKind.Element or BlockedLoadKind.Pixel)
                code.Line($"var h{i} = e{i} + n * e{i}n + b * e{i}c + r * e{i}r;");
    }

    /// <summary>Prints the statements for pixel <c>p</c> of a row and stores the result there.</summary>
    public void PrintPixel(CodeWriter code, VectorDialect dialect, string to, string anchor) =>
        code.Line(dialect.Store(to, Value(code, dialect, anchor, i => Loads[i].Kind switch
        {
            BlockedLoadKind.Scalar => $"s{i}",
            BlockedLoadKind.Channel => $"g{i}",
            BlockedLoadKind.Pixel => dialect.Splat($"h{i}[p]"),
            _ => dialect.Load($"h{i} + p * {dialect.Lanes}"),
        })));

    private static string Place(string start, string offset, int index) => index == 0 ? start : $"{start} + {offset}";

    // The statements for one vector; gives the result's text.
    private string Value(CodeWriter code, VectorDialect dialect, string anchor, Func<int, string> load)
    {
        if (!HasBias) return Body.Print(code, dialect, load, anchor);
        code.Line($"var biased = {anchor} + {load(0)};");
        return Body.Print(code, dialect, i => load(i + 1), "biased");
    }

    private bool IsLong => Body.Count > MostInline || FunctionPattern().IsMatch(Body.Key(_ => ""));

    private static BlockedLoad Constant(int operand, int lanes) =>
        new(BlockedLoadKind.Channel, new WeightArgument(operand, new LanePadding(lanes)), 0, lanes, 0);

    private static BlockedLoad? Load(KernelRegion region, ElementwiseBody body, ElementLoad load, int lanes)
    {
        if (load.DType != DType.Float32) return null;
        var dims = load.Dims;
        bool isConstant = region.Constants[load.Operand] is not null;
        long pixels = dims.AsSpan()[2..].ToArray().Aggregate(1L, (a, b) => a * b);
        var plain = new OperandArgument(load.Operand);
        if (dims.All(d => d == 1)) return new BlockedLoad(BlockedLoadKind.Scalar, plain, 0, 0, 0);
        if (pixels == 1 && dims[1] == body.Dims[1] && isConstant) return dims[0] == 1 ? Constant(load.Operand, lanes) : null;
        if (dims[1] == 1 && dims.AsSpan()[2..].SequenceEqual(body.Dims.AsSpan()[2..]))
            return new BlockedLoad(BlockedLoadKind.Pixel, plain, dims[0] == 1 ? 0 : pixels, 0, dims.Length == 3 ? 0 : dims[3]);
        bool isChannel = pixels == 1 && dims[1] == body.Dims[1];
        if (isConstant || !(isChannel || dims.AsSpan().SequenceEqual(body.Dims.AsSpan()))) return null;
        int value = region.Body.Inputs[load.Operand].Value;
        if (region.Dims(value).Length != dims.Length) return null;
        var layout = region.Layouts is null ? BlockedImage.LayoutOf(dims.Length, lanes) : region.OperandLayout(load.Operand);
        if (BlockedImage.Of(region.Dims(value), layout, lanes) is not { } image) return null;
        var start = new OperandArgument(load.Operand, image.Start * sizeof(float));
        return isChannel && (image.Height, image.Width) != (body.Dims.Length == 3 ? 1 : body.Dims[2], body.Dims[^1])
            ? new BlockedLoad(BlockedLoadKind.Channel, start, dims[0] == 1 ? 0 : image.ImageStep, image.PlaneStep, 0)
            : new BlockedLoad(BlockedLoadKind.Element, start, image.ImageStep, image.PlaneStep, image.RowStep);
    }

    [GeneratedRegex(@"\b(Exp|Expm1|Log|Log1p|Tanh|Erf|Sigmoid|OnePlusExpOfMinus|Softplus)\(")]
    private static partial Regex FunctionPattern();
}
