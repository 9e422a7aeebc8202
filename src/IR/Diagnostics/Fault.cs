using System.Collections.Immutable;

namespace Nncc.IR;

/// <summary>How a verb of the command line ends.</summary>
public enum ExitCode
{
    /// <summary>Done.</summary>
    Ok = 0,
    /// <summary>The command was not understood.</summary>
    Usage = 1,
    /// <summary>A model or a data file is wrong.</summary>
    BadModel = 2,
    /// <summary>A demand of the user could not be met.</summary>
    ConstraintNotMet = 3,
    /// <summary>The model is legal, but nncc cannot do this with it.</summary>
    Unsupported = 4,
}

/// <summary>A kind of fault. The number is what documentation and tests refer to and is never reused.</summary>
/// <param name="Number">Four digits; printed as NNC1001.</param>
/// <param name="Title">What is wrong in general, in a few words.</param>
/// <param name="Exit">How the command line ends.</param>
public sealed record FaultCode(int Number, string Title, ExitCode Exit)
{
    /// <inheritdoc/>
    public override string ToString() => $"NNC{Number:D4}";
}

/// <summary>A fault in what the user gave, said to the user: number, cause, place, advice.</summary>
/// <param name="Code">The kind.</param>
/// <param name="Message">The cause with the actual values, one sentence without a final stop.</param>
/// <param name="Place">Where: a node such as <c>node "conv1" (Conv)</c>, or a file; null where the message says it.</param>
/// <param name="Advice">What to do about it; null where the message makes it plain.</param>
public sealed record Fault(FaultCode Code, string Message, string? Place = null, string? Advice = null)
{
    /// <summary>One or two lines: <c>NNC1001 error: cause (place)</c> and the hint.</summary>
    public override string ToString() =>
        $"{Code} error: {Message}{(Place is null ? "" : $" ({Place})")}{(Advice is null ? "" : $"\n  hint: {Advice}")}";
}

/// <summary>Ends an operation for faults in what the user gave. Whatever was being made is not left half done.</summary>
public sealed class NnccException : Exception
{
    /// <summary>Ends with these faults; at least one.</summary>
    public NnccException(params ImmutableArray<Fault> faults) : base(string.Join('\n', faults)) => Faults = faults;

    /// <summary>Ends with one fault.</summary>
    public NnccException(FaultCode code, string message, string? place = null, string? advice = null)
        : this(new Fault(code, message, place, advice)) { }

    /// <summary>All faults that were found.</summary>
    public ImmutableArray<Fault> Faults { get; }
}
