using System.Collections.Immutable;
using System.Reflection;

namespace Nncc.IR;

/// <summary>An op type that says how ONNX writes it; such types are found by <see cref="OpRegistry.Standard"/>.</summary>
public interface IOpDefined
{
    /// <summary>How ONNX writes the op.</summary>
    static abstract OpDefinition Definition { get; }
}

/// <summary>An operand or result in an op's signature.</summary>
/// <param name="Name">Name as in ONNX.</param>
/// <param name="IsOptional">Whether it may be absent.</param>
/// <param name="IsVariadic">Whether it stands for any number of operands; the last one only.</param>
public sealed record OperandDefinition(string Name, bool IsOptional, bool IsVariadic);

/// <summary>
/// How ONNX writes an op: domain, name, operands, attributes, the opset versions at which its schema changed and how forms of
/// older versions become today's and back. One instance describes an op type; all readers and writers go by it.
/// </summary>
public sealed class OpDefinition
{
    private readonly ConstructorInfo? constructor;

    private OpDefinition(Type? type, string domain, string name, string inputs, string outputs, ImmutableArray<int> since)
    {
        (Domain, Name, Since) = (domain, name, since);
        (Inputs, Outputs) = (Signature(inputs), Signature(outputs));
        if (type is null) { Attributes = []; return; }
        constructor = type.GetConstructors().OrderByDescending(c => c.GetParameters().Length).First();
        Attributes = [.. constructor.GetParameters().Select(p => new AttributeDefinition(p, type.GetProperty(p.Name!)!))];
    }

    /// <summary>Domain; empty for ai.onnx.</summary>
    public string Domain { get; }

    /// <summary>Name as in ONNX.</summary>
    public string Name { get; }

    /// <summary>Name with the domain, where it is not ai.onnx.</summary>
    public string FullName => Domain.Length == 0 ? Name : $"{Domain}.{Name}";

    /// <summary>The opset versions at which the schema was introduced or changed, ascending.</summary>
    public ImmutableArray<int> Since { get; }

    /// <summary>Operands in order; captured values of bodies come after them.</summary>
    public ImmutableArray<OperandDefinition> Inputs { get; }

    /// <summary>Results in order.</summary>
    public ImmutableArray<OperandDefinition> Outputs { get; }

    /// <summary>Attributes in the order of the constructor.</summary>
    public ImmutableArray<AttributeDefinition> Attributes { get; }

    /// <summary>Changes of form, by ascending version.</summary>
    public ImmutableArray<FormChange> Changes { get; private set; } = [];

    /// <summary>What of the standard's op has no meaning here, for people; empty where all has.</summary>
    public ImmutableArray<string> Limits { get; private set; } = [];

    /// <summary>Whether this is only an old name, whose changes lead to another op.</summary>
    public bool IsLegacy => constructor is null;

    /// <summary>
    /// Describes op type <typeparamref name="T"/>. Operands and results are names in order, <c>?</c> behind an optional one and
    /// <c>...</c> behind a variadic one: <c>"X W B?"</c>, <c>"inputs..."</c>.
    /// </summary>
    public static OpDefinition For<T>(string inputs, string outputs, ReadOnlySpan<int> since, string domain = "", string? name = null)
        where T : Op =>
        new(typeof(T), domain, name ?? typeof(T).Name, inputs, outputs, [.. since]);

    /// <summary>Describes an op that exists in old opsets only; its changes must rename it.</summary>
    public static OpDefinition Legacy(string name, string inputs, string outputs, ReadOnlySpan<int> since, string domain = "") =>
        new(null, domain, name, inputs, outputs, [.. since]);

    /// <summary>
    /// Adds how forms before <paramref name="version"/> become those from it on, and back (see <see cref="FormChange"/>).
    /// </summary>
    public OpDefinition Change(int version, Action<OpForm>? up = null, Func<OpForm, string?>? down = null)
    {
        Changes = [.. Changes.Add(new FormChange(version, up, down)).OrderBy(c => c.Version)];
        return this;
    }

    /// <summary>Writes a node of the op as simpler ops; null where the op is simple enough for every backend.</summary>
    public Func<FormBody, string?>? Body { get; private set; }

    /// <summary>The first opset of the op's domain whose files need no body; null where none does.</summary>
    public int? BodySince { get; private set; }

