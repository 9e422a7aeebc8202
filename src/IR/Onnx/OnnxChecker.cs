using System.Collections.Immutable;
using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>
/// nncc's own check of an ONNX file against the rules of the format and the table of all operators, apart from reader and writer: names
/// defined once, before use; nodes of operators that the opset has, with their numbers of operands and kinds of attributes; typed
/// inputs and outputs; tensors whose data fit. It infers no types.
/// </summary>
public static class OnnxChecker
{
    /// <summary>What is wrong with a file; empty for a sound one.</summary>
    public static ImmutableArray<Fault> Check(string path)
    {
        using var file = FileBytes.Open(path);
        return Check(file, path);
    }

    /// <summary>What is wrong with a model in memory; empty for a sound one.</summary>
    public static ImmutableArray<Fault> Check(byte[] bytes)
    {
        using var file = FileBytes.Of(bytes);
        return Check(file, "model");
    }

    private static ImmutableArray<Fault> Check(FileBytes file, string path)
    {
        try
        {
            var model = ProtoFile.ReadModel(file, path);
            return new ModelCheck(model.Message, model.Places).Run();
        }
        catch (NnccException e)
        {
            return e.Faults;
        }
    }
}

/// <summary>The check of one model.</summary>
internal sealed class ModelCheck(ModelProto model, IReadOnlyList<WirePlace> places)
{
    private readonly ImmutableArray<Fault>.Builder faults = ImmutableArray.CreateBuilder<Fault>();
    private readonly Dictionary<string, int> opsets = new(StringComparer.Ordinal);
    private readonly HashSet<string> defined = new(StringComparer.Ordinal); // in any graph of the model
    private readonly HashSet<(string, string, string)> functions = [];

    public ImmutableArray<Fault> Run()
    {
        if (model.IrVersion is < OnnxReader.OldestIr or > OnnxReader.NewestIr)
            Fault($"IR version {model.IrVersion} is not one of {OnnxReader.OldestIr} to {OnnxReader.NewestIr}");
        foreach (var import in model.OpsetImport)
        {
            if (!opsets.TryAdd(ReadContext.Domain(import.Domain), (int)Math.Clamp(import.Version, 0, int.MaxValue)))
                Fault($"domain {Names.Quote(import.Domain)} is imported twice");
            if (import.Version < 1 || (ReadContext.Domain(import.Domain).Length == 0 && import.Version > OpSchemas.Newest))
                Fault($"there is no opset {import.Version} of {Names.Quote(import.Domain)}");
        }
        if (opsets.Count == 0) Fault("no opset is imported");
        foreach (var function in model.Functions)
        {
            if (model.IrVersion < 8) Fault("functions need IR version 8");
            if (!functions.Add((ReadContext.Domain(function.Domain), function.Name, function.Overload)))
                Fault($"function {Names.Quote(function.Name)} is defined twice");
        }
        if (model.Graph.Output.Count == 0) Fault("the graph has no outputs");
        foreach (var info in model.Graph.Input.Concat(model.Graph.Output))
            if (info.Type is null || info.Type.ValueCase == TypeProto.ValueOneofCase.None || info.Type is { TensorType.ElemType: 0 })
                Fault("it is declared without a type", $"value {Names.Quote(info.Name)}");
        Graph(model.Graph, []);
        return faults.ToImmutable();
    }

