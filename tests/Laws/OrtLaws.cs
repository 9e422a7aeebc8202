using System.Collections.Immutable;
using Nncc.Backends.OnnxRuntime;
using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests.Laws;

/// <summary>ONNX Runtime, where it has the op for the dtypes, gives what the evaluator gives for every case.</summary>
public class OrtLaws
{
    // The newest opset for which ONNX Runtime has most kernels.
    private const int Opset = 24;

    private static readonly OpRegistry Registry = OpRegistry.Standard();

    /// <summary>Where ONNX Runtime 1.30 differs, and why the evaluator does not follow.</summary>
    private static readonly (Func<OpCase, bool> Where, string Reason)[] Differences =
    [
        (c => c.Op is Gather && DTypeOf(c, 0) == DType.String, "it copies the first string of each slice only"),
        (c => c.Op is Cast { To: DType.String } && DTypeOf(c, 0).IsFloat(), "it prints 8 digits, needed or not"),
        (c => c.Op is CastLike && DTypeOf(c, 1) == DType.String && DTypeOf(c, 0).IsFloat(), "it prints 8 digits, needed or not"),
        (c => DTypeOf(c, 0).IsFloat()
            && (c.Op is Cast { To: var to } ? to : c.Op is CastLike ? DTypeOf(c, 1) : DType.Float32) is DType.Int4 or DType.UInt4,
            "it rounds to integers of 4 bits, to others it truncates as the standard says"),
        (c => c.Op is Gelu or Shrink && DTypeOf(c, 0) == DType.Float64, "it computes in binary32"),
        (c => c.Op is HammingWindow { OutputDatatype: DType.Float64 }, "it computes in binary32"),
        (c => c.Op is BlackmanWindow { Periodic: false } && c.Operands[0] is Tensor { Count: 1 } size && size.ToLong() == 1,
            "it divides by zero for a window of one place"),
        (c => c.Op is StringSplit { Delimiter: not null }, "it gives no piece of an empty string"),
        (c => c.Op is MaxUnpool && c.Operands.Length == 3, "it takes indices as places of the larger result, not of what was pooled"),
        (c => c.Op is MultiHeadAttention && c.Operands.Length > 8, "it leaves new keys out of present unless past is the same memory"),
    ];

    [FactNeeding(Needs.OnnxRuntime)]
    public void OnnxRuntimeAgrees()
    {
        var ran = new SortedSet<string>(StringComparer.Ordinal);
        var failures = new List<string>();
        foreach (var c in OpCase.All.Where(c => c.Op.Domain is "" or "ai.onnx.ml" or "com.microsoft" && !Differences.Any(d => d.Where(c))))
        {
            var graph = Build(c);
            if (Judged(c, graph) is not { } judged) continue;
            ran.Add(c.Op.Name);
            var own = new Evaluator().Run(graph, [.. c.Operands.Where(o => o is not null)]);
            for (int i = 0; i < own.Length; i++)
                if (Difference(own[i], judged[i]) is { } difference) failures.Add($"{c}: result {i}: {difference}");
        }
        // NhwcConv and QLinearReduceMean it has for other processors only.
        var unjudged = OpCase.All.Select(c => c.Op)
            .Where(op => op is MicrosoftOp and not (NhwcConv or QLinearReduceMean) && !ran.Contains(op.Name)).Select(op => op.Name);
        Assert.True(!unjudged.Any(),
            $"ONNX Runtime ran none of {string.Join(", ", unjudged.Distinct())}");
        Assert.True(failures.Count == 0, $"{failures.Count} differences:\n{string.Join('\n', failures.Take(40))}");
        Assert.True(ran.Count >= 185, $"ONNX Runtime ran only {ran.Count} ops: {string.Join(",", ran)}");
    }

    private static Graph Build(OpCase c)
    {
        var edit = new GraphEdit("case");
        int[] operands = [.. c.Operands.Select((o, i) => o is null ? Node.Absent : edit.AddInput($"x{i}", o.Type))];
        var node = edit.Insert(c.Op, operands, Provenance.Of("case"), [.. Enumerable.Range(0, c.Results).Select(i => $"y{i}")]);
        foreach (int output in node.Outputs) edit.AddOutput(edit[output].Name, output);
        return edit.Freeze();
    }

    // Null where ONNX, or ONNX Runtime, has not the op for these operands.
    private static ImmutableArray<Datum>? Judged(OpCase c, Graph graph)
    {
        var given = new Dictionary<string, Datum>();
        for (int i = 0; i < c.Operands.Length; i++)
            if (c.Operands[i] is { } operand) given[$"x{i}"] = operand;
        try
        {
            byte[] bytes = OnnxWriter.ToBytes(new Model(graph, ModelHeader.Empty), Registry, Math.Max(Opset, Registry[c.Op].Since[0]));
            using var session = Judge.Open(bytes, OrtOptimization.None);
            return [.. session.Run(given)];
        }
        catch (NnccException)
        {
            return null;
        }
    }

    private static string? Difference(Datum own, Datum judged)
    {
        if (own is SequenceDatum a && judged is SequenceDatum b)
            return a.Items.Length != b.Items.Length ? $"{a.Items.Length} elements, ONNX Runtime {b.Items.Length}"
                : a.Items.Zip(b.Items, Difference).FirstOrDefault(d => d is not null);
        if (own is not Tensor x || judged is not Tensor y) return null; // optionals have no content to compare here
        if (!x.Type.Equals(y.Type)) return $"{x.Type}, ONNX Runtime {y.Type}";
        if (x.DType == DType.String || x.DType.IsComplex()) return x.Equals(y) ? null : $"another {x.Type}";
        double eps = x.DType switch { DType.Float32 => 1e-5, DType.Float64 => 1e-12, DType.Float16 => 2e-3, DType.BFloat16 => 1.6e-2, _ =>
            0 };
        double[] p = x.ToDoubles(), q = y.ToDoubles();
        double scale = p.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
        for (int i = 0; i < p.Length; i++)
            if (!p[i].Equals(q[i]) && p[i] != q[i] && !(Math.Abs(p[i] - q[i]) <= eps * scale)) return $"[{i}] {p[i]}, ONNX Runtime {q[i]}";
        return null;
    }

    private static DType DTypeOf(OpCase c, int operand) =>
        operand < c.Operands.Length && c.Operands[operand] is Tensor tensor ? tensor.DType : DType.Unknown;
}
