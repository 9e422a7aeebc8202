using System.Collections.Immutable;

namespace Nncc.IR.Onnx;

/// <summary>Collects the faults of a model, each once, so that all are said in one run; and what is odd but no fault.</summary>
internal sealed class FaultList
{
    private const int Most = 1000; // what nobody reads to the end is not printed to the end
    private readonly List<Fault> faults = [];
    private readonly HashSet<Fault> seen = [];
    private readonly List<Fault> warnings = [];
    private int more;

    /// <summary>What is odd but no fault.</summary>
    public ImmutableArray<Fault> Warnings => [.. warnings];

    /// <summary>Whether there is a fault.</summary>
    public bool Any => faults.Count > 0;

    public void Add(Fault fault)
    {
        if (seen.Count > Most) more++;
        else if (seen.Add(fault)) faults.Add(fault);
    }

    public void Add(FaultCode code, string message, string? place = null, string? advice = null) =>
        Add(new Fault(code, message, place, advice));

    /// <summary>Adds the faults of an exception; those without a place get this one.</summary>
    public void Add(NnccException exception, string? place)
    {
        foreach (var fault in exception.Faults) Add(fault.Place is null ? fault with { Place = place } : fault);
    }

    public void Warn(FaultCode code, string message, string? place = null, string? advice = null)
    {
        if (warnings.Count < Most) warnings.Add(new Fault(code, message, place, advice));
    }

    /// <summary>Runs something; a fault in it is collected and gives null.</summary>
    public T? Try<T>(string? place, Func<T?> run) where T : class
    {
        try
        {
            return run();
        }
        catch (NnccException e)
        {
            Add(e, place);
            return null;
        }
    }

    public void ThrowIfAny()
    {
        if (faults.Count == 0) return;
        if (more > 0) faults.Add(new Fault(FaultCodes.Limit, $"{more} further faults are not listed"));
        throw new NnccException([.. faults]);
    }
}
