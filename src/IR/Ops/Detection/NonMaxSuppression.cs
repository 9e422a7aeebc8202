using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// For each batch and class the boxes of the highest scores that do not overlap a chosen one by more than a threshold (area of
/// intersection over area of union): rows (batch, class, box). Source: ai.onnx NonMaxSuppression.
/// </summary>
/// <param name="CenterPointBox">Whether boxes are (x center, y center, width, height) instead of two corners (y, x, y, x).</param>
public sealed record NonMaxSuppression(bool CenterPointBox = false) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<NonMaxSuppression>(
        "boxes scores max_output_boxes_per_class? iou_threshold? score_threshold?", "selected_indices", [10, 11]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        for (int i = 0; i < 5; i++)
            if (i != 2 && (i < 2 || context.Has(i))) context.Tensor(i, t => t == DType.Float32, "f32");
        if (context.Has(2)) context.Integers(2);
        Shape? boxes = context.Ranked(0, 3, "batch,boxes,4"), scores = context.Ranked(1, 3, "batch,classes,boxes");
        if (boxes is not null) context.Same(boxes[2], 4, "numbers of a box and 4");
        if (boxes is not null && scores is not null)
        {
            context.Same(boxes[0], scores[0], "batches of boxes and scores");
            context.Same(boxes[1], scores[2], "numbers of boxes and of scores");
        }
        return [new TensorType(DType.Int64, [context.Fresh(scores?.Count.Bounds.Max ?? long.MaxValue), 3])];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        Tensor boxes = context.Tensor(0), scores = context.Tensor(1);
        long most = context.OptionalSingle(2)?.ToLong() ?? 0;
        double overlap = context.OptionalSingle(3)?.ToDouble() ?? 0;
        double? least = context.OptionalSingle(4)?.ToDouble();
        int batches = (int)scores.Dims[0], classes = (int)scores.Dims[1], count = (int)scores.Dims[2];
        double[] corners = boxes.ToDoubles(), marks = scores.ToDoubles();
        var chosen = new List<long>();
        for (int batch = 0; batch < batches; batch++)
            for (int label = 0; label < classes; label++)
            {
                var own = marks.AsMemory((batch * classes + label) * count, count);
                var kept = new List<int>();
                var marked = Enumerable.Range(0, count).Where(i => least is null || own.Span[i] > least);
                foreach (int box in marked.OrderByDescending(i => own.Span[i]))
                {
                    if (kept.Count >= most) break;
                    if (kept.Any(other =>
                        Overlap(Corners(corners, batch * count + box), Corners(corners, batch * count + other)) > overlap))
                        continue;
                    kept.Add(box);
                    chosen.AddRange([batch, label, box]);
                }
            }
        return [Tensor.Of([chosen.Count / 3, 3], chosen.ToArray())];
    }

    /// <summary>A comparison for each score.</summary>
    public override Work Measure(MeasureContext context) => new(0, context.Input(1).Count, context.BytesIn, context.BytesOut);

    private (double Top, double Left, double Bottom, double Right) Corners(double[] boxes, int box)
    {
        double a = boxes[4 * box], b = boxes[4 * box + 1], c = boxes[4 * box + 2], d = boxes[4 * box + 3];
        return CenterPointBox ? (b - d / 2, a - c / 2, b + d / 2, a + c / 2)
            : (Math.Min(a, c), Math.Min(b, d), Math.Max(a, c), Math.Max(b, d));
    }

    private static double Overlap((double Top, double Left, double Bottom, double Right) a,
        (double Top, double Left, double Bottom, double Right) b)
    {
        double height = Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Top, b.Top),
            width = Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left);
        double first = (a.Bottom - a.Top) * (a.Right - a.Left), second = (b.Bottom - b.Top) * (b.Right - b.Left);
        if (!(height > 0 && width > 0 && first > 0 && second > 0)) return double.NegativeInfinity;
        return height * width / (first + second - height * width);
    }
}
