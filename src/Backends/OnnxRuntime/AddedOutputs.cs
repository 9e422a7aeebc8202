using System.Collections.Immutable;
using Google.Protobuf;
using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.IR.Onnx.Proto;

namespace Nncc.Backends.OnnxRuntime;

/// <summary>Models some of whose inner values are outputs as well, to look at a model layer by layer.</summary>
public static class AddedOutputs
{
    /// <summary>
    /// The model with further outputs behind its own. The given bytes stay as they are and something is appended: parsers of protobuf
    /// join the parts of a message that stand apart. Values that are outputs already are not added again.
    /// </summary>
    /// <param name="model">The bytes of a model file.</param>
    /// <param name="names">Names of values of the outermost graph: results of nodes, inputs or initializers.</param>
    /// <param name="place">What to call the model in messages.</param>
    /// <exception cref="NnccException">A name is not there (NNC6008), or the bytes are no model (NNC2xxx).</exception>
    public static byte[] Append(ReadOnlySpan<byte> model, ImmutableArray<string> names, string place)
    {
        using var file = FileBytes.Of(model.ToArray());
        var graph = ProtoFile.ReadModel(file, place).Message.Graph;
        var values = graph.Node.SelectMany(n => n.Output).Concat(graph.Input.Select(i => i.Name))
            .Concat(graph.Initializer.Select(i => i.Name))
            .Where(name => name.Length > 0).ToHashSet(StringComparer.Ordinal);
        var faults = names.Where(name => !values.Contains(name)).Select(name => new Fault(FaultCodes.OrtValueName,
            $"no node of the model gives a value \"{name}\"", place, "the names are those of the ONNX file; inspect lists them"));
        if (faults.ToImmutableArray() is { IsEmpty: false } all) throw new NnccException(all);
        var addition = new ModelProto { Graph = new GraphProto() };
        var known = graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        addition.Graph.Output.AddRange(names.Where(known.Add).Select(name => new ValueInfoProto { Name = name }));
        return [.. model, .. addition.ToByteArray()];
    }
}
