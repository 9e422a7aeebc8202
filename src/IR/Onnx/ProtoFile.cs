using Google.Protobuf;
using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>A message read from a file: parsed without the elements of its tensors, and where those are.</summary>
/// <typeparam name="T">The message.</typeparam>
/// <param name="Message">The message; <c>raw_data</c> holds the index of a place (see <see cref="WireScan"/>).</param>
/// <param name="File">The bytes.</param>
/// <param name="Places">Where the elements of tensors lie in the file.</param>
/// <param name="Path">Name of the file for messages.</param>
internal sealed record ProtoFile<T>(T Message, FileBytes File, IReadOnlyList<WirePlace> Places, string Path) where T : IMessage<T>;

/// <summary>Parses the messages that stand in files.</summary>
internal static class ProtoFile
{
    /// <summary>A model.</summary>
    /// <exception cref="NnccException">The file is something else, cut off or damaged.</exception>
    public static ProtoFile<ModelProto> ReadModel(FileBytes file, string path)
    {
        if (FileFormats.Explain(file, path) is { } fault) throw new NnccException(fault);
        CheckFields(file, path);
        var model = Read(file, path, WireMessage.Model, ModelProto.Parser);
        if (model.Message.Graph is null)
            throw new NnccException(FaultCodes.NotOnnx, "the file holds no graph", path, "was the model saved completely?");
        return model;
    }

    /// <summary>A message of a data file.</summary>
    /// <exception cref="NnccException">The bytes are no such message.</exception>
    public static ProtoFile<T> Read<T>(FileBytes file, string path, WireMessage root, MessageParser<T> parser) where T : IMessage<T>
    {
        try
        {
            var scan = WireScan.Run(file, root);
            var stripped = scan.Stripped;
            var input = new CodedInputStream(stripped.Array!, stripped.Offset, stripped.Count);
            return new ProtoFile<T>(parser.WithDiscardUnknownFields(true).ParseFrom(input), file, scan.Places, path);
        }
        catch (WireException e) when (e.IsLimit)
        {
            throw new NnccException(FaultCodes.Limit, e.Message, path);
        }
        catch (WireException e)
        {
            throw new NnccException(FaultCodes.Malformed, $"at byte {e.At}: {e.Message}", path,
                "the file is damaged; fetch or export it again");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new NnccException(FaultCodes.Malformed, e.Message.TrimEnd('.'), path, "the file is damaged or nested too deep");
        }
    }

    // The outermost fields tell a model that was cut off from a file that never was one.
    private static unsafe void CheckFields(FileBytes file, string path)
    {
        var cursor = new WireCursor(file.Start, file.Length);
        int known = 0;
        try
        {
            while (cursor.Next())
            {
                if (Expected(cursor.Field) is { } type && type != cursor.Type) throw new WireException(cursor.FieldStart, cursor.Field, "");
                known += Expected(cursor.Field) is null ? 0 : 1;
                if (cursor.Type == WireType.Bytes) cursor.At += cursor.Length;
            }
        }
        catch (WireException e) when (e.IsOverrun && (known > 0 || e.Field == 7))
        {
            throw new NnccException(FaultCodes.Truncated,
                $"the file ends after {file.Length} bytes, in the middle of the model (at byte {e.At}: {e.Message})", path,
                "fetch or copy it again");
        }
        catch (WireException)
        {
            throw new NnccException(FaultCodes.NotOnnx, "the file is not an ONNX model", path, "give a model in the ONNX format (.onnx)");
        }
        if (known == 0)
            throw new NnccException(FaultCodes.NotOnnx, "the file is not an ONNX model", path, "give a model in the ONNX format (.onnx)");
    }

    private static WireType? Expected(int field) => field switch
    {
        1 or 5 => WireType.Varint,
        2 or 3 or 4 or 6 or 7 or 8 or 14 or 20 or 25 or 26 => WireType.Bytes,
        _ => null,
    };
}
