using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>A tensor of the given shape, each element of which is <paramref name="Value"/>. Source: ai.onnx ConstantOfShape.</summary>
/// <param name="Value">A tensor of one element; float32 0 by default.</param>
public sealed record ConstantOfShape(Tensor? Value = null) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<ConstantOfShape>("input", "output", [9, 20, 21, 23, 24, 25])
        .ValueTypes(20, DType.BFloat16).ValueTypes(20, DTypeSets.Float8).ValueTypes(21, DTypeSets.Integer4)
        .ValueTypes(23, DType.Float4E2M1).ValueTypes(24, DType.Float8E8M0).ValueTypes(25, DTypeSets.Integer2);

    private Tensor Element => Value ?? Tensor.Scalar(0f);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var input = context.Integers(0);
        if (Value is { Count: not 1 }) throw context.Fault(FaultCodes.Attribute, $"value must be a single element, got {Value.Type}");
        var type = new TensorType(Element.DType, null);
        if (context.Known(0) is { } sizes)
        {
            if (sizes.Any(size => size.Value < 0)) throw context.Fault(FaultCodes.OperandShape, $"[{string.Join(",", sizes)}] is no shape");
            var shape = new Shape(sizes);
            if (sizes.Length <= 1 && Element.DType is DType.Int64 or DType.Int32 && shape.Count.Value is { } count and <= 4096)
                context.Know(0, [.. Enumerable.Repeat(Dim.Of(Element.ToLong()), (int)count)]);
            return [type with { Shape = shape }];
        }
        return [type with { Shape = context.FreshShape(input.Shape is { Rank: 1 } length ? length[0] : null) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.Tensor(0).ToLongs();
        if (dims.Any(size => size < 0)) throw EvaluateContext.Fault(FaultCodes.Data, $"[{string.Join(",", dims)}] is no shape");
        return [Elements.Strided(Element, dims, 0, new long[dims.Length])];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => new(0, 0, context.BytesIn, context.BytesOut);
}

/// <summary>Changes of form of <see cref="ConstantOfShape"/>.</summary>
internal static class ConstantOfShapeForms
{
    public static OpDefinition ValueTypes(this OpDefinition definition, int version, params DType[] dtypes) => definition.Change(version,
        down: form => form.Attributes.GetValueOrDefault("value") is Tensor value && dtypes.Contains(value.DType)
            ? $"{value.DType.Name()} is made from opset {version} on" : null);
}
