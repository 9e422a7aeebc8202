using System.Collections.Immutable;
using Nncc.IR;

namespace Nncc.Passes;

/// <summary>
/// A mistake of nncc itself: a pass failed or gave a graph that does not verify. Names the pass; the user can do nothing but report it.
/// </summary>
/// <param name="pass">Name of the pass.</param>
/// <param name="message">What is wrong.</param>
/// <param name="cause">What the pass threw; null where its result did not verify.</param>
public sealed class InternalFault(string pass, string message, Exception? cause = null) : Exception($"internal error after pass {pass}: {message}", cause)
{
    /// <summary>Name of the pass.</summary>
    public string Pass => pass;

    /// <summary>What the verifier found, if it was the verifier.</summary>
    public ImmutableArray<Fault> Faults { get; init; } = [];
}
