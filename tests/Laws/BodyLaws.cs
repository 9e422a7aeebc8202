using System.Collections.Immutable;
using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;

namespace Nncc.Tests.Laws;

/// <summary>What holds for every op that is made of simpler ones: its body does the same, and files that lack the op hold it.</summary>
public class BodyLaws
{
    private static readonly OpRegistry Registry = OpRegistry.Standard();
    private static readonly ILookup<string, OpCase> Cases = OpCase.All.ToLookup(c => c.Op.FullName);

    public static TheoryData<string> Names => [.. Registry.Definitions.Where(d => d.Body is not null).Select(d => d.FullName)];

    [Theory, MemberData(nameof(Names))]
    public void TheBodyDoesTheSame(string name)
    {
        int bodies = 0;
        foreach (var c in Cases[name])
            foreach (bool areConstant in new[] { false, true })
            {
                var graph = Build(c, areConstant);
                var node = graph.Nodes[^1];
                if (BodyGraph.Of(node, Registry, v => graph[v].Type, v => graph.TryConstant(v, out var t) ? t : null, out string? reason)
                    is not { } body)
                {
                    Assert.False(string.IsNullOrEmpty(reason));
                    continue;
                }
                bodies++;
                Assert.DoesNotContain(body.Nodes, n => n.Op.FullName == name);
                Assert.Empty(Verifier.Check(body, Registry));
                Near(c, new Evaluator().Run(graph, Inputs(c, areConstant))[0],
                    new Evaluator().Run(body, [.. c.Operands.OfType<Datum>()])[0]);
            }
        Assert.True(bodies > 0, $"no case of {name} has a body");
    }

    [Theory, MemberData(nameof(Names))]
    public void OlderFilesHoldTheBody(string name)
    {
        if (Registry.Definitions.Single(d => d.FullName == name).BodySince is not { } since) return;
        int opset = since == 1 ? OpSchemas.Newest : since - 1, written = 0;
        foreach (var c in Cases[name])
        {
            var graph = Build(c, areConstant: false);
            byte[] bytes;
            try
            {
                bytes = OnnxWriter.ToBytes(new Model(graph, ModelHeader.Empty), Registry, opset);
            }
            catch (NnccException e)
            {
                Assert.All(e.Faults, f => Assert.Equal(FaultCodes.OpsetDemand, f.Code));
                continue;
            }
            written++;
            Assert.Empty(OnnxChecker.Check(bytes));
            var again = OnnxReader.Read(bytes, Registry).Graph;
            Assert.DoesNotContain(again.Nodes, n => n.Op.FullName == name);
            Near(c, new Evaluator().Run(graph, Inputs(c, false))[0], new Evaluator().Run(again, Inputs(c, false))[0]);
        }
        Assert.True(written > 0, $"no case of {name} is written at opset {opset}");
    }

    public static TheoryData<string, Op, long[], long[]> Emptied => new()
    {
        { "n,4,3,2", new ChannelShuffle(2), [0, 4, 3, 2], [] },
        { "n,4,h,w", new ChannelShuffle(2), [0, 4, 3, 2], [] },
        { "n,4,h,w", new ChannelShuffle(2), [2, 4, 0, 2], [] },
        { "n,4,h,w", new ChannelShuffle(2), [2, 4, 3, 2], [] },
        { "2,4,0", new ChannelShuffle(2), [2, 4, 0], [] },
        { "n,6", new ChannelShuffle(3), [0, 6], [] },
        { "n,4,3,2", new GroupNormalization(2), [0, 4, 3, 2], [4] },
        { "n,4,h,w", new GroupNormalization(2), [0, 4, 3, 2], [4] },
        { "n,4,h,w", new GroupNormalization(2), [2, 4, 3, 0], [4] },
        { "n,4,h,w", new GroupNormalization(2), [2, 4, 3, 2], [4] },
        { "n,c,h,w", new GroupNormalization(2), [2, 4, 3, 2], [4] },
        { "1,c,2", new GroupNormalization(1), [1, 0, 2], [0] },
        { "n,l,8", new Attention(KvNumHeads: 2, QNumHeads: 2), [0, 3, 8], [] },
        { "n,l,8", new Attention(KvNumHeads: 2, QNumHeads: 2), [2, 3, 8], [] },
    };

    [Theory, MemberData(nameof(Emptied))]
    public void BodiesOfOpenSizesTakeEmptyTensors(string sizes, Op op, long[] dims, long[] channels)
    {
        var edit = new GraphEdit("open");
        var x = new TensorType(DType.Float32, new Shape([.. sizes.Split(',').Select(s => long.TryParse(s, out long size) ? Dim.Of(size)
            : Dim.Symbol(s, 0, 100))]));
        var operands = new List<(int Value, Tensor Content)> { (edit.AddInput("x", x), Sample.Floats(dims)) };
        if (op is GroupNormalization)
            foreach (string name in new[] { "scale", "bias" })
                operands.Add((edit.AddInput(name, Sample.Floats(channels).Type), Sample.Floats(channels)));
        if (op is Attention) operands.AddRange([operands[0], operands[0]]);
        var node = edit.Insert(op, [.. operands.Select(o => o.Value)], Provenance.Of("case"), ["y"]);
        edit.AddOutput("y", node.Outputs[0]);
        var graph = edit.Freeze();
        ImmutableArray<Datum?> inputs = [.. operands.DistinctBy(o => o.Value).Select(o => o.Content)];

        int since = Registry[op].BodySince!.Value;
        byte[] bytes = OnnxWriter.ToBytes(new Model(graph, ModelHeader.Empty), Registry, since == 1 ? OpSchemas.Newest : since - 1);
        var again = OnnxReader.Read(bytes, Registry).Graph;
        Assert.DoesNotContain(again.Nodes, n => n.Op.FullName == op.FullName);
        var expected = (Tensor)new Evaluator().Run(graph, inputs)[0];
        OpRun.Close(expected, (Tensor)new Evaluator().Run(again, inputs)[0]);
    }

    private static Graph Build(OpCase c, bool areConstant)
    {
        var edit = new GraphEdit("case");
        int[] operands = [.. c.Operands.Select((o, i) => o is null ? Node.Absent
            : areConstant && i > 0 ? edit.AddConstant((Tensor)o, $"x{i}") : edit.AddInput($"x{i}", o.Type))];
        var node = edit.Insert(c.Op, operands, Provenance.Of("case"), [.. Enumerable.Range(0, c.Results).Select(i => $"y{i}")]);
        foreach (int output in node.Outputs) edit.AddOutput(edit[output].Name, output);
        return edit.Freeze();
    }

    private static ImmutableArray<Datum?> Inputs(OpCase c, bool areConstant) =>
        [.. c.Operands.Where((o, i) => o is not null && !(areConstant && i > 0))];

    // Each op of the body rounds for itself, and attributes among them have 32 bits.
    private static void Near(OpCase c, Datum a, Datum b)
    {
        var (x, y) = ((Tensor)a, (Tensor)b);
        Assert.Equal(x.Type, y.Type);
        double[] p = x.ToDoubles(), q = y.ToDoubles();
        double bound = x.DType switch { DType.BFloat16 => 4e-2, DType.Float16 => 4e-3, DType.Float32 => 2e-6, _ => 1e-7 }
            * p.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        for (int i = 0; i < p.Length; i++)
            Assert.True(p[i].Equals(q[i]) || Math.Abs(p[i] - q[i]) <= bound, $"{c}: element {i} is {p[i]}, of the body {q[i]}");
    }
}
