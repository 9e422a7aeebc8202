using Nncc.Backends;
using Nncc.IR.Evaluate;
using Nncc.IR.Onnx.Proto;
using Nncc.Passes;
using static Nncc.Tests.Onnx.ProtoModel;

namespace Nncc.Tests.Onnx;

/// <summary>Model-local functions are inlined.</summary>
public class FunctionTests
{
    [Fact]
    public void A_call_becomes_the_functions_nodes()
    {
        var model = Leaky(0.5f).Node("Leaky", ["x"], ["y"], "call", "f").Output("y", DType.Float32, 2).Read();
        Assert.Equal(["node \"call/inner\"", "node \"call/Mul#1\"", "node \"call/Max#2\""],
            model.Graph.Nodes.Select(n => n.Origin.ToString()));
        Assert.Equal("y", model.Graph[model.Graph.Outputs[0].Value].Name);
        Assert.Equal([-0.5f, 2f], Run(model));
    }

    [Fact]
    public void Attributes_of_the_call_replace_defaults() => Assert.Equal([-0.25f, 2f],
        Run(Leaky(0.5f).Node("Leaky", ["x"], ["y"], "call", "f", Float("slope", 0.25f)).Output("y", DType.Float32, 2).Read()));

    [Fact]
    public void An_attribute_that_is_not_given_and_has_no_default_is_left_out()
    {
        var function = Function("Soft", ["a"], ["b"],
            Call("Elu", ["a"], ["b"], attributes: Ref("alpha", "alpha", AttributeProto.Types.AttributeType.Float)));
        function.Attribute.Add("alpha");
        var model = new ProtoModel().Import("f", 1).Input("x", DType.Float32, 2);
        model.Message.Functions.Add(function);
        var node = Assert.Single(model.Node("Soft", ["x"], ["y"], "call", "f").Output("y", DType.Float32, 2).Read().Graph.Nodes);
        Assert.Equal(1f, ((IR.Ops.Elu)node.Op).Alpha); // the operator's own default
    }

    [Fact]
    public void Rules_are_applied_in_functions_and_across_their_bounds()
    {
        // Neg of Neg lies half in the function and half outside; Relu of Relu lies within.
        var model = new ProtoModel().Import("f", 1).Input("x", DType.Float32, 2);
        model.Message.Functions.Add(Function("Twice", ["a"], ["d"], Call("Relu", ["a"], ["b"]), Call("Relu", ["b"], ["c"]),
            Call("Neg", ["c"], ["d"])));
        var read = model.Node("Twice", ["x"], ["n"], "call", "f").Node("Neg", ["n"], ["y"], "outside").Output("y", DType.Float32, 2).Read();
        var log = new StepLog();
        var after = new Compiler(new CompilerOptions { Steps = log }).Canonicalize(read).Graph;
        Assert.IsType<IR.Ops.Relu>(Assert.Single(after.Nodes).Op);
        Assert.Equal((1, 1), (log.Counts["canonical/relu-of-relu"], log.Counts["canonical/drop-double-negation"]));
    }

    [Fact]
    public void Overloads_are_told_apart_and_calls_nest()
    {
        var model = new ProtoModel().Import("f", 1).Ir(10).Input("x", DType.Float32, 2);
        var first = Function("Step", ["a"], ["b"], Call("Neg", ["a"], ["b"]));
        var second = Function("Step", ["a"], ["b"], Call("Abs", ["a"], ["b"]));
        second.Overload = "other";
        var inner = Call("Step", ["c"], ["d"], "two", "f");
        inner.Overload = "other";
        model.Message.Functions.Add([first, second, Function("Both", ["a"], ["d"], Call("Step", ["a"], ["c"], "one", "f"), inner)]);
        var graph = model.Node("Both", ["x"], ["y"], "call", "f").Output("y", DType.Float32, 2).Read().Graph;
        Assert.Equal(["Neg", "Abs"], graph.Nodes.Select(n => n.Op.Name));
        Assert.Equal(["node \"call/one/Neg#0\"", "node \"call/two/Abs#0\""], graph.Nodes.Select(n => n.Origin.ToString()));
    }

    [Fact]
    public void The_functions_opset_gives_its_nodes_their_meaning()
    {
        // Squeeze takes axes as an attribute up to opset 12.
        var function = Function("Old", ["a"], ["b"], Call("Squeeze", ["a"], ["b"], attributes: Ints("axes", 0)));
        function.OpsetImport[0].Version = 11;
        var model = new ProtoModel().Import("f", 1).Input("x", DType.Float32, 1, 2);
        model.Message.Functions.Add(function);
        var graph = model.Node("Old", ["x"], ["y"], "call", "f").Output("y", DType.Float32, 2).Read().Graph;
        Assert.Equal("f32[2]", graph[graph.Outputs[0].Value].Type.ToString());
    }

