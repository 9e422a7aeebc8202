using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using Nncc.IR;

namespace Nncc.Passes.Plugins;

/// <summary>Tells a plugin's mistakes from nncc's.</summary>
public static class PluginBlame
{
    /// <summary>
    /// The fault of the plugin in whose code an exception, or one of its causes, was thrown; null where it was no plugin's.
    /// </summary>
    public static NnccException? Of(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            foreach (var frame in new StackTrace(cause).GetFrames())
                if (ContextOf(frame.GetMethod()?.Module.Assembly) is { } context)
                {
                    // Past the wrappers that reflection and type initializers put around the cause.
                    var root = exception.GetBaseException();
                    return new NnccException(FaultCodes.PluginFailed,
                        $"the plugin \"{context.Plugin}\" threw {root.GetType().Name}: {root.Message}",
                        $"{frame.GetMethod()?.DeclaringType?.Name}.{frame.GetMethod()?.Name}, {context.File}",
                        "this is a mistake of the plugin: report it to its author");
                }
        return null;
    }

    /// <summary>The fault of the plugin whose pass gave a graph that does not verify; null where the pass is no plugin's.</summary>
    internal static NnccException? Of(IPass pass, ImmutableArray<Fault> faults) =>
        ContextOf(pass.GetType().Assembly) is not { } context ? null : new NnccException([.. faults.Select(fault => new Fault(
            FaultCodes.PluginFailed, $"the pass {pass.Name} of the plugin \"{context.Plugin}\" gave a graph that does not verify: {fault}",
            context.File, $"this is a mistake of the plugin; --disable {pass.Name} leaves the pass out"))]);

    internal static PluginLoadContext? ContextOf(Assembly? assembly) =>
        assembly is null ? null : AssemblyLoadContext.GetLoadContext(assembly) as PluginLoadContext;
}
