using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Nncc.IR;

/// <summary>
/// The ops that a compilation knows. An instance is passed down, so that plugins can add to one. Not safe to change while used.
/// </summary>
public sealed class OpRegistry
{
    private readonly SortedDictionary<(string Domain, string Name), OpDefinition> definitions = [];
    private readonly Dictionary<(string Domain, string Name), OpDefinition> index = [];

    /// <summary>A new registry with all ops of this library.</summary>
    public static OpRegistry Standard()
    {
        var registry = new OpRegistry();
        registry.AddFrom(typeof(OpRegistry).Assembly);
        return registry;
    }

    /// <summary>All definitions, ordered by domain and name.</summary>
    public IEnumerable<OpDefinition> Definitions => definitions.Values;

    /// <summary>
    /// Adds every op type of an assembly that is <see cref="IOpDefined"/>, and the old names of <see cref="ILegacyForms"/>.
    /// </summary>
    public void AddFrom(Assembly assembly)
    {
        foreach (var type in assembly.GetTypes())
        {
            if (type.IsAssignableTo(typeof(IOpDefined)) && !type.IsInterface)
                Add((OpDefinition)Static(type, nameof(IOpDefined.Definition)));
            if (type.IsAssignableTo(typeof(ILegacyForms)) && !type.IsInterface)
                foreach (var definition in (IEnumerable<OpDefinition>)Static(type, nameof(ILegacyForms.Forms))) Add(definition);
        }
    }

    /// <summary>Adds an op; an op of the same domain and name is an error of the caller.</summary>
    public void Add(OpDefinition definition)
    {
        if (!definitions.TryAdd((definition.Domain, definition.Name), definition))
            throw new ArgumentException($"the op {definition.FullName} is there already", nameof(definition));
        index.Add((definition.Domain, definition.Name), definition);
    }

    /// <summary>The definition of that op, or null.</summary>
    public OpDefinition? Find(string domain, string name) => index.GetValueOrDefault((domain, name));

    /// <summary>The definition of an op's type, or null for an opaque op.</summary>
    public OpDefinition? Find(Op op) => op is Ops.Opaque ? null : Find(op.Domain, op.Name);

    /// <summary>The definition of an op's type.</summary>
    public OpDefinition this[Op op] => Find(op) ?? throw new ArgumentException($"{op.FullName} is not registered", nameof(op));

    /// <summary>Whether the domain has any op here.</summary>
    public bool HasDomain(string domain) => definitions.Keys.Any(key => key.Domain == domain);

    /// <summary>The newest version of a domain's ops here; null where it has none.</summary>
    public int? NewestOf(string domain) => definitions.Values.Where(d => d.Domain == domain).Max(d => (int?)d.Since.Max());

    private static object Static(Type type, string name) =>
        type.GetProperty(name, BindingFlags.Public | BindingFlags.Static | BindingFlags.NonPublic)?.GetValue(null)
        ?? throw new InvalidOperationException($"{type} does not give {name}");
}

/// <summary>A type that gives definitions of ops which exist in old opsets only.</summary>
public interface ILegacyForms
{
    /// <summary>The old names.</summary>
    static abstract IEnumerable<OpDefinition> Forms { get; }
}
