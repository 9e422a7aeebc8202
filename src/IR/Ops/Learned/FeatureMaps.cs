using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>An op of ai.onnx.ml on features: numbers in, numbers out, each by itself or with those of its row.</summary>
public abstract record FeatureMap : Op
{
    /// <inheritdoc/>
    public override string Domain => "ai.onnx.ml";

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(4);

    /// <summary>Two operations for each number.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(2);

    private protected static TensorType Features(InferContext context) => context.Tensor(0,
        t => t is DType.Float32 or DType.Float64 or DType.Int32 or DType.Int64, "f32, f64, i32 or i64");

    private protected static int Columns(Tensor x) => x.Rank == 0 ? 1 : (int)x.Dims[^1];
}

/// <summary>1 where a number is greater than the threshold, else 0. Source: ai.onnx.ml Binarizer.</summary>
/// <param name="Threshold">The threshold.</param>
public sealed record Binarizer(float Threshold = 0) : FeatureMap, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Binarizer>("X", "Y", [1], "ai.onnx.ml");

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [Features(context)];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        return [Tensor.FromDoubles(x.DType, x.Dims.AsSpan(), Broadcasting.Map<double, double>(x.ToDoubles(), v => v > Threshold ? 1 : 0))];
    }
}

/// <summary>(x - offset) · scale, with one number for all or one for each feature. Source: ai.onnx.ml Scaler.</summary>
/// <param name="Offset">What is taken away.</param>
/// <param name="Scale">Factor.</param>
public sealed record Scaler(EquatableArray<float> Offset = default, EquatableArray<float> Scale = default) : FeatureMap, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Scaler>("X", "Y", [1], "ai.onnx.ml");

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Features(context);
        foreach (int count in new[] { Offset.Count, Scale.Count })
            if (count != 1 && x.Shape is { Rank: > 0 } shape && shape[^1].Value is { } columns && columns != count)
                throw context.Fault(FaultCodes.Attribute,
                    $"offset and scale have 1 or {columns} numbers, got {Offset.Count} and {Scale.Count}");
        if (Offset.IsEmpty || Scale.IsEmpty) throw context.Fault(FaultCodes.Attribute, "offset and scale have a number at least");
        return [x with { DType = DType.Float32 }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var x = context.Tensor(0);
        double[] items = x.ToDoubles();
        for (int i = 0; i < items.Length; i++)
        {
            int column = i % Columns(x);
            items[i] = (items[i] - Offset[Offset.Count == 1 ? 0 : column]) * Scale[Scale.Count == 1 ? 0 : column];
        }
        return [context.Floats(DType.Float32, x.Dims.AsSpan(), items)];
    }
}

/// <summary>Each row over its norm. Source: ai.onnx.ml Normalizer.</summary>
/// <param name="Norm">Which norm.</param>
public sealed record Normalizer(FeatureNorm Norm = FeatureNorm.Max) : FeatureMap, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Normalizer>("X", "Y", [1], "ai.onnx.ml");

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Features(context);
        return x.Shape is { Rank: not (1 or 2) }
            ? throw context.Fault(FaultCodes.OperandShape, $"the operand must be [n,features], got {x}")
            : [x with { DType = DType.Float32 }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var x = context.Tensor(0);
        double[] items = x.ToDoubles();
        int columns = Columns(x);
        for (int start = 0; start < items.Length; start += columns)
        {
            var row = items.AsSpan(start, columns);
            double norm = Norm == FeatureNorm.Max ? double.NegativeInfinity : 0;
            foreach (double item in row)
                norm = Norm switch { FeatureNorm.Max => Math.Max(norm, item), FeatureNorm.L1 => norm + Math.Abs(item), _ =>
                    norm + item * item };
            if (Norm == FeatureNorm.L2) norm = Math.Sqrt(norm);
            if (norm != 0)
                foreach (ref double item in row) item /= norm;
        }
        return [context.Floats(DType.Float32, x.Dims.AsSpan(), items)];
    }
}

/// <summary>Norms of <see cref="Normalizer"/>.</summary>
public enum FeatureNorm
{
    /// <summary>The greatest number.</summary>
    [OnnxName("MAX")]
    Max,
    /// <summary>Sum of magnitudes.</summary>
    [OnnxName("L1")]
    L1,
    /// <summary>Root of the sum of squares.</summary>
    [OnnxName("L2")]
    L2,
}

