using System.Text;
using Nncc.IR.Onnx;
using Nncc.Tests.Laws;
using Nncc.Tests.Support;

namespace Nncc.Tests.Onnx;

/// <summary>Data files: what is written comes back, and what NumPy and ONNX write is read.</summary>
public sealed class TensorFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<DType> All => [.. DTypes.All];

    public static TheoryData<DType> OfNumPy => [DType.Bool, DType.Int8, DType.Int16, DType.Int32, DType.Int64, DType.UInt8, DType.UInt16,
        DType.UInt32, DType.UInt64,
        DType.Float16, DType.Float32, DType.Float64, DType.Complex64, DType.Complex128, DType.String];

    [Theory, MemberData(nameof(All))]
    public void Tensors_of_every_type_come_back_from_pb(DType dtype)
    {
        string path = folder.At("t.pb");
        foreach (var tensor in new[] { Sample.Of(dtype, 2, 3), Sample.Of(dtype), Sample.Of(dtype, 0, 4) })
        {
            TensorFile.Write(path, tensor, "t");
            Assert.Equal(tensor, TensorFile.Read(path));
            Assert.Equal(tensor, TensorFile.Read(path, tensor.Type));
        }
    }

    [Theory, MemberData(nameof(OfNumPy))]
    public void Tensors_come_back_from_npy(DType dtype)
    {
        string path = folder.At("t.npy");
        foreach (var tensor in new[] { Sample.Of(dtype, 2, 3), Sample.Of(dtype), Sample.Of(dtype, 5), Sample.Of(dtype, 0, 4) })
        {
            TensorFile.Write(path, tensor);
            Assert.Equal(tensor, TensorFile.Read(path));
            Assert.Equal(0, (new FileInfo(path).Length - (dtype == DType.String ? tensor.Count * 8 : tensor.ByteCount)) % 64);
        }
    }

    [Fact]
    public void Types_that_NumPy_lacks_are_refused() => Assert.Contains("bf16",
        Assert.Throws<NnccException>(() => TensorFile.Write(folder.At("t.npy"), Sample.Of(DType.BFloat16, 2))).Message);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_version_both_orders_and_both_ends_are_read(int version)
    {
        byte[] rows = [.. Enumerable.Range(0, 6).SelectMany(i => BitConverter.GetBytes((short)(i * 300)))];
        byte[] columns = [.. new[] { 0, 3, 1, 4, 2, 5 }.SelectMany(i => BitConverter.GetBytes((short)(i * 300)).Reverse())];
        var expected = Tensor.Of([2, 3], new short[] { 0, 300, 600, 900, 1200, 1500 });
        Assert.Equal(expected, Npy(version, "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }", rows));
        Assert.Equal(expected, Npy(version, "{'shape':(2,3),'fortran_order':True,'descr':'>i2'}", columns));
    }

    [Fact]
    public void A_column_order_array_of_rank_3_is_turned()
    {
        var expected = Tensor.Of([2, 3, 4], Enumerable.Range(0, 24).ToArray());
        var columns = new int[24];
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 3; j++)
                for (int k = 0; k < 4; k++) columns[i + 2 * j + 6 * k] = i * 12 + j * 4 + k;
        Assert.Equal(expected, Npy(1, "{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3, 4), }",
            [.. columns.SelectMany(BitConverter.GetBytes)]));
    }

    [Fact]
    public void Raw_elements_are_what_is_asked_for()
    {
        string path = folder.At("b.npy");
        File.WriteAllBytes(path, NpyBytes(1, "{'descr': '|V2', 'fortran_order': False, 'shape': (2,), }", [0x80, 0x3F, 0x00, 0x40]));
        Assert.Equal([1.0, 2.0], ((Tensor)TensorFile.Read(path, new TensorType(DType.BFloat16, null))).ToDoubles());
        Assert.Throws<NnccException>(() => TensorFile.Read(path));
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", "takes 12 bytes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,), }", "takes 4398046511104 bytes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "beyond 64 bits")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", "no size")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", "records or have no type")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", "records")]
    [InlineData("{'descr': '<m8', 'fortran_order': False, 'shape': (1,), }", "m8")]
    [InlineData("{'descr': '<f4'}", "order or shape")]
    public void Wrong_arrays_are_faults(string header, string words) =>
        Assert.Contains(words, Assert.Throws<NnccException>(() => Npy(1, header, new byte[8])).Message);

    [Fact]
    public void Arrays_cut_anywhere_are_faults()
    {
        byte[] bytes = NpyBytes(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", new byte[8]);
        for (int length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(folder.At("cut.npy"), bytes[..length]);
            Assert.Throws<NnccException>(() => TensorFile.Read(folder.At("cut.npy")));
        }
    }

    [Fact]
    public void Sequences_optionals_and_maps_come_back()
    {
        var tensor = new TensorType(DType.Float32, null);
        var sequence = new SequenceDatum(tensor, [Tensor.Vector(1f), Tensor.Vector(2f, 3f)]);
        var empty = new SequenceDatum(tensor, []);
        var map = new MapDatum(Tensor.Vector(3L, 4L), Tensor.Vector(0.5f, 0.25f));
        var texts = new MapDatum(Tensor.Vector("a", "b"), Tensor.Vector("x", "y"));
        foreach (Datum datum in new Datum[] { sequence, empty, map, texts, new OptionalDatum(tensor, Tensor.Vector(7f)),
            new OptionalDatum(tensor, null),
            new OptionalDatum(sequence.Type, sequence), new SequenceDatum(map.Type, [map, map]) })
        {
            TensorFile.Write(folder.At("d.pb"), datum);
            Same(datum, TensorFile.Read(folder.At("d.pb"), datum.Type));
        }
        TensorFile.Write(folder.At("d.pb"), sequence);
        Same(sequence, TensorFile.Read(folder.At("d.pb"))); // guessed
    }

    [Fact]
    public void Archives_hold_arrays_by_name()
    {
        var tensors = new Dictionary<string, Tensor> { ["b"] = Sample.Floats(2, 3), ["a/x"] = Sample.Longs(1, 2) };
        TensorFile.WriteArchive(folder.At("t.npz"), tensors);
        Assert.Equal(tensors.OrderBy(t => t.Key, StringComparer.Ordinal), TensorFile.ReadArchive(folder.At("t.npz")));
        byte[] first = File.ReadAllBytes(folder.At("t.npz"));
        TensorFile.WriteArchive(folder.At("t.npz"), tensors);
        Assert.Equal(first, File.ReadAllBytes(folder.At("t.npz")));
        File.WriteAllText(folder.At("no.npz"), "no archive");
        Assert.Throws<NnccException>(() => TensorFile.ReadArchive(folder.At("no.npz")));
    }

    [FactNeeding(Needs.Shared)]
    public void The_backend_cases_data_files_are_read()
    {
        int count = 0;
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Repository.Shared, "onnx-backend"), "*.pb",
            SearchOption.AllDirectories))
        {
            Assert.NotNull(TensorFile.Read(path).Type);
            count++;
        }
        Assert.True(count > 1000);
    }

    private Tensor Npy(int version, string header, byte[] data)
    {
        File.WriteAllBytes(folder.At("a.npy"), NpyBytes(version, header, data));
        return (Tensor)TensorFile.Read(folder.At("a.npy"));
    }

    private static byte[] NpyBytes(int version, string header, byte[] data) => [0x93, .. "NUMPY"u8, (byte)version, 0,
        .. version == 1 ? BitConverter.GetBytes((ushort)header.Length) : BitConverter.GetBytes(header.Length),
            .. Encoding.ASCII.GetBytes(header), .. data];

    private static void Same(Datum expected, Datum actual)
    {
        Assert.Equal(expected.Type, actual.Type);
        switch (expected, actual)
        {
            case (Tensor a, Tensor b): Assert.Equal(a, b); break;
            case (SequenceDatum a, SequenceDatum b):
                Assert.Equal(a.Items.Length, b.Items.Length);
                foreach (var (x, y) in a.Items.Zip(b.Items)) Same(x, y);
                break;
            case (OptionalDatum { Item: var x }, OptionalDatum { Item: var y }):
                if (x is null) Assert.Null(y);
                else Same(x, y!);
                break;
            case (MapDatum a, MapDatum b):
                Same(a.Keys, b.Keys);
                Same(a.Values, b.Values);
                break;
            default: Assert.Fail($"{expected.GetType()} came back as {actual.GetType()}"); break;
        }
    }
}
