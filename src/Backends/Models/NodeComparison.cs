using System.Collections.Immutable;
using System.Globalization;

namespace Nncc.Backends.Models;

/// <summary>Says what differs between two nodes of the same op that belong together.</summary>
internal sealed class NodeComparison(Graph before, Graph after, NodeMatching matching, OpRegistry ops)
{
    /// <summary>In words; empty where only what stands above them differs.</summary>
    public ImmutableArray<string> Of(Node a, Node b)
    {
        var found = ImmutableArray.CreateBuilder<string>();
        Attributes(a.Op, b.Op, found);
        var definition = ops.Find(a.Op);
        for (int i = 0; i < Math.Max(a.Inputs.Length, b.Inputs.Length); i++)
        {
            string name = definition is null || definition.Inputs.IsEmpty ? $"operand {i}"
                : definition.Inputs[Math.Min(i, definition.Inputs.Length - 1)] is { IsVariadic: true } variadic ? $"{variadic.Name}[{i}]"
                : definition.Inputs[Math.Min(i, definition.Inputs.Length - 1)].Name;
            int x = i < a.Inputs.Length ? a.Inputs[i] : Node.Absent, y = i < b.Inputs.Length ? b.Inputs[i] : Node.Absent;
            if (matching.AreTogether(x, y)) continue;
            if (x != Node.Absent && y != Node.Absent && before.TryConstant(x, out var p) && after.TryConstant(y, out var q))
                found.Add($"{name}: {Content(p, q)}");
            else found.Add($"{name} was {Operand(before, x)} and is {Operand(after, y)}");
        }
        return found.ToImmutable();
    }

    private void Attributes(Op a, Op b, ImmutableArray<string>.Builder found)
    {
        if (ops.Find(a) is not { } definition)
        {
            if (!a.Equals(b)) found.Add("the attributes differ");
            return;
        }
        foreach (var attribute in definition.Attributes.Where(attribute => !attribute.AreSame(a, b)))
            found.Add($"{attribute.Name} was {Show(attribute.Read(a, omitDefault: false))} and is "
                + $"{Show(attribute.Read(b, omitDefault: false))}");
    }

    private static string Show(object? value) => value switch
    {
        null => "absent",
        string text => $"\"{text}\"",
        Tensor tensor => $"a tensor {tensor.Type}",
        Graph graph => $"a graph of {graph.Nodes.Length} nodes",
        EquatableArray<long> list => $"[{string.Join(", ", list)}]",
        EquatableArray<float> list => $"[{string.Join(", ", list.Select(f => f.ToString(CultureInfo.InvariantCulture)))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Operand(Graph graph, int value) => value == Node.Absent ? "absent"
        : graph.TryConstant(value, out var tensor) ? $"a constant {tensor.Type}"
        : graph.Producer(value) is { } producer ? $"\"{graph[value].Name}\" of {producer.Place}" : $"the input \"{graph[value].Name}\"";

    private static string Content(Tensor a, Tensor b)
    {
        if (!a.Type.Equals(b.Type)) return $"a constant {a.Type} became {b.Type}";
        if (a.DType == DType.String) return "other strings";
        double[] x = a.ToDoubles(), y = b.ToDoubles();
        int differing = Enumerable.Range(0, x.Length).Count(i => !x[i].Equals(y[i]));
        double error = Enumerable.Range(0, x.Length).Max(i => x[i].Equals(y[i]) ? 0 : Math.Abs(x[i] - y[i])), scale = x.Max(Math.Abs);
        return string.Create(CultureInfo.InvariantCulture,
            $"{differing} of {x.Length} elements differ, by at most {error:G3} (the largest element is {scale:G3})");
    }
}
