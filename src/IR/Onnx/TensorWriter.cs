using System.Buffers;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>
/// <see cref="Tensor"/> to TensorProto. Elements are not copied: raw data are filled in last, as a window on the tensor's memory, or as a
/// reference to a file beside the model.
/// </summary>
internal sealed class TensorWriter
{
    private readonly List<(TensorProto Proto, Tensor Tensor)> pending = [];

    /// <summary>Bytes of all raw data.</summary>
    public long RawBytes { get; private set; }

    /// <summary>The message without raw data; strings are in it.</summary>
    public TensorProto Write(Tensor tensor, string name = "")
    {
        var proto = new TensorProto { Name = name, DataType = (int)tensor.DType };
        proto.Dims.AddRange(tensor.Dims);
        if (tensor.DType == DType.String)
            foreach (string text in tensor.Strings) proto.StringData.Add(UnsafeByteOperations.UnsafeWrap(ByteText.Encode(text)));
        else
        {
            pending.Add((proto, tensor));
            RawBytes += tensor.ByteCount;
        }
        return proto;
    }

    /// <summary>Puts the elements into the messages.</summary>
    public void FillInline()
    {
        foreach (var (proto, tensor) in pending) proto.RawData = UnsafeByteOperations.UnsafeWrap(new TensorMemory(tensor).Memory);
    }

    /// <summary>
    /// Puts the elements of small tensors into the messages, and into the others where theirs will stand in a file of that name (<see
    /// cref="WriteExternal"/>).
    /// </summary>
    public void FillExternal(string location)
    {
        long end = 0;
        foreach (var (proto, tensor) in pending)
        {
            if (tensor.ByteCount < ExternalDataWriter.Least)
            {
                proto.RawData = UnsafeByteOperations.UnsafeWrap(new TensorMemory(tensor).Memory);
                continue;
            }
            long offset = ExternalDataWriter.Start(end);
            end = offset + tensor.ByteCount;
            proto.DataLocation = TensorProto.Types.DataLocation.External;
            proto.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
            proto.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = $"{offset}" });
            proto.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = $"{tensor.ByteCount}" });
        }
    }

    /// <summary>Writes the elements of all tensors that are not small.</summary>
    public void WriteExternal(ExternalDataWriter file)
    {
        foreach (var (_, tensor) in pending)
            if (tensor.ByteCount >= ExternalDataWriter.Least) file.Append(tensor);
    }

    // The memory of a tensor, mapped or not, as protobuf wants it. Only read.
    private sealed class TensorMemory(Tensor tensor) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan()
        {
            var bytes = tensor.Bytes(0, checked((int)tensor.ByteCount));
            return MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(bytes), bytes.Length);
        }

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing) { }
    }
}
