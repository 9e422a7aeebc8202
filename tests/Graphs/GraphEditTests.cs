using Nncc.IR.Ops;
using Nncc.IR.Text;

namespace Nncc.Tests.Graphs;

public class GraphEditTests
{
    private static readonly OpRegistry Ops = OpRegistry.Standard();
    private static readonly TensorType Pair = new(DType.Float32, Shape.Of(2));

    [Fact]
    public void NothingChangedIsTheSameObject()
    {
        var graph = Chain(3);
        var edit = new GraphEdit(graph);
        Assert.False(edit.IsChanged);
        edit.SetOutputs(graph.Outputs);
        edit.Name = graph.Name;
        edit.Stage = graph.Stage;
        edit.Refine(0, graph[0].Type);
        edit.SetLayout(1, null);
        edit.Rename(1, graph[1].Name);
        edit.Substitute(new Dictionary<string, Dim> { ["N"] = 3 });
        Assert.Empty(edit.ReinferAll());
        Assert.Same(graph, edit.Freeze());
    }

    [Fact]
    public void AnEditLeavesTheOldGraphAsItWas()
    {
        var graph = Chain(3);
        string before = Printer.Print(graph, Ops);
        var edit = new GraphEdit(graph);
        edit.ReplaceValue(2, 1);
        edit.Erase(edit.Find(1)!);
        Assert.NotSame(graph, edit.Freeze());
        Assert.Equal(before, Printer.Print(graph, Ops));
    }

    [Fact]
    public void UnchangedNodesKeepIdsAndOrderAndIdsAreNotUsedAgain()
    {
        var graph = Chain(4);
        var edit = new GraphEdit(graph);
        var added = edit.Insert(new Neg(), [1], Provenance.None, ["new"], before: edit.Find(1));
        edit.Erase(added);
        var second = edit.Insert(new Neg(), [1], Provenance.None, ["new"], before: edit.Find(1));
        Assert.NotEqual(added.Id, second.Id);
        edit.AddOutput("n", second.Outputs[0]);
        var after = edit.Freeze();
        Assert.Equal([0, second.Id, 1, 2, 3], after.Nodes.Select(n => n.Id));
        Assert.Same(graph.Nodes[2], after.Nodes[3]);
        Assert.Equal(6, after.NextNode);
        var erased = new GraphEdit(after);
        erased.SetOutputs([after.Outputs[0]]);
        erased.Erase(erased.Find(second.Id)!);
        Assert.Equal(6, erased.Insert(new Neg(), [1], Provenance.None).Id);
    }

    [Fact]
    public void UsesAreCountedUnderChange()
    {
        var edit = new GraphEdit("uses");
        int x = edit.AddInput("x", Pair), y = edit.AddInput("y", Pair);
        var twice = edit.Insert(new Add(), [x, x], Provenance.None);
        var once = edit.Insert(new Add(), [x, y], Provenance.None);
        Assert.Equal([twice.Id, twice.Id, once.Id], edit.Users(x));
        twice = edit.Change(twice, new Add(), [y, x]);
        Assert.Equal(2, edit.UseCount(x));
        Assert.Equal([twice.Id, once.Id], edit.Users(x).Order());
        edit.ReplaceValue(x, y);
        Assert.Empty(edit.Users(x));
        Assert.Equal([twice.Id, twice.Id, once.Id, once.Id], edit.Users(y).Order());
        edit.Erase(edit.Find(once.Id)!);
        Assert.Equal([twice.Id, twice.Id], edit.Users(y));
        Assert.False(edit.IsUsed(x));
    }

    [Fact]
    public void UsesThatWentAreNotMoved()
    {
        var edit = new GraphEdit("uses");
        int x = edit.AddInput("x", Pair), y = edit.AddInput("y", Pair), z = edit.AddInput("z", Pair);
        var first = edit.Insert(new Neg(), [x], Provenance.None);
        var second = edit.Insert(new Neg(), [x], Provenance.None);
        edit.Change(first, new Neg(), [z]);
        edit.ReplaceValue(x, y);
        Assert.Equal([second.Id], edit.Users(y));
        Assert.Equal(1, edit.UseCount(y));
    }

    [Fact]
    public void AReplacementThatSaysMoreIsInferredOn()
    {
        var edit = new GraphEdit("more");
        int x = edit.AddInput("x", new TensorType(DType.Float32, null));
        int y = edit.AddInput("y", Pair);
        int shape = edit.AddInput("shape", new TensorType(DType.Int64, Shape.Of(1)));
        int sum = edit.Insert(new Neg(), [x], Provenance.None).Outputs[0];
        int expanded = edit.Insert(new Expand(), [y, shape], Provenance.None).Outputs[0];
        edit.ReplaceValue(x, y);
        edit.ReplaceValue(shape, edit.AddConstant(Tensor.Vector(2L)));
        Assert.Equal(Pair, edit[sum].Type);
        Assert.Equal(Pair, edit[expanded].Type);
    }

    [Fact]
    public void WhatIsUsedIsNotErased()
    {
        var edit = new GraphEdit(Chain(2));
        Assert.Throws<InvalidOperationException>(() => edit.Erase(edit.Find(0)!));
        Assert.Throws<InvalidOperationException>(() => edit.Erase(edit.Find(1)!));
        Assert.Throws<InvalidOperationException>(() => edit.RemoveInput(0));
    }

