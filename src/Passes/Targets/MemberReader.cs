using System.Globalization;
using System.Text.Json;

namespace Nncc.Passes.Targets;

/// <summary>
/// Reads the members of a JSON object, each by its name and kind. A member that is missing, of another kind, out of its range, given twice
/// or never asked for is a fault; reading goes on with a stand-in, so that all faults of a file are found at once.
/// </summary>
internal sealed class MemberReader
{
    private readonly Dictionary<string, JsonElement> members = new(StringComparer.Ordinal);
    private readonly SortedSet<string> asked = new(StringComparer.Ordinal);
    private readonly FaultCode code;
    private readonly string file;
    private readonly string within;
    private readonly List<Fault> faults;

    /// <summary>A reader of an object.</summary>
    /// <param name="element">What should be an object.</param>
    /// <param name="code">Number of the faults.</param>
    /// <param name="file">The file, for faults.</param>
    /// <param name="within">What the object is, for faults: empty for the file's own, or such as <c>caches[1]</c>.</param>
    /// <param name="faults">Takes the faults.</param>
    public MemberReader(JsonElement element, FaultCode code, string file, string within, List<Fault> faults)
    {
        (this.code, this.file, this.within, this.faults) = (code, file, within, faults);
        if (element.ValueKind != JsonValueKind.Object)
        {
            Bad($"{(within.Length == 0 ? "the file" : within)} is no object");
            return;
        }
        foreach (var member in element.EnumerateObject())
            if (!members.TryAdd(member.Name, member.Value)) Bad($"\"{member.Name}\" is given twice");
    }

    /// <summary>The object of a JSON text; comments are skipped.</summary>
    /// <exception cref="NnccException">The text is no JSON.</exception>
    public static JsonElement Parse(string json, FaultCode code, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new NnccException(code, $"not JSON: {e.Message}", file);
        }
    }

    /// <summary>Notes a fault of this object.</summary>
    public void Bad(string message, string? advice = null) =>
        faults.Add(new Fault(code, within.Length == 0 ? message : $"{message}, in {within}", file, advice));

    /// <summary>A text that must be there.</summary>
    public string Text(string name) => Find(name, JsonValueKind.String, "a text", out var value) ? value.GetString()! : "";

    /// <summary>True or false, which must be there.</summary>
    public bool Flag(string name)
    {
        if (!Has(name, out var value)) return Missing(name);
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Bad($"\"{name}\" is {Shown(value)}", "write true or false");
        return false;

        bool Missing(string name)
        {
            Bad($"\"{name}\" is missing");
            return false;
        }
    }

    /// <summary>True or false; false where it is not there.</summary>
    public bool OptionalFlag(string name) => Has(name, out _) && Flag(name);

    /// <summary>A number in a range, which must be there.</summary>
    public double Number(string name, double least, double most) =>
        !Find(name, JsonValueKind.Number, "a number", out var value) ? least : InRange(name, value.GetDouble(), least, most);

    /// <summary>A number in a range; null where it is not there.</summary>
    public double? OptionalNumber(string name, double least, double most) => Has(name, out _) ? Number(name, least, most) : null;

    /// <summary>A whole number in a range, which must be there.</summary>
    public int Whole(string name, int least, int most)
    {
        double value = Number(name, least, most);
        if (value == Math.Floor(value)) return (int)value;
        Bad($"\"{name}\" is {Text(value)}", "write a whole number");
        return least;
    }

    /// <summary>A whole number in a range; null where it is not there.</summary>
    public int? OptionalWhole(string name, int least, int most) => Has(name, out _) ? Whole(name, least, most) : null;

    /// <summary>A list of texts, which must be there.</summary>
    public string[] Texts(string name) => [.. List(name).Where((item, i) =>
    {
        if (item.ValueKind == JsonValueKind.String) return true;
        Bad($"{name}[{i}] is {Shown(item)}", "write texts");
        return false;
    }).Select(item => item.GetString()!)];

    /// <summary>A list of texts; empty where it is not there.</summary>
    public string[] OptionalTexts(string name) => Has(name, out _) ? Texts(name) : [];

    /// <summary>A list of objects, which must be there, each read to its end.</summary>
    public List<T> Objects<T>(string name, Func<MemberReader, T> read) => [.. List(name).Select((item, i) =>
    {
        var reader = new MemberReader(item, code, file, within.Length == 0 ? $"{name}[{i}]" : $"{within}.{name}[{i}]", faults);
        var result = read(reader);
        if (item.ValueKind == JsonValueKind.Object) reader.End();
        return result;
    })];

    /// <summary>An object of numbers by names that are not known beforehand, in a range; empty where it is not there.</summary>
    public List<(string Name, double Value)> OptionalNumbers(string name, double least, double most)
    {
        if (!Has(name, out _) || !Find(name, JsonValueKind.Object, "an object", out var value)) return [];
        var result = new List<(string, double)>();
        foreach (var member in value.EnumerateObject())
            if (member.Value.ValueKind != JsonValueKind.Number) Bad($"\"{name}\": \"{member.Name}\" is {Shown(member.Value)}", "write a number");
            else result.Add((member.Name, InRange($"{name}: {member.Name}", member.Value.GetDouble(), least, most)));
        return result;
    }

    /// <summary>Notes the members that were never asked for. To be called last.</summary>
    public void End()
    {
        foreach (string name in members.Keys.Where(n => !asked.Contains(n)).Order(StringComparer.Ordinal))
            Bad($"\"{name}\" is no member", Suggestion.For(name, asked, "members are"));
    }

    private IEnumerable<JsonElement> List(string name) =>
        Find(name, JsonValueKind.Array, "a list", out var value) ? value.EnumerateArray().ToArray() : [];

    private bool Has(string name, out JsonElement value)
    {
        asked.Add(name);
        return members.TryGetValue(name, out value);
    }

    private bool Find(string name, JsonValueKind kind, string words, out JsonElement value)
    {
        if (!Has(name, out value)) Bad($"\"{name}\" is missing", $"write {words}");
        else if (value.ValueKind == kind) return true;
        else Bad($"\"{name}\" is {Shown(value)}", $"write {words}");
        return false;
    }

    private double InRange(string name, double value, double least, double most)
    {
        if (value >= least && value <= most) return value;
        Bad($"\"{name}\" is {Text(value)}", $"of a real machine it is from {Text(least)} to {Text(most)}");
        return least;
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Shown(JsonElement value) => value.GetRawText() is var text && text.Length <= 40 ? text : $"{text[..40]}...";
}
