using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// MatMul and Gemm with an elementwise epilogue: panels of b's columns outside, tiles of a's rows inside. A constant b is packed into
/// panels at compile time, any other one panel by panel into scratch.
/// </summary>
public sealed class MatMulTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "matmul";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        region.Body.Nodes.FirstOrDefault() is not { Op: MatMul or Gemm } ? Verdict.No("not a product of matrices")
        : Product.Of(region, out var reason) is null ? Verdict.No(reason!) : Verdict.Yes;

    /// <inheritdoc/>
    public override IReadOnlyList<Schedule> Space(KernelRegion region, TargetProfile target)
    {
        var p = Product.Of(region, out _)!;
        return [.. ProductTile.Shapes(target, p.Dialect(target).IsScalar).Where(s => s.Rows <= Math.Max(1, p.M))
            .Select(s => new Schedule(Id, [new("rows", s.Rows), new("vectors", s.Vectors)]))];
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var p = Product.Of(region, out _)!;
        var plain = PlainFeatures(region, 1, 1);
        double packing = p.IsPacked ? 0 : 2.0 * p.Batch * p.K * p.N * 4;
        return plain with
        {
            VectorOps = p.Batch * ProductTile.Cost(p.M, p.N, p.K, schedule["rows"], schedule["vectors"], p.Dialect(target).Lanes, target),
            BytesScratch = packing,
        };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var p = Product.Of(region, out _)!;
        var tile = p.Tile(schedule, target);
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.Add(new ResultArgument(0));
        arguments.Add(new OperandArgument(p.A));
        arguments.Add(p.IsPacked ? new WeightArgument(p.B, new PanelTransform(tile.Columns, p.TransB)) : new OperandArgument(p.B));
        if (!p.IsPacked) arguments.Add(new ScratchArgument(p.K * tile.Columns * p.DType.Bits() / 8, p.DType));
        if (p.Batch > 1) arguments.Add(new WeightArgument(-1, p.OffsetTable(tile.Columns)));
        if (p.Batch > 1) arguments.Add(new NumberArgument(p.Batch));
        foreach (long number in new[] { p.M, p.N, p.K, p.Lda, p.AStep }) arguments.Add(new NumberArgument(number));
        if (!p.IsPacked)
        {
            arguments.Add(new NumberArgument(p.BRow));
            arguments.Add(new NumberArgument(p.BColumn));
        }
        foreach (var load in p.Loads)
        {
            arguments.Add(new OperandArgument(load.Operand));
            arguments.Add(new NumberArgument(load.RowStep));
        }
        return new KernelPlan(Name(p, schedule, target), Id, arguments.ToImmutable());
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var p = Product.Of(kernel.Region, out _)!;
        var tile = p.Tile(kernel.Schedule, target);
        int tail = (int)(p.M % tile.Rows);
        if (p.M >= tile.Rows) tile.Emit(source);
        if (tail > 0) (tile with { Rows = tail }).Emit(source);
        string element = tile.Dialect.Element, result = CSharpTypes.Name(tile.Result);
        var code = new CodeWriter();
        string also = (p.Batch > 1 ? " for each matrix of a batch" : "") + (p.Epilogue.Count > 0 ? $", then {p.Epilogue.Tag}" : "");
        code.Line($"/// <summary>c[m, n] = a[m, k] b[k, n]{also}; {kernel.Schedule}.</summary>");
        string head = $"public static void {kernel.Name}({result}* c, {element}* a, {element}* b{(p.IsPacked ? "" : $", {element}* panel")}"
            + $"{(p.Batch > 1 ? ", long* offsets, nint batch" : "")}, nint rows, nint n, nint k, nint lda, nint "
            + $"astep{(p.IsPacked ? "" : ", nint brow, nint bcolumn")}"
            + $"{ProductTile.Parameters(tile.Loads)})";
        code.Block(head, () =>
        {
            code.Line("nint ldc = n;");
            if (p.Batch == 1) Panels(code, tile, p, tail, "c", "a", "b", i => $"e{i}");
            else
                code.Block($"for (nint i = 0; i < batch; i++, offsets += {2 + p.Loads.Length})", () =>
                {
                    for (int i = 0; i < p.Loads.Length; i++) code.Line($"var f{i} = e{i} + offsets[{2 + i}];");
                    code.Line("var ci = c + i * rows * n;");
                    Panels(code, tile, p, tail, "ci", "(a + offsets[0])", "(b + offsets[1])", i => $"f{i}");
                });
        });
        source.Add(kernel.Name, code.ToString());
    }

    private static void Panels(CodeWriter code, ProductTile tile, Product p, int tail, string c, string a, string b,
        Func<int, string> load) =>
        code.Block($"for (nint j = 0; j < n; j += {tile.Columns})", () =>
        {
            code.Line($"nint columns = Math.Min({tile.Columns}, n - j);");
            if (p.IsPacked) code.Line($"var panel = {b} + j * k;");
            else
            {
                code.Line($"var from = {b} + j * bcolumn;");
                code.Block("for (nint row = 0; row < k; row++)", () =>
                {
                    code.Line($"var to = panel + row * {tile.Columns};");
                    code.Line("for (nint column = 0; column < columns; column++) to[column] = from[row * brow + column * bcolumn];");
                    code.Line($"for (nint column = columns; column < {tile.Columns}; column++) to[column] = default;");
                });
            }
            tile.PrintRows(code, tail, "rows", $"{c} + j", a, "panel", "columns",
                i => $"{load(i)} + m * e{i}m{(tile.Loads[i].AlongColumns ? " + j" : "")}");
        });

    private static string Name(Product p, Schedule schedule, TargetProfile target)
    {
        var tile = p.Tile(schedule, target);
        return $"{p.DType.Name()}_matmul_{tile.Rows}x{tile.Vectors}_tail{p.M % tile.Rows}"
            + $"{(p.IsPacked ? "" : "_packing")}{(p.Batch > 1 ? "_batch" : "")}{tile.Tag}__{tile.Dialect.Suffix}";
    }

    /// <summary>An operand of the epilogue: which one, its step from row to row, and the steps along the axes before the matrix.</summary>
    private sealed record RowLoad(int Operand, long RowStep, bool AlongColumns, DType DType, long[] Strides);

    /// <summary>A region read as a product: extents, strides and what follows.</summary>
    private sealed record Product(
        int A, int B, bool IsPacked, bool TransB, DType DType, long M, long N, long K, long Lda, long AStep, long BRow, long BColumn,
        float Alpha, float Beta,
        bool HasBias, ElementwiseBody Epilogue, ImmutableArray<RowLoad> Loads, ImmutableArray<long> BatchDims, long[] AStrides,
        long[] BStrides)
    {
        public long Batch => BatchDims.Aggregate(1L, (a, b) => a * b);

        public VectorDialect Dialect(TargetProfile target) => VectorDialect.For(target, DType);

        public static Product? Of(KernelRegion region, out string? reason)
        {
            var anchor = region.Body.Nodes[0];
            if (ElementwiseBody.Of(region, anchor, out reason) is not { } epilogue) return null;
            var ta = (TensorType)region.Body[anchor.Inputs[0]].Type;
            var tb = (TensorType)region.Body[anchor.Inputs[1]].Type;
            int aSlot = Slot(region, anchor, 0), bSlot = Slot(region, anchor, 1);
            if (aSlot < 0 || bSlot < 0) return Refuse("an operand is computed inside the region", out reason);
            if (!CSharpTypes.IsSupported(ta.DType) || ta.DType is DType.Float16 or DType.Bool)
                return Refuse($"elements of {ta.DType.Name()}", out reason);
            long[] a = ta.Shape!.ToStatic()!, b = tb.Shape!.ToStatic()!;
            var gemm = anchor.Op as Gemm;
            bool transA = gemm?.TransA ?? false, transB = gemm?.TransB ?? false;
            bool vectorA = a.Length == 1, vectorB = b.Length == 1;
            if (vectorA) a = [1, a[0]];
            if (vectorB) b = [b[0], 1];
            long m = transA ? a[^1] : a[^2], k = transA ? a[^2] : a[^1], n = transB ? b[^2] : b[^1];
            var result = ((TensorType)region.Body[anchor.Outputs[0]].Type).Shape!.ToStatic()!;
            int columnAxis = vectorB ? -1 : result.Length - 1, rowAxis = vectorA ? -1 : result.Length - (vectorB ? 1 : 2);
            var batchDims = result[..(result.Length - (vectorA ? 0 : 1) - (vectorB ? 0 : 1))];
            bool packed = region.Constants[bSlot] is not null && ta.DType == DType.Float32 && BatchOf(b) == 1;

            var loads = ImmutableArray.CreateBuilder<RowLoad>();
            bool hasBias = gemm is not null && anchor.Inputs.Length > 2 && anchor.Inputs[2] != Node.Absent;
            if (hasBias)
            {
                var bias = (TensorType)region.Body[anchor.Inputs[2]].Type;
                if (Slot(region, anchor, 2) < 0) return Refuse("the bias is computed inside the region", out reason);
                var dims = bias.Shape!.ToStatic()!;
                loads.Add(Load(new ElementLoad(Slot(region, anchor, 2), [.. Enumerable.Repeat(1L, 2 - dims.Length), .. dims], bias.DType)));
            }
            foreach (var load in epilogue.Loads) loads.Add(Load(load));
            return new Product(aSlot, bSlot, packed, transB, ta.DType, m, n, k, transA ? 1 : k, transA ? m : 1, transB ? 1 : n, transB ? k
                : 1,
                gemm?.Alpha ?? 1, gemm?.Beta ?? 1, hasBias, epilogue, loads.ToImmutable(), [.. batchDims],
                BatchStrides(a, batchDims), BatchStrides(b, batchDims));

            RowLoad Load(ElementLoad load)
            {
                var strides = load.Strides();
                return new RowLoad(load.Operand, rowAxis < 0 ? 0 : strides[rowAxis], columnAxis >= 0 && strides[columnAxis] == 1,
                    load.DType, strides[..batchDims.Length]);
            }
        }

        public ProductTile Tile(Schedule schedule, TargetProfile target)
        {
            string alpha = Alpha == 1 ? "" : CSharpTypes.Literal(DType, Alpha), beta = Beta == 1 ? "" : CSharpTypes.Literal(DType, Beta);
            int bias = HasBias ? 1 : 0;
            var tileLoads = Loads.Select(l => new TileLoad(l.AlongColumns, l.DType)).ToArray();
            string tag = (HasBias ? $"_bias{tileLoads[0].Mode}" : "") + (Alpha == 1 && Beta == 1 ? ""
                : $"_scaled{BitConverter.SingleToInt32Bits(Alpha):x}{BitConverter.SingleToInt32Bits(Beta):x}")
                + Epilogue.UniqueTag(i => tileLoads[i + bias].Mode);
            return new ProductTile(schedule["rows"], schedule["vectors"], Dialect(target), tileLoads, Print, tag,
                Epilogue.IsVectorizable && DType == DType.Float32, Epilogue.ResultDType);

            string Print(CodeWriter code, VectorDialect d, Func<int, string> load, string sum)
            {
                if (alpha.Length > 0) sum = $"{sum} * {d.Splat(alpha)}";
                if (HasBias) sum = $"{sum} + {(beta.Length > 0 ? $"{d.Splat(beta)} * " : "")}{load(0)}";
                if (sum.Contains(' '))
                {
                    code.Line($"var product = ({d.Vector})({sum});");
                    sum = "product";
                }
                return Epilogue.Print(code, d, i => load(i + bias), sum);
            }
        }

        /// <summary>For each matrix of the batch where a, b and each operand of the epilogue begin, in elements.</summary>
        public TableTransform OffsetTable(int columns)
        {
            int width = 2 + Loads.Length;
            var table = new long[Batch * width];
            var index = new long[BatchDims.Length];
            for (long i = 0; i < Batch; i++)
            {
                for (int axis = 0; axis < index.Length; axis++)
                {
                    table[i * width] += index[axis] * AStrides[axis];
                    table[i * width + 1] += index[axis] * BStrides[axis];
                    for (int l = 0; l < Loads.Length; l++) table[i * width + 2 + l] += index[axis] * Loads[l].Strides[axis];
                }
                for (int axis = index.Length - 1; axis >= 0 && ++index[axis] == BatchDims[axis]; axis--) index[axis] = 0;
            }
            return new TableTransform("batch-offsets", Tensor.Vector(table));
        }

        private static int Slot(KernelRegion region, Node anchor, int operand) =>
            region.Body[anchor.Inputs[operand]] is { IsInput: true, Slot: var slot } ? slot : -1;

        private static long BatchOf(long[] dims) => dims.AsSpan(0, dims.Length - 2).ToArray().Aggregate(1L, (x, y) => x * y);

        private static long[] BatchStrides(long[] dims, long[] batchDims)
        {
            var strides = new long[batchDims.Length];
            long stride = dims[^1] * dims[^2];
            for (int i = batchDims.Length - 1, j = dims.Length - 3; j >= 0; i--, j--)
            {
                strides[i] = dims[j] == 1 ? 0 : stride;
                stride *= dims[j];
            }
            return strides;
        }

        private static Product? Refuse(string why, out string? reason)
        {
            reason = why;
            return null;
        }
    }
}