    [Fact]
    public void A_missing_operand_is_absent_inside()
    {
        var function = Function("Clipped", ["a", "low", "high"], ["b"], Call("Clip", ["a", "low", "high"], ["b"]));
        var model = new ProtoModel().Import("f", 1).Input("x", DType.Float32, 2);
        model.Message.Functions.Add(function);
        var node = Assert.Single(model.Node("Clipped", ["x"], ["y"], "call", "f").Output("y", DType.Float32, 2).Read().Graph.Nodes);
        Assert.Single(node.Inputs);
    }

    [Fact]
    public void A_body_in_a_function_captures_the_functions_values()
    {
        var then = SubGraph("t", [], [Call("Neg", ["s"], ["p"])], "p");
        var other = SubGraph("e", [], [Call("Abs", ["a"], ["q"])], "q");
        var function = Function("Choose", ["k", "a"], ["b"], Call("Add", ["a", "a"], ["s"]),
            Call("If", ["k"], ["b"], attributes: [Body("then_branch", then), Body("else_branch", other)]));
        var model = new ProtoModel().Import("f", 1).Input("c", DType.Bool).Input("x", DType.Float32, 2);
        model.Message.Functions.Add(function);
        var read = model.Node("Choose", ["c", "x"], ["y"], "call", "f").Output("y", DType.Float32, 2).Read();
        Assert.Equal([2f, -4f], ((Tensor)new Evaluator().Run(read.Graph, [Tensor.Scalar(true), Tensor.Vector(-1f, 2f)])[0]).Span<float>()
            .ToArray());
    }

    [Theory]
    [InlineData("Self", "calls itself")]
    [InlineData("Ping", "calls itself")]
    public void Recursion_is_a_fault(string name, string words)
    {
        var model = new ProtoModel().Import("f", 1).Input("x", DType.Float32, 2);
        model.Message.Functions.Add([Function("Self", ["a"], ["b"], Call("Self", ["a"], ["b"], domain: "f")),
            Function("Ping", ["a"], ["b"], Call("Pong", ["a"], ["b"], domain: "f")),
                Function("Pong", ["a"], ["b"], Call("Ping", ["a"], ["b"], domain: "f"))]);
        Assert.Contains(model.Node(name, ["x"], ["y"], "call", "f").Output("y", DType.Float32, 2).Faults(), f =>
            f.Code == FaultCodes.Function && f.Message.Contains(words));
    }

    [Fact]
    public void Wrong_calls_are_faults()
    {
        Assert.Contains("2 operands", Leaky(1).Node("Leaky", ["x", "x"], ["y"], "call", "f").Output("y", DType.Float32, 2).Fault().Message);
        Assert.Contains("\"tilt\"", Leaky(1).Node("Leaky", ["x"], ["y"], "call", "f", Float("tilt", 1)).Output("y", DType.Float32, 2)
            .Fault().Message);
        Assert.Contains("2 results", Leaky(1).Node("Leaky", ["x"], ["y", "z"], "call", "f").Output("y", DType.Float32, 2).Fault().Message);
    }

    // max(x, slope * x)
    private static ProtoModel Leaky(float slope)
    {
        var value = new AttributeProto { Name = "value_float", RefAttrName = "slope", Type = AttributeProto.Types.AttributeType.Float };
        var function = Function("Leaky", ["a"], ["m"], Call("Constant", [], ["s"], "inner", attributes: value),
            Call("Mul", ["a", "s"], ["p"]), Call("Max", ["a", "p"], ["m"]));
        function.AttributeProto.Add(Float("slope", slope));
        var model = new ProtoModel().Import("f", 1).Input("x", DType.Float32, 2);
        model.Message.Functions.Add(function);
        return model;
    }

    private static FunctionProto Function(string name, string[] inputs, string[] outputs, params NodeProto[] nodes)
    {
        var function = new FunctionProto { Domain = "f", Name = name };
        function.Input.AddRange(inputs);
        function.Output.AddRange(outputs);
        function.Node.AddRange(nodes);
        function.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "f", Version = 1 });
        return function;
    }

    private static float[] Run(Model model) => ((Tensor)new Evaluator().Run(model.Graph, [Tensor.Vector(-1f, 2f)])[0]).Span<float>()
        .ToArray();
}
