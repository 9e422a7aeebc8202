using System.Buffers.Binary;
using System.Text;

namespace Nncc.IR.Onnx;

/// <summary>Tells by its first bytes what a file is that is no ONNX model.</summary>
internal static class FileFormats
{
    /// <summary>The fault that explains the file, or null where its beginning may be that of an ONNX model.</summary>
    public static Fault? Explain(FileBytes file, string path)
    {
        if (file.Length == 0) return new Fault(FaultCodes.NotOnnx, "the file is empty", path, "was the download complete?");
        var head = file.Head(4096);
        if (head.StartsWith("version https://git-lfs"u8))
            return new Fault(FaultCodes.NotOnnx, "the file is the text that stands in for a large file in a git repository (Git LFS)", path,
                "fetch the file itself with: git lfs pull");
        if (Known(head, file.Length) is { } found) return new Fault(FaultCodes.NotOnnx, $"the file is {found.What}", path, found.Advice);
        return IsText(head) ? new Fault(FaultCodes.NotOnnx, "the file is text", path, "an ONNX model is a binary file") : null;
    }

    private static (string What, string? Advice)? Known(ReadOnlySpan<byte> head, long length)
    {
        if (At(head, 4, "ORTM"u8))
            return ("an ORT format model (flatbuffer of ONNX Runtime)",
                "give the ONNX model that it was made from; ORT format cannot be turned back");
        if (At(head, 4, "TFL3"u8)) return ("a TensorFlow Lite model", "convert it with tf2onnx --tflite");
        if (head.StartsWith("PK\u0003\u0004"u8))
            return ("a zip archive, such as a PyTorch model (.pt, .pth), a Keras model or a packed folder",
                "export to ONNX with torch.onnx.export, or unpack it");
        if (At(head, 1, "HDF\r\n"u8)) return ("an HDF5 file, such as a Keras model", "convert it with tf2onnx --keras");
        if (head.StartsWith("GGUF"u8)) return ("a GGUF file", null);
        if (head.StartsWith("pRNN"u8) || head.StartsWith("7767517"u8)) return ("an ncnn model", null);
        if (At(head, 1, "NUMPY"u8)) return ("a NumPy array (.npy)", "it may be an input of the model: --input NAME=FILE");
        if (head.Length > 1 && head[0] == 0x1F && head[1] == 0x8B) return ("gzip-compressed", "unpack it with gunzip");
        if (head.StartsWith("BZh"u8) || At(head, 0, [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z'])
            || At(head, 0, [0x28, 0xB5, 0x2F, 0xFD]))
            return ("compressed", "unpack it first");
        if (head.Length > 1 && head[0] == 0x80 && head[1] is >= 2 and <= 5)
            return ("a Python pickle, such as an old PyTorch model (.pt, .pth)", "export to ONNX with torch.onnx.export");
        if (head.Length >= 10 && head[8] == '{' && BinaryPrimitives.ReadInt64LittleEndian(head) is > 1 and var header
            && header <= length - 8)
            return ("a safetensors file: weights without a graph", "export the model itself to ONNX");
        // SavedModel: schema version 1, then the meta graph. GraphDef: field 1 is a node, whose field 1 is its name and field 2 its op.
        if (At(head, 0, [0x08, 0x01, 0x12]) && head.IndexOf("serve"u8) >= 0)
            return ("a TensorFlow SavedModel", "convert its folder with tf2onnx --saved-model");
        if (At(head, 0, [0x0A]) && (head.IndexOf("Placeholder"u8) >= 0 || head.IndexOf("\u0012\u0005Const"u8) >= 0))
            return ("a TensorFlow graph", "convert it with tf2onnx --graphdef");
        return null;
    }

    private static bool At(ReadOnlySpan<byte> head, int offset, ReadOnlySpan<byte> magic) =>
        head.Length > offset && head[offset..].StartsWith(magic);

    private static bool IsText(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("<"u8) || head.StartsWith("{"u8) || head.StartsWith("#"u8)) return true;
        int control = 0;
        foreach (byte b in head) control += b is < 32 and not ((byte)'\n' or (byte)'\r' or (byte)'\t') or > 126 ? 1 : 0;
        return control == 0 && Encoding.ASCII.GetString(head).Contains('\n');
    }
}
