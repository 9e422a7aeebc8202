using System.Reflection;
using Nncc.IR;
using Nncc.Passes.Rules;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Plugins;

/// <summary>Takes what a plugin adds.</summary>
public sealed class PluginRegistration
{
    internal PluginRegistration()
    {
    }

    internal List<OpDefinition> Ops { get; } = [];
    internal List<(IPass Pass, string? After)> Passes { get; } = [];
    internal List<RuleFunction> Functions { get; } = [];
    internal List<(string File, string Text)> Rules { get; } = [];
    internal List<IFusionStrategy> Strategies { get; } = [];
    internal List<(string File, string Json)> Targets { get; } = [];
    internal List<IKernelTemplate> Templates { get; } = [];

    /// <summary>Adds an op: <c>registration.Add(MyOp.Definition)</c>.</summary>
    public void Add(OpDefinition op) => Ops.Add(op);

    /// <summary>Adds a pass on the way to the canonical form.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="after">
    /// The pass that it runs after (see <c>nncc passes list</c>); null for the end. Where that pass does not run, it runs at the end as
    /// well.
    /// </param>
    public void Add(IPass pass, string? after = null) => Passes.Add((pass, after));

    /// <summary>Adds a function that rules may use.</summary>
    public void Add(RuleFunction function) => Functions.Add(function);

    /// <summary>Adds a fusion strategy for <c>--strategy</c>.</summary>
    public void Add(IFusionStrategy strategy) => Strategies.Add(strategy);

    /// <summary>Adds a family of kernels: of the C# backend a <c>KernelTemplate</c>.</summary>
    public void Add(IKernelTemplate template) => Templates.Add(template);

    /// <summary>Adds a target for <c>--target</c>.</summary>
    /// <param name="file">Name of the file, for messages.</param>
    /// <param name="json">Its text, as <c>nncc calibrate</c> writes it.</param>
    public void AddTarget(string file, string json) => Targets.Add((file, json));

    /// <summary>Adds rules.</summary>
    /// <param name="file">Name of the file, for messages.</param>
    /// <param name="text">Its text.</param>
    public void AddRules(string file, string text) => Rules.Add((file, text));

    /// <summary>Adds the rules of all resources of an assembly whose names end in <c>.rules</c>.</summary>
    public void AddRules(Assembly assembly)
    {
        foreach (var (name, text) in Texts(assembly, ".rules")) AddRules(name, text);
    }

    /// <summary>Adds the targets of all resources of an assembly whose names end in <c>.target.json</c>.</summary>
    public void AddTargets(Assembly assembly)
    {
        foreach (var (name, text) in Texts(assembly, TargetProfiles.FileEnding)) AddTarget(name, text);
    }

    private static IEnumerable<(string Name, string Text)> Texts(Assembly assembly, string ending)
    {
        foreach (string name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(ending, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return (name, reader.ReadToEnd());
        }
    }
}
