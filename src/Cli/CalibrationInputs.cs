using System.Collections.Immutable;
using Nncc.Backends.Models;
using Nncc.IR.Onnx;

namespace Nncc.Cli;

/// <summary>
/// The inputs of <c>--calibrate</c>, in the formats that <c>run</c> and <c>verify</c> take. They are read when they are needed.
/// </summary>
internal static class CalibrationInputs
{
    private const string MadeUp = "random";

    /// <summary>What gives the sets of inputs for a graph; null where there are none.</summary>
    public static Func<Graph, ImmutableArray<ImmutableArray<Datum?>>>? Of(string[] sources) =>
        sources.Length == 0 ? null : graph => Read(sources, graph);

    private static ImmutableArray<ImmutableArray<Datum?>> Read(string[] sources, Graph graph)
    {
        var sets = ImmutableArray.CreateBuilder<ImmutableArray<Datum?>>();
        var named = new Dictionary<string, Datum>(StringComparer.Ordinal);
        foreach (string source in sources)
        {
            if (source == MadeUp) sets.Add(TestDataSet.Random(graph, seed: 1).Inputs);
            else if (Directory.Exists(source)) sets.AddRange(TestDataSet.ReadAll(source, graph).Select(set => set.Inputs));
            else
            {
                var (name, file) = ModelOptions.Pair(source, "--calibrate", "DIR or NAME=FILE");
                named[name] = TensorFile.Read(file, graph.Inputs.Select(i => graph[i.Value]).FirstOrDefault(v => v.Name == name)?.Type);
            }
        }
        if (named.Count > 0) sets.Add(ModelInputs.Bind(graph, named));
        return sets.ToImmutable();
    }
}