    [Fact]
    public void TypesAreInferredAnewDownstream()
    {
        var edit = new GraphEdit("types");
        int x = edit.AddInput("x", new TensorType(DType.Float32, [Dim.Symbol("N"), 3]));
        int sum = edit.Insert(new Add(), [x, x], Provenance.None).Outputs[0];
        int sizes = edit.Insert(new ShapeOf(), [sum], Provenance.None).Outputs[0];
        edit.Refine(x, new TensorType(DType.Float32, Shape.Of(4, 3)));
        Assert.Equal("f32[4x3]", edit[sum].Type.ToString());
        Assert.Equal([4, 3], edit[sizes].Known!.Value.Select(d => d.Value!.Value));
    }

    [Fact]
    public void WhatWasKnownBeforeStaysKnown()
    {
        var edit = new GraphEdit("known");
        int x = edit.AddInput("x", Pair);
        var node = edit.Insert(new Opaque("d", "Thing", []), [x], Provenance.None);
        edit.Refine(node.Outputs[0], Pair);
        edit.Change(node, new Opaque("d", "Thing", [new("a", 1L)]), [x]);
        Assert.Equal(Pair, edit[node.Outputs[0]].Type);
    }

    [Fact]
    public void AnEditThatWouldMakeATypeWrongIsRefused()
    {
        var edit = new GraphEdit(Chain(2));
        int other = edit.AddInput("other", new TensorType(DType.Float32, Shape.Of(3)));
        var fault = Assert.Throws<NnccException>(() => edit.ReplaceValue(1, other)).Faults[0];
        Assert.Equal(FaultCodes.TypeChange, fault.Code);
        Assert.Throws<NnccException>(() => edit.Refine(0, new TensorType(DType.Float16, Shape.Of(2))));
        Assert.Throws<NnccException>(() => edit.Insert(new Add(), [0, other], Provenance.None));
        edit.RemoveInput(other);
        Assert.Empty(Verifier.Check(edit.Freeze(), Ops));
    }

    [Fact]
    public void ACircleIsFound()
    {
        var edit = new GraphEdit(Chain(3));
        edit.Change(edit.Find(0)!, new Neg(), [3]);
        Assert.Equal(FaultCodes.Cycle, Assert.Throws<NnccException>(() => edit.Freeze()).Faults[0].Code);
    }

    [Fact]
    public void NamesStayUnique()
    {
        var edit = new GraphEdit("names");
        for (int i = 0; i < 3; i++) edit.AddInput("x", Pair);
        edit.AddInput("x_1", Pair);
        edit.Rename(0, "x_2");
        Assert.Equal(["x_2_1", "x_1", "x_2", "x_1_1"], edit.Freeze().Values.Select(v => v.Name));
    }

    [Fact]
    public void ABodyIsSplicedInPlace()
    {
        var inner = new GraphEdit("body");
        int a = inner.AddInput("a", new TensorType(DType.Float32, null));
        int b = inner.AddInput("b", Pair);
        inner.AddOutput("sum", inner.Insert(new Add(), [a, b], Provenance.Of("add"), ["v1"]).Outputs[0]);
        inner.AddOutput("a", a);
        var edit = new GraphEdit(Chain(2));
        var results = edit.Splice(inner.Freeze(), [0, 1], edit.Find(1)!, "splice", out var inserted);
        edit.ReplaceValue(2, results[0]);
        var graph = edit.Freeze();
        Assert.Equal(0, results[1]);
        Assert.Equal(["Neg", "Add", "Neg"], graph.Nodes.Select(n => n.Op.Name));
        Assert.Equal("f32[2]", graph[inserted[0].Outputs[0]].Type.ToString());
        Assert.Equal("v1_1", graph[inserted[0].Outputs[0]].Name);
        Assert.Equal(["add"], inserted[0].Origin.Nodes);
        Assert.Equal(["splice"], inserted[0].Origin.Steps);
    }

    [Fact]
    public void SizesThatNobodyKnowsHaveOtherNamesInsideThanOutside()
    {
        var edit = new GraphEdit("body");
        int mask = edit.AddInput("mask", new TensorType(DType.Float32, [Dim.Symbol("u3_0")]));
        int sizes = edit.AddInput("sizes", new TensorType(DType.Int64, Shape.Of(1)));
        for (int i = 0; i < 3; i++) edit.Insert(new Neg(), [mask], Provenance.None);
        int made = edit.Insert(new ConstantOfShape(), [sizes], Provenance.None).Outputs[0];
        Assert.Equal("f32[uu3_0]", edit[made].Type.ToString());
        edit.RefineInputs([new TensorType(DType.Float32, [Dim.Symbol("uu3_0")]), edit[sizes].Type]);
        Assert.Equal("f32[uuu3_0]", edit[made].Type.ToString());
        Assert.Equal("f32[uu3_0]", edit[mask].Type.ToString());
    }

    [Fact]
    public void WatchHearsOfEveryNode()
    {
        var heard = new List<string>();
        var edit = new GraphEdit(Chain(2));
        edit.Watch = (before, after) => heard.Add($"{before?.Op.Name ?? "-"} {after?.Op.Name ?? "-"}");
        edit.Change(edit.Find(1)!, new Abs(), [1]);
        var node = edit.Insert(new Exp(), [0], Provenance.None);
        edit.ReplaceValue(1, node.Outputs[0]);
        edit.Erase(edit.Find(0)!);
        Assert.Equal(["Neg Abs", "- Exp", "Abs Abs", "Neg -"], heard);
    }

    internal static Graph Chain(int length)
    {
        var edit = new GraphEdit("chain");
        int value = edit.AddInput("x", Pair);
        for (int i = 1; i <= length; i++) value = edit.Insert(new Neg(), [value], Provenance.Of($"neg{i}"), [$"v{i}"]).Outputs[0];
        edit.AddOutput("y", value);
        return edit.Freeze();
    }
}
