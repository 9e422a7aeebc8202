using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// LSTM, GRU and RNN of binary32 with constant weights: one product for the inputs of all steps, then for each step and sequence the
/// product of the state and a vector loop over the gates (<see cref="RecurrentGates"/>).
/// </summary>
public sealed class RecurrentTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "recurrent";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target)
    {
        if (region.Body.Nodes is not [{ Op: LSTM or GRU or RNN } node]) return Verdict.No("not a recurrent op");
        if (MoveArguments.DTypeOf(region, node.Inputs[0]) is var dtype && dtype != DType.Float32)
            return Verdict.No($"recurrence of {dtype.Name()}");
        foreach (int i in new[] { 1, 2 })
            if (region.Constant(node.Inputs[i]) is null) return Verdict.No($"the weights (operand {i}) are computed at run time");
        return Verdict.Yes;
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        // Cycles of a step beside its products: loops, copies, and a chain of gates that no other step hides.
        const double step = 150;
        var cell = new RecurrentCell(region);
        int lanes = target.Lanes(4), vectors = Tile(cell, target, 1).Vectors;
        double exponentials = cell.Op is LSTM ? 5 : cell.Op is GRU ? 3 : 1, instructions = 30;
        double wide = cell.Hidden / lanes * exponentials * instructions / 2;
        double singles = cell.Hidden % lanes * exponentials * instructions * 1.1;
        double products = ProductTile.Cost((long)cell.Steps * cell.Batch, cell.Width, cell.Inputs, 2, vectors, lanes, target)
            + cell.Steps * cell.Batch * cell.Products.Sum(p =>
                ProductTile.Cost(1, (long)p.Gates * cell.Hidden, cell.Hidden, 1, vectors, lanes, target));
        double times = (double)cell.Directions * cell.Steps * cell.Batch;
        return PlainFeatures(region, 1, 1) with
        {
            VectorOps = cell.Directions * products + times * wide, Cycles = times * (step + singles),
            BytesScratch = 8.0 * cell.Directions * cell.Steps * cell.Batch * cell.Width,
        };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var cell = new RecurrentCell(region);
        int columns = Tile(cell, target, 1).Columns;
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        for (int i = 0; i < 1 + cell.States; i++)
            if (cell.Result(i) is >= 0 and var slot) arguments.Add(new ResultArgument(slot));
        arguments.Add(cell.Operand(0));
        for (int d = 0; d < cell.Directions; d++)
        {
            arguments.Add(new WeightArgument(cell.Operand(1).Index, new RecurrentPanels(columns, d, 0, cell.Width)));
            foreach (var (first, gates) in cell.Products)
                arguments.Add(new WeightArgument(cell.Operand(2).Index,
                    new RecurrentPanels(columns, d, first * cell.Hidden, gates * cell.Hidden)));
        }
        foreach (int optional in cell.Optionals) arguments.Add(cell.Operand(optional));
        arguments.Add(new ScratchArgument(4L * cell.Steps * cell.Batch * cell.Width));
        arguments.Add(new ScratchArgument(4L * cell.Width));
        for (int i = 0; i < cell.States; i++) arguments.Add(new ScratchArgument(4L * cell.Batch * cell.Hidden));
        if (cell.ResetsState) arguments.Add(new ScratchArgument(4L * cell.Hidden));
        foreach (long number in new long[] { cell.Steps, cell.Batch, cell.Inputs, cell.Hidden }) arguments.Add(new NumberArgument(number));
        return new KernelPlan(cell.Name(Tile(cell, target, 1)), Id, arguments.ToImmutable());
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var cell = new RecurrentCell(kernel.Region);
        var tile = Tile(cell, target, 2);
        string rows = EmitRows(source, tile);
        var code = new CodeWriter();
        code.Line($"/// <summary>{cell.Op.Name} over steps and sequences; see {nameof(RecurrentGates)} of the compiler for the "
            + $"formulas.</summary>");
        var parameters = new List<string>();
        for (int i = 0; i < 1 + cell.States; i++)
            if (cell.Result(i) >= 0) parameters.Add($"float* {ResultName(i)}");
        parameters.Add("float* x");
        for (int d = 0; d < cell.Directions; d++)
        {
            parameters.Add($"float* w{d}");
            parameters.AddRange(cell.Products.Select((_, i) => $"float* r{d}_{i}"));
        }
        parameters.AddRange(cell.Optionals.Select(o => o == 4 ? "int* lengths" : $"float* {OperandName(o)}"));
        parameters.AddRange(["float* projected", "float* recurrent",
            .. cell.States > 1 ? (string[])["float* hs", "float* cs"] : ["float* hs"]]);
        if (cell.ResetsState) parameters.Add("float* reset");
        parameters.AddRange(["nint steps", "nint batch", "nint inputs", "nint hidden"]);
        code.Block($"public static void {kernel.Name}({string.Join(", ", parameters)})", () =>
        {
            code.Line($"nint width = {cell.Gates} * hidden;");
            if (cell.Result(0) >= 0) code.Line($"new Span<float>(y, checked((int)(steps * {cell.Directions} * batch * hidden))).Clear();");
            for (int d = 0; d < cell.Directions; d++) Direction(code, cell, tile.Dialect, rows, d);
        });
        source.Add(kernel.Name, code.ToString());
    }

    private static void Direction(CodeWriter code, RecurrentCell cell, VectorDialect dialect, string rows, int d)
    {
        bool reverse = d == 1 || cell.Op.Direction == RecurrentDirection.Reverse, first = cell.Op.Layout;
        code.Block("", () =>
        {
            code.Line($"{rows}(projected, width, x, inputs, w{d}, steps * batch, width, inputs);");
            for (int s = 0; s < cell.States; s++)
            {
                string state = s == 0 ? "hs" : "cs", start = s == 0 ? "h0" : "c0";
                code.Line(!cell.Has(5 + s) ? $"new Span<float>({state}, checked((int)(batch * hidden))).Clear();"
                    : $"for (nint b = 0; b < batch; b++) Buffer.MemoryCopy({start} + {Place(cell, d)}, {state} + b * hidden, hidden * 4, "
                        + $"hidden * 4);");
            }
            if (cell.Has(3)) code.Line($"float* bw = bias + {2 * d} * width, br = bw + width;");
            if (cell.Has(7)) code.Line($"var peep = peepholes + {d} * {cell.Gates - 1} * hidden;");
            code.Block("for (nint step = 0; step < steps; step++)", () => code.Block("for (nint b = 0; b < batch; b++)", () =>
            {
                code.Line($"nint length = {(cell.Has(4) ? "lengths[b]" : "steps")};");
                if (cell.Has(4))
                {
                    code.Line("if (length < 0 || length > steps) throw new ArgumentException($\"sequence_lens[{b}] is {length}, with "
                        + "{steps} steps\");");
                    code.Line("if (step >= length) continue;");
                }
                code.Line($"nint t = {(reverse ? "length - 1 - step" : "step")};");
                code.Line($"var p = projected + ({(first ? "b * steps + t" : "t * batch + b")}) * width;");
                code.Line("var h = hs + b * hidden;");
                if (cell.States > 1) code.Line("var c = cs + b * hidden;");
                code.Line($"{rows}(recurrent, width, h, hidden, r{d}_0, 1, {cell.Products[0].Gates} * hidden, hidden);");
                RecurrentGates.Print(code, cell, dialect, d, () =>
                    code.Line($"{rows}(recurrent + {cell.Products[^1].First} * hidden, width, reset, hidden, "
                        + $"r{d}_{cell.Products.Length - 1}, 1, hidden, hidden);"));
                string place = first ? $"((b * steps + t) * {cell.Directions} + {d})" : $"((t * {cell.Directions} + {d}) * batch + b)";
                if (cell.Result(0) >= 0) code.Line($"Buffer.MemoryCopy(h, y + {place} * hidden, hidden * 4, hidden * 4);");
            }));
            for (int s = 0; s < cell.States; s++)
                if (cell.Result(1 + s) >= 0)
                    code.Line($"for (nint b = 0; b < batch; b++) Buffer.MemoryCopy({(s == 0 ? "hs" : "cs")} + b * hidden, "
                        + $"{ResultName(1 + s)} + {Place(cell, d)}, hidden * 4, hidden * 4);");
        });
    }

    // Where the state of sequence b of a direction stands in initial states and results.
    private static string Place(RecurrentCell cell, int d) => cell.Op.Layout ? $"(b * {cell.Directions} + {d}) * hidden"
        : $"({d} * batch + b) * hidden";

    private static string ResultName(int index) => index switch { 0 => "y", 1 => "yh", _ => "yc" };

    private static string OperandName(int index) => index switch { 3 => "bias", 5 => "h0", 6 => "c0", _ => "peepholes" };

    // A state is one row: only many columns at a time hide the latency of additions.
    private static ProductTile Tile(RecurrentCell cell, TargetProfile target, int rows)
    {
        var dialect = VectorDialect.For(target, DType.Float32);
        int most = dialect.IsScalar ? 2 : target.VectorRegisters >= 32 ? 8 : 4;
        int vectors = Math.Clamp((cell.Products.Min(p => p.Gates) * cell.Hidden + dialect.Lanes - 1) / dialect.Lanes, 1, most);
        return new ProductTile(rows, vectors, dialect, [], (_, _, _, sum) => sum, "", IsVectorizable: true, DType.Float32);
    }

    // c = a b for any number of rows: tiles of two, then a single one.
    private static string EmitRows(KernelSource source, ProductTile tile)
    {
        string name = $"f32_rows_by{tile.Vectors}__{tile.Dialect.Suffix}";
        if (source.Has(name)) return name;
        tile.Emit(source);
        (tile with { Rows = 1 }).Emit(source);
        var code = new CodeWriter();
        code.Line("/// <summary>c[m, n] = a[m, k] b[k, n] for panels of b.</summary>");
        code.Block($"public static void {name}(float* c, nint ldc, float* a, nint lda, float* b, nint rows, nint n, nint k)", () =>
            code.Block($"for (nint j = 0; j < n; j += {tile.Columns})", () =>
            {
                code.Line($"nint columns = Math.Min({tile.Columns}, n - j), astep = 1;");
                tile.PrintWholeRows(code, "rows", "c + j", "a", "b + j * k", "columns");
                (tile with { Rows = 1 }).PrintRest(code, "rows", "c + j", "a", "b + j * k", "columns");
            }));
        source.Add(name, code.ToString());
        return name;
    }
}
