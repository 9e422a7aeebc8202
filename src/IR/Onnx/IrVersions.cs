namespace Nncc.IR.Onnx;

/// <summary>The IR version that is written: the one that came with the opset, or a later one that the content needs.</summary>
internal static class IrVersions
{
    // Of ONNX releases, from docs/Versioning.md of github.com/onnx/onnx. Below 4 initializers would have to be inputs.
    private static readonly (int Opset, int Ir)[] Releases = [(25, 13), (24, 12), (23, 11), (21, 10), (19, 9), (15, 8), (12, 7), (11, 6),
        (10, 5), (1, 4)];

    /// <summary>The version for an opset and the types that occur.</summary>
    public static int For(int opset, IEnumerable<IrType> types) =>
        Math.Max(Releases.First(r => opset >= r.Opset).Ir, types.Select(Needed).DefaultIfEmpty(0).Max());

    private static int Needed(IrType type) => type switch
    {
        TensorType tensor => tensor.DType switch
        {
            DType.Int2 or DType.UInt2 => 13,
            DType.Float8E8M0 => 12,
            DType.Float4E2M1 => 11,
            DType.Int4 or DType.UInt4 => 10,
            DType.Float8E4M3FN or DType.Float8E4M3FNUZ or DType.Float8E5M2 or DType.Float8E5M2FNUZ => 9,
            _ => 4,
        },
        OptionalType optional => Math.Max(8, Needed(optional.Element)),
        SequenceType sequence => Needed(sequence.Element),
        MapType map => Needed(map.Element),
        _ => 4,
    };
}
