using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace Nncc.IR;

/// <summary>
/// One attribute of an op, read off the constructor parameter that declares it. In neutral form an attribute's value is one of
/// long, float, string, <see cref="Tensor"/>, <see cref="Graph"/>, <see cref="IrType"/> or an <see cref="EquatableArray{T}"/> of them; the
/// constructor may take bool (0 and 1), <see cref="DType"/> (its number) and enumerations (their ONNX names) instead.
/// </summary>
public sealed class AttributeDefinition
{
    private readonly Type type;
    private readonly PropertyInfo property;
    private readonly IReadOnlyDictionary<string, object>? members;

    internal AttributeDefinition(ParameterInfo parameter, PropertyInfo property)
    {
        this.property = property;
        type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        Name = parameter.GetCustomAttribute<OnnxNameAttribute>()?.Name ?? SnakeCase(parameter.Name!);
        IsDerived = parameter.GetCustomAttribute<DerivedAttribute>() is not null;
        IsRequired = !parameter.HasDefaultValue;
        Default = parameter.HasDefaultValue && parameter.DefaultValue is { } value ? (type.IsEnum ? Enum.ToObject(type, value) : value)
            : type.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null ? Activator.CreateInstance(type) : null;
        if (type.IsEnum && type != typeof(DType))
            members = Enum.GetValues(type).Cast<object>().ToDictionary(
                m => type.GetField(m.ToString()!)!.GetCustomAttribute<OnnxNameAttribute>()?.Name ?? SnakeCase(m.ToString()!), m => m);
    }

    /// <summary>Name as in ONNX.</summary>
    public string Name { get; }

    /// <summary>Whether it must be given.</summary>
    public bool IsRequired { get; }

    /// <summary>Whether ONNX does not write it.</summary>
    public bool IsDerived { get; }

    /// <summary>The constructor's value where it is not given.</summary>
    public object? Default { get; }

    /// <summary>The .NET type of the parameter, without its nullability.</summary>
    public Type ClrType => type;

    /// <summary>The legal names where the attribute is one of a few; else null.</summary>
    public IEnumerable<string>? Choices => members?.Keys;

    /// <summary>Name of the kind of value, for messages.</summary>
    public string Kind => type == typeof(long) || type == typeof(bool) || type == typeof(DType) ? "int"
        : type == typeof(float) ? "float"
        : type == typeof(string) || members is not null ? "string"
        : type == typeof(EquatableArray<long>) ? "ints" : type == typeof(EquatableArray<float>) ? "floats"
        : type == typeof(EquatableArray<string>) ? "strings" : type == typeof(Tensor) ? "tensor" : type == typeof(Graph) ? "graph"
        : type == typeof(IrType) ? "type"
        : type.Name;

    /// <summary>Whether two ops of the type have the same value here; of floats the same bits: -0 is not 0.</summary>
    public bool AreSame(Op a, Op b) => AreSame(property.GetValue(a), property.GetValue(b));

    /// <summary>The value in the op, in neutral form; null where it is absent (or equal to the default, if asked).</summary>
    public object? Read(Op op, bool omitDefault)
    {
        var value = property.GetValue(op);
        if (value is null || (omitDefault && !IsRequired && AreSame(value, Default))) return null;
        return value switch
        {
            bool truth => truth ? 1L : 0L,
            DType dtype => (long)(int)dtype,
            Enum member => NameOf(member),
            _ => value,
        };
    }

    private string NameOf(Enum member) => members!.First(m => m.Value.Equals(member)).Key;

    /// <summary>The constructor's argument for a neutral value; null if the value is of another kind or not among the choices.</summary>
    public object? Convert(object neutral)
    {
        if (neutral is long number)
        {
            if (type == typeof(bool)) return number != 0;
            if (type == typeof(DType)) return DTypes.IsDefined((int)number) || number == 0 ? (DType)(int)number : null;
        }
        if (members is not null) return neutral is string name && members.TryGetValue(name, out var member) ? member : null;
        return type.IsInstanceOfType(neutral) ? neutral : null;
    }

    private static bool AreSame(object? a, object? b) => (a, b) switch
    {
        (float x, float y) => BitConverter.SingleToUInt32Bits(x) == BitConverter.SingleToUInt32Bits(y),
        (EquatableArray<float> x, EquatableArray<float> y) => MemoryMarshal.AsBytes(x.Span).SequenceEqual(MemoryMarshal.AsBytes(y.Span)),
        _ => Equals(a, b),
    };

    /// <summary>KernelShape to kernel_shape.</summary>
    internal static string SnakeCase(string name)
    {
        var b = new StringBuilder();
        foreach (char c in name)
        {
            if (char.IsUpper(c) && b.Length > 0) b.Append('_');
            b.Append(char.ToLowerInvariant(c));
        }
        return b.ToString();
    }
}
