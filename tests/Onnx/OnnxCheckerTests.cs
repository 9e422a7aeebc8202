using Nncc.IR.Onnx;
using Nncc.IR.Onnx.Proto;
using static Nncc.Tests.Onnx.ProtoModel;

namespace Nncc.Tests.Onnx;

/// <summary>The checker accepts sound files and finds what is not.</summary>
public class OnnxCheckerTests
{
    [Fact]
    public void Sound_files_pass() => Assert.Empty(OnnxChecker.Check(Sound().Bytes()));

    public static TheoryData<string, string> Broken => new()
    {
        { "operand", "\"gone\" is not defined" },
        { "order", "\"later\" is not defined before it" },
        { "twice", "defined twice" },
        { "output", "nothing in its graph" },
        { "operator", "no such operator" },
        { "arity", "3 operands and may have 2" },
        { "missing", "1 operands and needs 2" },
        { "attribute", "no attribute \"zeta\"" },
        { "kind", "is float and must be int" },
        { "required", "\"axis\" is missing" },
        { "import", "no opset of its domain" },
        { "type", "without a type" },
        { "bytes", "takes 8 bytes and has 4" },
        { "nested", "\"gone\" is not defined" },
        { "shadow", "defined twice" },
        { "version", "no opset 99" },
        { "ir", "IR version 99" },
    };

    [Theory, MemberData(nameof(Broken))]
    public void Each_broken_rule_is_found(string rule, string words)
    {
        var model = Sound();
        switch (rule)
        {
            case "operand": model.Node("Relu", ["gone"], ["z"]); break;
            case "order": model.Node("Relu", ["later"], ["z"]).Node("Relu", ["x"], ["later"]); break;
            case "twice": model.Node("Relu", ["x"], ["y"]); break;
            case "output": model.Output("nowhere"); break;
            case "operator": model.Node("Gelu", ["x"], ["z"]); break;
            case "arity": model.Node("Add", ["x", "x", "x"], ["z"]); break;
            case "missing": model.Node("Add", ["x"], ["z"]); break;
            case "attribute": model.Node("Relu", ["x"], ["z"], "", "", Int("zeta", 1)); break;
            case "kind": model.Node("Concat", ["x"], ["z"], "", "", Float("axis", 1)); break;
            case "required": model.Node("Concat", ["x"], ["z"]); break;
            case "import": model.Node("Other", ["x"], ["z"], "", "custom"); break;
            case "type": model.Graph.Input.Add(new ValueInfoProto { Name = "u" }); break;
            case "bytes": model.Initializer(Raw("w", DType.Float32, [2], new byte[4])); break;
            case "nested": model.Node("If", ["c"], ["z"], "", "", Branch("then_branch", "gone", "a"),
                Branch("else_branch", "x", "b")); break;
            case "shadow": model.Node("If", ["c"], ["z"], "", "", Branch("then_branch", "x", "y"), Branch("else_branch", "x", "b")); break;
            case "version": model.Message.OpsetImport[0].Version = 99; break;
            case "ir": model.Ir(99); break;
        }
        Assert.Contains(OnnxChecker.Check(model.Bytes()), f => f.Message.Contains(words));
    }

    private static ProtoModel Sound() => new ProtoModel().Input("x", DType.Float32, 2).Input("c", DType.Bool).Node("Relu", ["x"], ["y"])
        .Output("y", DType.Float32, 2);

    private static AttributeProto Branch(string name, string uses, string gives) =>
        Body(name, SubGraph(name, [], [Call("Relu", [uses], [gives])], gives));
}
