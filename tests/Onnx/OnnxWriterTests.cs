using Nncc.IR.Onnx;
using Nncc.IR.Onnx.Proto;
using Nncc.Tests.Support;
using static Nncc.Tests.Onnx.ProtoModel;

namespace Nncc.Tests.Onnx;

/// <summary>What stays and what changes when a model is written.</summary>
public class OnnxWriterTests
{
    [Fact]
    public void The_opset_stays_where_it_holds_the_graph()
    {
        var old = new ProtoModel(9).Input("x", DType.Float32, 1, 2).Node("Squeeze", ["x"], ["y"], "s", "", Ints("axes", 0))
            .Output("y", DType.Float32, 2).Read();
        var written = Written(old);
        Assert.Equal(9, written.OpsetImport.Single().Version);
        Assert.Equal(4, written.IrVersion);
        Assert.Equal([0], written.Graph.Node.Single().Attribute.Single().Ints);
        Assert.Empty(written.Graph.Initializer);
    }

    [Fact]
    public void The_opset_rises_as_far_as_a_node_needs()
    {
        var model = new ProtoModel(9).Input("x", DType.Float32, 2).Node("Relu", ["x"], ["y"]).Output("y", DType.Float32, 2).Read();
        var edit = new GraphEdit(model.Graph);
        var celu = edit.Insert(new IR.Ops.Celu(), [model.Graph.Outputs[0].Value], Provenance.Merge([Provenance.Of("y")], "made-by-test"),
            ["g"]);
        edit.SetOutputs([new GraphOutput("y", celu.Outputs[0])]);
        var written = Written(model with { Graph = edit.Freeze() });
        Assert.Equal(12, written.OpsetImport.Single().Version);
        Assert.Equal("y", written.Graph.Output.Single().Name);
        Assert.NotEqual("y", written.Graph.Node[0].Output.Single());
    }

    [Fact]
    public void A_demand_is_met_or_refused_with_every_node_that_prevents_it()
    {
        var model = new ProtoModel(21).Input("x", DType.Float32, 1, 2).Initializer(Longs("axes", 0))
            .Node("Celu", ["x"], ["a"], "first").Node("Squeeze", ["a", "axes"], ["b"], "fine").Node("Celu", ["b"], ["y"], "second")
                .Output("y", DType.Float32, 2).Read();
        var faults = Assert.Throws<NnccException>(() => OnnxWriter.ToBytes(model, Registry, 11)).Faults;
        Assert.Equal(["node \"first\" (Celu)", "node \"second\" (Celu)"], faults.Select(f => f.Place));
        Assert.All(faults, f => Assert.Equal((FaultCodes.OpsetDemand, ExitCode.ConstraintNotMet), (f.Code, f.Code.Exit)));
        Assert.Contains("opset 12", faults[0].ToString());
        Assert.Equal(12, ModelProto.Parser.ParseFrom(OnnxWriter.ToBytes(model, Registry, 12)).OpsetImport.Single().Version);
        Assert.Throws<NnccException>(() => OnnxWriter.ToBytes(model, Registry, 28));
    }

    [Fact]
    public void Every_opset_from_the_oldest_that_holds_it_is_written_and_read()
    {
        var model = new ProtoModel(17).Input("x", DType.Float32, 2, 3).Node("Softmax", ["x"], ["s"])
            .Node("ReduceSum", ["s"], ["y"], "", "", Int("keepdims", 0))
            .Output("y", DType.Float32).Read();
        for (int opset = 7; opset <= OpSchemas.Newest; opset++)
        {
            byte[] bytes = OnnxWriter.ToBytes(model, Registry, opset);
            Assert.Empty(OnnxChecker.Check(bytes));
            var again = OnnxReader.Read(bytes, Registry);
            Assert.Equal(opset, again.Header.Opsets[""]);
        }
    }

