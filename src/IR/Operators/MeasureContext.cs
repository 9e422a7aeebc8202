using System.Collections.Immutable;

namespace Nncc.IR;

/// <summary>Types of a node's operands and results, for <see cref="Op.Measure"/>.</summary>
/// <param name="Inputs">Types of the operands; null for an absent one.</param>
/// <param name="Outputs">Types of the results.</param>
public sealed record MeasureContext(ImmutableArray<IrType?> Inputs, ImmutableArray<IrType> Outputs)
{
    /// <summary>Shape of operand <paramref name="index"/>; an unknown rank is counted as one unknown size.</summary>
    public Shape Input(int index) => ShapeOf(Inputs[index]);

    /// <summary>Shape of result <paramref name="index"/>; an unknown rank is counted as one unknown size.</summary>
    public Shape Output(int index) => ShapeOf(Outputs[index]);

    /// <summary>Bytes of all tensors among the operands.</summary>
    public Dim BytesIn => Inputs.Aggregate(Dim.Of(0), (sum, type) => sum + Bytes(type));

    /// <summary>Bytes of all tensors among the results.</summary>
    public Dim BytesOut => Outputs.Aggregate(Dim.Of(0), (sum, type) => sum + Bytes(type));

    /// <summary>No arithmetic: only bytes in and out.</summary>
    public Work Movement() => new(0, 0, BytesIn, BytesOut);

    /// <summary>So many operations for each element of the first result.</summary>
    public Work Elementwise(long operations) => new(0, Output(0).Count * operations, BytesIn, BytesOut);

    /// <summary>So many operations for each element of the first operand.</summary>
    public Work PerInput(long operations) => new(0, Input(0).Count * operations, BytesIn, BytesOut);

    /// <summary>A sum of products: multiply-accumulates and other operations given.</summary>
    public Work Products(Dim macs, Dim? arithmetic = null) => new(macs, arithmetic ?? Dim.Of(0), BytesIn, BytesOut);

    /// <summary>Bytes of a tensor of that type; 0 for what is no tensor or has elements without a fixed size.</summary>
    public static Dim Bytes(IrType? type) => type is TensorType t
        ? Dim.CeilDiv(ShapeOf(t).Count * t.DType.Bits(), 8) : Dim.Of(0);

    private static Shape ShapeOf(IrType? type) => type is TensorType { Shape: { } shape } ? shape : [Dim.Symbol("unknown")];
}
