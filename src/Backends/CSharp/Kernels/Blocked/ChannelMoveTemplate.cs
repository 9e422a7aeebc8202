using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// Ops that move channels of images in blocks of channels. Where whole blocks of one image stay together, nothing is called: results are
/// pieces of the operand, or operands are pieces of the result. Otherwise each block of a result is put together in registers from the
/// lanes of the few blocks that its channels come from, by a table that is made at compile time.
/// </summary>
public sealed class ChannelMoveTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "channel-move";

    /// <inheritdoc/>
    public override bool TakesLayouts => true;

    /// <inheritdoc/>
    public override IEnumerable<ImmutableArray<Node>> Proposals(Graph graph, Node node)
    {
        if (node.Op is Gather { Axis: 1 } && graph.Producer(node.Inputs[0]) is { Op: Concat { Axis: 1 } } join
            && graph.Users(join.Outputs[0]).Length == 1) yield return [join, node];
    }

    /// <inheritdoc/>
    public override LayoutChoice? Layouts(KernelRegion region, TargetProfile target)
    {
        int lanes = target.Lanes(sizeof(float));
        if (lanes == 1 || ChannelMap.Of(region) is not { } map) return null;
        int rank = region.Dims(region.Body.Outputs[0].Value).Length;
        var slot = new LayoutSlot(BlockedImage.LayoutOf(rank, lanes));
        return new LayoutChoice([.. region.Constants.Select(c => c is null ? slot : new LayoutSlot(null))],
            [.. region.Body.Outputs.Select(_ => slot)], SharesHalo: Shared(region, map, lanes) != Sharing.None);
    }

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target)
    {
        int lanes = target.Lanes(sizeof(float));
        for (int i = 0; i < region.Constants.Length; i++)
            if (region.Constants[i] is null && BlockedImage.Operand(region, i, lanes) is null) return No;
        for (int i = 0; i < region.Body.Outputs.Length; i++)
            if (BlockedImage.Result(region, i, lanes) is null) return No;
        return ChannelMap.Of(region) is null ? No : Verdict.Yes;
    }

    private static Verdict No => Verdict.No("not a move of channels in blocks");

    /// <summary>What operands and results have of each other's memory.</summary>
    private enum Sharing
    {
        None,
        Views,
        Pieces,
    }

    private static Sharing Shared(KernelRegion region, ChannelMap map, int lanes)
    {
        if (region.Dims(region.Body.Outputs[0].Value)[0] != 1) return Sharing.None;
        if (map.Results.All(r => r[0].Channel % lanes == 0 && Runs(r).Count == 1)) return Sharing.Views;
        if (map.Results.Length > 1) return Sharing.None;
        var runs = Runs(map.Results[0]);
        return runs.Select(r => r.Operand).Distinct().Count() == runs.Count && runs.All(r => r.Channel == 0 && r.Start % lanes == 0
            && r.Length == region.Dims(region.Body.Inputs[r.Operand].Value)[1]) ? Sharing.Pieces : Sharing.None;
    }

    // Channels that follow each other in an operand and in the result.
    private static List<(int Operand, int Channel, int Start, int Length)> Runs(ImmutableArray<(int Operand, int Channel)> result)
    {
        var runs = new List<(int Operand, int Channel, int Start, int Length)>();
        for (int i = 0; i < result.Length; i++)
        {
            var (operand, channel) = result[i];
            if (runs.Count > 0 && runs[^1] is var last && last.Operand == operand && last.Channel + last.Length == channel)
                runs[^1] = last with { Length = last.Length + 1 };
            else runs.Add((operand, channel, i, 1));
        }
        return runs;
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target) =>
        Shared(region, ChannelMap.Of(region)!, target.Lanes(sizeof(float))) != Sharing.None ? new KernelFeatures(0, 1, 0, 0, 0, 0)
            : Moved(region, target.Lanes(sizeof(float)));

    // Each block of a result takes lanes of some blocks, four of them in a pass over its pixels.
    private static KernelFeatures Moved(KernelRegion region, int lanes)
    {
        const double pass = 40, row = 6, pixel = 3, term = 2;
        double cycles = 3 * CycleCosts.Call, vectors = 0;
        foreach (var (result, channels) in ChannelMap.Of(region)!.Results.Index())
        {
            var y = BlockedImage.Result(region, result, lanes)!;
            double pixels = (double)y.Batch * y.Height * y.Width;
            for (int start = 0; start < channels.Length; start += lanes)
            {
                int terms = channels.Skip(start).Take(lanes).Select(c => (c.Operand, c.Channel / lanes)).Distinct().Count();
                double passes = Math.Ceiling(terms / (double)MostTerms);
                cycles += passes * (pass + row * y.Batch * y.Height);
                vectors += pixels * (passes * pixel + terms * term);
            }
        }
        return PlainFeatures(region, 1, 1) with { VectorOps = vectors, Cycles = cycles };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        int lanes = target.Lanes(sizeof(float));
        var map = ChannelMap.Of(region)!;
        var results = map.Results.Select((_, i) => BlockedImage.Result(region, i, lanes)!).ToArray();
        long blockBytes = results[0].PlaneStep * sizeof(float);
        switch (Shared(region, map, lanes))
        {
            case Sharing.Views:
                return KernelPlan.Of([.. map.Results.Select(r => new OperandView(r[0].Operand, r[0].Channel / lanes * blockBytes))]);
            case Sharing.Pieces:
                return KernelPlan.OfPieces(Runs(map.Results[0]).Select(r => new OperandView(r.Operand, r.Start / lanes * blockBytes)));
        }
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        foreach (int operand in Images(region))
        {
            var x = BlockedImage.Operand(region, operand, lanes)!;
            arguments.Add(new OperandArgument(operand, x.Start * sizeof(float)));
            foreach (long number in (long[])[x.ImageStep, x.PlaneStep, x.RowStep]) arguments.Add(new NumberArgument(number));
        }
        foreach (long number in (long[])[results[0].Batch, results[0].Height, results[0].Width]) arguments.Add(new NumberArgument(number));
        for (int i = 0; i < results.Length; i++)
        {
            var y = results[i];
            var table = new LaneTable(map.Results[i], lanes, Images(region));
            arguments.AddRange(new ResultArgument(i), new WeightArgument(-1, new TableTransform("lanes", Tensor.Vector(table.Entries))));
            foreach (long number in (long[])[y.Blocks, y.ImageStep, y.PlaneStep, y.RowStep, y.Top, y.Bottom, y.Left, y.Right])
                arguments.Add(new NumberArgument(number));
        }
        return new KernelPlan($"f32_channels_{Images(region).Length}to{results.Length}__{VectorDialect.For(target, DType.Float32).Suffix}",
            Id, arguments.ToImmutable());
    }

    private static int[] Images(KernelRegion region) =>
        [.. Enumerable.Range(0, region.Constants.Length).Where(i => region.Constants[i] is null)];

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        if (kernel.Name.Length == 0) return;
        int images = Images(kernel.Region).Length, results = kernel.Region.Body.Outputs.Length;
        var dialect = VectorDialect.For(target, DType.Float32);
        string operands = string.Join(", ", Enumerable.Range(0, images).Select(i => $"float* x{i}, nint x{i}n, nint x{i}c, nint x{i}r"));
        string outputs = string.Join(", ", Enumerable.Range(0, results).Select(i => $"float* y{i}, int* lanes{i}, nint blocks{i}, "
            + $"nint y{i}n, nint y{i}c, nint y{i}r, nint top{i}, nint bottom{i}, nint left{i}, nint right{i}"));
        for (int terms = 1; terms <= MostTerms; terms++)
            if (!source.Has(Block(terms, dialect))) source.Add(Block(terms, dialect), PrintBlock(terms, dialect));
        var code = new CodeWriter();
        code.Line($"/// <summary>Puts channels of {images} image{(images == 1 ? "" : "s")} into blocks of {results} other"
            + $"{(results == 1 ? "" : "s")}, by tables of lanes.</summary>");
        code.Block($"public static void {kernel.Name}({operands}, nint batch, nint rows, nint columns, {outputs})", () =>
        {
            code.Line($"var images = stackalloc float*[{images}];");
            code.Line($"var steps = stackalloc nint[{3 * images}];");
            for (int i = 0; i < images; i++)
            {
                code.Line($"images[{i}] = x{i};");
                foreach (var (axis, step) in "ncr".Index()) code.Line($"steps[{3 * i + axis}] = x{i}{step};");
            }
            code.Line($"var from = stackalloc float*[{MostTerms}];");
            for (int result = 0; result < results; result++) Result(code, dialect, result);
        });
        source.Add(kernel.Name, code.ToString());
    }

    // Blocks that are read at once.
    private const int MostTerms = 4;

    private static void Result(CodeWriter code, VectorDialect dialect, int result)
    {
        int length = LaneTable.EntryLength(dialect.Lanes);
        code.Line($"Halos.Clear(y{result}, batch * blocks{result}, y{result}c, rows, columns, {dialect.Lanes}, top{result}, "
            + $"bottom{result}, left{result}, right{result});");
        code.Line($"y{result} += top{result} * y{result}r + left{result} * {dialect.Lanes};");
        code.Block("for (nint n = 0; n < batch; n++)", () =>
        {
            code.Line($"var entry = lanes{result};");
            code.Block($"for (nint b = 0; b < blocks{result}; b++)", () =>
            {
                code.Line("int terms = *entry++;");
                code.Block($"for (int t = 0; t < terms; t += {MostTerms})", () =>
                {
                    code.Line($"var to = y{result} + n * y{result}n + b * y{result}c;");
                    code.Line($"int many = Math.Min({MostTerms}, terms - t);");
                    code.Block("for (int i = 0; i < many; i++)", () =>
                    {
                        code.Line($"var at = entry + i * {length};");
                        code.Line("from[i] = images[at[0]] + n * steps[3 * at[0]] + at[1] * steps[3 * at[0] + 1];");
                    });
                    code.Block("switch (many)", () =>
                    {
                        for (int many = 1; many <= MostTerms; many++)
                        {
                            string places = string.Concat(Enumerable.Range(0, many).Select(i =>
                                $", from[{i}], steps[3 * entry[{i * length}] + 2]"));
                            code.Line($"case {many}:");
                            code.Line($"    {Block(many, dialect)}(to, y{result}r, entry + 2, rows, columns, t > 0{places});");
                            code.Line("    break;");
                        }
                    });
                    code.Line($"entry += many * {length};");
                });
            });
        });
    }

    private static string Block(int terms, VectorDialect dialect) => $"f32_channels_of{terms}__{dialect.Suffix}";

    private static string PrintBlock(int terms, VectorDialect dialect)
    {
        var code = new CodeWriter();
        string v = dialect.Class;
        int length = LaneTable.EntryLength(dialect.Lanes);
        code.Line($"/// <summary>Lanes of {terms} block{(terms == 1 ? "" : "s")} go to lanes of another, in place of zeros or beside "
            + "what is there.</summary>");
        code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        string operands = string.Concat(Enumerable.Range(0, terms).Select(i => $", float* x{i}, nint x{i}r"));
        code.Block($"public static void {Block(terms, dialect)}(float* y, nint yr, int* lanes, nint rows, nint columns, bool isBeside"
            + $"{operands})", () =>
        {
            for (int i = 0; i < terms; i++)
            {
                code.Line($"var from{i} = {v}.Load(lanes + {i * length});");
                code.Line($"var mask{i} = {v}.Load(lanes + {i * length + dialect.Lanes}).AsSingle();");
            }
            code.Block("for (nint r = 0; r < rows; r++)", () =>
            {
                code.Block("for (nint p = 0; p < columns; p++)", () =>
                {
                    for (int i = 0; i < terms; i++)
                        code.Line($"{(i == 0 ? "var moved =" : "moved |=")} {v}.ShuffleNative("
                            + $"{dialect.Load($"x{i} + p * {dialect.Lanes}")}, from{i}) & mask{i};");
                    code.Line($"if (isBeside) moved |= {dialect.Load($"y + p * {dialect.Lanes}")};");
                    code.Line(dialect.Store($"y + p * {dialect.Lanes}", "moved"));
                });
                code.Line("y += yr;");
                for (int i = 0; i < terms; i++) code.Line($"x{i} += x{i}r;");
            });
        });
        return code.ToString();
    }
}