    /// <summary>
    /// Says what simpler ops do the work of a node. Backends that do not compute the op get these; where the op is one of ONNX from opset
    /// <paramref name="since"/> on, older files hold them.
    /// </summary>
    /// <param name="write">Emits the nodes and ends with <see cref="FormBody.Becomes"/>; gives why it cannot, or null. A reason comes
    /// before anything is emitted.</param>
    /// <param name="since">The first opset of the op's domain that has it; null where files always hold the op itself.</param>
    public OpDefinition WithBody(Func<FormBody, string?> write, int? since = null)
    {
        (Body, BodySince) = (write, since);
        return since is { } version ? Change(version, down: FormBody.Down(version, write)) : this;
    }

    /// <summary>Says what has no meaning here; faults for it say the same.</summary>
    public OpDefinition Limited(params ReadOnlySpan<string> limits)
    {
        Limits = [.. limits];
        return this;
    }

    /// <summary>Whether two ops of this type are equal down to the bits of their floats.</summary>
    public bool AreSame(Op a, Op b) => a.Equals(b) && Attributes.All(attribute => attribute.AreSame(a, b));

    /// <summary>Attribute by its ONNX name, or null.</summary>
    public AttributeDefinition? Attribute(string name)
    {
        foreach (var attribute in Attributes)
            if (attribute.Name == name) return attribute;
        return null;
    }

    /// <summary>
    /// The op for neutral attribute values. Throws faults for unknown, missing and ill-typed attributes, all of them at once.
    /// </summary>
    public Op Create(IReadOnlyDictionary<string, object> values)
    {
        if (constructor is null) throw new InvalidOperationException($"{FullName} is an old name without a type");
        var faults = new List<Fault>();
        if (values.Count > 0) faults.AddRange(UnknownNames(values.Keys));
        var arguments = new object?[Attributes.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            var attribute = Attributes[i];
            if (!values.TryGetValue(attribute.Name, out var value))
            {
                if (attribute.IsRequired)
                    faults.Add(new Fault(FaultCodes.Attribute, $"{FullName} needs attribute \"{attribute.Name}\" ({attribute.Kind})"));
                arguments[i] = attribute.Default;
            }
            else if ((arguments[i] = attribute.Convert(value)) is null)
                faults.Add(new Fault(FaultCodes.Attribute, $"{FullName} takes attribute \"{attribute.Name}\" as {attribute.Kind}"
                    + $"{(attribute.Choices is { } choices ? $" out of {string.Join(", ", choices)}" : "")}, got {Describe(value)}"));
        }
        if (faults.Count > 0) throw new NnccException([.. faults]);
        return (Op)constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }

    private IEnumerable<Fault> UnknownNames(IEnumerable<string> names) =>
        names.Where(name => Attribute(name) is null).Order(StringComparer.Ordinal).Select(name =>
            new Fault(FaultCodes.Attribute, $"{FullName} has no attribute \"{name}\"", Advice: Nearest(name)));

    /// <summary>
    /// The op's attributes in neutral form, in the order of the constructor; those equal to their default are left out if asked.
    /// </summary>
    public IEnumerable<KeyValuePair<string, object>> Values(Op op, bool omitDefaults = true)
    {
        foreach (var attribute in Attributes)
            if (attribute.Read(op, omitDefaults) is { } value) yield return new(attribute.Name, value);
    }

    private string? Nearest(string name) => Attributes.Where(a => !a.IsDerived).Select(a => a.Name)
        .FirstOrDefault(n => string.Equals(n.Replace("_", ""), name.Replace("_", ""), StringComparison.OrdinalIgnoreCase)) is { } near
            ? $"did you mean \"{near}\"?" : Attributes.IsEmpty ? null
            : $"it has {string.Join(", ", Attributes.Where(a => !a.IsDerived).Select(a => a.Name))}";

    private static string Describe(object value) => value switch
    {
        string text => $"\"{text}\"",
        Tensor tensor => $"a tensor {tensor.Type}",
        Graph => "a graph",
        long or float => $"{value}",
        _ => value.ToString() ?? "nothing",
    };

    private static ImmutableArray<OperandDefinition> Signature(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word =>
            new OperandDefinition(word.TrimEnd('?', '.'), word.EndsWith('?'), word.EndsWith("...", StringComparison.Ordinal)))];
}
