using System.Collections.Immutable;
using System.Globalization;
using Nncc.IR.Onnx;

namespace Nncc.Backends.Models;

/// <summary>Inputs of a model and, where they are known, the outputs that it should give.</summary>
/// <param name="Name">Name for tables.</param>
/// <param name="Inputs">Inputs in the model's order; null where the model has a default and nothing is given.</param>
/// <param name="Outputs">Expected outputs in the model's order, null for one that is not known; empty where none is.</param>
public sealed record TestDataSet(string Name, ImmutableArray<Datum?> Inputs, ImmutableArray<Datum?> Outputs)
{
    private static readonly string[] Endings = [".pb", ".npy"];

    /// <summary>Made-up inputs (<see cref="ModelInputs.Random"/>); those with a default keep it.</summary>
    public static TestDataSet Random(Graph graph, int seed) =>
        new($"seed {seed.ToString(CultureInfo.InvariantCulture)}",
            [.. graph.Inputs.Select((input, i) => input.Default is null ? ModelInputs.Random(graph, i, seed) : null)], []);

    /// <summary>
    /// Reads a folder of sets in the form of the ONNX backend data: folders <c>test_data_set_K</c> (or this one) with <c>input_I.pb</c> and
    /// <c>output_I.pb</c>, I being the place among the model's outputs, or among its inputs, where those that have a default come last;
    /// <c>.npy</c> files are taken as well.
    /// </summary>
    /// <exception cref="NnccException">There is no data, a file cannot be read, or the data do not fit the model: all faults of a
    /// set.</exception>
    public static ImmutableArray<TestDataSet> ReadAll(string folder, Graph graph)
    {
        if (!Directory.Exists(folder)) throw new NnccException(FaultCodes.FileAccess, "there is no such folder", $"\"{folder}\"");
        var folders = Directory.EnumerateDirectories(folder, "test_data_set_*").OrderBy(f => f.Length)
            .ThenBy(f => f, StringComparer.Ordinal).ToList();
        if (folders.Count == 0) folders.Add(folder);
        return [.. folders.Select(f => Read(f, graph))];
    }

    private static TestDataSet Read(string folder, Graph graph)
    {
        var faults = new List<Fault>();
        var places = Enumerable.Range(0, graph.Inputs.Length).OrderBy(i => graph.Inputs[i].Default is not null).ToList();
        var inputs = Files(folder, "input", [.. places.Select(i => graph[graph.Inputs[i].Value])], faults);
        var outputs = Files(folder, "output", [.. graph.Outputs.Select(o => graph[o.Value])], faults);
        if (faults.Count == 0 && inputs.All(i => i is null) && graph.Inputs.Any(i => i.Default is null))
            faults.Add(new Fault(FaultCodes.DataFile, "it holds no input_0.pb", $"\"{folder}\"",
                "give a folder with test_data_set_0/input_0.pb and so on"));
        if (faults.Count > 0) throw new NnccException([.. faults]);
        var given = inputs.Select((datum, i) => (Name: graph[graph.Inputs[places[i]].Value].Name, Datum: datum))
            .Where(p => p.Datum is not null)
            .ToDictionary(p => p.Name, p => p.Datum!);
        return new TestDataSet(Path.GetFileName(Path.GetFullPath(folder)), ModelInputs.Bind(graph, given),
            outputs.All(o => o is null) ? [] : [.. outputs]);
    }

    private static Datum?[] Files(string folder, string kind, IReadOnlyList<Value> values, List<Fault> faults)
    {
        var result = new Datum?[values.Count];
        foreach (string path in Directory.EnumerateFiles(folder, $"{kind}_*.*").Order(StringComparer.Ordinal)
            .Where(f => Endings.Contains(Path.GetExtension(f))))
        {
            if (!int.TryParse(Path.GetFileNameWithoutExtension(path)[(kind.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture,
                out int index)) continue;
            if (index >= values.Count)
            {
                faults.Add(new Fault(FaultCodes.DataFile, $"the model has {values.Count} {kind}s, and this is number {index}",
                    $"\"{path}\""));
                continue;
            }
            try
            {
                result[index] = TensorFile.Read(path, values[index].Type);
            }
            catch (NnccException e)
            {
                faults.AddRange(e.Faults);
            }
        }
        return result;
    }
}
