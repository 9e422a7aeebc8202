using System.Collections.Immutable;
using System.Reflection;
using Nncc.IR;
using Nncc.Passes.Rules;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Plugins;

/// <summary>A plugin that was loaded.</summary>
/// <param name="Name">Its name.</param>
/// <param name="File">Its assembly.</param>
/// <param name="Version">Version of its assembly.</param>
/// <param name="Added">What it registered.</param>
public sealed record LoadedPlugin(string Name, string File, string Version, PluginRegistration Added)
{
    /// <summary>Full names of the ops that it adds.</summary>
    public IEnumerable<string> Ops => Added.Ops.Select(o => o.FullName);

    /// <summary>Names of the passes that it adds.</summary>
    public IEnumerable<string> Passes => Added.Passes.Select(p => p.Pass.Name);

    /// <summary>Names of the rule functions that it adds.</summary>
    public IEnumerable<string> Functions => Added.Functions.Select(f => f.Name);

    /// <summary>Names of the fusion strategies that it adds.</summary>
    public IEnumerable<string> Strategies => Added.Strategies.Select(s => s.Name);

    /// <summary>Files of the targets that it adds.</summary>
    public IEnumerable<string> Targets => Added.Targets.Select(t => t.File);

    /// <summary>Ids of the kernel templates that it adds.</summary>
    public IEnumerable<string> Templates => Added.Templates.Select(t => t.Id);

    /// <summary>Names of the rule files that it adds.</summary>
    public IEnumerable<string> RuleFiles => Added.Rules.Select(r => r.File);
}

/// <summary>The plugins of a compilation, in the order in which they were given.</summary>
public sealed class PluginSet
{
    private PluginSet(ImmutableArray<LoadedPlugin> plugins) => Plugins = plugins;

    /// <summary>No plugins.</summary>
    public static PluginSet None { get; } = new([]);

    /// <summary>The plugins.</summary>
    public ImmutableArray<LoadedPlugin> Plugins { get; }

    /// <summary>The rules that they add.</summary>
    public IEnumerable<(string File, string Text)> Rules => Plugins.SelectMany(p => p.Added.Rules);

    /// <summary>Loads plugins.</summary>
    /// <param name="paths">Their assemblies.</param>
    /// <exception cref="NnccException">
    /// A file is no plugin, or one for another version of the contract, or it failed while it registered: all faults.
    /// </exception>
    public static PluginSet Load(IEnumerable<string> paths)
    {
        var plugins = ImmutableArray.CreateBuilder<LoadedPlugin>();
        var faults = new List<Fault>();
        foreach (string path in paths.Select(Path.GetFullPath).Distinct())
        {
            try
            {
                plugins.Add(Load(path));
            }
            catch (NnccException e)
            {
                faults.AddRange(e.Faults);
            }
        }
        return faults.Count == 0 ? new(plugins.ToImmutable()) : throw new NnccException([.. faults]);
    }

    /// <summary>Adds their ops.</summary>
    /// <exception cref="NnccException">An op of that name is there already.</exception>
    public OpRegistry AddTo(OpRegistry ops)
    {
        Add(p => p.Added.Ops, ops.Add);
        return ops;
    }

    /// <summary>Adds their functions.</summary>
    /// <exception cref="NnccException">A function of that name is there already.</exception>
    public RuleFunctions AddTo(RuleFunctions functions)
    {
        Add(p => p.Added.Functions, functions.Add);
        return functions;
    }

    /// <summary>Adds their fusion strategies.</summary>
    /// <exception cref="NnccException">A strategy of that name is there already.</exception>
    public FusionStrategies AddTo(FusionStrategies strategies)
    {
        Add(p => p.Added.Strategies, strategies.Add);
        return strategies;
    }

    /// <summary>Adds their targets.</summary>
    /// <exception cref="NnccException">A target cannot be read, or its name stands for another.</exception>
    public TargetProfiles AddTo(TargetProfiles targets)
    {
        Add(p => p.Added.Targets, target =>
        {
            try
            {
                targets.Add(target.Json, target.File);
            }
            catch (NnccException e)
            {
                throw new ArgumentException(string.Join("; ", e.Faults.Select(f => f.Message)));
            }
        });
        return targets;
    }

