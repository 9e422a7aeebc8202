using Nncc.Passes;
using Nncc.Passes.Transforms;

namespace Nncc.Tests.Laws;

/// <summary>
/// Constants that no sane model has (axes beyond the rank, huge sizes, NaN) end in a fault of the user's or in a node that stays, never in
/// anything else.
/// </summary>
public class HostileConstantLaws
{
    private static readonly OpRegistry Ops = OpRegistry.Standard();
    private static readonly ILookup<string, OpCase> Cases = OpCase.All.ToLookup(c => c.Op.FullName);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);
    private static readonly long[] Integers =
        [0, 1, -1, 2, 3, -2, -7, 100, int.MaxValue, int.MinValue, 1L << 32, long.MaxValue, long.MinValue, 1L << 62];
    private static readonly double[] Floats =
        [0, -0.0, 1, -1, 0.5, 1e30, -1e30, 1e-30, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 65504, 2147483648, 9.3e18];

    public static TheoryData<string> Names => [.. Ops.Definitions.Where(d => !d.IsLegacy).Select(d => d.FullName)];

    [Theory, MemberData(nameof(Names))]
    public async Task FoldingEndsInAFaultOrNot(string name)
    {
        var random = new Random(5);
        foreach (var c in Cases[name].Take(40))
            for (int i = 0; i < 6; i++)
            {
                var edit = new GraphEdit("hostile");
                var operands = c.Operands.Select(o => o is Tensor tensor && random.Next(3) > 0 ? Change(tensor, random) : o).ToArray();
                try
                {
                    var node = edit.Insert(c.Op, operands.Select((o, k) => o is null ? Node.Absent : o is Tensor t ? edit.AddConstant(t)
                        : edit.AddInput($"x{k}", o.Type)).ToArray(), Provenance.None,
                            [.. Enumerable.Range(0, c.Results).Select(k => $"y{k}")]);
                    foreach (int output in node.Outputs) edit.AddOutput(edit[output].Name, output);
                    var graph = edit.Freeze();
                    var run = Task.Run(() => new Pipeline("hostile", new ConstantFolding()).Run(graph, new PassContext(Ops)));
                    Assert.True(await Task.WhenAny(run, Task.Delay(Limit)) == run, $"it takes more than {Limit}");
                    await run;
                }
                catch (NnccException)
                {
                }
                catch (Exception e)
                {
                    Assert.Fail($"{c.Op}({string.Join(", ", operands.Select(Show))}): {e}");
                }
            }
    }

    private static Tensor Change(Tensor tensor, Random random)
    {
        if (tensor.DType == DType.String || tensor.DType.IsComplex() || tensor.Count > 10_000) return tensor;
        if (tensor.DType.IsFloat())
        {
            double[] floats = tensor.ToDoubles();
            for (int i = 0; i < floats.Length; i++)
                if (random.Next(2) == 0) floats[i] = Floats[random.Next(Floats.Length)];
            return Tensor.FromDoubles(tensor.DType, tensor.Dims.AsSpan(), floats);
        }
        long[] longs = tensor.ToLongs();
        for (int i = 0; i < longs.Length; i++)
            if (random.Next(2) == 0) longs[i] = Integers[random.Next(Integers.Length)];
        return Tensor.FromLongs(tensor.DType, tensor.Dims.AsSpan(), longs);
    }

    private static string Show(Datum? datum) => datum is not Tensor { Count: <= 16 } tensor || tensor.DType == DType.String
        ? datum?.Type.ToString() ?? "-" : $"{tensor.Type}{{{string.Join(",", tensor.ToDoubles())}}}";
}