/// <summary>
/// For each block of a result the blocks that its lanes come from: their number, then for each one image, block, the lane that goes to each
/// lane, and a mask of the lanes that come from there.
/// </summary>
internal sealed class LaneTable
{
    /// <summary>The table of a result.</summary>
    /// <param name="channels">For each channel the operand of the region and its channel.</param>
    /// <param name="lanes">Channels of a block.</param>
    /// <param name="images">The operands that are images, by number in the table.</param>
    public LaneTable(ImmutableArray<(int Operand, int Channel)> channels, int lanes, int[] images)
    {
        var table = new List<int>();
        for (int start = 0; start < channels.Length; start += lanes)
        {
            var sources = channels.Skip(start).Take(lanes).Select((c, lane) => (c.Operand, Block: c.Channel / lanes,
                From: c.Channel % lanes, Lane: lane)).GroupBy(c => (c.Operand, c.Block)).ToArray();
            table.Add(sources.Length);
            foreach (var group in sources)
            {
                table.Add(Array.IndexOf(images, group.Key.Operand));
                table.Add(group.Key.Block);
                int[] from = new int[lanes], mask = new int[lanes];
                foreach (var c in group) (from[c.Lane], mask[c.Lane]) = (c.From, -1);
                table.AddRange(from);
                table.AddRange(mask);
            }
        }
        Entries = [.. table];
    }

    /// <summary>The table.</summary>
    public int[] Entries { get; }

    /// <summary>Numbers of one entry.</summary>
    public static int EntryLength(int lanes) => 2 + 2 * lanes;
}