    private void Graph(GraphProto graph, HashSet<string> outer)
    {
        var visible = new HashSet<string>(outer, StringComparer.Ordinal);
        var inputs = new HashSet<string>(StringComparer.Ordinal);
        if (graph.Name.Length == 0) Fault("a graph has no name");
        foreach (var input in graph.Input)
        {
            Define(input.Name, visible, $"input {Names.Quote(input.Name)}");
            inputs.Add(input.Name);
        }
        var initializers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in graph.Initializer.Concat(graph.SparseInitializer.Select(s => s.Values ?? new TensorProto())))
        {
            string place = $"initializer {Names.Quote(tensor.Name)}";
            if (!initializers.Add(tensor.Name)) Fault("it is given twice", place);
            if (!inputs.Contains(tensor.Name))
            {
                if (model.IrVersion < 4) Fault("before IR version 4 an initializer must be an input too", place);
                Define(tensor.Name, visible, place);
            }
            Tensor(tensor, place);
        }
        foreach (var node in graph.Node) Node(node, visible);
        var own = graph.Node.SelectMany(n => n.Output).Concat(graph.Input.Select(i => i.Name)).Concat(initializers)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var output in graph.Output)
            if (output.Name.Length == 0 || !own.Contains(output.Name))
                Fault("nothing in its graph defines it", $"output {Names.Quote(output.Name)}");
    }

    private void Node(NodeProto node, HashSet<string> visible)
    {
        string domain = ReadContext.Domain(node.Domain);
        string place = $"node {Names.Quote(node.Name)} ({(domain.Length == 0 ? "" : domain + ".")}{node.OpType})";
        foreach (string input in node.Input)
            if (input.Length > 0 && !visible.Contains(input)) Fault($"operand {Names.Quote(input)} is not defined before it", place);
        foreach (var graph in FreeNames.Graphs(node)) Graph(graph, visible);
        foreach (string output in node.Output)
            if (output.Length > 0) Define(output, visible, place);
        if (functions.Contains((domain, node.OpType, node.Overload))) return;
        if (!opsets.TryGetValue(domain, out int opset)) Fault($"no opset of its domain {Names.Quote(domain)} is imported", place);
        else if (OpSchemas.IsComplete(domain, opset)) Schema(node, OpSchemas.Find(domain, node.OpType, opset), opset, place);
    }

    private void Schema(NodeProto node, OpSchema? schema, int opset, string place)
    {
        if (schema is null)
        {
            Fault($"opset {opset} has no such operator", place);
            return;
        }
        Count("operands", node.Input.Count, schema.LeastInputs, schema.Inputs, place);
        Count("results", node.Output.Count, schema.LeastOutputs, schema.Outputs, place);
        for (int i = 0; i < node.Input.Count; i++)
            if (node.Input[i].Length == 0 && schema.Input(i) is { IsOptional: false, IsVariadic: false } operand)
                Fault($"operand {i} ({operand.Name}) is missing", place);
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (var attribute in node.Attribute)
        {
            if (!given.Add(attribute.Name)) Fault($"attribute {Names.Quote(attribute.Name)} is given twice", place);
            if (attribute.T is not null) Tensor(attribute.T, place);
            if (schema.Attribute(attribute.Name) is not { } known) Fault($"it has no attribute {Names.Quote(attribute.Name)}", place);
            else if (attribute.RefAttrName.Length == 0 && Kind(attribute.Type) != known.Kind)
                Fault($"attribute {Names.Quote(attribute.Name)} is {Kind(attribute.Type)} and must be {known.Kind}", place);
        }
        foreach (var required in schema.Attributes.Where(a => a.IsRequired && !given.Contains(a.Name)))
            Fault($"attribute {Names.Quote(required.Name)} is missing", place);
    }

    private void Count(string what, int count, int least, ImmutableArray<SchemaOperand> operands, string place)
    {
        if (count < least) Fault($"it has {count} {what} and needs {least}", place);
        if (count > operands.Length && operands is not [.., { IsVariadic: true }])
            Fault($"it has {count} {what} and may have {operands.Length}", place);
    }

    private void Tensor(TensorProto tensor, string place)
    {
        if (!DTypes.IsDefined(tensor.DataType)) Fault($"{tensor.DataType} is no element type", place);
        else if (tensor.Dims.Any(d => d < 0)) Fault("a tensor has a negative size", place);
        else if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
        {
            string? location = tensor.ExternalData.FirstOrDefault(e => e.Key == "location")?.Value;
            if (string.IsNullOrEmpty(location) || location[0] == '/' || location.Split('/', '\\').Contains(".."))
                Fault("external data need a location inside of the model's folder", place);
        }
        else if (tensor.HasRawData)
        {
            var bytes = (tensor.Dims.Aggregate((Int128)1, (product, dim) => product * dim) * ((DType)tensor.DataType).Bits() + 7) / 8;
            long length = places[System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(tensor.RawData.Span)].Length;
            if (bytes != length) Fault($"a tensor takes {bytes} bytes and has {length}", place);
        }
    }

    private void Define(string name, HashSet<string> visible, string place)
    {
        if (name.Length == 0) Fault("it has no name", place);
        else if (!defined.Add(name)) Fault($"the name {Names.Quote(name)} is defined twice in the model", place);
        visible.Add(name);
    }

    private static string Kind(AttributeProto.Types.AttributeType type) => type switch
    {
        AttributeProto.Types.AttributeType.SparseTensor => "sparse",
        AttributeProto.Types.AttributeType.TypeProto => "type",
        AttributeProto.Types.AttributeType.TypeProtos => "types",
        _ => type.ToString().ToLowerInvariant(),
    };

    private void Fault(string message, string? place = null) => faults.Add(new Fault(FaultCodes.Structure, message, place));
}
