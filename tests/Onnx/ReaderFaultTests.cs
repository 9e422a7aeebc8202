using System.Text;
using Nncc.IR.Onnx;
using Nncc.IR.Onnx.Proto;
using static Nncc.Tests.Onnx.ProtoModel;

namespace Nncc.Tests.Onnx;

/// <summary>Models that are wrong: each fault with its number, its node and its cause; all of a model at once; never another
/// exception.</summary>
public class ReaderFaultTests
{
    [Theory]
    [InlineData("", 2002, "empty")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n", 2002, "Git LFS")]
    [InlineData("hello\nworld\n", 2002, "text")]
    [InlineData("PK\u0003\u0004rest", 2002, "zip")]
    [InlineData("\u0018\0\0\0ORTM\0\0", 2002, "ORT format")]
    [InlineData("\u001c\0\0\0TFL3\0\0", 2002, "TensorFlow Lite")]
    [InlineData("GGUF\u0003\0\0\0", 2002, "GGUF")]
    [InlineData("pRNN\u0003\0\0\0", 2002, "ncnn")]
    [InlineData("\u0007\0\0\0\0\0\0\0{\"a\":1}", 2002, "safetensors")]
    [InlineData("\u0001\u0002\u0003", 2002, "not an ONNX model")]
    [InlineData("\u0008\u0008", 2002, "no graph")]
    [InlineData("\u0008\u0008\u003a\u0020\u0012", 2003, "ends after 5 bytes")]
    public void Other_files_are_told_from_models(string content, int number, string words)
    {
        var fault = Assert.Single(Assert.Throws<NnccException>(() => OnnxReader.Read(Encoding.Latin1.GetBytes(content), Registry)).Faults);
        Assert.Equal(number, fault.Code.Number);
        Assert.Contains(words, fault.Message);
    }

    [Fact]
    public void An_absent_file_and_a_folder_are_faults()
    {
        Assert.Contains("does not exist", Assert.Throws<NnccException>(() => OnnxReader.Read("/no/such/file.onnx", Registry)).Message);
        Assert.Contains("folder", Assert.Throws<NnccException>(() => OnnxReader.Read(Path.GetTempPath(), Registry)).Message);
    }

    [Fact]
    public void An_undefined_operand_names_the_node() =>
        Expect(FaultCodes.Undefined, "node \"a\" (Add)", "\"nowhere\"", Sound().Node("Add", ["x", "nowhere"], ["z"], "a"));

    [Fact]
    public void A_name_that_two_nodes_give_is_a_fault() =>
        Expect(FaultCodes.Duplicate, "node \"b\" (Relu)", "\"y\"", Sound().Node("Relu", ["x"], ["y"], "b"));

    [Fact]
    public void A_node_cannot_give_an_input() => Expect(FaultCodes.Duplicate, "node \"b\" (Relu)", "\"x\"", Sound()
        .Node("Relu", ["y"], ["x"], "b"));

    [Fact]
    public void Two_initializers_of_one_name_are_a_fault() => Expect(FaultCodes.Duplicate, "initializer \"w\"", "\"w\"",
        Sound().Initializer(Floats("w", [1], 1)).Initializer(Floats("w", [1], 2)));

    [Fact]
    public void A_circle_names_its_nodes() => Expect(FaultCodes.Cycle, null, "\"p\" -> \"q\"",
        Sound().Node("Add", ["x", "q1"], ["p1"], "p").Node("Relu", ["p1"], ["q1"], "q").Node("Relu", ["q1"], ["r1"], "behind"));

    [Fact]
    public void Element_types_that_do_not_fit_are_a_fault() => Expect(FaultCodes.OperandType, "node \"a\" (Add)", "i64",
        Sound().Input("k", DType.Int64, 2, 3).Node("Add", ["x", "k"], ["z"], "a"));

    [Fact]
    public void Shapes_that_do_not_fit_are_a_fault() => Expect(FaultCodes.OperandShape, "node \"a\" (Add)", "2x3",
        Sound().Input("k", DType.Float32, 2, 5).Node("Add", ["x", "k"], ["z"], "a"));

    [Fact]
    public void A_declared_element_type_that_contradicts_is_a_fault() =>
        Expect(FaultCodes.DeclaredType, "node \"r\" (Relu)", "i64", new ProtoModel().Input("x", DType.Float32, 2)
            .Node("Relu", ["x"], ["y"], "r").Output("y", DType.Int64, 2));

    [Fact]
    public void A_declared_shape_that_contradicts_is_a_warning()
    {
        var model = new ProtoModel().Input("x", DType.Float32, "n", 3).Node("Relu", ["x"], ["y"], "r").Output("y", DType.Float32, 1, 4)
            .Read();
        Assert.Equal("f32[n,3]", model.Graph[model.Graph.Outputs[0].Value].Type.ToString());
        Assert.Equal(FaultCodes.DeclaredType, Assert.Single(model.Warnings).Code);
    }

    [Fact]
    public void Declared_sizes_fill_what_inference_leaves_open_and_nothing_else()
    {
        var model = new ProtoModel().Import("custom", 1).Input("x", DType.Float32, "n", 3)
            .Node("Relu", ["x"], ["y"]).Node("Strange", ["x"], ["z"], domain: "custom")
            .Output("y", DType.Float32, 1, 3).Output("z", DType.Float32, "m", null).Read();
        Assert.Equal("f32[n,3]", model.Graph[model.Graph.Outputs[0].Value].Type.ToString()); // the batch of an export is not a fact
        Assert.Equal("f32[m,'?z.1']", model.Graph[model.Graph.Outputs[1].Value].Type.ToString());
    }

    [Theory]
    [InlineData(new long[] { 4 }, 12, "takes 16 bytes")]
    [InlineData(new long[] { -4 }, 16, "negative size -4")]
    [InlineData(new long[] { 1L << 40, 1L << 40 }, 16, "beyond 64 bits")]
    [InlineData(new long[] { 1L << 62 }, 16, "2^63")]
    public void A_tensor_whose_data_do_not_fit_is_a_fault(long[] dims, int bytes, string words) =>
        Assert.Contains(words, Sound().Initializer(Raw("w", DType.Float32, dims, new byte[bytes])).Fault().ToString());

    [Fact]
    public void A_huge_tensor_without_data_takes_no_memory()
    {
        var huge = new TensorProto { Name = "w", DataType = (int)DType.Float32 };
        huge.Dims.Add(1L << 40);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("no elements", Sound().Initializer(huge).Fault().Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000_000);
    }

    [Fact]
    public void An_element_type_that_does_not_exist_is_a_fault() =>
        Assert.Contains("99", Sound().Initializer(Raw("w", (DType)99, [1], [0])).Fault().Message);

    [Fact]
    public void Sizes_of_an_input_that_overflow_are_a_fault() =>
        Assert.Equal(FaultCodes.SizeOverflow, new ProtoModel().Input("x", DType.Float32, 1L << 40, 1L << 40).Node("Relu", ["x"], ["y"])
            .Output("y").Faults()[0].Code);

    [Fact]
    public void An_attribute_of_a_wrong_kind_is_a_fault() => Expect(FaultCodes.Attribute, "node \"c\" (Concat)", "axis",
        Sound().Node("Concat", ["x", "x"], ["z"], "c", "", Float("axis", 1)));

    [Fact]
    public void An_attribute_that_contradicts_its_own_kind_is_a_fault() => Expect(FaultCodes.Attribute, "node \"c\" (Concat)", "holds",
        Sound().Node("Concat", ["x", "x"], ["z"], "c", "",
            new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, F = 1 }));

