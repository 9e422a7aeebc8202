using Google.Protobuf;
using Nncc.IR.Onnx;
using Nncc.IR.Onnx.Proto;
using Nncc.Tests.Laws;
using static Nncc.Tests.Onnx.ProtoModel;

namespace Nncc.Tests.Onnx;

/// <summary>Tensors of every element type, wherever their elements stand.</summary>
public class TensorReaderTests
{
    public static TheoryData<DType> DTypesWithRawForm => [.. DTypes.All.Where(d => d != DType.String)];

    [Theory, MemberData(nameof(DTypesWithRawForm))]
    public void Raw_data_are_read_in_place_at_every_alignment(DType dtype)
    {
        var expected = Sample.Of(dtype, 3, 5);
        byte[] content = expected.Bytes(0, 1000).ToArray();
        for (int shift = 0; shift < 16; shift++)
        {
            // The text before the data moves them byte by byte.
            var proto = Raw(new string('n', 1 + shift), dtype, [3, 5], content);
            var tensor = Read(proto);
            Assert.Equal(expected, tensor);
            if (dtype.IsComplex()) continue;
            Assert.Equal(expected.ToDoubles(), tensor.ToDoubles());
            Assert.Equal(expected.ToLongs(), tensor.ToLongs());
        }
    }

    [Theory, MemberData(nameof(DTypesWithRawForm))]
    public void Typed_fields_hold_every_type(DType dtype)
    {
        var expected = Sample.Of(dtype, 7);
        Assert.Equal(expected, Read(Typed(expected)));
    }

    [Theory, MemberData(nameof(DTypesWithRawForm))]
    public void Written_tensors_come_back(DType dtype)
    {
        var model = new ProtoModel(25).Ir(13).Initializer(Typed(Sample.Of(dtype, 7), "w")).Node("Identity", ["w"], ["y"])
            .Output("y", dtype, 7).Read();
        var again = OnnxReader.Read(OnnxWriter.ToBytes(model, Registry), Registry);
        Assert.True(model.Graph.Equals(again.Graph));
        Assert.Equal(13, again.Header.IrVersion);
    }

    [Fact]
    public void Floats_that_are_not_packed_are_read()
    {
        // dims 2, type float, then each element under its own tag.
        byte[] bytes = [0x08, 2, 0x10, 1, 0x25, .. BitConverter.GetBytes(1.5f), 0x25, .. BitConverter.GetBytes(-2f)];
        Assert.Equal(Tensor.Vector(1.5f, -2f), Read(bytes));
    }

    [Fact]
    public void Floats_in_two_pieces_are_read()
    {
        byte[] bytes = [0x08, 2, 0x10, 1, 0x22, 4, .. BitConverter.GetBytes(1.5f), 0x22, 4, .. BitConverter.GetBytes(-2f)];
        Assert.Equal(Tensor.Vector(1.5f, -2f), Read(bytes));
    }

    [Fact]
    public void Elements_given_twice_are_a_fault()
    {
        var proto = Floats("w", [1], 1);
        proto.FloatData.Add(2);
        Assert.Contains("more than once", Assert.Throws<NnccException>(() => Read(proto)).Message);
    }

    [Fact]
    public void Elements_in_the_wrong_field_are_a_fault()
    {
        var doubles = new TensorProto { DataType = (int)DType.Float32, Dims = { 2 }, DoubleData = { 1 } }; // as many bytes as two floats
        Assert.Contains("double_data", Assert.Throws<NnccException>(() => Read(doubles)).Message);
        var longs = new TensorProto { DataType = (int)DType.Int32, Dims = { 2 }, Int64Data = { 1, 2 } };
        Assert.Throws<NnccException>(() => Read(longs));
    }

    [Fact]
    public void Truth_values_are_zero_and_one()
    {
        var tensor = Read(Raw("b", DType.Bool, [4], [0, 1, 255, 2]));
        Assert.Equal([0, 1, 1, 1], tensor.ToLongs());
    }

    [Fact]
    public void Texts_keep_bytes_that_are_no_UTF8()
    {
        byte[][] texts = ["plain"u8.ToArray(), "größer 漢"u8.ToArray(), [0xFF, (byte)'a', 0xC3], []];
        var proto = new TensorProto { DataType = (int)DType.String, Dims = { 4 } };
        proto.StringData.AddRange(texts.Select(t => ByteString.CopyFrom(t)));
        var tensor = Read(proto);
        Assert.Equal("größer 漢", tensor.Strings[1]);
        Assert.Equal(texts, tensor.Strings.ToArray().Select(ByteText.Encode));
    }

