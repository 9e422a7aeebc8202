using System.Collections.Immutable;
using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Onnx;

namespace Nncc.Tests.Laws;

/// <summary>
/// Every op means the same after it was written for an older opset and read again, wherever it can be written; and it can be written
/// for the newest one.
/// </summary>
public class OpsetLaws
{
    private static readonly OpRegistry Registry = OpRegistry.Standard();
    private static readonly ILookup<string, OpCase> Cases = OpCase.All.ToLookup(c => c.Op.FullName);

    public static TheoryData<string> Names =>
        [.. Registry.Definitions.Where(d => !d.IsLegacy && d.Domain.Length == 0).Select(d => d.FullName)];

    [Theory, MemberData(nameof(Names))]
    public void EveryOpsetGivesTheSameMeaning(string name)
    {
        var definition = Registry.Find("", name)!;
        var written = new HashSet<int>();
        foreach (var c in Cases[name])
            foreach (bool constants in new[] { false, true })
            {
                var graph = Build(c, constants, out var inputs);
                var expected = new Evaluator().Run(graph, inputs);
                foreach (int opset in definition.Since.Append(OpSchemas.Newest).Where(v => v <= OpSchemas.Newest).Distinct())
                {
                    byte[] bytes;
                    try
                    {
                        bytes = OnnxWriter.ToBytes(new Model(graph, ModelHeader.Empty), Registry, opset);
                    }
                    catch (NnccException)
                    {
                        continue; // refused: other tests say when it must not be
                    }
                    written.Add(opset);
                    var again = OnnxReader.Read(bytes, Registry).Graph;
                    if (definition.Body is not null && again.Nodes.All(n => n.Op.FullName != name)) continue; // BodyLaws compare these
                    var results = new Evaluator().Run(again, inputs);
                    for (int i = 0; i < results.Length; i++)
                        Assert.True(results[i] is not Tensor got || expected[i] is not Tensor want || got.Equals(want),
                            $"{c} by opset {opset}: result {i} is {results[i].Type}, differs from {expected[i].Type}");
                }
            }
        Assert.Contains(OpSchemas.Newest, written);
        Assert.Contains(definition.Since.Last(v => v <= OpSchemas.Newest), written);
    }

    private static Graph Build(OpCase c, bool constants, out ImmutableArray<Datum?> inputs)
    {
        var edit = new GraphEdit("case");
        var given = ImmutableArray.CreateBuilder<Datum?>();
        int[] operands = [.. c.Operands.Select((o, i) =>
        {
            if (o is null) return Node.Absent;
            if (constants && i > 0 && o is Tensor tensor) return edit.AddConstant(tensor);
            given.Add(o);
            return edit.AddInput($"x{i}", o.Type);
        })];
        var node = edit.Insert(c.Op, operands, Provenance.Of("case"), [.. Enumerable.Range(0, c.Results).Select(i => $"y{i}")]);
        foreach (int output in node.Outputs) edit.AddOutput(edit[output].Name, output);
        inputs = given.ToImmutable();
        return edit.Freeze();
    }
}
