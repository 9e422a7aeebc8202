using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>The same bits under another dtype of the same width. Source: ai.onnx BitCast-26.</summary>
/// <param name="To">The dtype of the result.</param>
public sealed record BitCast(DType To) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<BitCast>("input", "output", [26]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0, t => t != DType.String, "numeric or bool");
        if (To is DType.String or DType.Unknown || (x.DType != DType.Unknown && x.DType.Bits() != To.Bits()))
            throw context.Fault(FaultCodes.Attribute, $"elements of {x.DType.Name()} have not the width of {To.Name()}");
        return [x with { DType = To }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        _ = context.Infer(this);
        // Bits are those of the declared dtype.
        if (x.IsWide) x = Tensor.FromDoubles(x.DType, x.Dims.AsSpan(), x.ToDoubles());
        byte[] bytes = x.Bytes(0, checked((int)x.ByteCount)).ToArray();
        return [To.Bits() switch
        {
            <= 8 => Tensor.Of(To, x.Dims.AsSpan(), bytes),
            16 => Cast<ushort>(),
            32 => Cast<uint>(),
            64 => Cast<ulong>(),
            _ => Cast<UInt128>(),
        }];

        Tensor Cast<T>() where T : unmanaged =>
            Tensor.Of(To, x.Dims.AsSpan(), System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(bytes).ToArray());
    }

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
