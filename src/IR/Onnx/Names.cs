namespace Nncc.IR.Onnx;

/// <summary>Gives out names, each once. A wanted name that is taken gets a number: <c>conv</c>, <c>conv_1</c>, <c>conv_2</c>.</summary>
public sealed class Names
{
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);

    /// <summary>Takes a name; false if it was taken before.</summary>
    public bool Reserve(string name) => taken.Add(name);

    /// <summary>Whether the name is taken.</summary>
    public bool IsTaken(string name) => taken.Contains(name);

    /// <summary>The wanted name if it is free, else the first free one with a number behind it. An empty name counts as taken.</summary>
    public string Unique(string wanted)
    {
        if (wanted.Length > 0 && taken.Add(wanted)) return wanted;
        int number = numbers.GetValueOrDefault(wanted);
        string candidate;
        do candidate = wanted.Length == 0 ? $"v{++number}" : $"{wanted}_{++number}";
        while (!taken.Add(candidate));
        numbers[wanted] = number;
        return candidate;
    }

    /// <summary>
    /// A name for messages: between quotes, control characters escaped, cut at 80 characters. Names come from files that nobody vouches
    /// for.
    /// </summary>
    internal static string Quote(string name)
    {
        string shown = name.Length > 80 ? name[..77] + "..." : name;
        return $"\"{(shown.Any(char.IsControl) ? string.Concat(shown.Select(Escape)) : shown)}\"";
    }

    private static string Escape(char c) => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString();
}
