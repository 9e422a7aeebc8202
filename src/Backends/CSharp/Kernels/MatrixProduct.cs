using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>An operand of what follows a product: which one, its step from row to row, and whether it steps along columns.</summary>
internal sealed record RowLoad(int Operand, long RowStep, bool AlongColumns, DType DType);

/// <summary>A region read as a product of matrices, or of a batch of them: extents, places, steps and what follows.</summary>
/// <param name="A">Where a is read.</param>
/// <param name="B">Where b is read.</param>
/// <param name="C">Where the result is written.</param>
/// <param name="IsPacked">Whether b is a constant that is packed at compile time.</param>
/// <param name="TransB">Whether a packed b is the transpose.</param>
/// <param name="DType">Element type.</param>
/// <param name="M">Rows of a and c.</param>
/// <param name="N">Columns of b and c.</param>
/// <param name="K">Columns of a and rows of b.</param>
/// <param name="ARow">Elements from row to row of a.</param>
/// <param name="AColumn">Elements from column to column of a.</param>
/// <param name="BRow">Elements from row to row of b.</param>
/// <param name="BColumn">Elements from column to column of b.</param>
/// <param name="CRow">Elements from row to row of c.</param>
/// <param name="Alpha">Factor of the product.</param>
/// <param name="Beta">Factor of the bias.</param>
/// <param name="HasBias">Whether the first load is a bias.</param>
/// <param name="Epilogue">What follows.</param>
/// <param name="Loads">Operands of what follows, the bias first.</param>
/// <param name="Batch">Loops over the matrices of a batch, over c, a, b and the operands of what follows.</param>
/// <param name="Matrices">Number of matrices.</param>
internal sealed record MatrixProduct(
    StridedView A, StridedView B, StridedView C, bool IsPacked, bool TransB, DType DType, long M, long N, long K, long ARow, long AColumn,
    long BRow, long BColumn, long CRow, float Alpha, float Beta, bool HasBias, ElementwiseBody Epilogue, ImmutableArray<RowLoad> Loads,
    StepLoops Batch, long Matrices)
{
    /// <summary>The vectors to use.</summary>
    public VectorDialect Dialect(TargetProfile target) => VectorDialect.For(target, DType);

    /// <summary>Whether what follows is a loop of its own over each tile.</summary>
    public bool IsFinished => Epilogue.IsLong && Epilogue.IsVectorizable && DType == DType.Float32;

    /// <summary>The node that a region is a product by; null where it is none.</summary>
    public static Node? Anchor(KernelRegion region) =>
        region.Body.Nodes.Where(n => n.Op is MatMul or Gemm).ToArray() is [var only] ? only : null;

    /// <summary>Reads a region; null and the reason where it is not of that form.</summary>
    public static MatrixProduct? Of(KernelRegion region, out string? reason)
    {
        var anchor = Anchor(region)!;
        int result = region.Body.Outputs[0].Value;
        while (region.Body.Producer(result) is { } last && last != anchor && StridedView.IsMove(last.Op)) result = last.Inputs[0];
        ImmutableArray<Node> followers = [.. region.Body.Nodes.Where(n => n != anchor && !StridedView.IsMove(n.Op))];
        if (region.Body.Outputs.Length != 1) return Refuse("several results", out reason);
        if (ElementwiseBody.Of(region, anchor.Outputs[0], followers, result, out reason) is not { } epilogue) return null;
        if (StridedView.Of(region, anchor.Inputs[0]) is not { } a || StridedView.Of(region, anchor.Inputs[1]) is not { } b)
            return Refuse("an operand is computed inside the region, or lies at irregular places", out reason);
        if (StridedView.OfResult(region, result) is not { } c) return Refuse("the result goes to irregular places", out reason);
        var dtype = region.DType(anchor.Inputs[0]);
        if (!CSharpTypes.IsSupported(dtype) || dtype is DType.Float16 or DType.Bool)
            return Refuse($"elements of {dtype.Name()}", out reason);
        var gemm = anchor.Op as Gemm;
        if (dtype.IsInteger() && gemm is { HasWholeFactors: false }) return Refuse("integers by a broken factor", out reason);
        bool transA = gemm?.TransA ?? false, transB = gemm?.TransB ?? false;
        bool vectorA = a.Dims.Length == 1, vectorB = b.Dims.Length == 1;
        long[] ad = vectorA ? [1, a.Dims[0]] : [.. a.Dims], bd = vectorB ? [b.Dims[0], 1] : [.. b.Dims];
        long[] ap = vectorA ? [0, a.Steps[0]] : [.. a.Steps], bp = vectorB ? [b.Steps[0], 0] : [.. b.Steps];
        int rank = c.Dims.Length, columnAxis = vectorB ? -1 : rank - 1, rowAxis = vectorA ? -1 : rank - (vectorB ? 1 : 2);
        long m = transA ? ad[^1] : ad[^2], k = transA ? ad[^2] : ad[^1], n = transB ? bd[^2] : bd[^1];
        int batchRank = rank - (vectorA ? 0 : 1) - (vectorB ? 0 : 1);
        long Step(IReadOnlyList<long> steps, int axis) => axis < 0 ? 0 : steps[axis];
        if (columnAxis >= 0 && n > 1 && c.Steps[columnAxis] != 1) return Refuse("columns of the result lie apart", out reason);
        bool packed = region.Constants[b.Slot] is not null && dtype == DType.Float32 && bd.AsSpan()[..^2].IndexOfAnyExcept(1) < 0
            && region.Body[anchor.Inputs[1]].IsInput;

        var operands = ImmutableArray.CreateBuilder<ElementLoad>();
        bool hasBias = gemm is not null && anchor.Inputs.Length > 2 && anchor.Inputs[2] != Node.Absent;
        if (hasBias)
        {
            if (!region.Body[anchor.Inputs[2]].IsInput) return Refuse("the bias is computed inside the region", out reason);
            var dims = region.Dims(anchor.Inputs[2]);
            operands.Add(new ElementLoad(region.Slot(anchor, 2), [.. Enumerable.Repeat(1L, 2 - dims.Length), .. dims],
                region.DType(anchor.Inputs[2])));
        }
        operands.AddRange(epilogue.Loads);
        var steps = operands.Select(o => o.Strides()).ToArray();

        // Where all matrices of a batch are multiplied by the same b, they are one with more rows.
        long[] outer = [.. c.Dims.Take(batchRank)];
        var pointers = new List<(string Name, long[] Steps)>
        {
            ("c", [.. c.Steps.Take(batchRank)]), ("a", Aligned(ad, ap, outer)), ("b", Aligned(bd, bp, outer)),
        };
        pointers.AddRange(steps.Select((s, i) => ($"e{i}", s[..batchRank])));
        long arow = transA ? ap[^1] : ap[^2], crow = Step(c.Steps, rowAxis);
        long[] rowSteps = [crow, arow, 0, .. steps.Select(s => Step(s, rowAxis))];
        if (rowAxis >= 0 && pointers[2].Steps.All(s => s == 0))
        {
            var merged = LoopNest.Merge([.. outer, m], [.. pointers.Select((p, i) => (long[])[.. p.Steps, rowSteps[i]])]);
            if (merged.Rank > 0 && merged.Extents[^1] >= m && merged.Extents.Aggregate(1L, (x, y) => x * y) > 0)
            {
                m = merged.Extents[^1];
                rowSteps = [.. merged.Strides.Select(s => s[^1])];
                outer = merged.Extents[..^1];
                pointers = [.. pointers.Select((p, i) => (p.Name, merged.Strides[i][..^1]))];
            }
        }
        return new MatrixProduct(a, b, c, packed, transB, dtype, m, n, k, rowSteps[1], transA ? ap[^2] : ap[^1],
            transB ? bp[^1] : bp[^2], transB ? bp[^2] : bp[^1], rowSteps[0], gemm?.Alpha ?? 1, gemm?.Beta ?? 1, hasBias, epilogue,
            [.. operands.Select((o, i) => new RowLoad(o.Operand, rowSteps[3 + i],
                columnAxis >= 0 && steps[i][columnAxis] == 1, o.DType))],
            StepLoops.Over("i", outer, pointers), outer.Aggregate(1L, (x, y) => x * y));
    }

    /// <summary>The tile of a schedule; where the product is finished in loops of their own, the bare one.</summary>
    public ProductTile Tile(Schedule schedule, TargetProfile target)
    {
        var dialect = Dialect(target);
        if (IsFinished)
            return new ProductTile(schedule["rows"], schedule["vectors"], dialect, [], (_, _, _, sum) => sum, "", true, DType);
        return new ProductTile(schedule["rows"], schedule["vectors"], dialect,
            [.. Loads.Select(l => new TileLoad(l.AlongColumns, l.DType))], PrintEpilogue, Tag,
            Epilogue.IsVectorizable && DType == DType.Float32, Epilogue.ResultDType);
    }

    /// <summary>What tells what follows apart, for names.</summary>
    public string Tag
    {
        get
        {
            string Mode(int i) => Loads[i].AlongColumns ? "n" : "m";
            return (HasBias ? $"_bias{Mode(0)}" : "") + (Alpha == 1 && Beta == 1 ? ""
                : $"_scaled{BitConverter.SingleToInt32Bits(Alpha):x}{BitConverter.SingleToInt32Bits(Beta):x}")
                + Epilogue.UniqueTag(i => Mode(HasBias ? i + 1 : i));
        }
    }

    /// <summary>Prints what follows a sum; gives the text of the result.</summary>
    public string PrintEpilogue(CodeWriter code, VectorDialect d, Func<int, string> load, string sum)
    {
        string alpha = Factor(Alpha), beta = Factor(Beta);
        if (alpha.Length > 0) sum = $"{sum} * {d.Splat(alpha)}";
        if (HasBias) sum = $"{sum} + {(beta.Length > 0 ? $"{d.Splat(beta)} * " : "")}{load(0)}";
        if (sum.Contains(' '))
        {
            code.Line($"var product = ({d.Vector})({sum});");
            sum = "product";
        }
        return Epilogue.Print(code, d, i => load(HasBias ? i + 1 : i), sum);

        // A factor of integers is whole and wraps around as they do.
        string Factor(float factor) => factor == 1 ? "" : DType.IsInteger()
            ? CSharpTypes.Literal(EvaluateContext.Integers(DType, [], [(long)factor])) : CSharpTypes.Literal(DType, factor);
    }

    // Steps of an operand along the axes of a batch, with which its own are aligned at the last.
    private static long[] Aligned(long[] dims, long[] steps, long[] batch) => [.. batch.Select((_, axis) =>
        dims.Length - 2 - batch.Length + axis is >= 0 and var at && dims[at] != 1 ? steps[at] : 0)];

    private static MatrixProduct? Refuse(string why, out string? reason)
    {
        reason = why;
        return null;
    }
}
