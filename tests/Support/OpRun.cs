using Nncc.IR;
using Nncc.IR.Evaluate;

namespace Nncc.Tests;

/// <summary>
/// Runs one op by the evaluator, with operands once as inputs and once as constants, and holds the inferred types against the results'.
/// </summary>
internal static class OpRun
{
    /// <summary>The only result.</summary>
    public static Tensor One(Op op, params Tensor?[] operands) => Many(op, 1, operands)[0];

    /// <summary>So many results.</summary>
    public static Tensor[] Many(Op op, int results, params Tensor?[] operands)
    {
        var asInputs = Run(op, results, operands, constants: false);
        var asConstants = Run(op, results, operands, constants: true);
        Assert.Equal(asInputs, asConstants);
        return asInputs;
    }

    /// <summary>The inferred types for operand types; null for an absent operand.</summary>
    public static IrType[] Infer(Op op, int results, params IrType?[] operands)
    {
        var builder = new GraphBuilder("infer");
        int[] values = [.. operands.Select((type, i) => type is null ? Node.Absent : builder.Input($"x{i}", type))];
        return [.. builder.AddMany("op", op, results, values).Select(builder.Type)];
    }

    /// <summary>The message of the fault that an op gives for operand types.</summary>
    public static string Fault(Op op, params IrType?[] operands) => Assert.Throws<NnccException>(() => Infer(op, 1, operands)).Message;

    /// <summary>A tensor of f32.</summary>
    public static Tensor F32(long[] dims, params float[] items) => Tensor.Of(dims, items);

    /// <summary>A tensor of f32 with elements from -1 to 1.</summary>
    public static Tensor Random(Random random, params long[] dims) =>
        Tensor.Of(dims, Enumerable.Range(0, (int)dims.Aggregate(1L, (p, d) => p * d)).Select(_ => (float)(random.NextDouble() * 2 - 1))
            .ToArray());

    /// <summary>Fails unless the tensors have the same dtype and sizes and elements within a relative or absolute tolerance.</summary>
    public static void Close(Tensor expected, Tensor actual, double tolerance = 1e-6)
    {
        Assert.Equal(expected.Type, actual.Type);
        double[] a = expected.ToDoubles(), b = actual.ToDoubles();
        for (int i = 0; i < a.Length; i++)
            Assert.True(a[i].Equals(b[i]) || Math.Abs(a[i] - b[i]) <= tolerance * Math.Max(1, Math.Abs(a[i])),
                $"element {i}: expected {a[i]}, got {b[i]}");
    }

    private static Tensor[] Run(Op op, int results, Tensor?[] operands, bool constants)
    {
        var builder = new GraphBuilder("run");
        var inputs = new List<Datum?>();
        var values = new int[operands.Length];
        for (int i = 0; i < operands.Length; i++)
        {
            values[i] = Node.Absent;
            if (operands[i] is not { } operand) continue;
            if (constants && i > 0) values[i] = builder.Constant($"c{i}", operand);
            else
            {
                values[i] = builder.Input($"x{i}", operand.Type);
                inputs.Add(operand);
            }
        }
        var produced = builder.AddMany("op", op, results, values);
        for (int i = 0; i < results; i++) builder.Output($"y{i}", produced[i]);
        var graph = builder.Build();
        Tensor[] outputs = [.. new Evaluator().Run(graph, [.. inputs]).Cast<Tensor>()];
        for (int i = 0; i < results; i++)
            Assert.False(TypeRelation.Contradicts(graph[produced[i]].Type, outputs[i].Type),
                $"inferred {graph[produced[i]].Type}, computed {outputs[i].Type}");
        if (constants)
            Assert.Equal(outputs.Select(o => (IrType)o.Type), produced.Select(v => graph[v].Type));
        return outputs;
    }
}
