using System.Collections.Immutable;
using Nncc.Backends.CSharp.Kernels;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Plugins;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp;

/// <summary>The kernel templates of the C# backend as a catalog: the first template that accepts a region computes it.</summary>
public sealed class KernelCatalog : IKernelCatalog
{
    private readonly SortedDictionary<string, KernelTemplate> byId = new(StringComparer.Ordinal);
    private readonly List<KernelTemplate> templates = [];

    /// <summary>A new catalog with all templates of this library.</summary>
    /// <param name="isExact">Without those that do not sum what the op sums.</param>
    /// <param name="plugins">Plugins whose templates come to them.</param>
    /// <exception cref="NnccException">A plugin's template is none of this backend's, or has the id of another.</exception>
    public static KernelCatalog Standard(bool isExact = false, PluginSet? plugins = null)
    {
        var catalog = new KernelCatalog();
        foreach (var type in typeof(KernelCatalog).Assembly.GetTypes())
            if (type is { IsAbstract: false } && type.IsAssignableTo(typeof(KernelTemplate)))
                Offer((KernelTemplate)Activator.CreateInstance(type)!);
        plugins?.AddTemplates(added => Offer(added as KernelTemplate
            ?? throw new ArgumentException($"the template {added.Id} is no {typeof(KernelTemplate).FullName}")));
        return catalog;

        void Offer(KernelTemplate template)
        {
            if (template.IsExact || !isExact) catalog.Add(template);
        }
    }

    /// <summary>The templates in the order in which they are asked.</summary>
    public IReadOnlyList<KernelTemplate> Templates => templates;

    /// <summary>The template of that id.</summary>
    public KernelTemplate this[string id] => byId[id];

    /// <summary>Adds a template.</summary>
    /// <exception cref="ArgumentException">There is one of that id.</exception>
    public void Add(KernelTemplate template)
    {
        if (!byId.TryAdd(template.Id, template)) throw new ArgumentException($"the template {template.Id} is there already");
        templates.Add(template);
        templates.Sort((a, b) => a.Rank != b.Rank ? a.Rank.CompareTo(b.Rank) : string.CompareOrdinal(a.Id, b.Id));
    }

    /// <inheritdoc/>
    public bool IsElementwise(Op op) => ElementwiseCode.IsElementwise(op);

    /// <inheritdoc/>
    public Verdict Accepts(KernelRegion region, TargetProfile target)
    {
        foreach (var value in region.Body.Values)
            if (value.Type is not TensorType { Shape: { IsStatic: true } } type) return Verdict.No(Unbound(region.Body, value));
            else if (!CSharpTypes.IsSupported(type.DType))
                return Verdict.No($"\"{value.Name}\" has elements of {type.DType.Name()}, which kernels do not compute with");
        var refusals = new List<string>();
        foreach (var template in For(region))
        {
            var verdict = template.Accepts(region, target);
            if (verdict.IsYes) return verdict;
            refusals.Add($"{template.Id}: {verdict.Reason}");
        }
        var ops = string.Join("+", region.Body.Nodes.Select(n => n.Op.FullName));
        var told = refusals.Where(r => !r.Contains(": not ", StringComparison.Ordinal)).ToArray();
        return Verdict.No($"no kernel of the C# backend computes {ops}{(told.Length == 0 ? "" : $" ({string.Join("; ", told)})")}");
    }

    /// <inheritdoc/>
    public IEnumerable<ImmutableArray<Node>> Proposals(Graph graph, Node node) => templates.SelectMany(t => t.Proposals(graph, node));

    private static string Unbound(Graph body, Value value) =>
        value.Type is not TensorType ? $"\"{value.Name}\" is {value.Type}, and kernels take tensors"
        : body.Producer(value.Id) is { } node && node.GivenInputs.All(i => body[i].Type is TensorType { Shape.IsStatic: true })
            ? $"the sizes of the result of {node.Op.FullName}, {value.Type}, are known only at run time, and kernels take bound sizes"
        : $"\"{value.Name}\" is {value.Type}, and kernels take tensors of bound sizes";

    /// <inheritdoc/>
    public IReadOnlyList<LayoutChoice> Layouts(KernelRegion region, TargetProfile target)
    {
        var plain = LayoutChoice.Plain(region.Body.Inputs.Length, region.Body.Outputs.Length);
        if (region.Body.Values.Any(v => v.Type is not TensorType { Shape.IsStatic: true })) return [plain];
        return [.. templates.Where(t => t.TakesLayouts).Select(t => t.Layouts(region, target)).OfType<LayoutChoice>().Distinct(), plain];
    }

    /// <inheritdoc/>
    public IReadOnlyList<Schedule> Space(KernelRegion region, TargetProfile target)
    {
        // Of row-major regions the first template that accepts one has them all; in other layouts templates compete.
        var able = For(region).Where(t => t.Accepts(region, target).IsYes);
        return [.. (region.Layouts is null ? able.Take(1) : able).SelectMany(t => t.Space(region, target))];
    }

    // The templates for row-major operands and results, or those for other layouts.
    private IEnumerable<KernelTemplate> For(KernelRegion region) => templates.Where(t => t.TakesLayouts == region.Layouts is not null);

    /// <inheritdoc/>
    public KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target) =>
        byId[schedule.Template].Features(region, schedule, target);

    /// <inheritdoc/>
    public KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target) =>
        byId[schedule.Template].Plan(region, schedule, target);
}
