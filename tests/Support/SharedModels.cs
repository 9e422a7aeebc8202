using Nncc.IR.Onnx;
using Nncc.IR.Onnx.Proto;

namespace Nncc.Tests.Support;

/// <summary>The real models of the optional test data, with expected inputs and outputs.</summary>
internal static class SharedModels
{
    private static string Folder => Path.Combine(Repository.Shared, "models");

    /// <summary>Names of all models that have data.</summary>
    public static IEnumerable<string> Names => Directory.Exists(Folder)
        ? Directory.EnumerateDirectories(Path.Combine(Folder, "golden")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)
        : [];

    /// <summary>The model's file.</summary>
    public static string File(string name) =>
        System.IO.File.Exists(Path.Combine(Folder, name + ".onnx")) ? Path.Combine(Folder, name + ".onnx")
            : Path.Combine(Folder, name, "model.onnx");

    /// <summary>The folder of a model's data.</summary>
    public static string Data(string name) => Path.Combine(Folder, "golden", name);

    /// <summary>How many sets of data a model has.</summary>
    public static int Sets(string name) => Directory.EnumerateDirectories(Data(name)).Count();

    /// <summary>The inputs of a set of data in order, by name.</summary>
    public static IReadOnlyList<(string Name, Tensor Content)> Inputs(string name, int set = 0) => Read(name, set, "input");

    /// <summary>The expected outputs of a set of data in order, by name.</summary>
    public static IReadOnlyList<(string Name, Tensor Content)> Outputs(string name, int set = 0) => Read(name, set, "output");

    /// <summary>The bound for the error of a model's outputs: wider where it holds binary16 numbers.</summary>
    public static double Bound(string name, double single)
    {
        using var file = FileBytes.Open(File(name));
        var graph = ProtoFile.ReadModel(file, name).Message.Graph;
        return graph.Initializer.Any(i => i.DataType == (int)DType.Float16) ? 5e-3 : single;
    }

    private static List<(string Name, Tensor Content)> Read(string name, int set, string kind)
    {
        var result = new List<(string, Tensor)>();
        string folder = Path.Combine(Data(name), $"test_data_set_{set}");
        // Numbers may have gaps: outputs for which nobody gives an expected content.
        foreach (string path in Directory.EnumerateFiles(folder, $"{kind}_*.pb").OrderBy(f => f.Length)
            .ThenBy(f => f, StringComparer.Ordinal))
        {
            var file = FileBytes.Open(path);
            var proto = ProtoFile.Read(file, path, WireMessage.Tensor, TensorProto.Parser);
            result.Add((proto.Message.Name, new TensorReader(file, proto.Places, new ExternalData(null)).Read(proto.Message)));
        }
        return result;
    }
}
