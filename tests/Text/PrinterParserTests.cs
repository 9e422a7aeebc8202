using System.Diagnostics;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.IR.Text;
using Nncc.Tests.Support;

namespace Nncc.Tests.Text;

/// <summary>What is printed reads back the same, down to ids, names and the bits of every number.</summary>
public sealed class PrinterParserTests
{
    private static readonly OpRegistry Ops = OpRegistry.Standard();

    [Fact]
    public void Every_part_of_a_graph_reads_back()
    {
        var body = new GraphEdit("inner \"body\"");
        int bodyInput = body.AddInput("x", new TensorType(DType.Float32, [Dim.Symbol("N", 1, 512)]));
        body.AddOutput("y", bodyInput);
        var innermost = body.Freeze();

        var edit = new GraphEdit("line\nbreak \u2028 \ud83d\ude00 \ud800 \"quoted\\\"");
        edit.Stage = Stage.Fused;
        var n = Dim.Symbol("N", 1, 512);
        int data = edit.AddInput("data", new TensorType(DType.Float32, [n, 3, Dim.Symbol("max len")]),
            Tensor.Of([1, 3, 1], new float[] { 1, -0f, float.NaN }));
        int list = edit.AddInput("list", new SequenceType(new OptionalType(new MapType(DType.Int64, new TensorType(DType.Unknown, null)))));
        int sizes = edit.AddInput("sizes", new TensorType(DType.Int64, [Dim.FloorDiv(n * 2 + 1, 3) - Dim.Max(n, Dim.Symbol("it's"))]));
        int axes = edit.AddConstant(Tensor.Vector(0L, -1), "axes", new Provenance(["Constant#1", "a\"b"], ["step-one", "step-two"]));
        int wide = edit.Insert(new Unsqueeze(), [data, axes], Provenance.Of("unsqueeze")).Outputs[0];
        EquatableArray<NamedAttribute> attributes =
        [
            new("int", -5L), new("float", 1f), new("small", 1e-30f), new("nan", BitConverter.UInt32BitsToSingle(0x7fc12345)),
            new("infinite", float.NegativeInfinity), new("text", "a\tb\0"), new("ints", EquatableArray.Create<long>([1, -2])),
            new("none", new EquatableArray<float>([])),
            new("floats", EquatableArray.Create<float>([1, 0.1f])), new("strings", EquatableArray.Create<string>(["", "x"])),
            new("tensor", Tensor.Of(DType.BFloat16, [2], new ushort[] { 0x3dcc, 0x7fff })), new("type", new SequenceType(IrType.Unknown)),
            new("types", EquatableArray.Create<IrType>([new TensorType(DType.Float8E8M0, Shape.Of(0))])), new("graph", innermost),
            new("graphs", EquatableArray.Create<Graph>([innermost, innermost.With("twice", Stage.Scheduled)])), new("a name", 0L),
            new("tensors",
                EquatableArray.Create<Tensor>([Tensor.Scalar("text"), Tensor.Of(DType.Complex64, [1], new[] { 0x7f800000_3f800000ul })])),
        ];
        var opaque = edit.Insert(new Opaque("com.example", "Thing's \"op\"", attributes, 1), [wide, Node.Absent, list, sizes],
            Provenance.None, ["first", "", "third"]);
        edit.SetLayout(wide, new Layout([0, 2, 3, 1], 1, 16, [0, 0, 1, 1]));
        edit.SetLayout(opaque.Outputs[2], new Layout());
        edit.Erase(edit.Insert(new Unsqueeze(), [data, axes], Provenance.None));
        edit.AddOutput("result", opaque.Outputs[0]);
        edit.AddOutput("again", wide);
        var graph = edit.Freeze();

        string text = Printer.Print(graph, Ops);
        var read = Parser.Parse(text, Ops);

        GraphAssert.Identical(graph, read);
        Assert.Equal(text, Printer.Print(read, Ops));
        Assert.Equal((1, 512), ((TensorType)read[data].Type).Shape![0].Bounds);
    }

