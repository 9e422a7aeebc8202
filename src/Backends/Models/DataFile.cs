namespace Nncc.Backends.Models;

/// <summary>Files of one value: ONNX's <c>.pb</c> and NumPy's <c>.npy</c>.</summary>
public static class DataFile
{
    /// <summary>Reads a file.</summary>
    public static Datum Read(string path, IrType? type = null) => throw new NnccException(FaultCodes.DataFile, "later", path);
}
