using System.Collections.Immutable;
using System.Reflection;
using Google.Protobuf;
using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>What a caller may ask of a written model.</summary>
public sealed record OnnxWriteOptions
{
    /// <summary>The opset of ai.onnx, as a demand; null for the smallest that is at least the model's and holds the graph.</summary>
    public int? Opset { get; init; }

    /// <summary>Whether weights go into a file beside the model even if the model would hold them.</summary>
    public bool ExternalData { get; init; }
}

/// <summary>What was written.</summary>
/// <param name="Opset">The opset of ai.onnx.</param>
/// <param name="IrVersion">The IR version.</param>
/// <param name="Files">The files, the model first.</param>
public sealed record WrittenModel(int Opset, int IrVersion, ImmutableArray<string> Files);

/// <summary>
/// Writes models as ONNX. Names, order and types of inputs and outputs stay as they are. Weights go from their memory to the file without a
/// copy; beyond protobuf's 2 GB they go into a file beside it. Files appear complete or not at all, and may replace those that the model
/// was read from.
/// </summary>
public static class OnnxWriter
{
    // Protobuf's limit, less what the fields and lengths around raw data may take.
    private const long InlineLimit = int.MaxValue - (1L << 20);

    /// <summary>Writes a file, and <c>NAME.data</c> beside it where weights are external.</summary>
    /// <exception cref="NnccException">The graph cannot be written so, or the files cannot be written.</exception>
    public static WrittenModel Write(
        Model model, string path, OpRegistry registry, OnnxWriteOptions? options = null, CancellationToken cancellation = default)
    {
        var image = Prepare(model, Path.GetFileName(path), registry, options);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        using var files = new OutputFiles();
        string? data = image.DataName is null ? null : Path.Combine(folder, image.DataName);
        if (data is not null) files.Write(data, stream => image.WriteData(stream, cancellation));
        files.Write(path, image.WriteModel);
        cancellation.ThrowIfCancellationRequested();
        files.Commit();
        return new WrittenModel(image.Opset, image.IrVersion, data is null ? [path] : [path, data]);
    }

    /// <summary>A model in the form in which it will be written, before any file is touched.</summary>
    /// <param name="model">The model.</param>
    /// <param name="fileName">Name of its file, from which that of a file for the weights is made.</param>
    /// <param name="registry">The ops.</param>
    /// <param name="options">What the caller asks for.</param>
    /// <exception cref="NnccException">The graph cannot be written so.</exception>
    public static OnnxImage Prepare(Model model, string fileName, OpRegistry registry, OnnxWriteOptions? options = null)
    {
        var (proto, tensors, opset) = Build(model, registry, options?.Opset);
        bool isExternal = options?.ExternalData == true || !FitsInline(proto, tensors);
        string? dataName = isExternal ? fileName + ".data" : null;
        if (dataName is not null) tensors.FillExternal(dataName);
        else tensors.FillInline();
        return new OnnxImage(proto, tensors, opset, dataName);
    }

    /// <summary>The bytes of a model whose weights fit in.</summary>
    /// <exception cref="NnccException">The graph cannot be written so, or is larger than 2 GB.</exception>
    public static byte[] ToBytes(Model model, OpRegistry registry, int? opset = null)
    {
        var (proto, tensors, _) = Build(model, registry, opset);
        if (!FitsInline(proto, tensors))
            throw new NnccException(FaultCodes.Limit, "the model is larger than 2 GB", advice: "write it to a file");
        tensors.FillInline();
        return proto.ToByteArray();
    }

    private static bool FitsInline(ModelProto proto, TensorWriter tensors) => tensors.RawBytes <= InlineLimit - proto.CalculateSize();

    private static (ModelProto, TensorWriter, int Opset) Build(Model model, OpRegistry registry, int? demanded)
    {
        var (graph, forms, opset) = OpsetChoice.Lower(model, registry, demanded);
        int ir = IrVersions.For(opset, Types(model.Graph));
        var tensors = new TensorWriter();
        var writer = new GraphWriter(tensors, ir);
        var header = model.Header;
        var proto = new ModelProto
        {
            IrVersion = ir,
            ProducerName = "nncc",
            ProducerVersion = typeof(OnnxWriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>(
                )?.InformationalVersion.Split('+')[0] ?? "",
            Domain = header.Domain,
            ModelVersion = header.Version,
            DocString = header.Doc,
            Graph = writer.Write(graph),
        };
        if (header.Opsets.ContainsKey("") || writer.Domains.Count == 0) writer.Domains.Add("");
        foreach (string domain in writer.Domains)
            proto.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = forms.Opset(domain) });
        var metadata = header.Metadata ?? ImmutableSortedDictionary<string, string>.Empty;
        if (header.Producer.Length > 0 && !header.Producer.StartsWith("nncc", StringComparison.Ordinal))
            metadata = metadata.SetItem("nncc.source", header.Producer);
        if (writer.Origins.Count > 0) metadata = metadata.SetItem(ProvenanceText.ModelKey, ProvenanceText.WriteAll(writer.Origins));
        foreach (var (key, value) in metadata) proto.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return (proto, tensors, opset);
    }

    private static IEnumerable<IrType> Types(Graph graph) =>
        graph.Values.Select(v => v.Type).Concat(graph.Nodes.SelectMany(n => n.Op.Bodies).SelectMany(Types));
}
