using Google.Protobuf;
using Nncc.IR.Onnx;
using Nncc.IR.Onnx.Proto;
using static Nncc.Tests.Onnx.ProtoModel;

namespace Nncc.Tests.Onnx;

/// <summary>Whatever the bytes are, reading ends with a model or with faults.</summary>
public class HostileInputTests
{
    [Fact]
    public void The_model_that_the_others_spoil_is_sound()
    {
        var model = OnnxReader.Read(Rich(), Registry);
        Assert.Empty(OnnxChecker.Check(OnnxWriter.ToBytes(model, Registry)));
    }

    [Fact]
    public void A_model_cut_anywhere_is_a_fault_or_a_model()
    {
        byte[] bytes = Rich();
        for (int length = 0; length < bytes.Length; length++) Try(bytes[..length]);
    }

    [Fact]
    public void A_model_with_changed_bytes_is_a_fault_or_a_model()
    {
        byte[] bytes = Rich();
        var random = new Random(1);
        for (int round = 0; round < 4000; round++)
        {
            byte[] changed = [.. bytes];
            for (int i = random.Next(1, 4); i > 0; i--)
                changed[random.Next(changed.Length)] = random.Next(4) switch { 0 => 0, 1 => 0xFF, 2 => 0x7F, _ => (byte)random.Next(256) };
            Try(changed);
        }
    }

    [Fact]
    public void Pieces_of_models_in_any_order_are_faults_or_models()
    {
        byte[] bytes = Rich();
        var random = new Random(2);
        for (int round = 0; round < 2000; round++)
        {
            int a = random.Next(bytes.Length), b = random.Next(bytes.Length), c = random.Next(bytes.Length);
            Try([.. bytes[..a], .. bytes[Math.Min(b, c)..Math.Max(b, c)], .. bytes[a..]]);
        }
    }

    [Fact]
    public void Graphs_nested_beyond_the_limit_are_a_fault()
    {
        var graph = SubGraph("innermost", [], [Call("Constant", [], ["v"], attributes: Float("value_float", 1))], "v");
        for (int depth = 0; depth < 200; depth++)
            graph = SubGraph($"level{depth}", [], [Call("If", ["c"], [$"v{depth}"], attributes: [Body("then_branch", graph), Body(
                "else_branch", new GraphProto { Name = "e" })])],
                $"v{depth}");
        var model = new ProtoModel();
        model.Message.Graph = graph;
        Assert.Equal(FaultCodes.Limit, model.Fault().Code);
    }

    [Fact]
    public void Types_nested_beyond_the_limit_are_a_fault()
    {
        var type = new TypeProto { TensorType = new() { ElemType = 1 } };
        for (int depth = 0; depth < 1000; depth++) type = new TypeProto { SequenceType = new() { ElemType = type } };
        var model = new ProtoModel().Node("Relu", ["x"], ["y"]).Output("y");
        model.Graph.Input.Add(new ValueInfoProto { Name = "x", Type = type });
        Assert.Equal(FaultCodes.Malformed, model.Fault().Code);
    }

    [Fact]
    public void Functions_that_multiply_beyond_the_limit_are_a_fault()
    {
        // Thirty functions, each calling the one before twice: 2^30 nodes in a few hundred bytes.
        var model = new ProtoModel().Import("f", 1).Input("x", DType.Float32, 2);
        string before = "Relu";
        for (int i = 0; i < 30; i++)
        {
            var function = new FunctionProto { Domain = "f", Name = $"F{i}", Input = { "a" }, Output = { "c" } };
            function.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
            function.OpsetImport.Add(new OperatorSetIdProto { Domain = "f", Version = 1 });
            string domain = i == 0 ? "" : "f";
            function.Node.Add(Call(before, ["a"], ["b"], "one", domain));
            function.Node.Add(Call(before, ["b"], ["c"], "two", domain));
            model.Message.Functions.Add(function);
            before = $"F{i}";
        }
        var faults = model.Node(before, ["x"], ["y"], "call", "f").Output("y").Faults();
        Assert.Contains(faults, f => f.Code == FaultCodes.Limit);
    }

    [Fact]
    public void A_sparse_tensor_beyond_the_limit_is_a_fault()
    {
        var model = new ProtoModel().Input("x", DType.Float32, 2).Node("Relu", ["x"], ["y"]).Output("y");
        var sparse = new SparseTensorProto { Values = Floats("s", [1], 1), Indices = Longs("i", 0) };
        sparse.Dims.Add(1L << 40);
        model.Graph.SparseInitializer.Add(sparse);
        Assert.Equal(FaultCodes.Limit, model.Fault().Code);
    }

    [Fact]
    public void Thousands_of_faults_are_not_all_printed()
    {
        var model = new ProtoModel().Input("x", DType.Float32, 2);
        for (int i = 0; i < 5000; i++) model.Node("Crop", ["x"], [$"y{i}"], $"n{i}");
        var faults = model.Output("y0").Faults();
        Assert.InRange(faults.Count, 1000, 1002);
        Assert.Contains("further faults", faults[^1].Message);
    }

    // A model with something of everything: initializers of several kinds, bodies, a function, attributes of all kinds.
    internal static byte[] Rich()
    {
        var model = new ProtoModel().Import("f", 1).Import("custom", 3).Input("x", DType.Float32, "n", 3).Input("c", DType.Bool)
            .Initializer(Floats("w", [3], 1, 2, 3)).Initializer(Longs("shape", -1))
            .Initializer(new TensorProto { Name = "typed", DataType = 1, Dims = { 3 }, FloatData = { 4, 5, 6 } })
            .Initializer(new TensorProto { Name = "half", DataType = (int)DType.Float16, Dims = { 2 }, Int32Data = { 0x3C00, 0x4000 } });
        var function = new FunctionProto { Domain = "f", Name = "Twice", Input = { "a" }, Output = { "b" }, Attribute = { "to" } };
        function.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        function.Node.Add(Call("Add", ["a", "a"], ["s"]));
        function.Node.Add(Call("Cast", ["s"], ["b"], attributes: Ref("to", "to", AttributeProto.Types.AttributeType.Int)));
        model.Message.Functions.Add(function);
        var then = SubGraph("t", [], [Call("Mul", ["h", "w"], ["m"])], "m");
        var otherwise = SubGraph("e", [], [Call("Sub", ["h", "typed"], ["s"])], "s");
        model.Node("Twice", ["x"], ["h"], "call", "f", Int("to", 1))
            .Node("If", ["c"], ["i"], "if", "", Body("then_branch", then), Body("else_branch", otherwise))
            .Node("Reshape", ["i", "shape"], ["r"], "reshape")
            .Node("Concat", ["r", "r"], ["k"], "concat", "", Int("axis", 0))
            .Node("ReduceMean", ["k"], ["l"], "mean", "", Ints("axes", 0), Int("keepdims", 1))
            .Node("Opaque", ["l"], ["o"], "opaque", "custom", Float("a", 1), Ints("b", 1, 2),
                Body("g", SubGraph("s", [], [Call("Relu", ["l"], ["q"])], "q")))
            .Output("k", DType.Float32, null).Output("o", DType.Float32, 1);
        model.Message.MetadataProps.Add(new StringStringEntryProto { Key = "k", Value = "v" });
        return model.Bytes();
    }

    private static void Try(byte[] bytes)
    {
        try
        {
            using var storage = OnnxReader.Read(bytes, Registry).Header.Storage;
        }
        catch (NnccException e)
        {
            Assert.NotEmpty(e.Faults);
        }
    }
}
