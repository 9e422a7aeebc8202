using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// A constant tensor: ONNX initializers and Constant nodes in all their spellings. Source: ai.onnx Constant.
/// </summary>
/// <param name="Value">The content.</param>
public sealed record Constant(Tensor Value) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Constant>("", "output", [1, 9, 11, 12, 13, 19, 21, 23, 24, 25])
        .Change(FormChange.EveryVersion, up: form =>
        {
            // The shorter spellings (of opset 12 and later) all become a tensor.
            Tensor? tensor = form.Take<long>("value_int") is long i ? Tensor.Scalar(i)
                : form.Take<float>("value_float") is float f ? Tensor.Scalar(f)
                : form.Take<string>("value_string") is string s ? Tensor.Scalar(s)
                : form.Take<EquatableArray<long>>("value_ints") is EquatableArray<long> ints ? Tensor.Vector(ints.Span.ToArray())
                : form.Take<EquatableArray<float>>("value_floats") is EquatableArray<float> floats ? Tensor.Vector(floats.Span.ToArray())
                : form.Take<EquatableArray<string>>("value_strings") is EquatableArray<string> strings
                ? Tensor.Vector(strings.Span.ToArray())
                : null;
            if (tensor is not null) form.Attributes["value"] = tensor;
        }, down: FormChange.Nothing);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        if (Value.HasContent && Value.Rank <= 1 && Value.Count <= 4096 && Value.DType is DType.Int64 or DType.Int32)
            context.Know(0, [.. Value.ToLongs().Select(Dim.Of)]);
        return [Value.Type];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) => [Value];

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => new(0, 0, 0, 0);
}
