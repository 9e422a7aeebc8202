using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>A new last axis that is 1 at the place of each element in a list, else 0. Source: ai.onnx.ml OneHotEncoder.</summary>
/// <param name="CatsInt64s">The list for numbers.</param>
/// <param name="CatsStrings">The list for strings.</param>
/// <param name="Zeros">Whether elements that are not in the list are all zeros; else they are a fault.</param>
public sealed record OneHotEncoder([OnnxName("cats_int64s")] EquatableArray<long> CatsInt64s = default,
    EquatableArray<string> CatsStrings = default, bool Zeros = true) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<OneHotEncoder>("X", "Y", [1], "ai.onnx.ml");

    /// <inheritdoc/>
    public override string Domain => "ai.onnx.ml";

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0, t => t is DType.Float32 or DType.Float64 or DType.Int32 or DType.Int64 or DType.String,
            "f32, f64, i32, i64 or string");
        int count = x.DType == DType.String ? CatsStrings.Count : CatsInt64s.Count;
        if (x.DType != DType.Unknown && count == 0) throw context.Fault(FaultCodes.Attribute, $"there is no list of categories for {x}");
        return [new TensorType(DType.Float32, x.Shape is null ? null
            : new Shape(x.Shape.Dims.Add(x.DType == DType.Unknown ? context.Fresh() : count)))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        var x = context.Tensor(0);
        int[] places = x.DType == DType.String ? [.. x.Strings.ToArray().Select(s => CatsStrings.Items.IndexOf(s))]
            : [.. x.ToLongs().Select(i => CatsInt64s.Items.IndexOf(i))];
        var y = new double[Broadcasting.Count(dims)];
        for (int i = 0; i < places.Length; i++)
            if (places[i] >= 0) y[i * dims[^1] + places[i]] = 1;
            else if (!Zeros) throw EvaluateContext.Fault(FaultCodes.Data, $"element {i} is none of the categories");
        return [context.Floats(DType.Float32, dims, y)];
    }

    /// <summary>A look-up for each element.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(1);
}

/// <summary>The features of chosen columns: elements along the last axis. Source: ai.onnx.ml ArrayFeatureExtractor.</summary>
public sealed record ArrayFeatureExtractor : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<ArrayFeatureExtractor>("X Y", "Z", [1], "ai.onnx.ml");

    /// <inheritdoc/>
    public override string Domain => "ai.onnx.ml";

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0, t => t is DType.Float32 or DType.Float64 or DType.Int32 or DType.Int64 or DType.String,
            "f32, f64, i32, i64 or string");
        context.Tensor(1, t => t == DType.Int64, "i64");
        if (x.Shape is not { } shape) return [x];
        if (shape.Rank == 0) throw context.Fault(FaultCodes.OperandShape, $"the operand has an axis of features, got {x}");
        Dim count = context.Tensor(1).Shape?.Count ?? context.Fresh();
        // A vector gives a row.
        return [x with { Shape = shape.Rank == 1 ? [1, count] : new Shape([.. shape.Dims[..^1], count]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this), columns = context.Tensor(1).ToLongs();
        var x = context.Tensor(0);
        long size = x.Dims[^1];
        var places = new long[Broadcasting.Count(dims)];
        for (int i = 0; i < places.Length; i++)
            places[i] = i / columns.Length * size + (columns[i % columns.Length] is >= 0 and var c && c < size ? c
                : throw EvaluateContext.Fault(FaultCodes.Data, $"there is no column {columns[i % columns.Length]} of {size}"));
        return [Elements.Indexed(x, dims, places)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