    [Theory]
    [MemberData(nameof(DTypesOfTensors))]
    public void Every_bit_pattern_of_an_element_reads_back(int number)
    {
        var dtype = (DType)number;
        var random = new Random(number);
        byte[] raw = new byte[dtype.Bits() <= 16 ? dtype.Bytes(1L << dtype.Bits()) : 4096 * dtype.Bits() / 8];
        if (dtype.Bits() > 16) random.NextBytes(raw);
        else for (int i = 0; i < raw.Length; i++) raw[i] = dtype.Bits() == 16 ? (byte)(i % 2 == 0 ? i / 2 : i / 512)
            : dtype.Bits() == 8 ? (byte)i : dtype.Bits() == 4 ? (byte)(2 * i | ((2 * i + 1) << 4)) : (byte)0b11_10_01_00;
        var tensor = Tensor.Of(dtype, [raw.Length * 8L / dtype.Bits()], raw);
        var graph = Single(tensor);

        foreach (int limit in (int[])[0, int.MaxValue])
        {
            var read = Parser.Parse(Printer.Print(graph, Ops, new PrintOptions { InlineLimit = limit }), Ops);
            Assert.Equal(tensor, ((Constant)read.Nodes[0].Op).Value);
        }
    }

    public static TheoryData<int> DTypesOfTensors => [.. DTypes.All.Where(d => d != DType.String).Select(d => (int)d)];

    [Fact]
    public void Special_floats_are_readable()
    {
        string text =
            Printer.Print(Single(Tensor.Vector(1f, 0.1f, -0f, float.PositiveInfinity, BitConverter.UInt32BitsToSingle(0x7fc00000), 1e-45f,
            BitConverter.UInt32BitsToSingle(0x7fc00001))), Ops);
        Assert.Equal("f32[7]{1, 0.1, -0, inf, nan, 1E-45, bits(0x7fc00001)", text.Split("value=")[1].Split("}")[0]);
    }

    [Fact]
    public void Types_and_names_may_be_left_out_by_hand()
    {
        var graph = Parser.Parse("""
            nnir 1
            dim batch = 1..8
            graph "by hand" {
              // a comment
              input %0 "x" f32[batch,3]
              %1 = Constant(value=i64[2]{0, 3})
              %2 = Unsqueeze(%0, %1) "y"
              output "y" %2
            }
            """, Ops);
        Assert.Equal("f32[1,batch,3,1]", graph[2].Type.ToString());
        Assert.Equal((1, 8), ((TensorType)graph[2].Type).Shape![1].Bounds);
        Assert.Equal([0, 3], graph[1].Known!.Value.Select(d => d.Value!.Value));
        Assert.Equal("v1", graph[1].Name);
        Assert.Empty(Verifier.Check(graph, Ops));
    }

    [Fact]
    public void An_elided_text_says_so_and_does_not_parse()
    {
        string text = Printer.Print(Single(Tensor.Of([40], new float[40])), Ops, new PrintOptions { Elide = true });
        Assert.Contains("data 0 160 bytes elided sha256 ", text);
        var fault = Assert.Single(Assert.Throws<NnccException>(() => Parser.Parse(text, Ops)).Faults);
        Assert.Equal(FaultCodes.TextElided, fault.Code);
        Assert.StartsWith("text:6:1", fault.Place);
    }

    [Fact]
    public void A_long_chain_prints_and_parses_in_seconds()
    {
        const int length = 200_000;
        var edit = new GraphEdit("chain");
        int value = edit.AddInput("x", IrType.Unknown);
        for (int i = 0; i < length; i++)
            value = edit.Insert(new Opaque("test", "Step", [new("i", (long)i)]), [value], Provenance.Of($"node{i}"),
                [$"value{i}"]).Outputs[0];
        edit.AddOutput("y", value);
        var graph = edit.Freeze();
        var watch = Stopwatch.StartNew();
        string text = Printer.Print(graph, Ops);
        var read = Parser.Parse(text, Ops);
        Assert.True(graph.Equals(read));
        Assert.Empty(Verifier.Check(read, Ops));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"took {watch.Elapsed}");
    }

    private static Graph Single(Tensor tensor)
    {
        var edit = new GraphEdit("single");
        edit.AddOutput("y", edit.AddConstant(tensor, "value"));
        return edit.Freeze();
    }
}