    [Fact]
    public void Sparse_tensors_get_their_zeros()
    {
        using var file = FileBytes.Of([0]);
        var byPlace = new SparseTensorProto { Values = new TensorProto { DataType = 1, Dims = { 2 }, FloatData = { 5, 7 } },
            Indices = new TensorProto { DataType = 7, Dims = { 2 }, Int64Data = { 1, 5 } }, Dims = { 2, 3 } };
        var byCoordinate = byPlace.Clone();
        byCoordinate.Indices = new TensorProto { DataType = 7, Dims = { 2, 2 }, Int64Data = { 0, 1, 1, 2 } };
        var reader = new TensorReader(file, [], new ExternalData(null));
        var expected = Tensor.Of([2, 3], new float[] { 0, 5, 0, 0, 0, 7 });
        Assert.Equal(expected, reader.Dense(byPlace));
        Assert.Equal(expected, reader.Dense(byCoordinate));
        byCoordinate.Indices.Int64Data[3] = 3;
        Assert.Contains("outside of axis 1", Assert.Throws<NnccException>(() => reader.Dense(byCoordinate)).Message);
        byPlace.Indices.Int64Data[1] = 6;
        Assert.Contains("index 6", Assert.Throws<NnccException>(() => reader.Dense(byPlace)).Message);
    }

    [Fact]
    public void Sparse_initializers_and_constants_become_dense()
    {
        var sparse = new SparseTensorProto { Values = Floats("s", [1], 4), Indices = Longs("", 2), Dims = { 3 } };
        var attribute = new AttributeProto { Name = "sparse_value", Type = AttributeProto.Types.AttributeType.SparseTensor,
            SparseTensor = sparse };
        var model = new ProtoModel().Node("Constant", [], ["k"], attributes: attribute).Node("Add", ["k", "s"], ["y"])
            .Output("y", DType.Float32, 3);
        model.Graph.SparseInitializer.Add(sparse);
        var constants = model.Read().Graph.Nodes.Select(n => n.Op).OfType<IR.Ops.Constant>().Select(c => c.Value).ToList();
        Assert.Equal(2, constants.Count);
        Assert.All(constants, c => Assert.Equal(Tensor.Vector(0f, 0f, 4f), c));
    }

    private static TensorProto Typed(Tensor tensor, string name = "")
    {
        var proto = new TensorProto { Name = name, DataType = (int)tensor.DType };
        proto.Dims.AddRange(tensor.Dims);
        byte[] bytes = tensor.Bytes(0, 1000).ToArray();
        switch (tensor.DType)
        {
            case DType.Float32 or DType.Complex64: proto.FloatData.AddRange(Items<float>(bytes)); break;
            case DType.Float64 or DType.Complex128: proto.DoubleData.AddRange(Items<double>(bytes)); break;
            case DType.Int64: proto.Int64Data.AddRange(Items<long>(bytes)); break;
            case DType.UInt64: proto.Uint64Data.AddRange(Items<ulong>(bytes)); break;
            case DType.UInt32: proto.Uint64Data.AddRange(Items<uint>(bytes).Select(n => (ulong)n)); break;
            case DType.Int32: proto.Int32Data.AddRange(Items<int>(bytes)); break;
            case DType.Int16: proto.Int32Data.AddRange(Items<short>(bytes).Select(n => (int)n)); break;
            case DType.Int8: proto.Int32Data.AddRange(Items<sbyte>(bytes).Select(n => (int)n)); break;
            case var dtype when dtype.Bits() == 16: proto.Int32Data.AddRange(Items<ushort>(bytes).Select(n => (int)n)); break;
            default: proto.Int32Data.AddRange(bytes.Select(n => (int)n)); break; // 4 and 2 bit elements are packed here too
        }
        return proto;
    }

    private static T[] Items<T>(byte[] bytes) where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(bytes)
        .ToArray();

    private static Tensor Read(TensorProto proto) => Read(proto.ToByteArray());

    private static Tensor Read(byte[] bytes)
    {
        var file = FileBytes.Of(bytes);
        var read = ProtoFile.Read(file, "tensor", WireMessage.Tensor, TensorProto.Parser);
        return new TensorReader(file, read.Places, new ExternalData(null)).Read(read.Message);
    }
}
