using System.Collections.Immutable;
using Nncc.IR.Evaluate;
using Nncc.IR.Onnx;
using Nncc.IR.Onnx.Proto;
using static Nncc.Tests.Onnx.ProtoModel;

namespace Nncc.Tests.Onnx;

/// <summary>Nested graphs: closed when they are read, open again when they are written.</summary>
public class BodyTests
{
    [Fact]
    public void Bodies_share_one_list_of_captures()
    {
        var graph = Branches().Read().Graph;
        var node = Assert.Single(graph.Nodes, n => n.Op.Name == "If");
        Assert.Equal(["x", "y"], node.Inputs[1..].Select(i => graph[i].Name));
        Assert.Equal(2, node.Op.CaptureCount);
        Assert.Equal(2, node.Op.Bodies.Length);
        Assert.All(node.Op.Bodies, body => Assert.Equal(["f32[2]", "f32[2]"], body.Inputs.Select(i => body[i.Value].Type.ToString())));
        Assert.All(node.Op.Bodies, body => Assert.Contains(body.Nodes, n => n.Op is IR.Ops.Constant)); // "w" is small and copied
    }

    [Fact]
    public void Names_and_captures_come_back_and_no_name_stands_twice()
    {
        byte[] bytes = OnnxWriter.ToBytes(Branches().Read(), Registry);
        Assert.Empty(OnnxChecker.Check(bytes));
        var written = ModelProto.Parser.ParseFrom(bytes);
        var node = Assert.Single(written.Graph.Node, n => n.OpType == "If");
        Assert.Equal(["c"], node.Input);
        foreach (var attribute in node.Attribute) Assert.Empty(attribute.G.Input);
        Assert.Contains(node.Attribute.Single(a => a.Name == "then_branch").G.Node, n => n.Input.Contains("x") && n.Input.Contains("y"));
        Assert.True(OnnxReader.Read(bytes, Registry).Graph.Equals(Branches().Read().Graph));
    }

    [Fact]
    public void A_capture_reaches_through_two_levels()
    {
        var inner = Body("then_branch", SubGraph("i", [], [Call("Neg", ["x"], ["n"])], "n"));
        var innerElse = Body("else_branch", SubGraph("ie", [], [Call("Abs", ["y"], ["m"])], "m"));
        var outer = SubGraph("o", [], [Call("If", ["d"], ["v"], "nested", attributes: [inner, innerElse])], "v");
        var outerElse = SubGraph("oe", [], [Call("Identity", ["x"], ["k"])], "k");
        var model = new ProtoModel().Input("c", DType.Bool).Input("d", DType.Bool).Input("x", DType.Float32, 2).Input("y", DType.Float32, 2)
            .Node("If", ["c"], ["z"], "if", "", Body("then_branch", outer), Body("else_branch", outerElse)).Output("z", DType.Float32, 2)
                .Read();
        var node = Assert.Single(model.Graph.Nodes);
        Assert.Equal(["x", "d", "y"], node.Inputs[1..].Select(i => model.Graph[i].Name));
        byte[] bytes = OnnxWriter.ToBytes(model, Registry);
        Assert.Empty(OnnxChecker.Check(bytes));
        Assert.True(OnnxReader.Read(bytes, Registry).Graph.Equals(model.Graph));
    }

    [Fact]
    public void Outputs_that_are_captured_constant_or_given_twice_get_nodes()
    {
        var then = SubGraph("t", [], [Call("Relu", ["x"], ["r"])], "x", "r", "r");
        var other = SubGraph("e", [], [Call("Constant", [], ["k"], attributes: new AttributeProto { Name = "value",
            Type = AttributeProto.Types.AttributeType.Tensor,
            T = Floats("", [2], 1, 2) })], "k", "k", "k");
        var model = new ProtoModel().Input("c", DType.Bool).Input("x", DType.Float32, 2)
            .Node("If", ["c"], ["a", "b", "d"], "if", "", Body("then_branch", then), Body("else_branch", other))
            .Output("a", DType.Float32, 2).Output("b", DType.Float32, 2).Output("d", DType.Float32, 2).Read();
        byte[] bytes = OnnxWriter.ToBytes(model, Registry);
        Assert.Empty(OnnxChecker.Check(bytes));
        foreach (bool condition in new[] { true, false })
        {
            ImmutableArray<Datum?> inputs = [Tensor.Scalar(condition), Tensor.Vector(-1f, 3f)];
            Assert.Equal(Run(model.Graph, inputs), Run(OnnxReader.Read(bytes, Registry).Graph, inputs));
        }
    }

    [Fact]
    public void A_name_inside_that_is_defined_outside_too_is_the_inner_one()
    {
        var then = SubGraph("t", [], [Call("Neg", ["x"], ["y"]), Call("Neg", ["y"], ["q"])], "q");
        var other = SubGraph("e", [], [Call("Abs", ["y"], ["q"])], "q");
        var model = new ProtoModel().Input("c", DType.Bool).Input("x", DType.Float32, 2).Node("Exp", ["x"], ["y"])
            .Node("If", ["c"], ["z"], "if", "", Body("then_branch", then), Body("else_branch", other)).Output("z", DType.Float32, 2).Read();
        Assert.Equal([1f, -3f], Assert.IsType<Tensor>(new Evaluator().Run(model.Graph, [Tensor.Scalar(true), Tensor.Vector(1f, -3f)])[0])
            .Span<float>().ToArray());
        Assert.Empty(OnnxChecker.Check(OnnxWriter.ToBytes(model, Registry)));
    }

    [Fact]
    public void An_undefined_name_inside_names_the_inner_node()
    {
        var model = new ProtoModel().Input("c", DType.Bool).Input("x", DType.Float32, 2).Node("If", ["c"], ["z"], "if", "",
            Body("then_branch", SubGraph("t", [], [Call("Neg", ["gone"], ["a"], "inside")], "a")),
            Body("else_branch", SubGraph("e", [], [Call("Abs", ["x"], ["b"])], "b"))).Output("z", DType.Float32, 2);
        Assert.Contains(model.Faults(), f => f.Code == FaultCodes.Undefined && f.Place == "node \"inside\" (Neg)");
    }

    private static double[][] Run(Graph graph, ImmutableArray<Datum?> inputs) =>
        [.. new Evaluator().Run(graph, inputs).Select(result => ((Tensor)result).ToDoubles())];

    private static ProtoModel Branches()
    {
        var then = SubGraph("t", [], [Call("Add", ["x", "y"], ["s"]), Call("Mul", ["s", "w"], ["p"])], "p");
        var other = SubGraph("e", [], [Call("Sub", ["x", "w"], ["s"])], "s"); // the name stands in both branches
        return new ProtoModel().Input("c", DType.Bool).Input("x", DType.Float32, 2).Initializer(Floats("w", [2], 1, 2))
            .Node("Relu", ["x"], ["y"])
            .Node("If", ["c"], ["z"], "if", "", Body("then_branch", then), Body("else_branch", other)).Output("z", DType.Float32, 2);
    }
}