/// <summary>
/// A number, or one for each feature, in the place of those that equal a given one (NaN equals NaN). Source: ai.onnx.ml Imputer.
/// </summary>
/// <param name="ImputedValueFloats">What is put in, for floats.</param>
/// <param name="ImputedValueInt64s">What is put in, for integers.</param>
/// <param name="ReplacedValueFloat">What is replaced among floats.</param>
/// <param name="ReplacedValueInt64">What is replaced among integers.</param>
public sealed record Imputer(EquatableArray<float> ImputedValueFloats = default,
    [OnnxName("imputed_value_int64s")] EquatableArray<long> ImputedValueInt64s = default, float ReplacedValueFloat = 0,
    [OnnxName("replaced_value_int64")] long ReplacedValueInt64 = 0) : FeatureMap, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Imputer>("X", "Y", [1], "ai.onnx.ml");

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Features(context);
        int count = x.DType.IsInteger() ? ImputedValueInt64s.Count : ImputedValueFloats.Count;
        if (x.DType != DType.Unknown && (count == 0 || (count != 1 && x.Shape is { Rank: > 0 } shape && shape[^1].Value is { } columns
            && columns != count))) throw context.Fault(FaultCodes.Attribute, $"{count} numbers are to be put into {x}");
        return [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var x = context.Tensor(0);
        if (x.DType.IsInteger())
        {
            long[] numbers = x.ToLongs();
            for (int i = 0; i < numbers.Length; i++)
                if (numbers[i] == ReplacedValueInt64) numbers[i] = ImputedValueInt64s[ImputedValueInt64s.Count == 1 ? 0 : i % Columns(x)];
            return [EvaluateContext.Integers(x.DType, x.Dims.AsSpan(), numbers)];
        }
        double[] items = x.ToDoubles();
        for (int i = 0; i < items.Length; i++)
            if (items[i].Equals(ReplacedValueFloat) || items[i] == ReplacedValueFloat)
                items[i] = ImputedValueFloats[ImputedValueFloats.Count == 1 ? 0 : i % Columns(x)];
        return [context.Floats(x.DType, x.Dims.AsSpan(), items)];
    }
}

/// <summary>
/// The features of several operands [n, features] side by side, each cut or filled up with zeros to its size. Source: ai.onnx.ml
/// FeatureVectorizer.
/// </summary>
/// <param name="Inputdimensions">Features of each operand; empty for those that it has.</param>
public sealed record FeatureVectorizer(EquatableArray<long> Inputdimensions = default) : FeatureMap, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<FeatureVectorizer>("X...", "Y", [1], "ai.onnx.ml");

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        if (context.Count == 0 || (!Inputdimensions.IsEmpty && Inputdimensions.Count != context.Count) || Inputdimensions.Any(d => d < 0))
            throw context.Fault(FaultCodes.Attribute, $"inputdimensions {Inputdimensions} are no sizes of {context.Count} operands");
        Dim rows = context.Fresh(), columns = 0;
        for (int i = 0; i < context.Count; i++)
        {
            var x = context.Tensor(i, t => t is DType.Float32 or DType.Float64 or DType.Int32 or DType.Int64, "f32, f64, i32 or i64");
            if (x.Shape is { Rank: not (1 or 2) })
                throw context.Fault(FaultCodes.OperandShape, $"operand {i} must be [n,features], got {x}");
            var own = x.Shape is null ? context.Fresh() : x.Shape.Rank == 1 ? 1 : x.Shape[0];
            rows = i == 0 ? own : context.Same(rows, own, "rows of operands");
            columns += Inputdimensions.IsEmpty ? x.Shape is null ? context.Fresh() : x.Shape[^1] : Inputdimensions[i];
        }
        return [new TensorType(DType.Float32, [rows, columns])];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        var y = new double[Broadcasting.Count(dims)];
        int at = 0;
        for (int i = 0; i < context.Count; i++)
        {
            var x = context.Tensor(i);
            double[] items = x.ToDoubles();
            int own = Columns(x), columns = Inputdimensions.IsEmpty ? own : (int)Inputdimensions[i];
            for (int row = 0; row < dims[0]; row++)
                for (int c = 0; c < Math.Min(own, columns); c++) y[row * dims[1] + at + c] = items[row * own + c];
            at += columns;
        }
        return [context.Floats(DType.Float32, dims, y)];
    }
}
