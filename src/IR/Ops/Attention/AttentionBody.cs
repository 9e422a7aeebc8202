namespace Nncc.IR.Ops;

/// <summary>
/// Attention as products of matrices and a softmax: MatMul(Softmax(scale · MatMul(Q, Kᵀ) + mask), V), for as many heads of keys as of
/// queries and without caches, padding and windows.
/// </summary>
internal static class AttentionBody
{
    /// <summary>Writes the body; the reason where there is none.</summary>
    public static string? Write(FormBody body)
    {
        var form = body.Form;
        if (form.OutputCount > 1 || form.Has(4) || form.Has(5)) return Newer("with caches or further results");
        if (form.Has(6)) return Newer("with lengths of keys");
        if (form.Int("left_window_size", -1) >= 0 || form.Int("right_window_size", -1) >= 0) return Newer("over windows");
        if (Operand(form, 0) is not { } q || Operand(form, 1) is not { } k || Operand(form, 2) is not { } v)
            return Newer("of unknown ranks");
        bool isSplit = q.Shape!.Rank == 3;
        long heads = isSplit ? form.Int("q_num_heads", 0) : q.Shape[1].Value ?? -1;
        long keys = isSplit ? form.Int("kv_num_heads", 0) : k.Shape![1].Value ?? -1;
        if (heads != keys || (!isSplit && Dim.AreEqual(q.Shape[1], k.Shape![1]) != Answer.Yes)) return Newer("of fewer heads of keys");
        if (k.DType != q.DType || v.DType != q.DType) return Newer("of two element types");
        if (form.Attributes.GetValueOrDefault("scale") is not float && q.Shape[^1].Value is null) return Newer("of unknown sizes");
        var mask = form.Type(3) as TensorType;
        var (from, to) = (q.Shape[^2], k.Shape![^2]);
        if (isSplit) (from, to) = (q.Shape[1], k.Shape[1]);
        if (mask is not null && (mask.Shape is not { Rank: > 0 } m || m[^1].Value != 1 && Dim.AreEqual(m[^1], to) != Answer.Yes
            || (mask.DType != DType.Bool && mask.DType != q.DType)))
            return Newer("with a mask of integers or of other sizes");
        bool isCausal = form.Int("is_causal", 0) != 0;
        if (isCausal && (from.Value is null || to.Value is null)) return Newer("that is causal, over unknown lengths");

        // A single head needs no axis, unless the mask has one.
        bool hasAxis = isSplit && (heads > 1 || mask?.Shape!.Rank > 2);
        long size = isSplit ? q.Shape[2].Value / heads ?? 0 : q.Shape[3].Value ?? 0;
        double scale = form.Attributes.GetValueOrDefault("scale") is float given ? given : 1 / Math.Sqrt(size);
        int scores = body.Emit(new MatMul(), Heads(0), body.Emit(new Transpose(hasAxis || !isSplit ? [0, 1, 3, 2] : [0, 2, 1]), Heads(1)));
        if (scale != 1) scores = body.Emit(new Mul(), scores, body.Number(scale));
        if (form.Attributes.GetValueOrDefault("softcap") is float cap and > 0)
            scores = body.Emit(new Mul(), body.Emit(new Tanh(), body.Emit(new Div(), scores, body.Number(cap))), body.Number(cap));
        if (mask is { DType: DType.Bool })
            scores = body.Emit(new Where(), form.Inputs[3], scores, body.Number(double.NegativeInfinity));
        else if (mask is not null) scores = body.Emit(new Add(), scores, form.Inputs[3]);
        if (isCausal) scores = body.Emit(new Add(), scores, form.Scope.AddConstant(Future(q.DType, from.Value!.Value, to.Value!.Value)));
        int weights = body.Emit(new Softmax(), scores), values = Heads(2);
        return !hasAxis ? body.Becomes("MatMul", weights, values) : body.Becomes("Reshape",
            body.Emit(new Transpose([0, 2, 1, 3]), body.Emit(new MatMul(), weights, values)), body.Longs(0, 0, v.Shape![2].Value ?? -1));

        int Heads(int operand) => !hasAxis ? form.Inputs[operand] : body.Emit(new Transpose([0, 2, 1, 3]),
            body.Emit(new Reshape(), form.Inputs[operand], body.Longs(0, 0, heads, Operand(form, operand)!.Shape![2].Value / heads ?? -1)));
    }

    private static string Newer(string what) => $"Attention {what} exists from opset 23 on";

    private static TensorType? Operand(OpForm form, int index) => form.Type(index) is TensorType { Shape.Rank: 3 or 4 } type ? type : null;

    // 0 where a key is at the place of the query or before it, else -∞.
    private static Tensor Future(DType dtype, long queries, long keys)
    {
        var items = new double[queries * keys];
        for (int i = 0; i < items.Length; i++) items[i] = i % keys > i / keys ? double.NegativeInfinity : 0;
        return Tensor.FromDoubles(dtype, [queries, keys], items);
    }
}