    /// <summary>Adds their kernel templates to a catalog.</summary>
    /// <param name="add">
    /// Takes one; throws <see cref="ArgumentException"/> where it is none of the backend's, or one of that id is there already.
    /// </param>
    /// <exception cref="NnccException">The catalog does not take one.</exception>
    public void AddTemplates(Action<IKernelTemplate> add) => Add(p => p.Added.Templates, add);

    /// <summary>A pipeline with their passes in it.</summary>
    /// <param name="pipeline">A pipeline that ends with the entry into a stage, before which passes without a place run.</param>
    /// <param name="disabled">Names of passes that are left out.</param>
    public Pipeline AddTo(Pipeline pipeline, IReadOnlyCollection<string> disabled)
    {
        var passes = pipeline.Passes;
        foreach (var (pass, after) in Plugins.SelectMany(p => p.Added.Passes).Where(p => !disabled.Contains(p.Pass.Name)))
            passes = passes.Insert(passes.FirstOrDefault(p => p.Name == after) is { } place ? passes.LastIndexOf(place) + 1
                : Math.Max(0, passes.Length - 1), pass);
        return passes == pipeline.Passes ? pipeline : new Pipeline(pipeline.Name, passes) { Observe = pipeline.Observe };
    }

    private void Add<T>(Func<LoadedPlugin, List<T>> what, Action<T> add)
    {
        foreach (var plugin in Plugins)
            foreach (var item in what(plugin))
                try
                {
                    add(item);
                }
                catch (ArgumentException e)
                {
                    throw new NnccException(FaultCodes.PluginFailed, $"the plugin \"{plugin.Name}\" cannot be added: {e.Message}",
                        plugin.File,
                        "where two plugins, or a plugin and nncc, have something of the same name, leave one out");
                }
    }

    private static LoadedPlugin Load(string path)
    {
        if (!File.Exists(path)) throw new NnccException(FaultCodes.PluginLoad, "the file does not exist", path);
        var context = new PluginLoadContext(path);
        try
        {
            var assembly = context.LoadFromAssemblyPath(path);
            var attribute = assembly.GetCustomAttributesData().FirstOrDefault(a => a.AttributeType == typeof(PluginAttribute))
                ?? throw new NnccException(FaultCodes.PluginLoad, "the assembly is no plugin: it has no attribute [assembly: Plugin(...)]",
                    path);
            string contract = (string)attribute.ConstructorArguments[0].Value!;
            if (contract != IPlugin.ContractVersion)
                throw new NnccException(FaultCodes.PluginLoad,
                    $"the plugin is made for version {contract} of the contract, and this nncc has {IPlugin.ContractVersion}", path,
                    "build it against this nncc, or ask its author for a version that is");
            var type = (Type)attribute.ConstructorArguments[1].Value!;
            if (!type.IsAssignableTo(typeof(IPlugin)) || type.GetConstructor([]) is null)
                throw new NnccException(FaultCodes.PluginLoad, $"{type.FullName} is no IPlugin with a constructor without parameters",
                    path);
            var plugin = (IPlugin)Activator.CreateInstance(type)!;
            context.Plugin = plugin.Name;
            var registration = new PluginRegistration();
            plugin.Register(registration);
            return new LoadedPlugin(plugin.Name, path, $"{assembly.GetName().Version}", registration);
        }
        catch (Exception e) when (e is not (NnccException or OutOfMemoryException))
        {
            var root = e.GetBaseException();
            throw root switch
            {
                BadImageFormatException => new NnccException(FaultCodes.PluginLoad, "the file is no .NET assembly", path),
                FileNotFoundException or FileLoadException or TypeLoadException or MissingMemberException => new NnccException(
                    FaultCodes.PluginLoad,
                        $"the plugin \"{context.Plugin}\" needs what is not there: {root.Message.ReplaceLineEndings(" ")}", path,
                    "publish it with all it depends on, into a folder of its own"),
                _ => PluginBlame.Of(e) ?? new NnccException(FaultCodes.PluginFailed,
                    $"the plugin \"{context.Plugin}\" threw {root.GetType().Name}: {root.Message}", path,
                    "this is a mistake of the plugin: report it to its author"),
            };
        }
    }
}
