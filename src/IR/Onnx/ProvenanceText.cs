using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf.Collections;
using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>
/// Origins in the metadata of ONNX files: <c>{"nodes":["conv1","bn1"],"steps":["fold-batch-norm"]}</c> under <see cref="NodeKey"/> of a
/// node (IR 10 and later), or an object of these by node name under <see cref="ModelKey"/> of the model. A node that comes from
/// one node of its own name has no entry.
/// </summary>
internal static class ProvenanceText
{
    public const string NodeKey = "nncc.origin";

    public const string ModelKey = "nncc.origins";

    /// <summary>The origin among a node's metadata; null where there is none or it is not nncc's.</summary>
    public static Provenance? Read(RepeatedField<StringStringEntryProto> metadata)
    {
        foreach (var entry in metadata)
            if (entry.Key == NodeKey) return Parse(entry.Value) is { } document ? Read(document.RootElement) : null;
        return null;
    }

    /// <summary>The origins in a model's metadata, by node name.</summary>
    public static Dictionary<string, Provenance> ReadAll(RepeatedField<StringStringEntryProto> metadata)
    {
        var result = new Dictionary<string, Provenance>(StringComparer.Ordinal);
        foreach (var entry in metadata)
            if (entry.Key == ModelKey && Parse(entry.Value) is { RootElement: { ValueKind: JsonValueKind.Object } root })
                foreach (var node in root.EnumerateObject())
                    if (Read(node.Value) is { } origin) result[node.Name] = origin;
        return result;
    }

    public static string Write(Provenance origin) => Write(json => Write(json, origin));

    public static string WriteAll(IEnumerable<KeyValuePair<string, Provenance>> origins) => Write(json =>
    {
        json.WriteStartObject();
        foreach (var (node, origin) in origins)
        {
            json.WritePropertyName(node);
            Write(json, origin);
        }
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, Provenance origin)
    {
        json.WriteStartObject();
        foreach (var (name, list) in new[] { ("nodes", origin.Nodes), ("steps", origin.Steps) })
        {
            if (list.IsEmpty) continue;
            json.WriteStartArray(name);
            foreach (string item in list) json.WriteStringValue(item);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static string Write(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer,
            new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) content(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static Provenance? Read(JsonElement element) => element.ValueKind != JsonValueKind.Object ? null
        : new Provenance(List(element, "nodes"), List(element, "steps"));

    private static EquatableArray<string> List(JsonElement element, string name) =>
        element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!).ToEquatable()
                : [];

    // Anybody may write metadata: what is no such text is not ours, and says nothing.
    private static JsonDocument? Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
