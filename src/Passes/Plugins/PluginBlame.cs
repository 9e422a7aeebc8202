using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using Nncc.IR;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Plugins;

/// <summary>Tells a plugin's mistakes from nncc's.</summary>
public static class PluginBlame
{
    /// <summary>
    /// The fault of the plugin in whose code an exception, or one of its causes, was thrown; null where it was no plugin's.
    /// </summary>
    public static NnccException? Of(Exception exception)
    {
        if (Lacking(exception) is { } lacking) return lacking;
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            foreach (var frame in new StackTrace(cause).GetFrames())
                if (ContextOf(frame.GetMethod()?.Module.Assembly) is { } context)
                {
                    // Past the wrappers that reflection and type initializers put around the cause.
                    var root = exception.GetBaseException();
                    bool isLacking = root is FileNotFoundException or FileLoadException;
                    return new NnccException(FaultCodes.PluginFailed,
                        isLacking ? $"the plugin \"{context.Plugin}\" needs what is not there: {root.Message.ReplaceLineEndings(" ")}"
                        : $"the plugin \"{context.Plugin}\" threw {root.GetType().Name}: {root.Message}",
                        $"{frame.GetMethod()?.DeclaringType?.Name}.{frame.GetMethod()?.Name}, {context.File}",
                        isLacking ? "publish it with all it depends on, into a folder of its own"
                        : "this is a mistake of the plugin: report it to its author");
                }
        return null;
    }

    /// <summary>The fault of the plugin whose pass gave a graph that does not verify; null where the pass is no plugin's.</summary>
    internal static NnccException? Of(IPass pass, ImmutableArray<Fault> faults)
    {
        var strategy = (pass as FusionPartition)?.Strategy;
        if (ContextOf((strategy ?? (object)pass).GetType().Assembly) is not { } context) return null;
        string what = strategy is null ? $"pass {pass.Name}" : $"strategy {strategy.Name}";
        string advice = strategy is null ? $"--disable {pass.Name} leaves the pass out" : "choose another --strategy";
        return new NnccException([.. faults.Select(fault => new Fault(FaultCodes.PluginFailed,
            $"the {what} of the plugin \"{context.Plugin}\" gave a graph that does not verify: {fault}", context.File,
            $"this is a mistake of the plugin; {advice}"))]);
    }

    /// <summary>Where a plugin's strategy chose regions that no kernel computes, all of them are its faults.</summary>
    /// <exception cref="NnccException">It did.</exception>
    internal static void CheckRegions(IFusionStrategy strategy, Graph graph, IKernelCatalog catalog, TargetProfile target)
    {
        if (ContextOf(strategy.GetType().Assembly) is not { } context) return;
        var faults = graph.Nodes.Where(n => n.Op is IR.Ops.Fusion { Body.Nodes.Length: > 1 })
            .Select(n => (Node: n, Verdict: catalog.Accepts(KernelRegion.Of(graph, n), target))).Where(r => !r.Verdict.IsYes)
            .Select(r => new Fault(FaultCodes.PluginFailed,
                $"the strategy {strategy.Name} of the plugin \"{context.Plugin}\" chose a region that no kernel computes: "
                + r.Verdict.Reason, r.Node.Place, "this is a mistake of the plugin: ask IKernelCatalog.Accepts; choose another --strategy"))
            .ToList();
        if (faults.Count > 0) throw new NnccException([.. faults]);
    }

    /// <summary>The fault of the plugins of which kernels are in a program that does not compile; null where there are none.</summary>
    /// <param name="templates">The templates of the program's kernels.</param>
    /// <param name="errors">What the C# compiler said.</param>
    public static NnccException? Of(IEnumerable<IKernelTemplate> templates, string errors)
    {
        var theirs = templates.Select(t => (t.Id, Context: ContextOf(t.GetType().Assembly))).Where(t => t.Context is not null).Distinct()
            .ToList();
        return theirs.Count == 0 ? null : new NnccException([.. theirs.Select(t => new Fault(FaultCodes.PluginFailed,
            $"emitted C# with kernels of the template {t.Id} of the plugin \"{t.Context!.Plugin}\" does not compile: {errors}",
            t.Context.File, "if what does not compile is the template's, this is a mistake of the plugin"))]);
    }

    /// <summary>
    /// The fault of the plugin whose op does not survive up to the stage of a graph; null where the faults are at no plugin's op.
    /// </summary>
    internal static NnccException? Of(Graph graph, ImmutableArray<Fault> faults)
    {
        var places = faults.Select(f => f.Place).ToHashSet();
        foreach (var node in graph.Nodes.Where(n => places.Contains(n.Place)))
            if (ContextOf(node.Op.GetType().Assembly) is { } context)
                return new NnccException([.. faults.Select(fault => new Fault(FaultCodes.PluginFailed,
                    $"the op {node.Op.FullName} of the plugin \"{context.Plugin}\" does not verify: {fault}", context.File,
                    "this is a mistake of the plugin: one of its passes leaves the op, or its types are not always the same"))]);
        return null;
    }

    // A method whose code needs an absent assembly is never entered, so that no frame tells whose it is: the plugins' references do.
    private static NnccException? Lacking(Exception exception)
    {
        string? file = exception.GetBaseException() switch
        {
            FileNotFoundException e => e.FileName, FileLoadException e => e.FileName, _ => null,
        };
        if (file is null) return null;
        string name = file.Split(',')[0];
        foreach (var context in AssemblyLoadContext.All.OfType<PluginLoadContext>())
            if (context.Assemblies.Any(a => a.GetReferencedAssemblies().Any(r => r.Name == name)))
                return new NnccException(FaultCodes.PluginFailed,
                    $"the plugin \"{context.Plugin}\" needs the assembly {name}, which is not there", context.File,
                    "publish it with all it depends on, into a folder of its own");
        return null;
    }

    internal static PluginLoadContext? ContextOf(Assembly? assembly) =>
        assembly is null ? null : AssemblyLoadContext.GetLoadContext(assembly) as PluginLoadContext;
}
