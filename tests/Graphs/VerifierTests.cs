using System.Collections.Immutable;
using Nncc.IR.Ops;

namespace Nncc.Tests.Graphs;

/// <summary>Graphs that no edit can make, put together by hand: each breaks one rule, and the verifier says which.</summary>
public class VerifierTests
{
    private static readonly OpRegistry Ops = OpRegistry.Standard();
    private static readonly TensorType Pair = new(DType.Float32, Shape.Of(2));

    private static readonly ImmutableArray<Value?> Values =
    [
        new Value(0, "x", Pair, -1, 0), new Value(1, "a", Pair, 0, 0), new Value(2, "b", Pair, 1, 0),
    ];

    private static readonly ImmutableArray<Node> Nodes =
        [new Node(0, new Neg(), [0], [1], Provenance.Of("first")), new Node(1, new Abs(), [1], [2], Provenance.Of("second"))];

    [Fact]
    public void AGoodGraphHasNoFault() => Assert.Empty(Faults(Values, Nodes));

    [Fact]
    public void OrderIsChecked() => Expect("%1 is used before it is defined", Faults(Values, Nodes.Reverse()));

    [Fact]
    public void OperandsExist() => Expect("%7 is used and does not exist",
        Faults(Values, Nodes.SetItem(1, Nodes[1] with { Inputs = [7] })));

    [Fact]
    public void ResultsExist() => Expect("%7 is to be defined and does not exist",
        Faults(Values, Nodes.SetItem(1, Nodes[1] with { Outputs = [7] })));

    [Fact]
    public void ValuesAreDefinedOnce() =>
        Expect("%1 is defined twice", Faults(Values, Nodes.Add(new Node(2, new Neg(), [0], [1], Provenance.None))));

    [Fact]
    public void EveryValueIsDefined() => Expect("%2 is given by no node", Faults(Values, [Nodes[0]]));

    [Fact]
    public void ValuesKnowTheirProducers() =>
        Expect("result 0 of node 5", Faults(Values.SetItem(2, Values[2]! with { Producer = 5 }), Nodes));

    [Fact]
    public void IdsAreUnique() => Expect("two nodes have the id 0",
        Faults(Values, Nodes.Add(Nodes[0] with { Inputs = [2], Outputs = [] })));

    [Fact]
    public void NamesAreUnique() => Expect("two values have the name \"x\"",
        Faults(Values.SetItem(2, Values[2]! with { Name = "x" }), Nodes));

    [Fact]
    public void OutputsExist() => Expect("output \"y\" is %9", Verifier.Check(Make(Values, Nodes, [new GraphOutput("y", 9)]), Ops));

    [Fact]
    public void StagesAreChecked() => Expect("may not outlive", Verifier.Check(Make(
        [Values[0], Values[1]], [new Node(0, new Early(), [0], [1], Provenance.None)], [new GraphOutput("y", 1)]).With(stage: Stage.Fused),
            Ops));

    [Fact]
    public void OpsAreRegistered() => Expect("Early is not a registered op", Verifier.Check(Make(
        [Values[0], Values[1]], [new Node(0, new Early(), [0], [1], Provenance.None)], [new GraphOutput("y", 1)]), Ops));

    [Fact]
    public void DefaultsFitTheirInputs() => Expect("its default f32[3]", Verifier.Check(new Graph(
        "g", Stage.Imported, [new GraphInput(0, Tensor.Vector(1f, 2, 3))], [], [], [Values[0]], 0), Ops));

    [Fact]
    public void DeepBodiesAreRefusedWithoutRecursionWithoutEnd()
    {
        var body = Make([Values[0]], [], [new GraphOutput("y", 0)]);
        for (int i = 0; i < 100; i++)
            body = Make([Values[0], Values[1]], [new Node(0, new Fusion(body), [0], [1], Provenance.None)], [new GraphOutput("y", 1)]);
        Assert.Contains(Verifier.Check(body, Ops), f => f.Code == FaultCodes.Nesting);
    }

    private sealed record Early : Op
    {
        public override Stage LastStage => Stage.Imported;

        public override ImmutableArray<IrType> Infer(InferContext context) => [context.Type(0)];

        public override ImmutableArray<Datum> Evaluate(EvaluateContext context) => [context.Input(0)];

        public override Work Measure(MeasureContext context) => context.Movement();
    }

    private static Graph Make(ImmutableArray<Value?> values, ImmutableArray<Node> nodes, ImmutableArray<GraphOutput> outputs) =>
        new("g", Stage.Imported, [new GraphInput(0)], outputs, nodes, [.. values], 10);

    private static ImmutableArray<Fault> Faults(ImmutableArray<Value?> values, IEnumerable<Node> nodes) =>
        Verifier.Check(Make(values, [.. nodes], [new GraphOutput("y", 1)]), Ops);

    private static void Expect(string message, ImmutableArray<Fault> faults) =>
        Assert.Contains(faults, f => f.Code == FaultCodes.Inconsistent && f.Message.Contains(message, StringComparison.Ordinal));
}