    [Fact]
    public void Outputs_keep_their_names_whatever_gives_them()
    {
        var model = new ProtoModel().Input("x", DType.Float32, 2).Initializer(Floats("w", [2], 1, 2)).Node("Relu", ["x"], ["r"])
            .Output("x", DType.Float32, 2).Output("w", DType.Float32, 2).Output("r", DType.Float32, 2).Read();
        var edit = new GraphEdit(model.Graph);
        int r = model.Graph.Outputs[2].Value, x = model.Graph.Inputs[0].Value;
        edit.SetOutputs([new("x", x), new("copy", x), new("w", model.Graph.Outputs[1].Value), new("r", r), new("again", r)]);
        var bytes = OnnxWriter.ToBytes(model with { Graph = edit.Freeze() }, Registry);
        Assert.Empty(OnnxChecker.Check(bytes));
        var written = ModelProto.Parser.ParseFrom(bytes);
        Assert.Equal(["x", "copy", "w", "r", "again"], written.Graph.Output.Select(o => o.Name));
        Assert.Equal(["Constant", "Relu", "Identity", "Identity"], written.Graph.Node.Select(n => n.OpType));
    }

    [Fact]
    public void Defaults_of_inputs_stay_defaults()
    {
        var model = new ProtoModel().Input("x", DType.Float32, 2).Input("w", DType.Float32, 2).Initializer(Floats("w", [2], 1, 2))
            .Node("Add", ["x", "w"], ["y"]).Output("y", DType.Float32, 2).Read();
        Assert.Equal(Tensor.Vector(1f, 2f), model.Graph.Inputs[1].Default);
        var written = Written(model);
        Assert.Equal(["x", "w"], written.Graph.Input.Select(i => i.Name));
        Assert.Equal("w", written.Graph.Initializer.Single().Name);
    }

    [Fact]
    public void Initializers_of_old_files_that_had_to_be_inputs_are_constants()
    {
        var model = new ProtoModel(7).Ir(3).Input("x", DType.Float32, 2).Input("w", DType.Float32, 2).Initializer(Floats("w", [2], 1, 2))
            .Node("Add", ["x", "w"], ["y"]).Output("y", DType.Float32, 2).Read();
        Assert.Single(model.Graph.Inputs);
        var written = Written(model);
        Assert.Equal(["x"], written.Graph.Input.Select(i => i.Name));
        Assert.Equal(4, written.IrVersion);
    }

    [Fact]
    public void The_header_stays_and_says_who_wrote()
    {
        var proto = new ProtoModel().Input("x", DType.Float32, 2).Node("Relu", ["x"], ["y"]).Output("y", DType.Float32, 2);
        (proto.Message.ProducerName, proto.Message.ProducerVersion, proto.Message.Domain) = ("exporter", "1.2", "org.example");
        (proto.Message.ModelVersion, proto.Message.DocString) = (3, "text");
        proto.Message.MetadataProps.Add(new StringStringEntryProto { Key = "author", Value = "somebody" });
        var written = Written(proto.Read());
        Assert.Equal(("nncc", "org.example", 3, "text"), (written.ProducerName, written.Domain, written.ModelVersion, written.DocString));
        Assert.Equal(["author=somebody", "nncc.source=exporter 1.2"], written.MetadataProps.Select(p => $"{p.Key}={p.Value}"));
        // A second pass keeps the first producer.
        Assert.Contains("exporter 1.2", Written(OnnxReader.Read(OnnxWriter.ToBytes(proto.Read(), Registry), Registry))
            .MetadataProps.Select(p => p.Value));
    }

    [Theory]
    [InlineData(17)]
    [InlineData(21)]
    public void Origins_survive_in_node_or_model_metadata(int opset)
    {
        var model = new ProtoModel(opset).Input("x", DType.Float32, 2).Node("Relu", ["x"], ["y"], "relu").Output("y", DType.Float32, 2)
            .Read();
        var edit = new GraphEdit(model.Graph);
        var origin = new Provenance(["conv \"1\"", "bn"], ["fold"]);
        edit.Change(edit.Nodes.Single(), new IR.Ops.Relu(), [model.Graph.Inputs[0].Value], origin);
        var written = Written(model with { Graph = edit.Freeze() });
        Assert.Equal(opset >= 21 ? 1 : 0, written.Graph.Node.Single().MetadataProps.Count);
        Assert.Equal(opset >= 21 ? 0 : 1, written.MetadataProps.Count);
        var again = OnnxReader.Read(OnnxWriter.ToBytes(model with { Graph = edit.Freeze() }, Registry), Registry);
        Assert.Equal(origin, again.Graph.Nodes.Single().Origin);
    }

