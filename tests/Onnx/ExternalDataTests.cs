using Nncc.IR.Onnx;
using Nncc.IR.Onnx.Proto;
using Nncc.Tests.Support;
using static Nncc.Tests.Onnx.ProtoModel;

namespace Nncc.Tests.Onnx;

/// <summary>Files beside the model: read in place, never outside of the folder; written in pieces.</summary>
public sealed class ExternalDataTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Offset_and_length_are_read_by_key()
    {
        File.WriteAllBytes(folder.At("w.bin"), [0, 0, 0, 0, .. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f), 9]);
        Assert.Equal(Tensor.Vector(1f, 2f), Weights(("checksum", "anything"), ("length", "8"), ("offset", "4"), ("location", "w.bin")));
        Assert.Equal(Tensor.Vector(1f, 2f), Weights(("offset", "4"), ("location", "w.bin")));
        Directory.CreateDirectory(folder.At("sub"));
        File.WriteAllBytes(folder.At("sub", "v.bin"), [.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f)]);
        Assert.Equal(Tensor.Vector(1f, 2f), Weights(("location", "sub/../sub/./v.bin")));
    }

    [Theory]
    [InlineData("/etc/hostname")]
    [InlineData("../w.bin")]
    [InlineData("sub/../../w.bin")]
    [InlineData("..\\w.bin")]
    [InlineData("C:\\w.bin")]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData(".")]
    public void Places_outside_of_the_folder_are_refused(string location) =>
        Assert.Contains(Fault(("location", location)).Code.Number,
            (IEnumerable<int>)(location.Contains('\\') && !OperatingSystem.IsWindows() ? [2015, 2016] : [2016]));

    [Fact]
    public void Links_out_of_the_folder_are_refused_and_links_inside_are_followed()
    {
        using var elsewhere = new TemporaryFolder();
        byte[] content = [.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f)];
        File.WriteAllBytes(elsewhere.At("secret"), content);
        File.WriteAllBytes(folder.At("inside"), content);
        File.CreateSymbolicLink(folder.At("out"), elsewhere.At("secret"));
        File.CreateSymbolicLink(folder.At("twice"), folder.At("out"));
        Directory.CreateSymbolicLink(folder.At("folder"), elsewhere.Path);
        File.CreateSymbolicLink(folder.At("in"), "inside");
        File.CreateSymbolicLink(folder.At("circle"), folder.At("circle"));
        foreach (string location in new[] { "out", "twice", "folder/secret" })
            Assert.Equal(2016, Fault(("location", location)).Code.Number);
        Assert.Equal(Tensor.Vector(1f, 2f), Weights(("location", "in")));
        Assert.Equal(2015, Fault(("location", "circle")).Code.Number);
    }

    [Theory]
    [InlineData("offset", "1", 2015, "which has 8")]
    [InlineData("offset", "-8", 2015, "no size")]
    [InlineData("offset", "99999999999999999999", 2015, "no size")]
    [InlineData("offset", "9223372036854775807", 2015, "which has 8")]
    [InlineData("length", "4", 2013, "4 bytes")]
    [InlineData("length", "x", 2015, "no size")]
    public void Places_past_the_end_are_faults(string key, string value, int number, string words)
    {
        File.WriteAllBytes(folder.At("w.bin"), new byte[8]);
        var fault = Fault(("location", "w.bin"), (key, value));
        Assert.Equal(number, fault.Code.Number);
        Assert.Contains(words, fault.Message);
        Assert.Equal("initializer \"w\"", fault.Place);
    }

    [Fact]
    public void An_absent_file_is_said_once()
    {
        string path = folder.At("m.onnx");
        var model = new ProtoModel().Node("Add", ["w", "v"], ["y"]).Output("y", DType.Float32, 2);
        foreach (string name in new[] { "w", "v" }) model.Initializer(External(name, ("location", "gone.bin")));
        File.WriteAllBytes(path, model.Bytes());
        var fault = Assert.Single(Assert.Throws<NnccException>(() => OnnxReader.Read(path, Registry)).Faults);
        Assert.Contains("\"gone.bin\"", fault.Message);
    }

    [Fact]
    public void A_model_in_memory_has_no_files_beside_it() =>
        Assert.Equal(2015, new ProtoModel().Initializer(External("w", ("location", "w.bin"))).Node("Relu", ["w"], ["y"])
            .Output("y", DType.Float32, 2).Fault().Code.Number);

    [Fact]
    public void Weights_go_to_a_file_beside_on_request()
    {
        var model = Large();
        string path = folder.At("out.onnx");
        var written = OnnxWriter.Write(model, path, Registry, new OnnxWriteOptions { ExternalData = true });
        Assert.Equal([path, path + ".data"], written.Files.ToArray());
        Assert.Empty(OnnxChecker.Check(path));
        Assert.True(new FileInfo(path).Length < 1500);
        var again = OnnxReader.Read(path, Registry);
        Assert.True(model.Graph.Equals(again.Graph));
        var tensors = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph.Initializer;
        foreach (var tensor in tensors.Where(t => t.DataLocation == TensorProto.Types.DataLocation.External))
            Assert.Equal(0, long.Parse(tensor.ExternalData.Single(e => e.Key == "offset").Value) % 4096);
        Assert.Contains(tensors, t => t.HasRawData); // the small one stayed
        Assert.Equal(["out.onnx", "out.onnx.data"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_model_may_be_written_over_itself()
    {
        string path = folder.At("self.onnx");
        var original = Large();
        foreach (bool external in new[] { false, true, true, false })
        {
            OnnxWriter.Write(File.Exists(path) ? OnnxReader.Read(path, Registry) : original, path, Registry,
                new OnnxWriteOptions { ExternalData = external });
            Assert.True(original.Graph.Equals(OnnxReader.Read(path, Registry).Graph));
        }
    }

    [Fact]
    public void More_than_2_GB_go_to_a_file_beside_in_pieces()
    {
        // Zeros, so that neither file takes space.
        const long size = 1L << 30;
        using (var data = File.Create(folder.At("zeros.bin"))) data.SetLength(size + 8);
        var model = new ProtoModel().Input("x", DType.Float32, 1);
        for (int i = 0; i < 3; i++)
        {
            model.Initializer(External($"w{i}", size / 4, ("location", "zeros.bin"), ("offset", $"{i * 4}")));
            model.Node("ReduceMax", [$"w{i}"], [$"m{i}"]);
        }
        string path = folder.At("big.onnx"), output = folder.At("written.onnx");
        File.WriteAllBytes(path, model.Node("Sum", ["m0", "m1", "m2", "x"], ["y"]).Output("y", DType.Float32, 1).Bytes());
        var read = OnnxReader.Read(path, Registry);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var written = OnnxWriter.Write(read, output, Registry);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 50_000_000);
        Assert.Equal(2, written.Files.Length);
        Assert.Equal(3 * size, new FileInfo(written.Files[1]).Length);
        var again = OnnxReader.Read(output, Registry);
        Assert.Equal(read.Graph.Nodes.Length, again.Graph.Nodes.Length);
        Assert.Throws<NnccException>(() => OnnxWriter.ToBytes(read, Registry));
        read.Header.Storage!.Dispose();
        again.Header.Storage!.Dispose();
    }

    [Fact]
    public void An_output_that_cannot_be_written_leaves_nothing_behind()
    {
        var model = Large();
        Assert.Equal(2102, Code(folder.At("no", "such", "folder", "m.onnx")));
        Assert.Equal(2102, Code(folder.Path));
        Directory.CreateDirectory(folder.At("taken.onnx.data"));
        Assert.Equal(2102, Code(folder.At("taken.onnx")));
        Assert.Empty(Directory.GetFiles(folder.Path));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            OnnxWriter.Write(model, folder.At("m.onnx"), Registry, cancellation: cancelled.Token));
        Assert.Empty(Directory.GetFiles(folder.Path));

        int Code(string path) => Assert.Single(Assert.Throws<NnccException>(() =>
            OnnxWriter.Write(model, path, Registry, new OnnxWriteOptions { ExternalData = true })).Faults).Code.Number;
    }

    private static Model Large() => new ProtoModel().Input("x", DType.Float32, 600)
        .Initializer(Floats("a", [600], [.. Enumerable.Range(0, 600).Select(i => (float)i)])).Initializer(Floats("b", [1], 7))
        .Initializer(Floats("c", [600], [.. Enumerable.Range(0, 600).Select(i => 1f / (i + 1))]))
        .Node("Add", ["x", "a"], ["s"]).Node("Mul", ["s", "b"], ["p"]).Node("Sub", ["p", "c"], ["y"]).Output("y", DType.Float32, 600)
            .Read();

    private Tensor Weights(params (string, string)[] entries) => Read(entries).Graph.Nodes.Select(n => n.Op).OfType<IR.Ops.Constant>()
        .Single().Value;

    private Fault Fault(params (string, string)[] entries) => Assert.Single(Assert.Throws<NnccException>(() => Read(entries)).Faults);

    private Model Read((string, string)[] entries)
    {
        string path = folder.At("m.onnx");
        File.WriteAllBytes(path, new ProtoModel().Initializer(External("w", entries)).Node("Relu", ["w"], ["y"])
            .Output("y", DType.Float32, 2).Bytes());
        return OnnxReader.Read(path, Registry);
    }

    private static TensorProto External(string name, params (string, string)[] entries) => External(name, 2, entries);

    private static TensorProto External(string name, long count, params (string Key, string Value)[] entries)
    {
        var tensor = new TensorProto { Name = name, DataType = 1, Dims = { count },
            DataLocation = TensorProto.Types.DataLocation.External };
        tensor.ExternalData.AddRange(entries.Select(e => new StringStringEntryProto { Key = e.Key, Value = e.Value }));
        return tensor;
    }
}
