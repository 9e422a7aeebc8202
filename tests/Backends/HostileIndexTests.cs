using System.Collections.Immutable;
using Nncc.Backends.CSharp;
using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.Passes;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;
using Nncc.Tests.Laws;

namespace Nncc.Tests.Backends;

/// <summary>
/// Integers that emitted C# takes at run time (indices, lengths, places) may be anything: what the evaluator refuses the program refuses,
/// by an exception and before it touches memory, and what the evaluator computes it computes.
/// </summary>
public class HostileIndexTests
{
    private const int Rounds = 12;

    private static readonly long[] Integers = [0, 1, -1, 2, -2, 3, -3, 5, -7, 100, int.MaxValue, int.MinValue, 1L << 32, long.MaxValue,
        long.MinValue, (1L << 62) + 1];

    [Fact]
    public void What_the_evaluator_refuses_the_program_refuses()
    {
        var target = TargetProfiles.Standard()["cpu-avx2"];
        using var batch = new ProgramBatch(target);
        var cases = new List<(string Name, OpCase Case, Graph Graph)>();
        foreach (var c in OpCase.All.Where(c => c.Operands.All(o => o is null or Tensor) && c.Operands.Any(IsIndex)))
        {
            var graph = Build(c);
            try
            {
                var program = new CSharpBackend(target, new NoFusion()).Lower(graph, new PassContext(OpRegistry.Standard()));
                cases.Add(($"case {cases.Count}", c, graph));
                batch.Add(cases[^1].Name, new NoFusion(), _ => program);
            }
            catch (NnccException)
            {
                // not taken
            }
        }
        Assert.True(cases.Select(c => c.Case.Op.Name).Distinct().Count() >= 10);
        var random = new Random(3);
        int refused = 0, computed = 0;
        foreach (var (name, c, graph) in cases)
            for (int round = 0; round < Rounds; round++)
            {
                Tensor[] given = [.. c.Operands.OfType<Tensor>().Select(t => IsIndex(t) && random.Next(4) > 0 ? Hostile(t, random) : t)];
                string what = $"{c}: {string.Join(" ", given.Where(IsIndex).Select(t => string.Join(",", t.ToLongs())))}";
                ImmutableArray<Datum>? expected = null;
                try
                {
                    expected = new Evaluator().Run(graph, [.. given]);
                }
                catch (NnccException)
                {
                    refused++;
                }
                Array[]? actual = null;
                try
                {
                    actual = batch[name].Run([.. given.Select(Arrays.Of)], graph.Outputs.Length);
                    computed++;
                }
                catch (Exception e) when (e is InvalidDataException or NnccException)
                {
                    // compared below
                }
                Assert.True(expected is null == actual is null,
                    $"{what}: {(expected is null ? "the evaluator refuses it" : "the evaluator takes it")}");
                for (int i = 0; i < actual?.Length; i++) Arrays.AssertClose((Tensor)expected!.Value[i], actual[i], what);
            }
        Assert.True(refused > 50 && computed > 50, $"{refused} refused, {computed} computed");
    }

    private static bool IsIndex(Datum? datum) => datum is Tensor { DType: DType.Int32 or DType.Int64 };

    private static Tensor Hostile(Tensor tensor, Random random)
    {
        long[] items = tensor.ToLongs();
        for (int i = 0; i < items.Length; i++)
            if (random.Next(2) == 0) items[i] = Integers[random.Next(random.Next(2) == 0 ? 8 : Integers.Length)];
        return Tensor.FromLongs(tensor.DType, tensor.Dims.AsSpan(), items);
    }

    private static Graph Build(OpCase c)
    {
        var edit = new GraphEdit("case");
        int[] operands = [.. c.Operands.Select((o, i) => o is null ? Node.Absent : edit.AddInput($"x{i}", o.Type))];
        var node = edit.Insert(c.Op, operands, Provenance.Of("case"), [.. Enumerable.Range(0, c.Results).Select(i => $"y{i}")]);
        foreach (int output in node.Outputs) edit.AddOutput(edit[output].Name, output);
        return edit.Freeze();
    }
}
