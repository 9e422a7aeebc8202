using System.Collections.Immutable;
using System.Globalization;
using Nncc.IR.Onnx;

namespace Nncc.Backends.Conformance;

/// <summary>
/// A case of the ONNX backend data: a model with inputs and the outputs that it must give. Either a folder with <c>model.onnx</c> and
/// folders <c>test_data_set_K</c> of <c>input_I.pb</c> and <c>output_I.pb</c>, or (the "light" form) a file <c>NAME.onnx</c> with
/// <c>NAME_output_I.pb</c> beside it, whose inputs hold k/n at place k of n.
/// </summary>
/// <param name="Suite">Name of the folder that the case stands in.</param>
/// <param name="Name">The suite and the name of the case, as <c>node/test_abs</c>.</param>
/// <param name="ModelPath">The model.</param>
/// <param name="DataFolders">Folders of data; empty for the light form.</param>
public sealed record ConformanceCase(string Suite, string Name, string ModelPath, ImmutableArray<string> DataFolders)
{
    private const string ModelFile = "model.onnx";

    /// <summary>
    /// All cases of a folder, by name: the folder may be a case, hold cases (a suite), or hold suites.
    /// </summary>
    /// <exception cref="NnccException">The folder is not there or holds no case.</exception>
    public static ImmutableArray<ConformanceCase> Find(string folder)
    {
        if (!Directory.Exists(folder)) throw new NnccException(FaultCodes.FileAccess, "there is no such folder", $"\"{folder}\"");
        string root = Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar);
        var cases = new SortedDictionary<string, ConformanceCase>(StringComparer.Ordinal);
        foreach (string at in Directory.EnumerateDirectories(root).SelectMany(d => Directory.EnumerateDirectories(d).Prepend(d))
            .Prepend(root))
            foreach (var found in In(at)) cases[found.Name] = found;
        return cases.Count > 0 ? [.. cases.Values]
            : throw new NnccException(FaultCodes.DataFile, "it holds no case of the ONNX backend data", $"\"{folder}\"",
                "give a folder whose folders hold model.onnx and test_data_set_0");
    }

    /// <summary>The sets of data for a model with such inputs and outputs.</summary>
    /// <param name="inputs">Types of the inputs in the file's order.</param>
    /// <param name="outputs">Types of the outputs.</param>
    /// <exception cref="NnccException">A file cannot be read, or a type of the light form is not known.</exception>
    public IEnumerable<(ImmutableArray<Datum?> Inputs, ImmutableArray<Datum?> Outputs)> Data(
        IReadOnlyList<IrType> inputs, IReadOnlyList<IrType> outputs)
    {
        foreach (string folder in DataFolders)
            yield return (Files(Path.Combine(folder, "input_"), inputs), Files(Path.Combine(folder, "output_"), outputs));
        if (DataFolders.IsEmpty)
            yield return ([.. inputs.Select(Fractions)], Files(Path.ChangeExtension(ModelPath, null) + "_output_", outputs));
    }

    private static IEnumerable<ConformanceCase> In(string folder)
    {
        string model = Path.Combine(folder, ModelFile), suite = Path.GetFileName(Path.GetDirectoryName(folder) ?? "");
        if (File.Exists(model))
            yield return new ConformanceCase(suite, $"{suite}/{Path.GetFileName(folder)}", model,
                [.. Directory.EnumerateDirectories(folder, "test_data_set_*").OrderBy(f => f.Length)
                    .ThenBy(f => f, StringComparer.Ordinal)]);
        suite = Path.GetFileName(folder);
        foreach (string path in Directory.EnumerateFiles(folder, "*.onnx"))
            if (File.Exists(Path.ChangeExtension(path, null) + "_output_0.pb"))
                yield return new ConformanceCase(suite, $"{suite}/{Path.GetFileNameWithoutExtension(path)}", path, []);
    }

    private static ImmutableArray<Datum?> Files(string prefix, IReadOnlyList<IrType> types) =>
        [.. types.Select((type, i) => prefix + i.ToString(CultureInfo.InvariantCulture) + ".pb" is var path && File.Exists(path)
            ? TensorFile.Read(path, type) : null)];

    private Datum? Fractions(IrType type)
    {
        if (type is not TensorType { Shape: { IsStatic: true } shape, DType: var dtype })
            throw new NnccException(FaultCodes.DataFile, $"its inputs are made from their sizes, and one is {type}", Name);
        long[] dims = shape.ToStatic()!;
        double count = dims.Aggregate(1L, (product, dim) => product * dim);
        return Tensor.FromDoubles(dtype, dims, [.. Enumerable.Range(0, (int)count).Select(k => k / count)]);
    }
}
