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
    /// <exception cref="ArgumentException">There is no such architecture, or it does not take the options.</exception>
    public static Model Build(string name, ZooOptions? options = null)
    {
        options ??= new();
        var architecture = Find(name)
            ?? throw new ArgumentException($"the zoo has no \"{name}\": it has {string.Join(", ", All.Select(a => a.Name))}", nameof(name));
        if (Complaint(architecture, options) is { } complaint) throw new ArgumentException(complaint, nameof(options));
        return new Model(architecture.Build(options),
            ModelHeader.Empty with { Producer = "nncc zoo", Doc = $"{architecture.Summary}; random weights, seed {options.Seed}" });
    }

    /// <summary>What of the options the architecture does not take, as a sentence; null where it takes all of them.</summary>
    public static string? Complaint(Architecture architecture, ZooOptions options)
    {
        if (options.Batch < 1) return $"a batch of {options.Batch} has no images";
        foreach (var (isGiven, scaling, what) in new[]
                 {
                     (options.Width is not null, ZooScaling.Width, "width"), (options.Depth is not null, ZooScaling.Depth, "depth"),
                     (options.Resolution is not null, ZooScaling.Resolution, "resolution"),
                     (options.Classes is not null, ZooScaling.Classes, "number of classes"),
                 })
            if (isGiven && !architecture.Scaling.HasFlag(scaling)) return $"\"{architecture.Name}\" has no other {what}";
        if (options.Width is not (null or (> 0 and <= 16))) return $"a width of {options.Width} is not above 0 and up to 16";
        if (options.Depth is not (null or (> 0 and <= 16))) return $"a depth of {options.Depth} is not above 0 and up to 16";
        if (options.Resolution is not (null or (>= 32 and <= 8192)))
            return $"a resolution of {options.Resolution} is not between 32 and 8192";
        return options.Classes is null or >= 1 ? null : $"{options.Classes} classes are none";
    }
}
