using System.Globalization;

namespace Nncc.IR.Text;

/// <summary>
/// Prints graphs in the .nnir form (README.md of this folder), one line a node. <see cref="Parser"/> reads it back to an equal graph
/// with the same ids, names, origins, layouts and known sizes.
/// </summary>
public sealed class Printer
{
    private const int Version = 1;
    private readonly TextWriter writer;
    private readonly OpRegistry ops;
    private readonly DataSection data;
    private readonly PrintOptions options;
    private readonly bool inline; // a single node: bodies and larger tensors only hinted at

    private Printer(TextWriter writer, OpRegistry ops, PrintOptions options, bool inline = false)
    {
        (this.writer, this.ops, this.options, this.inline) = (writer, ops, options, inline);
        data = new DataSection(options.Elide);
    }

    /// <summary>The text of a graph.</summary>
    public static string Print(Graph graph, OpRegistry ops, PrintOptions? options = null)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        Print(graph, ops, writer, options);
        return writer.ToString();
    }

    /// <summary>Writes the text of a graph.</summary>
    public static void Print(Graph graph, OpRegistry ops, TextWriter writer, PrintOptions? options = null)
    {
        var printer = new Printer(writer, ops, options ?? new());
        writer.Write($"nnir {Version}\n");
        foreach (var (name, bounds) in SymbolBounds.Of(graph))
        {
            string max = bounds.Max == long.MaxValue ? "" : bounds.Max.ToString(CultureInfo.InvariantCulture);
            writer.Write($"dim {DimParser.Quote(name)} = {bounds.Min}..{max}\n");
        }
        printer.WriteGraph(graph, "", null);
        writer.Write('\n');
        printer.data.Write(writer);
    }

    /// <summary>
    /// The line of one node, for logs: bodies and larger tensors are only named. <paramref name="values"/> gives values by id.
    /// </summary>
    public static string Line(Node node, Func<int, Value> values, OpRegistry ops)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        new Printer(writer, ops, new PrintOptions { Elide = true, InlineLimit = 8 }, inline: true).WriteNode(node, values, "");
        return writer.ToString();
    }

    private void WriteGraph(Graph graph, string indent, Stage? outer)
    {
        writer.Write("graph ");
        Quoting.Write(writer, graph.Name);
        if (graph.Stage != outer) writer.Write($" stage={graph.Stage.ToString().ToLowerInvariant()}");
        int nextNode = 0, nextValue = 0;
        foreach (var node in graph.Nodes) nextNode = Math.Max(nextNode, node.Id + 1);
        foreach (var value in graph.Values) nextValue = value.Id + 1;
        if (nextNode != graph.NextNode || nextValue != graph.NextValue) writer.Write($" next=%{graph.NextValue},#{graph.NextNode}");
        writer.Write(" {\n");
        string inner = indent + "  ";
        foreach (var input in graph.Inputs)
        {
            writer.Write($"{inner}input %{input.Value} ");
            WriteValue(graph[input.Value]);
            if (input.Default is { } content)
            {
                writer.Write(" = ");
                WriteTensor(content);
            }
            writer.Write('\n');
        }
        int expected = 0;
        foreach (var node in graph.Nodes)
        {
            writer.Write(inner);
            if (node.Id != expected) writer.Write($"#{node.Id} ");
            expected = node.Id + 1;
            WriteNode(node, id => graph[id], inner, graph.Stage);
            writer.Write('\n');
        }
        foreach (var output in graph.Outputs)
        {
            writer.Write($"{inner}output ");
            Quoting.Write(writer, output.Name);
            writer.Write($" %{output.Value}\n");
        }
        writer.Write($"{indent}}}");
    }

    private void WriteNode(Node node, Func<int, Value> values, string indent, Stage stage = Stage.Imported)
    {
        WriteIds(node.Outputs);
        writer.Write(node.Outputs.IsEmpty ? "() = " : " = ");
        WriteOp(node, indent, stage);
        bool isFirst = true;
        foreach (int output in node.GivenOutputs)
        {
            writer.Write(isFirst ? " " : ", ");
            WriteValue(values(output), isConstant: node.Op is Ops.Constant);
            isFirst = false;
        }
        WriteNames(" @", node.Origin.Nodes);
        WriteNames(" by ", node.Origin.Steps);
    }

    private void WriteOp(Node node, string indent, Stage stage)
    {
        IEnumerable<KeyValuePair<string, object>> attributes;
        Func<string, AttributeDefinition?> definitions = _ => null;
        if (node.Op is Ops.Opaque opaque)
        {
            writer.Write(opaque.Captures == 0 ? "opaque " : $"opaque<{opaque.Captures}> ");
            Quoting.Write(writer, opaque.OpDomain);
            writer.Write(' ');
            Quoting.Write(writer, opaque.OpName);
            attributes = opaque.Attributes.Select(a => KeyValuePair.Create(a.Name, a.Value));
        }
        else
        {
            var definition = ops[node.Op];
            (attributes, definitions) = (definition.Values(node.Op), definition.Attribute);
            writer.Write(definition.FullName);
        }
        writer.Write('(');
        WriteIds(node.Inputs);
        string separator = node.Inputs.IsEmpty ? "" : "; ";
        foreach (var (name, value) in attributes)
        {
            writer.Write(separator);
            if (DimParser.IsPlainName(name)) writer.Write(name);
            else Quoting.Write(writer, name);
            writer.Write('=');
            WriteAttribute(value, definitions(name)?.ClrType, indent, stage);
            separator = ", ";
        }
        writer.Write(')');
    }

    private void WriteAttribute(object value, Type? declared, string indent, Stage stage)
    {
        switch (value)
        {
            case long number when declared == typeof(bool) && number is 0 or 1: writer.Write(number == 0 ? "false" : "true"); break;
            case long number when declared == typeof(DType) && DTypes.IsDefined((int)number): writer.Write(((DType)number).Name()); break;
            case long number: writer.Write(number); break;
            case float number: writer.Write(ElementText.Attribute(number)); break;
            case string text: Quoting.Write(writer, text); break;
            case Tensor tensor: WriteTensor(tensor); break;
            case Graph graph when inline: writer.Write($"graph of {graph.Nodes.Length} nodes"); break;
            case Graph graph: WriteGraph(graph, indent, stage); break;
            case IrType type: writer.Write($"type {type}"); break;
            case EquatableArray<long> list: WriteList("ints", list, n => writer.Write(n)); break;
            case EquatableArray<float> list: WriteList("floats", list, n => writer.Write(ElementText.Attribute(n))); break;
            case EquatableArray<string> list: WriteList("strings", list, s => Quoting.Write(writer, s)); break;
            case EquatableArray<Tensor> list: WriteList("tensors", list, WriteTensor); break;
            case EquatableArray<IrType> list: WriteList("types", list, t => writer.Write($"type {t}")); break;
            case EquatableArray<Graph> list: WriteList("graphs", list, g => WriteAttribute(g, null, indent, stage)); break;
            default: throw new ArgumentException($"{value.GetType()} is no kind of attribute value");
        }
    }

    // An empty list says of what it is one.
    private void WriteList<T>(string kind, EquatableArray<T> list, Action<T> write) where T : IEquatable<T>
    {
        writer.Write(list.IsEmpty ? $"{kind}[" : "[");
        for (int i = 0; i < list.Count; i++)
        {
            if (i > 0) writer.Write(", ");
            write(list[i]);
        }
        writer.Write(']');
    }

    private void WriteTensor(Tensor tensor)
    {
        writer.Write(tensor.Type.ToString());
        if (inline && tensor.Count > options.InlineLimit) writer.Write(" ...");
        else if (tensor.Count > options.InlineLimit && tensor.DType != DType.String) writer.Write($" data {data.Number(tensor)}");
        else
        {
            writer.Write('{');
            ElementText.Write(writer, tensor);
            writer.Write('}');
        }
    }

    private void WriteValue(Value value, bool isConstant = false)
    {
        Quoting.Write(writer, value.Name);
        writer.Write($" {value.Type}");
        if (value.Known is { } known && !isConstant) writer.Write($" known[{string.Join(", ", known)}]");
        if (value.Layout is { } layout)
            writer.Write($" layout(order={layout.Order}, axis={layout.BlockedAxis}, block={layout.Block}, halo={layout.Halo})");
    }

    private void WriteIds(IReadOnlyList<int> ids)
    {
        for (int i = 0; i < ids.Count; i++)
        {
            if (i > 0) writer.Write(", ");
            if (ids[i] == Node.Absent) writer.Write('_');
            else
            {
                writer.Write('%');
                writer.Write(ids[i]);
            }
        }
    }

    private void WriteNames(string prefix, EquatableArray<string> names)
    {
        if (names.IsEmpty) return;
        writer.Write(prefix);
        for (int i = 0; i < names.Count; i++)
        {
            if (i > 0) writer.Write(',');
            Quoting.Write(writer, names[i]);
        }
    }
}