    [Fact]
    public void Nodes_without_names_or_with_one_name_twice_are_told_apart()
    {
        var model = new ProtoModel().Input("x", DType.Float32, 2).Node("Relu", ["x"], ["a"]).Node("Relu", ["a"], ["b"], "same")
            .Node("Relu", ["b"], ["c"], "same")
            .Node("Relu", ["c"], ["y"]).Output("y", DType.Float32, 2).Read();
        Assert.Equal(["Relu#0", "same", "same#2", "Relu#3"], model.Graph.Nodes.Select(n => n.Origin.Nodes[0]));
    }

    [Fact]
    public void Unknown_operators_keep_their_form_and_their_import()
    {
        var model = new ProtoModel(17).Import("custom", 3).Input("x", DType.Float32, 2)
            .Node("Strange", ["x", "", "x"], ["a", "", "b"], "s", "custom", Float("f", 0), Ints("empty"), Int("i", -1))
                .Node("Add", ["a", "b"], ["y"]).Output("y", DType.Float32, 2).Read();
        var written = Written(model);
        var node = written.Graph.Node[0];
        Assert.Equal(["x", "", "x"], node.Input);
        Assert.Equal(["a", "", "b"], node.Output);
        Assert.Equal(["empty", "f", "i"], node.Attribute.Select(a => a.Name));
        Assert.Equal(3, written.OpsetImport.Single(o => o.Domain == "custom").Version);
    }

    [Fact]
    public void An_operator_that_is_not_known_yet_holds_the_opset()
    {
        // What this nncc does not know among ONNX's operators, at an opset before its last change.
        var (name, versions) = OpSchemas.Names("").Select(n => (n, OpSchemas.Versions("", n)))
            .FirstOrDefault(o => Registry.Find("", o.n) is null && o.Item2.Length > 1 && o.Item2.All(v => !v.IsWithdrawn)
                && o.Item2[^1].Since > 7);
        if (name is null) return; // every operator is known
        var model = new ProtoModel(versions[^1].Since - 1).Input("x", DType.Float32, 2);
        model.Graph.Node.Add(Call(name, [.. versions[^2].Inputs.Where(i => !i.IsOptional).Select(_ => "x")], ["y"], "kept"));
        var read = model.Output("y", DType.Float32).Read();
        var fault = Assert.Single(Assert.Throws<NnccException>(() => OnnxWriter.ToBytes(read, Registry, versions[^1].Since)).Faults);
        Assert.Contains("keeps its form", fault.Message);
    }

    [Fact]
    public void What_is_no_operator_of_ONNX_is_refused_node_by_node()
    {
        var edit = new GraphEdit("g");
        int x = edit.AddInput("x", new TensorType(DType.Float32, Shape.Of(1, 16)));
        int a = edit.Insert(new IR.Ops.Relayout(), [x], Provenance.Of("first"), ["a"]).Outputs[0];
        int b = edit.Insert(new IR.Ops.Relayout(), [a], Provenance.Of("second"), ["b"]).Outputs[0];
        edit.AddOutput("b", b);
        var faults = Assert.Throws<NnccException>(() => OnnxWriter.ToBytes(new Model(edit.Freeze(), ModelHeader.Empty), Registry)).Faults;
        Assert.Equal(2, faults.Length);
        Assert.All(faults, f => Assert.Equal(FaultCodes.NoOnnxForm, f.Code));
    }

    [Fact]
    public void Writing_gives_the_same_bytes_each_time()
    {
        byte[] first = OnnxWriter.ToBytes(OnnxReader.Read(HostileInputTests.Rich(), Registry), Registry);
        Assert.Equal(first, OnnxWriter.ToBytes(OnnxReader.Read(HostileInputTests.Rich(), Registry), Registry));
    }

    private static ModelProto Written(Model model)
    {
        byte[] bytes = OnnxWriter.ToBytes(model, Registry);
        Assert.Empty(OnnxChecker.Check(bytes));
        return ModelProto.Parser.ParseFrom(bytes);
    }
}
