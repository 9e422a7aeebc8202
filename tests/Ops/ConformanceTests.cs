using System.Collections.Concurrent;
using System.Collections.Immutable;
using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests.Ops;

/// <summary>The ONNX project's conformance cases by the evaluator: every case whose ops nncc knows gives the expected outputs.</summary>
public class ConformanceTests
{
    private static readonly OpRegistry Registry = OpRegistry.Standard();

    private const string training = "training is refused";

    /// <summary>Cases that cannot agree, with the reason.</summary>
    private static readonly Dictionary<string, string> Exceptions = new()
    {
        ["test_training_dropout"] = training, ["test_training_dropout_default"] = training,
        ["test_training_dropout_mask"] = training, ["test_training_dropout_default_mask"] = training,
    };

    [TheoryNeeding(Needs.Shared)]
    [InlineData("node", 1000)]
    [InlineData("simple", 10)]
    [InlineData("pytorch-converted", 80)]
    [InlineData("pytorch-operator", 30)]
    public void EveryCaseOfKnownOpsAgrees(string suite, int atLeast)
    {
        string root = Path.Combine(Repository.Shared, "onnx-backend", suite);
        var folders = Directory.GetDirectories(root).Order(StringComparer.Ordinal).ToList();
        var outcomes = new ConcurrentDictionary<string, string?>();
        Parallel.ForEach(folders, folder =>
        {
            if (Run(folder) is { } outcome) outcomes[Path.GetFileName(folder)] = outcome;
        });
        var failures = outcomes.Where(o => o.Value!.Length > 0 && !Exceptions.ContainsKey(o.Key)).OrderBy(o =>
            o.Key, StringComparer.Ordinal).ToList();
        var mended = Exceptions.Keys.Where(name => outcomes.TryGetValue(name, out var outcome) && outcome!.Length == 0);
        Assert.True(outcomes.Count >= atLeast, $"only {outcomes.Count} of {folders.Count} cases have ops that are all known");
        Assert.True(failures.Count == 0,
            $"{failures.Count} of {outcomes.Count} cases fail:\n{string.Join('\n', failures.Select(f => $"{f.Key}: {f.Value}"))}");
        Assert.Empty(mended);
    }

    // Null where an op is not known, else the first difference, empty for none.
    private static string? Run(string folder)
    {
        try
        {
            var model = OnnxReader.Read(Path.Combine(folder, "model.onnx"), Registry);
            if (HasOpaque(model.Graph)) return null;
            foreach (string data in Directory.GetDirectories(folder, "test_data_set_*"))
            {
                ImmutableArray<Datum?> inputs = [.. model.Graph.Inputs.Select((input, i) =>
                    File.Exists(Path.Combine(data, $"input_{i}.pb"))
                        ? TensorFile.Read(Path.Combine(data, $"input_{i}.pb"), model.Graph[input.Value].Type) : null)];
                var results = new Evaluator().Run(model.Graph, inputs);
                for (int i = 0; i < results.Length; i++)
                {
                    var declared = model.Graph[model.Graph.Outputs[i].Value].Type;
                    var expected = TensorFile.Read(Path.Combine(data, $"output_{i}.pb"), results[i].Type);
                    if (Difference(expected, results[i]) is { } difference) return $"output {i}: {difference}";
                    if (TypeRelation.Contradicts(declared,
                        results[i].Type)) return $"output {i}: inferred {declared}, got {results[i].Type}";
                }
            }
            return "";
        }
        catch (NnccException e)
        {
            return e.Message;
        }
        catch (Exception e)
        {
            return e.ToString();
        }
    }

    private static bool HasOpaque(Graph graph) => graph.Nodes.Any(n => n.Op is Opaque || n.Op.Bodies.Any(HasOpaque));

    private static string? Difference(Datum expected, Datum got)
    {
        if (expected is SequenceDatum es && got is SequenceDatum gs)
            return es.Items.Length != gs.Items.Length ? $"expected {es.Items.Length} elements, got {gs.Items.Length}"
                : es.Items.Zip(gs.Items, Difference).FirstOrDefault(d => d is not null);
        if (expected is OptionalDatum eo && got is OptionalDatum go)
            return eo.Item is null != go.Item is null ? "one is absent" : eo.Item is null ? null : Difference(eo.Item, go.Item!);
        if (expected is not Tensor e || got is not Tensor g) return $"expected {expected.Type}, got {got.Type}";
        if (!e.Type.Equals(g.Type)) return $"expected {e.Type}, got {g.Type}";
        if (!e.DType.IsFloat()) return e.Equals(g) ? null : $"expected {Text(e)}, got {Text(g)}";
        double relative = e.DType == DType.BFloat16 ? 1e-2 : e.DType.Bits() <= 8 ? 0 : 1e-3;
        double[] a = e.ToDoubles(), b = g.ToDoubles();
        for (int i = 0; i < a.Length; i++)
            if (!a[i].Equals(b[i])
                && !(Math.Abs(a[i] - b[i]) <= 1e-7 + relative * Math.Abs(a[i]))) return $"[{i}] expected {a[i]}, got {b[i]} ({e.Type})";
        return null;
    }

    private static string Text(Tensor t) => t.DType == DType.String ? string.Join(",", t.Strings.ToArray().Take(12))
        : t.DType.IsComplex() ? t.Type.ToString() : string.Join(",", t.ToLongs().Take(12));
}