    [Fact]
    public void An_unknown_attribute_is_a_fault() =>
        Expect(FaultCodes.Attribute, "node \"c\" (Relu)", "beta", Sound().Node("Relu", ["x"], ["z"], "c", "", Float("beta", 1)));

    [Fact]
    public void Too_many_and_too_few_operands_are_faults()
    {
        Expect(FaultCodes.OperandCount, "node \"c\" (Relu)", "2 operands", Sound().Node("Relu", ["x", "x"], ["z"], "c"));
        Expect(FaultCodes.OperandCount, "node \"c\" (Add)", "missing", Sound().Node("Add", ["x"], ["z"], "c"));
    }

    [Fact]
    public void A_missing_opset_import_is_a_fault() =>
        Expect(FaultCodes.OpsetImport, null, "ai.onnx", new ProtoModel(opset: 0).Input("x", DType.Float32, 2).Node("Relu", ["x"], ["y"])
            .Output("y"));

    [Fact]
    public void Unknown_versions_are_faults()
    {
        Assert.Equal(FaultCodes.IrVersion, Sound().Ir(15).Fault().Code);
        Assert.Equal(FaultCodes.IrVersion, Sound().Ir(2).Fault().Code);
        Assert.Equal(FaultCodes.OpsetVersion, Sound(28).Fault().Code);
        Assert.Equal(FaultCodes.OpsetVersion, Sound().Import("ai.onnx", 16).Fault().Code);
    }

    [Fact]
    public void An_operator_that_never_was_is_told_from_one_that_is_too_new()
    {
        Expect(FaultCodes.NoSuchOp, "node \"n\" (ImageScaler)", "ImageScaler", Sound().Node("ImageScaler", ["x"], ["z"], "n"));
        Expect(FaultCodes.OpNotInOpset, "node \"n\" (Gelu)", "opset 20", Sound().Node("Gelu", ["x"], ["z"], "n"));
    }

    [Fact]
    public void Nnccs_own_ops_cannot_come_from_a_file()
    {
        var model = Sound().Import("nncc", 1).Node("Relayout", ["x"], ["z"], "r", "nncc").Read();
        Assert.IsType<IR.Ops.Opaque>(Assert.Single(model.Graph.Nodes, n => n.Op.Domain == "nncc").Op);
    }

    [Fact]
    public void All_faults_come_at_once()
    {
        var faults = new ProtoModel().Ir(99).Input("x", DType.Float32, 2).Initializer(Raw("w", DType.Float32, [2], new byte[3]))
            .Node("Relu", ["gone"], ["a"], "first").Node("Affine", ["a"], ["b"], "second").Node("Relu", ["b", "b"], ["c"], "third")
            .Output("c").Output("d").Faults();
        Assert.Equal(["NNC2006", "NNC2013", "NNC2011", "NNC2009", "NNC1003", "NNC2011"], faults.Select(f => f.Code.ToString()));
    }

    [Fact]
    public void Names_from_the_file_cannot_spoil_a_message()
    {
        var fault = Sound().Node("Relu", [new string('n', 5000) + "\u001b[31m"], ["z"], "a\nb").Fault();
        Assert.DoesNotContain('\u001b', fault.ToString());
        Assert.True(fault.ToString().Length < 400);
        Assert.Contains("a\\u000ab", fault.Place);
    }

    private static ProtoModel Sound(long opset = 17) =>
        new ProtoModel(opset).Input("x", DType.Float32, 2, 3).Node("Relu", ["x"], ["y"], "relu").Output("y", DType.Float32, 2, 3);

    private static void Expect(FaultCode code, string? place, string words, ProtoModel model, int count = 1)
    {
        var faults = model.Faults();
        Assert.Equal(count, faults.Count);
        var fault = faults.First(f => f.Code == code);
        Assert.Equal(place, fault.Place);
        Assert.Contains(words, fault.Message);
    }
}
