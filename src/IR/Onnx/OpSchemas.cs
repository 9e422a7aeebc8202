using System.Collections.Immutable;

namespace Nncc.IR.Onnx;

/// <summary>
/// All operators that ONNX defines, of every opset version, whether nncc knows their meaning or not: the names that are no
/// operators of any version are told by it, and written files are checked against it. Read from schemas.txt, which is data.
/// </summary>
public static class OpSchemas
{
    private static readonly Lazy<Dictionary<string, Dictionary<string, ImmutableArray<OpSchema>>>> Table = new(Load);

    /// <summary>The newest opset of ai.onnx.</summary>
    public const int Newest = 27;

    /// <summary>Whether all operators of a domain at this opset are in the table: ONNX defines the domain, and the opset is not newer than
    /// the table.</summary>
    public static bool IsComplete(string domain, int opset) => Table.Value.ContainsKey(domain) && opset <= NewestOf(domain);

    /// <summary>The newest opset of a domain that is in the table; 1 for a domain that is not ONNX's.</summary>
    public static int NewestOf(string domain) => domain.Length == 0 ? Newest
        : Table.Value.TryGetValue(domain, out var operators) ? operators.Values.Max(versions => versions[^1].Since) : 1;

    /// <summary>All versions of an operator, ascending; empty where no version of ONNX defines it.</summary>
    public static ImmutableArray<OpSchema> Versions(string domain, string name) =>
        Table.Value.TryGetValue(domain, out var operators) && operators.TryGetValue(name, out var versions) ? versions : [];

    /// <summary>The operator as an opset defines it; null where that opset has no such operator. A withdrawn one keeps its last
    /// form.</summary>
    public static OpSchema? Find(string domain, string name, int opset)
    {
        var versions = Versions(domain, name);
        int last = versions.Length - 1;
        while (last >= 0 && versions[last].Since > opset) last--;
        if (last < 0) return null;
        return versions[last] is { IsWithdrawn: true, Inputs.IsEmpty: true } && last > 0 ? versions[last - 1] : versions[last];
    }

    /// <summary>The names of a domain's operators, ordered.</summary>
    public static IEnumerable<string> Names(string domain) =>
        Table.Value.TryGetValue(domain, out var operators) ? operators.Keys.Order(StringComparer.Ordinal) : [];

    private static Dictionary<string, Dictionary<string, ImmutableArray<OpSchema>>> Load()
    {
        using var stream = typeof(OpSchemas).Assembly.GetManifestResourceStream("Nncc.IR.Onnx.schemas.txt")!;
        using var reader = new StreamReader(stream);
        var sets = new Dictionary<string, SchemaTypes>(StringComparer.Ordinal);
        var table = new Dictionary<string, Dictionary<string, ImmutableArray<OpSchema>>>(StringComparer.Ordinal);
        Dictionary<string, ImmutableArray<OpSchema>>? operators = null;
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line.StartsWith("# ", StringComparison.Ordinal) || line == "#") continue;
            if (line[0] == '#' && line.Split(" = ") is [var name, var types]) sets.Add(name, Types(types.Split(' ')));
            else if (line.StartsWith("domain ", StringComparison.Ordinal))
                table.Add(line is "domain ai.onnx" ? "" : line[7..], operators = []);
            else
            {
                var schema = Parse(line, sets);
                operators![schema.Name] = operators.TryGetValue(schema.Name, out var before) ? before.Add(schema) : [schema];
            }
        }
        return table;
    }

    private static OpSchema Parse(string line, Dictionary<string, SchemaTypes> sets)
    {
        string[] parts = line.Split(';');
        string[] sides = parts[0].Split(" -> ");
        var head = sides[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
        bool withdrawn = head.Count > 2 && head[2] == "!";
        var (name, since) = (head[0], int.Parse(head[1]));
        head.RemoveRange(0, withdrawn ? 3 : 2);
        if (sides.Length == 1) return new OpSchema(name, since, withdrawn, [], 0, [], 0, []);
        var local = new Dictionary<string, SchemaTypes>(StringComparer.Ordinal);
        foreach (string entry in Words(parts.Length > 2 ? parts[2] : ""))
            local.Add(entry[..entry.IndexOf('=')], Set(entry[(entry.IndexOf('=') + 1)..], sets));
        var inputs = Operands(head, local, out int leastInputs);
        var outputs = Operands([.. Words(sides[1])], local, out int leastOutputs);
        return new OpSchema(name, since, withdrawn, inputs, leastInputs, outputs, leastOutputs,
            [.. Words(parts[1]).Select(word => word.TrimEnd('!').Split(':') is [var a, var kind]
                ? new SchemaAttribute(a, kind, word.EndsWith('!')) : throw new FormatException(line))]);
    }

    private static ImmutableArray<SchemaOperand> Operands(List<string> words, Dictionary<string, SchemaTypes> types, out int least)
    {
        int? given = null;
        if (words.Count > 0 && words[0][0] == '(')
        {
            given = int.Parse(words[0][1..words[0].IndexOf('-')]);
            words.RemoveAt(0);
        }
        var list = ImmutableArray.CreateBuilder<SchemaOperand>(words.Count);
        foreach (string word in words)
        {
            int colon = word.IndexOf(':');
            string name = word[..colon], type = word[(colon + 1)..];
            list.Add(new SchemaOperand(name.TrimEnd('?', '.'), name.EndsWith('?'), name.EndsWith('.'),
                types.TryGetValue(type, out var set) ? set : Types([type])));
        }
        least = given ?? list.Count;
        while (given is null && least > 0 && list[least - 1].IsOptional) least--;
        return list.ToImmutable();
    }

    private static SchemaTypes Set(string text, Dictionary<string, SchemaTypes> sets) => text[0] == '#' ? sets[text]
        : Types(text.Split('|'));

    private static SchemaTypes Types(string[] names) => new(
        [.. names.Where(n => n is not ("seq" or "optional" or "map")).Select(n => DTypes.Parse(n) ?? throw new FormatException(n))],
        names.Contains("seq"), names.Contains("optional"), names.Contains("map"));

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
