using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// softmax(scale · Q · Kᵀ) · V of operands [batch, heads, length, size], with bodies that may change the scores before and the
/// probabilities behind the softmax. Source: ai.onnx.preview FlexAttention-1.
/// </summary>
/// <param name="ProbMod">From probabilities [batch, heads, queries, keys] to others; null for none.</param>
/// <param name="Scale">Factor of the products; 1/√size by default.</param>
/// <param name="ScoreMod">From scores [batch, heads, queries, keys] to others; null for none.</param>
/// <param name="SoftmaxPrecision">Dtype of scores and probabilities; unknown for f32, or f64 where Q is.</param>
/// <param name="Captures">Number of captured values; both bodies take all of them.</param>
public sealed record FlexAttention(Graph? ProbMod = null, float? Scale = null, Graph? ScoreMod = null,
    DType SoftmaxPrecision = DType.Unknown, [Derived] long Captures = 0) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<FlexAttention>("Q K V", "Y", [1], "ai.onnx.preview");

    /// <inheritdoc/>
    public override string Domain => "ai.onnx.preview";

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(64);

    /// <inheritdoc/>
    public override ImmutableArray<Graph> Bodies => [.. new[] { ProbMod, ScoreMod }.OfType<Graph>()];

    /// <inheritdoc/>
    public override int CaptureCount => (int)Captures;

    /// <inheritdoc/>
    public override Op WithBodies(ImmutableArray<Graph> bodies) => WithBodies(bodies, CaptureCount);

    /// <inheritdoc/>
    public override Op WithBodies(ImmutableArray<Graph> bodies, int captures) => this with
    {
        ProbMod = ProbMod is null ? null : bodies[0], ScoreMod = ScoreMod is null ? null : bodies[^1], Captures = captures,
    };

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var q = context.ArithmeticFloats(0);
        var v = context.ArithmeticFloats(2);
        context.ArithmeticFloats(1);
        context.SameDType(0, 1);
        foreach (var body in Bodies) Body.Check(context, body, 1 + Captures, 1);
        for (int i = 0; i < 3; i++) context.Ranked(i, 4, "batch,heads,length,size");
        if (HeadShapes.Of(context, 0, 0, "") is not { } queries || HeadShapes.Of(context, 1, 0, "") is not { } keys
            || HeadShapes.Of(context, 2, 0, "") is not { } values) return [v with { Shape = null }];
        keys.CheckAgainst(context, queries, values);
        return [v with { Shape = [queries.Batch, queries.Heads, queries.Length, values.Size] }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        Tensor query = context.Tensor(0), value = context.Tensor(2);
        Heads q = Heads.Of(query, 0), k = Heads.Of(context.Tensor(1), 0), v = Heads.Of(value, 0);
        var precision = SoftmaxPrecision != DType.Unknown ? SoftmaxPrecision
            : query.DType == DType.Float64 ? DType.Float64 : DType.Float32;
        if (!precision.IsArithmeticFloat()) throw EvaluateContext.Fault(FaultCodes.Attribute, $"softmax_precision is {precision.Name()}");
        double scale = Scale ?? 1 / Math.Sqrt(q.Size);
        int group = q.Count / Math.Max(k.Count, 1);
        var scores = Heads.Zeros(q.Batch, q.Count, q.Length, k.Length);
        for (int row = 0; row < q.Batch * q.Count * q.Length; row++)
        {
            var (batch, head, place) = (row / q.Length / q.Count, row / q.Length % q.Count, row % q.Length);
            for (int j = 0; j < k.Length; j++)
                for (int i = 0; i < q.Size; i++)
                    scores[batch, head, place][j] += scale * q[batch, head, place][i] * k[batch, head / group, j][i];
        }
        scores = Apply(context, ScoreMod, scores, precision);
        for (int row = 0; row < q.Batch * q.Count * q.Length; row++)
            DotProductAttention.Softmax(scores.Items.AsSpan(row * k.Length, k.Length));
        scores = Apply(context, ProbMod, scores, precision);
        var y = Heads.Zeros(q.Batch, q.Count, q.Length, v.Size);
        for (int row = 0; row < q.Batch * q.Count * q.Length; row++)
        {
            var (batch, head, place) = (row / q.Length / q.Count, row / q.Length % q.Count, row % q.Length);
            for (int j = 0; j < k.Length; j++)
                for (int i = 0; i < v.Size; i++)
                    y[batch, head, place][i] += scores[batch, head, place][j] * v[batch, head / group, j][i];
        }
        return [context.Floats(value.DType, dims, y.Items)];
    }

    /// <summary>For each query and key, a multiply-accumulate for each element of the key and one for each of the value.</summary>
    public override Work Measure(MeasureContext context) =>
        context.Products((context.Input(0).Count + context.Output(0).Count) * (context.Input(1).Rank == 4 ? context.Input(1)[2] : 1));

    private Heads Apply(EvaluateContext context, Graph? body, Heads rows, DType precision)
    {
        if (body is null) return rows;
        var given = context.Run(body, [rows.ToTensor(context, precision), .. context.InputsFrom(context.Count - CaptureCount)])[0];
        return given is Tensor tensor && tensor.Dims.SequenceEqual([rows.Batch, rows.Count, rows.Length, rows.Size])
            ? rows with { Items = tensor.ToDoubles() }
            : throw EvaluateContext.Fault(FaultCodes.Data, $"a body makes {given.Type} of scores "
                + $"[{rows.Batch}x{rows.Count}x{rows.Length}x{rows.Size}]");
    }
}
