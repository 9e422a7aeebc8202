using System.Collections.Immutable;
using System.Reflection;

namespace Nncc.Zoo;

/// <summary>The architectures of this library by name.</summary>
public static class ModelZoo
{
    /// <summary>All architectures, ordered by name.</summary>
    public static ImmutableArray<Architecture> All { get; } =
    [
        .. typeof(ModelZoo).Assembly.GetTypes().Where(t => t.IsAssignableTo(typeof(IArchitectures)) && !t.IsInterface)
            .SelectMany(t =>
                (IEnumerable<Architecture>)t.GetProperty(nameof(IArchitectures.All),
                    BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!)
            .OrderBy(a => a.Name, StringComparer.Ordinal),
    ];

    /// <summary>The architecture of that name, or null.</summary>
    public static Architecture? Find(string name) => All.FirstOrDefault(a => a.Name == name);

    /// <summary>A model of that architecture; weights follow from the seed alone.</summary>
    /// <exception cref="ArgumentException">There is no such architecture, or the batch is not positive.</exception>
    public static Model Build(string name, ZooOptions? options = null)
    {
        options ??= new();
        if (options.Batch < 1) throw new ArgumentException($"a batch of {options.Batch} has no images", nameof(options));
        var architecture = Find(name)
            ?? throw new ArgumentException($"the zoo has no \"{name}\": it has {string.Join(", ", All.Select(a => a.Name))}", nameof(name));
        return new Model(architecture.Build(options),
            ModelHeader.Empty with { Producer = "nncc zoo", Doc = $"{architecture.Summary}; random weights, seed {options.Seed}" });
    }
}
