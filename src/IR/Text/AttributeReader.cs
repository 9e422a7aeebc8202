using System.Globalization;
using Nncc.IR.Ops;

namespace Nncc.IR.Text;

/// <summary>Reads attributes in their neutral form (see <see cref="AttributeDefinition"/>).</summary>
/// <param name="session">The reading.</param>
/// <param name="depth">How deep the node's graph lies.</param>
/// <param name="stage">The stage of the node's graph, which bodies have where they say nothing else.</param>
internal sealed class AttributeReader(ParseSession session, int depth, Stage stage)
{
    private readonly Cursor cursor = session.Cursor;

    /// <summary>Reads <c>name=value, ...</c>. What the definition wants as float may be written as an integer.</summary>
    public List<NamedAttribute> ReadAll(OpDefinition? definition)
    {
        var list = new List<NamedAttribute>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        do
        {
            int start = cursor.At;
            string name = cursor.Next == '"' ? cursor.String("the name of an attribute") : cursor.Word("the name of an attribute");
            cursor.Expect('=');
            var value = Adapt(Read(), definition?.Attribute(name)?.ClrType);
            if (value is object[] && definition is not null) throw new TextFault(start, $"{name} is no list");
            if (!names.Add(name)) throw new TextFault(start, $"attribute \"{name}\" stands there twice");
            list.Add(new NamedAttribute(name, value));
        }
        while (cursor.Accept(','));
        return list;
    }

    /// <summary>Reads <c>f32[2x3]{1, 2, 3, 4, 5, 6}</c> or <c>f32[64] data 3</c>.</summary>
    public Tensor ReadTensor()
    {
        int start = cursor.At;
        if (cursor.Type(session.Symbol) is not TensorType { Shape: { } shape, DType: var dtype and not DType.Unknown } type
            || shape.ToStatic() is not { } dims)
            throw new TextFault(start, "expected a tensor with an element type and sizes that are numbers");
        if (Count(dims) is not { } count) throw new TextFault(start, $"the number of elements of {type} is beyond 64 bits");
        if (cursor.AcceptWord("data")) return session.Data.Tensor(cursor.Id(), dtype, dims, count, start);
        cursor.Expect('{');
        var tensor = dtype == DType.String ? ReadStrings(dims, count, start) : ReadNumbers(dtype, dims, count, start);
        cursor.Expect('}');
        return tensor;
    }

    private static long? Count(long[] dims)
    {
        Int128 count = 1;
        foreach (long dim in dims)
            if ((count *= dim) > long.MaxValue / 16) return null;
        return (long)count;
    }

    private Tensor ReadStrings(long[] dims, long count, int start)
    {
        var items = new List<string>();
        if (cursor.Next != '}')
        {
            do items.Add(cursor.String("an element"));
            while (cursor.Accept(','));
        }
        return items.Count == count ? Tensor.Of(DType.String, dims, items.ToArray()) : throw WrongCount(count, items.Count, start);
    }

    private Tensor ReadNumbers(DType dtype, long[] dims, long count, int start)
    {
        var component = ElementText.Component(dtype);
        var numbers = new List<ulong>();
        if (cursor.Next != '}')
        {
            do
            {
                if (dtype.IsComplex()) cursor.Expect('(');
                numbers.Add(ReadNumber(component));
                if (!dtype.IsComplex()) continue;
                cursor.Expect(',');
                numbers.Add(ReadNumber(component));
                cursor.Expect(')');
            }
            while (cursor.Accept(','));
        }
        int perElement = dtype.IsComplex() ? 2 : 1;
        if (numbers.Count != count * perElement) throw WrongCount(count, numbers.Count / perElement, start);
        byte[] raw = new byte[dtype.Bytes(count)];
        for (int i = 0; i < numbers.Count; i++) ElementText.Store(raw, component, i, numbers[i]);
        return Tensor.Of(dtype, dims, raw);
    }

    private ulong ReadNumber(DType dtype)
    {
        int start = cursor.At;
        var text = cursor.Number();
        return ElementText.TryParse(dtype, text, out ulong bits) ? bits
            : throw new TextFault(start, $"\"{text}\" is no element of {dtype.Name()}");
    }

    private static TextFault WrongCount(long count, int found, int start) =>
        new(start, $"the tensor has {count} elements, here are {found}");

    // A list that is empty and does not say of what is an empty object[].
    private object Read()
    {
        int start = cursor.At;
        if (cursor.Next == '"') return cursor.String("a value");
        if (cursor.Next == '[') return ReadList("");
        var word = cursor.PeekWord();
        char after = cursor.AfterWord();
        if (word is "graph") return new GraphReader(session, stage, depth + 1).Read();
        if (word is "true") return Skip("true", 1L);
        if (word is "false") return Skip("false", 0L);
        if (word is "type" && after == ' ')
        {
            cursor.ExpectWord("type");
            return cursor.Type(session.Symbol);
        }
        if (DTypes.Parse(word) is { } dtype) return after == '[' ? ReadTensor() : Skip(dtype.Name(), (long)dtype);
        if (after == '[' && word is "ints" or "floats" or "strings" or "tensors" or "types" or "graphs")
            return ReadList(cursor.Word("a list"));
        var number = cursor.Number();
        if (long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer)) return integer;
        return ElementText.TryParse(DType.Float32, number, out ulong bits) ? BitConverter.UInt32BitsToSingle((uint)bits)
            : throw new TextFault(start, "expected the value of an attribute",
                "values are numbers, \"text\", [lists], f32[2]{1, 2}, type f32[2], graph \"name\" { ... }, f32, true and false");
    }

    private object Skip(string word, long value)
    {
        cursor.ExpectWord(word);
        return value;
    }

    private object ReadList(string kind)
    {
        int start = cursor.At;
        var items = new List<object>();
        cursor.Expect('[');
        if (!cursor.Accept(']'))
        {
            do
            {
                if (cursor.Next == '[') throw new TextFault(cursor.At, "a list holds no lists");
                items.Add(Read());
            }
            while (cursor.Accept(','));
            cursor.Expect(']');
        }
        return items switch
        {
            [] => Empty(kind),
            _ when items.TrueForAll(i => i is long) => Typed<long>(items),
            _ when items.TrueForAll(i => i is long or float) => items.Select(i => i is long n ? (float)n : (float)i).ToEquatable(),
            _ when items.TrueForAll(i => i is string) => Typed<string>(items),
            _ when items.TrueForAll(i => i is Tensor) => Typed<Tensor>(items),
            _ when items.TrueForAll(i => i is IrType) => Typed<IrType>(items),
            _ when items.TrueForAll(i => i is Graph) => Typed<Graph>(items),
            _ => throw new TextFault(start, "the elements of the list are of different kinds"),
        };
    }

    private static EquatableArray<T> Typed<T>(List<object> items) where T : IEquatable<T> => items.Cast<T>().ToEquatable();

    private static object Empty(string kind) => kind switch
    {
        "ints" => new EquatableArray<long>([]),
        "floats" => new EquatableArray<float>([]),
        "strings" => new EquatableArray<string>([]),
        "tensors" => new EquatableArray<Tensor>([]),
        "types" => new EquatableArray<IrType>([]),
        "graphs" => new EquatableArray<Graph>([]),
        _ => Array.Empty<object>(),
    };

    private static object Adapt(object value, Type? wanted) => value switch
    {
        long number when wanted == typeof(float) => (float)number,
        EquatableArray<long> list when wanted == typeof(EquatableArray<float>) => list.Select(n => (float)n).ToEquatable(),
        object[] when wanted is { IsGenericType: true } => Activator.CreateInstance(wanted)!,
        _ => value,
    };
}
