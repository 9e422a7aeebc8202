using System.Text;

namespace Nncc.Tests.OnnxRuntime;

/// <summary>
/// Encodes small ONNX models by hand, so that these tests stand on nothing but the standard's field numbers (onnx.proto).
/// </summary>
internal sealed class TinyModel(int opset = 21, int irVersion = 10)
{
    private readonly List<byte[]> nodes = [], inputs = [], outputs = [], initializers = [];

    /// <summary>Adds a node; attributes come from the Attribute functions.</summary>
    public TinyModel Node(string op, string[] operands, string[] results, params byte[][] attributes) =>
        Node("", op, operands, results, attributes);

    /// <summary>Adds a node of another domain.</summary>
    public TinyModel Node(string domain, string op, string[] operands, string[] results, params byte[][] attributes)
    {
        nodes.Add([.. operands.SelectMany(o => Field(1, o)), .. results.SelectMany(r => Field(2, r)), .. Field(4, op),
            .. attributes.SelectMany(a => Field(5, a)), .. Field(7, domain)]);
        return this;
    }

    public TinyModel Input(string name, byte[] type)
    {
        inputs.Add([.. Field(1, name), .. Field(2, type)]);
        return this;
    }

    public TinyModel Output(string name, byte[] type)
    {
        outputs.Add([.. Field(1, name), .. Field(2, type)]);
        return this;
    }

    public TinyModel Initializer(string name, DType dtype, long[] dims, byte[] raw)
    {
        initializers.Add([.. Field(8, name), .. TensorFields(dtype, dims, raw)]);
        return this;
    }

    public byte[] Build()
    {
        byte[] graph = [.. nodes.SelectMany(n => Field(1, n)), .. Field(2, "tiny"), .. initializers.SelectMany(i => Field(5, i)),
            .. inputs.SelectMany(i => Field(11, i)), .. outputs.SelectMany(o => Field(12, o))];
        byte[] domain = Field(2, opset), ml = [.. Field(1, "ai.onnx.ml"), .. Field(2, 3)];
        return [.. Field(1, irVersion), .. Field(8, domain), .. Field(8, ml), .. Field(7, graph)];
    }

    /// <summary>A tensor type; sizes are numbers, names, or null for an unnamed unknown.</summary>
    public static byte[] Tensor(DType dtype, params object?[]? sizes) =>
        Field(1, (byte[])[.. Field(1, (long)dtype), .. sizes is null ? [] : Field(2, [.. sizes.SelectMany(size => Field(1, Size(size)))])]);

    public static byte[] Sequence(byte[] element) => Field(4, Field(1, element));

    public static byte[] Map(DType key, byte[] value) => Field(5, (byte[])[.. Field(1, (long)key), .. Field(2, value)]);

    public static byte[] Optional(byte[] element) => Field(9, Field(1, element));

    public static byte[] Attribute(string name, long value) => [.. Field(1, name), .. Field(20, 2), .. Field(3, value)];

    public static byte[] Attribute(string name, string value) => [.. Field(1, name), .. Field(20, 3), .. Field(4, value)];

    public static byte[] Attribute(string name, string[] values) =>
        [.. Field(1, name), .. Field(20, 8), .. values.SelectMany(v => Field(9, v))];

    public static byte[] TypeAttribute(string name, byte[] type) => [.. Field(1, name), .. Field(20, 13), .. Field(14, type)];

    private static byte[] Size(object? size) => size switch
    {
        null => [],
        string name => Field(2, name),
        _ => Field(1, Convert.ToInt64(size)),
    };

    private static byte[] TensorFields(DType dtype, long[] dims, byte[] raw) =>
        [.. dims.SelectMany(d => Field(1, d)), .. Field(2, (long)dtype), .. Field(9, raw)];

    private static byte[] Field(int number, long value) => [.. Varint((ulong)number << 3), .. Varint((ulong)value)];

    private static byte[] Field(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    private static byte[] Field(int number, byte[] content) =>
        [.. Varint((ulong)number << 3 | 2), .. Varint((ulong)content.Length), .. content];

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value > 127; value >>= 7) bytes.Add((byte)(value | 128));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
