using Google.Protobuf;
using Nncc.IR;
using Nncc.IR.Onnx.Proto;
using Nncc.Tests.Support;
using static Nncc.IR.Onnx.Proto.TensorProto.Types;

namespace Nncc.Tests.Cli;

/// <summary>
/// Model files that people really feed to such a tool: the verbs give one clear message each, the right exit code, and write nothing.
/// </summary>
public class BadModelTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // A name, what is done to the small model, the exit code and texts of the message.
    private static readonly Dictionary<string, (Action<ModelProto> Change, int Exit, string[] Texts)> Broken = new()
    {
        ["a cycle"] = (m => m.Graph.Node[0].Input[0] = "y", 2, ["NNC3002", "product"]),
        ["a name defined twice"] = (m => m.Graph.Node[1].Output[0] = "product", 2, ["NNC2012", "product"]),
        ["an undefined name"] = (m => m.Graph.Node[1].Input[1] = "bb", 2, ["NNC2011", "bb"]),
        ["a wrong element type"] = (m => m.Graph.Input[0].Type.TensorType.ElemType = 7, 2, ["NNC1001", "product"]),
        ["shapes that contradict each other"] = (m => m.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = 5, 2,
            ["NNC1002", "product", "f32[1x5]"]),
        ["sizes that overflow"] = (m => m.Graph.Initializer[0].Dims[0] = long.MaxValue, 2, ["NNC", "w"]),
        ["a negative size"] = (m => m.Graph.Initializer[0].Dims[0] = -4, 2, ["NNC2013", "w"]),
        ["too few elements"] = (m => m.Graph.Initializer[0].RawData = ByteString.CopyFrom(new byte[40]), 2, ["NNC2013", "w"]),
        ["an attribute that the op has not"] = (m =>
            m.Graph.Node[2].Attribute.Add(new AttributeProto { Name = "alpha", F = 1, Type = AttributeProto.Types.AttributeType.Float }), 2,
                ["NNC1004", "alpha", "relu"]),
        ["an op that ONNX has not"] = (m => m.Graph.Node[2].OpType = "Reluu", 2, ["NNC2009", "Reluu"]),
        ["a domain that is not imported"] = (m => m.Graph.Node[2].Domain = "com.example", 2, ["NNC2008", "com.example"]),
        ["an opset of the future"] = (m => m.OpsetImport[0].Version = 1000, 4, ["NNC2007", "1000"]),
        ["external data that are absent"] = (m => External(m, "absent.bin"), 2, ["NNC2015", "absent.bin"]),
        ["external data outside of the folder"] = (m => External(m, "../../etc/passwd"), 2, ["NNC2016"]),
        ["external data past the end"] = (m => External(m, "small.bin"), 2, ["NNC2015", "small.bin"]),
        ["no graph"] = (m => m.Graph = null, 2, ["NNC"]),
    };

    public static TheoryData<string> Cases => [.. Broken.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_broken_model_is_refused(string name)
    {
        var (change, exit, texts) = Broken[name];
        var proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(CliModels.Write(folder)));
        change(proto);
        string path = folder.At("broken.onnx");
        File.WriteAllBytes(path, proto.ToByteArray());
        File.WriteAllBytes(folder.At("small.bin"), new byte[10]);
        Refused(path, exit, texts);
    }

    [Fact]
    public void All_faults_of_a_model_are_told_at_once()
    {
        var proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(CliModels.Write(folder)));
        proto.Graph.Node[0].Input[1] = "ww";
        proto.Graph.Node[2].OpType = "Reluu";
        string path = folder.At("broken.onnx");
        File.WriteAllBytes(path, proto.ToByteArray());
        CliRun.Bad(2, ["ww", "Reluu"], "inspect", path);
    }

    [Fact]
    public void Files_that_are_no_models_are_refused()
    {
        string model = CliModels.Write(folder), path = folder.At("other.onnx");
        byte[] bytes = File.ReadAllBytes(model);
        File.WriteAllBytes(path, bytes[..(bytes.Length * 6 / 10)]);
        Refused(path, 2, "NNC2003");
        File.WriteAllText(path, "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 4917352\n");
        Refused(path, 2, "NNC2002", "git lfs");
        File.WriteAllText(path, "");
        Refused(path, 2, "NNC");
        File.WriteAllText(path, "<html><body>404</body></html>");
        Refused(path, 2, "NNC");
        Refused(folder.At("absent.onnx"), 2, "NNC2001", "absent.onnx");
        Refused(folder.Path, 2, "NNC2001");
    }

    [TheoryNeeding(Needs.Shared)]
    [InlineData("truncated", 2, "NNC2003")]
    [InlineData("lfs_pointer", 2, "git lfs")]
    [InlineData("ort_format", 2, "NNC2002")]
    [InlineData("opset1_legacy_pcb_aoi", 2, "NNC2009")]
    [InlineData("legacy_style_candy_coreml", 2, "NNC2009")]
    [InlineData("matmulnbits_2bit", 4, "MatMulNBits")]
    [InlineData("matmulnbits_2bit", 4, "--emit onnx takes it")]
    [InlineData("custom_op_noisy_relu", 4, "NoisyRelu")]
    public void Every_bad_file_of_the_shared_data_gets_its_verdict(string name, int exit, string text)
    {
        string path = Path.Combine(Repository.Shared, "models", "bad", $"{name}.onnx");
        CliRun.Bad(exit, [text], "compile", path, "-o", folder.At("out"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private void Refused(string path, int exit, params string[] texts)
    {
        string[] before = [.. Directory.EnumerateFileSystemEntries(folder.Path).Order(StringComparer.Ordinal)];
        CliRun.Bad(exit, texts, "inspect", path);
        CliRun.Bad(exit, texts, "compile", path, "-o", folder.At("out"));
        CliRun.Bad(exit, texts, "compile", path, "--emit", "onnx", "-o", folder.At("out.onnx"));
        CliRun.Bad(exit, texts, "run", path, "--input", "random");
        CliRun.Bad(exit, texts, "verify", path, "--target", "none");
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(folder.Path).Order(StringComparer.Ordinal));
    }

    private static void External(ModelProto model, string location)
    {
        var tensor = model.Graph.Initializer[0];
        tensor.ClearRawData();
        tensor.DataLocation = DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
    }
}
