using System.Collections.Immutable;
using System.Numerics;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// MatMul and Gemm with an elementwise epilogue: panels of b's columns outside, tiles of a's rows inside. A constant b is packed into
/// panels at compile time, any other one panel by panel into scratch. Operands and result are read and written where they lie, through ops
/// that only move elements.
/// </summary>
public sealed class MatMulTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "matmul";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        MatrixProduct.Anchor(region) is null ? Verdict.No("not a product of matrices")
        : MatrixProduct.Of(region, out var reason) is null ? Verdict.No(reason!) : Verdict.Yes;

    /// <inheritdoc/>
    public override IReadOnlyList<Schedule> Space(KernelRegion region, TargetProfile target)
    {
        var p = Read(region);
        // Tiles that are wider than the result are all the same one.
        long widest = Math.Max(1, (p.N + p.Dialect(target).Lanes - 1) / p.Dialect(target).Lanes);
        var shapes = ProductTile.Shapes(target, p.Dialect(target).IsScalar).Where(s => s.Rows <= Math.Max(1, p.M)).ToArray();
        int most = shapes.Where(s => s.Vectors >= widest).Select(s => s.Vectors).DefaultIfEmpty(int.MaxValue).Min();
        return [.. shapes.Where(s => s.Vectors <= most)
            .Select(s => new Schedule(Id, [new("rows", s.Rows), new("vectors", s.Vectors)]))];
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var p = Read(region);
        var plain = PlainFeatures(region, 1, 1);
        double packing = p.IsPacked ? 0 : 2.0 * p.Matrices * p.K * p.N * 4;
        return plain with
        {
            VectorOps = p.Matrices * ProductTile.Cost(p.M, p.N, p.K, schedule["rows"], schedule["vectors"], p.Dialect(target).Lanes,
                target) * (Crowds(p, schedule) ? 1.15 : 1) + EpilogueOps(region, p.Dialect(target).Lanes),
            BytesScratch = packing, AreWeightsFirst = p.M > schedule["rows"],
        };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var p = Read(region);
        var tile = p.Tile(schedule, target);
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.Add(new ResultArgument(p.C.Slot, p.C.ByteOffset(p.Epilogue.ResultDType)));
        arguments.Add(new OperandArgument(p.A.Slot, p.A.ByteOffset(p.DType)));
        arguments.Add(p.IsPacked ? new WeightArgument(p.B.Slot, new PanelTransform(tile.Columns, p.TransB))
            : new OperandArgument(p.B.Slot, p.B.ByteOffset(p.DType)));
        if (!p.IsPacked) arguments.Add(new ScratchArgument(Math.Max(1, p.K) * tile.Columns * p.DType.Bits() / 8, p.DType));
        int loads = arguments.Count;
        foreach (var load in p.Loads)
        {
            arguments.Add(new OperandArgument(load.Operand));
            arguments.Add(new NumberArgument(load.RowStep));
        }
        int columns = arguments.Count + 1;
        foreach (long number in new[] { p.M, p.N, p.K, p.CRow, p.ARow, p.AColumn }) arguments.Add(new NumberArgument(number));
        if (Split(p, schedule) is { Higher: > 0, Lower: > 0 } split) arguments.Add(new NumberArgument(split.HigherRows));
        if (!p.IsPacked)
        {
            arguments.Add(new NumberArgument(p.BRow));
            arguments.Add(new NumberArgument(p.BColumn));
        }
        int batch = arguments.Count;
        arguments.AddRange(p.Batch.Arguments);
        var plan = new KernelPlan(Name(p, schedule, target), Id, arguments.ToImmutable());
        return p.Batch.Depth > 0 ? p.Batch.Share(plan, batch, [("c", 0, p.Epilogue.ResultDType, Result(p.C.Slot)),
                ("a", 1, p.DType, Operand(p.A.Slot)), ("b", 2, p.DType, Operand(p.B.Slot)),
                .. p.Loads.Select((l, i) => ($"e{i}", loads + 2 * i, l.DType, Operand(l.Operand)))])
            : p.IsPacked && p.N % tile.Columns == 0 ? ShareColumns(p, plan, tile.Columns, loads, columns) : plan;

        long Result(int slot) => region.Elements(region.Body.Outputs[slot].Value);
        long Operand(int slot) => region.Elements(region.Body.Inputs[slot].Value);
    }

    // Panels of columns, of which each is a panel of b; rows of the result are written in parts.
    private static KernelPlan ShareColumns(MatrixProduct p, KernelPlan plan, int grain, int loads, int columns)
    {
        var arguments = plan.Arguments.ToBuilder();
        arguments[0] = arguments[0] with { PieceBytes = p.Epilogue.ResultDType.Bytes(1), IsShared = p.M > 1 };
        arguments[2] = arguments[2] with { PieceBytes = p.K * p.DType.Bytes(1) };
        for (int i = 0; i < p.Loads.Length; i++)
            if (p.Loads[i].AlongColumns)
                arguments[loads + 2 * i] = arguments[loads + 2 * i] with { PieceBytes = p.Loads[i].DType.Bytes(1), IsShared = true };
        arguments[columns] = arguments[columns] with { IsPieceCount = true };
        return plan with { Arguments = arguments.ToImmutable(), Split = new KernelSplit(p.N, grain) };
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var p = Read(kernel.Region);
        var tile = p.Tile(kernel.Schedule, target);
        var split = Split(p, kernel.Schedule);
        long left = p.N % tile.Columns;
        foreach (int height in split.Heights)
        {
            if (p.N >= tile.Columns) (tile with { Rows = height }).Emit(source, ragged: false);
            if (left > 0) (tile.Last(left) with { Rows = height }).Emit(source, ragged: left % tile.Dialect.Lanes != 0);
        }
        string finish = p.IsFinished ? Finish(source, p, tile.Dialect) : "";
        string pack = p.IsPacked ? "" : PanelPacking.Add(source, tile.Dialect, tile.Columns);
        string element = tile.Dialect.Element, result = CSharpTypes.Name(p.Epilogue.ResultDType);
        var code = new CodeWriter();
        string also = (p.Batch.Depth > 0 ? " for each matrix of a batch" : "") + (p.Epilogue.Count > 0 ? $", then {p.Epilogue.Tag}" : "");
        code.Line($"/// <summary>c[m, n] = a[m, k] b[k, n]{also}; {kernel.Schedule}.</summary>");
        string loads = string.Concat(p.Loads.Select((l, i) => $", {CSharpTypes.Name(l.DType)}* e{i}, nint e{i}m"));
        string head = $"public static void {kernel.Name}({result}* c, {element}* a, {element}* b{(p.IsPacked ? "" : $", {element}* panel")}"
            + $"{loads}, nint rows, nint n, nint k, nint ldc, nint lda, nint astep"
            + $"{(split is { Higher: > 0, Lower: > 0 } ? ", nint higher" : "")}{(p.IsPacked ? "" : ", nint brow, nint bcolumn")}"
            + $"{p.Batch.Parameters})";
        code.Block(head, () => p.Batch.Print(code, () =>
        {
            code.Line("nint j = 0;");
            if (p.N >= tile.Columns)
                code.Block($"for (; j <= n - {tile.Columns}; j += {tile.Columns})", () => Panel(tile, ""));
            if (left > 0) code.Block("", () => Panel(tile.Last(left), left % tile.Dialect.Lanes != 0 ? "n - j" : ""));
        }));
        source.Add(kernel.Name, code.ToString());

        void Panel(ProductTile part, string columns)
        {
            if (p.IsPacked) code.Line($"var panel = {p.Batch.Inside("b")} + j * k;");
            else code.Line($"{pack}(panel, {p.Batch.Inside("b")} + j * bcolumn, k, {(columns.Length > 0 ? columns : part.Columns)}, "
                + "brow, bcolumn);");
            string c = $"{p.Batch.Inside("c")} + j", count = columns.Length > 0 ? columns : $"{part.Columns}";
            string Load(int i) => $"{p.Batch.Inside($"e{i}")} + m * e{i}m{(p.Loads[i].AlongColumns ? " + j" : "")}";
            part.PrintRows(code, split, c, p.Batch.Inside("a"), "panel", columns, Load, finish.Length == 0 ? null : height =>
                code.Line($"{finish}({c} + m * ldc, ldc, {height}, {count}"
                    + $"{string.Concat(p.Loads.Select((_, i) => $", {Load(i)}, e{i}m"))});"));
        }
    }

    // The method that does what follows a product, in place, to some rows and columns.
    private static string Finish(KernelSource source, MatrixProduct p, VectorDialect dialect)
    {
        string name = $"f32_finish{p.Tag}__{dialect.Suffix}";
        if (source.Has(name)) return name;
        var code = new CodeWriter();
        code.Line($"/// <summary>{p.Epilogue.Tag} of sums, in place.</summary>");
        code.Block($"public static void {name}(float* c, nint ldc, nint rows, nint columns"
            + $"{string.Concat(p.Loads.Select((_, i) => $", float* e{i}, nint e{i}m"))})", () =>
        {
            code.Block("for (nint m = 0; m < rows; m++, c += ldc)", () =>
            {
                for (int i = 0; i < p.Loads.Length; i++)
                    if (!p.Loads[i].AlongColumns) code.Line($"var s{i} = *e{i};");
                code.Line("nint j = 0;");
                foreach (var d in dialect.IsScalar ? new[] { dialect } : [dialect, dialect.Scalar])
                    code.Block($"for (; j <= columns - {d.Lanes}; j += {d.Lanes})", () =>
                    {
                        code.Line($"var sum = {d.Load("c + j")};");
                        code.Line(d.Store("c + j", p.PrintEpilogue(code, d,
                            i => p.Loads[i].AlongColumns ? d.Load($"e{i} + j") : d.Splat($"s{i}"), "sum")));
                    });
                for (int i = 0; i < p.Loads.Length; i++) code.Line($"e{i} += e{i}m;");
            });
        });
        source.Add(name, code.ToString());
        return name;
    }

    // Rows of a whose distance is a multiple of a large power of two share sets of the nearest cache, which has 8 ways of 4096 bytes on
    // most processors: more than 6 of them, beside b, push each other out.
    private static bool Crowds(MatrixProduct p, Schedule schedule)
    {
        const long way = 4096;
        long distance = p.ARow * p.DType.Bits() / 8, places = way / (long)BigInteger.GreatestCommonDivisor(way, distance);
        return p.K * p.AColumn * p.DType.Bits() / 8 > 64 && Split(p, schedule).Heights.DefaultIfEmpty(0).Max() > 6 * places;
    }

    private static RowSplit Split(MatrixProduct p, Schedule schedule) => RowSplit.Of(p.M, schedule["rows"]);

    private static string Name(MatrixProduct p, Schedule schedule, TargetProfile target)
    {
        var tile = p.Tile(schedule, target);
        long left = p.N % tile.Columns;
        string last = left == 0 ? "" : $"_by{tile.Last(left).Vectors}{(left % tile.Dialect.Lanes != 0 ? "r" : "")}"
            + (p.N < tile.Columns ? "only" : "");
        return $"{p.DType.Name()}_matmul_{Split(p, schedule).Tag}x{tile.Vectors}{last}{(p.IsPacked ? "" : "_packing")}"
            + $"{(p.Batch.Depth > 0 ? $"_batch{p.Batch.Depth}" : "")}{p.Tag}__{tile.Dialect.Suffix}";
    }

    private static MatrixProduct Read(KernelRegion region) => MatrixProduct.Of(region, out _)!;
}
