using System.Collections.Immutable;
using Nncc.IR;

namespace Nncc.Passes;

/// <summary>One change of a graph.</summary>
/// <param name="Number">Counted from 1 over the whole compilation; what <c>--step-limit</c> refers to.</param>
/// <param name="Pass">The pass.</param>
/// <param name="Name">The rule, or what the pass calls this kind of change.</param>
/// <param name="Removed">Nodes that went, and changed ones as they were.</param>
/// <param name="Added">Nodes that came, and changed ones as they are.</param>
public sealed record Step(long Number, string Pass, string Name, ImmutableArray<Node> Removed, ImmutableArray<Node> Added);

/// <summary>A change that nearly happened.</summary>
/// <param name="Pass">The pass.</param>
/// <param name="Name">The rule, or what the pass calls this kind of change.</param>
/// <param name="Place">The node.</param>
/// <param name="Reason">Why not.</param>
public sealed record Refusal(string Pass, string Name, string Place, string Reason);

/// <summary>Hears of every step and every near miss.</summary>
public interface IStepListener
{
    /// <summary>A change was made.</summary>
    void Stepped(Step step);

    /// <summary>A change was not made.</summary>
    void Refused(Refusal refusal);
}

/// <summary>
/// Numbers all changes of a compilation and stops after a limit, so that a wrong change is found by halving. Without a listener it
/// only counts.
/// </summary>
/// <param name="limit">How many changes are made; those after it are left out, and passes go on without them.</param>
/// <param name="listener">Hears of every step; null for nobody.</param>
public sealed class StepLog(long limit = long.MaxValue, IStepListener? listener = null)
{
    /// <summary>How many changes were made.</summary>
    public long Count { get; private set; }

    /// <summary>Whether a change was left out because of the limit.</summary>
    public bool IsExhausted { get; private set; }

    internal bool Run(string pass, string name, GraphEdit edit, Action change)
    {
        if (Count >= limit)
        {
            IsExhausted = true;
            return false;
        }
        Count++;
        if (listener is null)
        {
            change();
            return true;
        }
        var removed = ImmutableArray.CreateBuilder<Node>();
        var added = new SortedDictionary<int, Node>();
        edit.Watch = (before, after) =>
        {
            if (before is not null && !added.Remove(before.Id)) removed.Add(before);
            if (after is not null) added[after.Id] = after;
        };
        try
        {
            change();
        }
        finally
        {
            edit.Watch = null;
        }
        listener.Stepped(new Step(Count, pass, name, removed.ToImmutable(), [.. added.Values]));
        return true;
    }

    internal void Refuse(string pass, string name, Node node, Func<string> reason) =>
        listener?.Refused(new Refusal(pass, name, node.Place, reason()));
}
