using System.Collections.Immutable;
using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>
/// Reads ONNX models: IR version 3 to 14, opset 1 to 27, every node in today's form of its op. Weights stay where they are in the
/// mapped file. All faults of a model come in one exception.
/// </summary>
public static class OnnxReader
{
    /// <summary>The oldest IR version that is read: the first with opsets.</summary>
    public const int OldestIr = 3;

    /// <summary>The newest IR version that is read. Version 14 adds nothing that nncc would not refuse by name.</summary>
    public const int NewestIr = 14;

    /// <summary>Reads a file, and the external data beside it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="registry">The ops that it may have.</param>
    /// <param name="needsContent">
    /// Whether files of external data must be there; where not, tensors of absent files are without content.
    /// </param>
    /// <exception cref="NnccException">The file or the model in it is wrong.</exception>
    public static Model Read(string path, OpRegistry registry, bool needsContent = true) =>
        Read(FileBytes.Open(path), path, Path.GetDirectoryName(Path.GetFullPath(path)), registry, needsContent);

    /// <summary>Reads a model from memory; it cannot have external data unless their folder is given.</summary>
    /// <exception cref="NnccException">The model is wrong.</exception>
    public static Model Read(byte[] bytes, OpRegistry registry, string? folder = null) =>
        Read(FileBytes.Of(bytes), "model", folder, registry);

    private static Model Read(FileBytes file, string path, string? folder, OpRegistry registry, bool needsContent = true)
    {
        var external = new ExternalData(folder, isOptional: !needsContent);
        var storage = new Storage([external, file]);
        try
        {
            var proto = ProtoFile.ReadModel(file, path);
            return Read(proto.Message, new TensorReader(file, proto.Places, external), registry) is var model
                ? model with { Header = model.Header with { Storage = storage } } : model;
        }
        catch
        {
            storage.Dispose();
            throw;
        }
    }

    private static Model Read(ModelProto proto, TensorReader tensors, OpRegistry registry)
    {
        int ir = proto.IrVersion == 0 ? OldestIr : (int)Math.Clamp(proto.IrVersion, 0, int.MaxValue);
        var context = new ReadContext(registry, tensors, ir) { Origins = ProvenanceText.ReadAll(proto.MetadataProps) };
        if (proto.IrVersion == 0)
            context.Faults.Warn(FaultCodes.IrVersion, "the model does not say its IR version; it is read as version 3");
        else if (ir is < OldestIr or > NewestIr)
            context.Faults.Add(FaultCodes.IrVersion, $"the model has IR version {proto.IrVersion}; nncc reads {OldestIr} to {NewestIr}",
                advice: ir < OldestIr ? "export it again with a current exporter"
                    : "this nncc is older than the model; export for an older IR version");
        ReadOpsets(proto, context);
        foreach (var function in proto.Functions)
            if (!context.Functions.TryAdd((ReadContext.Domain(function.Domain), function.Name, function.Overload), function))
                context.Faults.Add(FaultCodes.Duplicate, $"the function {Names.Quote(function.Name)} is defined twice");
        var graph = new GraphReader(context).Read(proto.Graph);
        context.Faults.ThrowIfAny();
        var metadata = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var entry in proto.MetadataProps)
            if (entry.Key != ProvenanceText.ModelKey) metadata[entry.Key] = entry.Value;
        var header = new ModelHeader(ir, context.Opsets.ToImmutableSortedDictionary(StringComparer.Ordinal),
            $"{proto.ProducerName} {proto.ProducerVersion}".Trim(), proto.Domain, proto.ModelVersion, proto.DocString,
                metadata.ToImmutable());
        return new Model(graph, header) { Warnings = context.Faults.Warnings };
    }

    private static void ReadOpsets(ModelProto proto, ReadContext context)
    {
        foreach (var import in proto.OpsetImport)
        {
            string domain = ReadContext.Domain(import.Domain), shown = domain.Length == 0 ? "ai.onnx" : domain;
            if (import.Version is < 1 or > int.MaxValue || (domain.Length == 0 && import.Version > OpSchemas.Newest))
                context.Faults.Add(FaultCodes.OpsetVersion,
                    $"the model imports opset {import.Version} of {shown}; nncc reads 1 to {OpSchemas.Newest}",
                    advice: "export it for an older opset");
            int version = (int)Math.Clamp(import.Version, 1, domain.Length == 0 ? OpSchemas.Newest : int.MaxValue);
            if (!context.Opsets.TryAdd(domain, version) && context.Opsets[domain] != version)
                context.Faults.Add(FaultCodes.OpsetVersion,
                    $"the model imports both opset {context.Opsets[domain]} and opset {version} of {shown}");
        }
    }

    private sealed class Storage(ImmutableArray<IDisposable> parts) : IDisposable
    {
        public void Dispose()
        {
            foreach (var part in parts) part.Dispose();
        }
    }
}
