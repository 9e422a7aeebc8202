using System.Collections.Immutable;
using Nncc.IR;
using Nncc.IR.Text;

namespace Nncc.Passes;

/// <summary>
/// A mistake of nncc itself: a pass failed or gave a graph that does not verify. Names the pass, and the file that shows the
/// mistake again: the graph before the pass, under a line that names the pass, as in the case files of the tests.
/// </summary>
public sealed class InternalFault : Exception
{
    private InternalFault(string pass, string message, string? reproducer, ImmutableArray<Fault> faults, Exception? cause)
        : base($"internal error in pass {pass}: {message}{(reproducer is null ? "" : $"\nto report it, send {reproducer}")}", cause) =>
        (Pass, Reproducer, Faults) = (pass, reproducer, faults);

    /// <summary>Name of the pass.</summary>
    public string Pass { get; }

    /// <summary>The file that shows the mistake again; null where none was asked for.</summary>
    public string? Reproducer { get; }

    /// <summary>What the verifier found, if it was the verifier.</summary>
    public ImmutableArray<Fault> Faults { get; }

    /// <summary>Of a pass that threw.</summary>
    internal static InternalFault Thrown(IPass pass, Graph before, long step, PassContext context, Exception cause) =>
        new(pass.Name, cause.Message, Write(pass, before, step, context), [], cause);

    /// <summary>Of a pass whose result does not verify.</summary>
    internal static InternalFault Unverified(IPass pass, Graph before, long step, PassContext context, ImmutableArray<Fault> faults) =>
        new(pass.Name, string.Join('\n', faults), Write(pass, before, step, context), faults, null);

    private static string? Write(IPass pass, Graph before, long step, PassContext context)
    {
        if (context.ReproducerPath is not { } path) return null;
        try
        {
            using var writer = new StreamWriter(path);
            writer.Write($"// passes: {pass.Name}\n");
            foreach (var (name, shape) in context.Options.Shapes) writer.Write($"// shape: {name}={shape}\n");
            foreach (var (name, size) in context.Options.Dims) writer.Write($"// dim: {name}={size}\n");
            writer.Write($"// fold-limit: {context.Options.FoldLimit}\n");
            writer.Write($"// note: {step} steps were made before this pass, {context.Steps.Count} when it failed\n");
            Printer.Print(before, context.Ops, writer);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"the model and the options ({path} could not be written: {e.Message})";
        }
    }
}
