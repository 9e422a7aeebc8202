using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Attention: two products with a softmax between them, head by head. k and v of a head are packed into panels; then for a few rows of q at
/// a time scores, exponentials and the second product are computed while they are in the nearest cache. The sum of the exponentials divides
/// the result and not each of them.
/// </summary>
public sealed class AttentionTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "attention";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        AttentionCode.Of(region, out var reason) is null ? Verdict.No(reason!) : Verdict.Yes;

    /// <inheritdoc/>
    public override IEnumerable<ImmutableArray<Node>> Proposals(Graph graph, Node node) => AttentionCode.Around(graph, node);

    /// <inheritdoc/>
    public override IReadOnlyList<Schedule> Space(KernelRegion region, TargetProfile target)
    {
        var a = Read(region);
        return [.. ProductTile.Shapes(target, target.VectorBits == 0).Where(s => s.Rows <= Math.Max(1, a.Rows))
            .Select(s => new Schedule(Id, [new("rows", s.Rows), new("vectors", s.Vectors)]))];
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var a = Read(region);
        int rows = schedule["rows"], vectors = schedule["vectors"], lanes = Dialect(target).Lanes;
        double products = ProductTile.Cost(a.Rows, Padded(a, target), a.Depth, rows, vectors, lanes, target)
            + ProductTile.Cost(a.Rows, a.Width, a.Columns, rows, vectors, lanes, target);
        // Cycles of a row of the softmax, whose lanes are joined twice, and of a vector of it with its exponential.
        const double row = 110, exponential = 20;
        double moved = (double)(a.Depth + a.Width) * a.Columns;
        return PlainFeatures(region, 1, 1) with
        {
            VectorOps = a.Count * (products + exponential * a.Rows * Math.Ceiling(a.Columns / (double)lanes)),
            Cycles = a.Count * (4 * CycleCosts.Call + row * a.Rows + moved / 4),
            BytesScratch = a.Count * 8.0 * (a.Depth + a.Width) * a.Columns,
        };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var a = Read(region);
        var tile = Tile(schedule, target, false);
        long Panels(long columns) => (columns + tile.Columns - 1) / tile.Columns * tile.Columns;
        int rows = Split(a, schedule).Heights.Max();
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.Add(new ResultArgument(a.Y.Slot, a.Y.ByteOffset(DType.Float32)));
        foreach (var view in new[] { a.Q, a.K, a.V }) arguments.Add(new OperandArgument(view.Slot, view.ByteOffset(DType.Float32)));
        arguments.AddRange(a.Loads.Select(l => new OperandArgument(l.Operand)));
        arguments.Add(new ScratchArgument(4 * a.Depth * Panels(a.Columns)));
        arguments.Add(new ScratchArgument(4 * a.Columns * Panels(a.Width)));
        arguments.Add(new ScratchArgument(4 * rows * Padded(a, target)));
        arguments.Add(new ScratchArgument(4L * rows));
        foreach (long number in new[] { a.Rows, a.Columns, a.Depth, a.Width, a.Y.Steps[^2], a.Q.Steps[^2], a.Q.Steps[^1], a.K.Steps[^2],
            a.K.Steps[^1], a.V.Steps[^2], a.V.Steps[^1] })
            arguments.Add(new NumberArgument(number));
        if (Split(a, schedule) is { Higher: > 0, Lower: > 0 } split) arguments.Add(new NumberArgument(split.HigherRows));
        arguments.AddRange(a.Loads.Select(l => new NumberArgument(l.RowStep)));
        arguments.AddRange(a.Heads.Arguments);
        return new KernelPlan(Name(a, schedule, target), Id, arguments.ToImmutable());
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var a = Read(kernel.Region);
        ProductTile scores = Tile(kernel.Schedule, target, false), values = Tile(kernel.Schedule, target, true);
        var d = scores.Dialect;
        var split = Split(a, kernel.Schedule);
        string pack = PanelPacking.Add(source, d, scores.Columns), softmax = AttentionRow.Add(source, a, d);
        long left = Padded(a, target) % scores.Columns, rest = a.Width % values.Columns;
        foreach (int height in split.Heights)
        {
            if (Padded(a, target) >= scores.Columns) (scores with { Rows = height }).Emit(source, ragged: false);
            if (left > 0) (scores.Last(left) with { Rows = height }).Emit(source, ragged: false);
            if (a.Width >= values.Columns) (values with { Rows = height }).Emit(source, ragged: false);
            if (rest > 0) (values.Last(rest) with { Rows = height }).Emit(source, ragged: rest % d.Lanes != 0);
        }
        var code = new CodeWriter();
        code.Line($"/// <summary>y = softmax({(a.Scores.Count > 0 ? $"{a.Scores.Tag} of " : "")}q k) v, head by head; "
            + $"{kernel.Schedule}.</summary>");
        string loads = string.Concat(a.Loads.Select((_, i) => $", float* e{i}")), steps = string.Concat(a.Loads.Select((_, i) =>
            $", nint e{i}m"));
        code.Block($"public static void {kernel.Name}(float* y, float* q, float* k, float* v{loads}, float* keys, float* values, "
            + "float* scores, float* inverses, nint rows, nint n, nint depth, nint width, nint ym, nint qm, nint qk, nint kk, nint kn, "
            + $"nint vn, nint vw{(split is { Higher: > 0, Lower: > 0 } ? ", nint higher" : "")}{steps}{a.Heads.Parameters})", () =>
        {
            code.Line($"nint padded = (n + {d.Lanes - 1}) / {d.Lanes} * {d.Lanes};");
            a.Heads.Print(code, () =>
            {
                foreach (var (to, from, rows, columns, row, column) in new[] {
                    ("keys", "k", "depth", "n", "kk", "kn"), ("values", "v", "n", "width", "vn", "vw") })
                {
                    code.Line($"for (nint j = 0; j < {columns}; j += {scores.Columns})");
                    code.Line($"    {pack}({to} + j * {rows}, {a.Heads.Inside(from)} + j * {column}, {rows}, "
                        + $"Math.Min({scores.Columns}, {columns} - j), {row}, {column});");
                }
                code.Line("nint m = 0;");
                if (split.Higher > 0) Rows(split.Height + 1, split.Lower > 0 ? "higher" : "rows");
                if (split.Lower > 0) Rows(split.Height, "rows");
            });
        });
        source.Add(kernel.Name, code.ToString());

        void Rows(int height, string end) => code.Block($"for (; m < {end}; m += {height})", () =>
        {
            code.Line("nint j = 0;");
            string q = $"{a.Heads.Inside("q")} + m * qm, qm, qk";
            Panels(scores, "padded", Padded(a, target), (tile, _) =>
                $"{(tile with { Rows = height }).Name(false)}(scores + j, padded, {q}, keys + j * depth, depth);");
            string operands = string.Concat(a.Loads.Select((l, i) => $", {a.Heads.Inside($"e{i}")} + (m + r) * e{i}m"));
            code.Line($"for (nint r = 0; r < {height}; r++) inverses[r] = {softmax}(scores + r * padded, n, padded{operands});");
            code.Line("j = 0;");
            Panels(values, "width", a.Width, (tile, isLast) =>
            {
                bool ragged = isLast && rest % d.Lanes != 0;
                return $"{(tile with { Rows = height }).Name(ragged)}({a.Heads.Inside("y")} + m * ym + j, ym, scores, padded, 1, "
                    + $"values + j * n, n{(ragged ? ", width - j" : "")}, inverses, 1);";
            });

            void Panels(ProductTile tile, string count, long columns, Func<ProductTile, bool, string> call)
            {
                if (columns >= tile.Columns) code.Line($"for (; j <= {count} - {tile.Columns}; j += {tile.Columns}) {call(tile, false)}");
                if (columns % tile.Columns is > 0 and var last) code.Line(call(tile.Last(last), true));
            }
        });
    }

    private static ProductTile Tile(Schedule schedule, TargetProfile target, bool isScaled) => isScaled
        ? new ProductTile(schedule["rows"], schedule["vectors"], Dialect(target), [new TileLoad(false, DType.Float32)],
            (_, _, load, sum) => $"{sum} * {load(0)}", "_timesm", true, DType.Float32)
        : new ProductTile(schedule["rows"], schedule["vectors"], Dialect(target), [], (_, _, _, sum) => sum, "", true, DType.Float32);

    private static VectorDialect Dialect(TargetProfile target) => VectorDialect.For(target, DType.Float32);

    private static RowSplit Split(AttentionCode a, Schedule schedule) => RowSplit.Of(a.Rows, schedule["rows"]);

    // Columns of a row of scores in whole vectors.
    private static long Padded(AttentionCode a, TargetProfile target)
    {
        int lanes = Dialect(target).Lanes;
        return (a.Columns + lanes - 1) / lanes * lanes;
    }

    private static string Name(AttentionCode a, Schedule schedule, TargetProfile target)
    {
        var tile = Tile(schedule, target, true);
        long left = Padded(a, target) % tile.Columns / tile.Dialect.Lanes, rest = a.Width % tile.Columns;
        return $"f32_attention_{Split(a, schedule).Tag}x{tile.Vectors}_{left}_{rest}_heads{a.Heads.Depth}"
            + $"{AttentionRow.Tag(a)}__{tile.Dialect.Suffix}";
    }

    private static AttentionCode Read(KernelRegion region) => AttentionCode.Of(region, out _)!;
}
