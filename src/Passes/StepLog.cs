using System.Collections.Immutable;
using Nncc.IR;
using Nncc.IR.Text;
using Nncc.Passes.Rules;

namespace Nncc.Passes;

/// <summary>One change of a graph, as text.</summary>
/// <param name="Number">Counted from 1 over the whole compilation; what <c>--step-limit</c> refers to.</param>
/// <param name="Pass">The pass.</param>
/// <param name="Name">The rule, or what the pass calls this kind of change.</param>
/// <param name="Removed">Lines of the nodes that went, and of changed ones as they were.</param>
/// <param name="Added">Lines of the nodes that came, and of changed ones as they are.</param>
public sealed record Step(long Number, string Pass, string Name, ImmutableArray<string> Removed, ImmutableArray<string> Added);

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
/// only counts. What turns out to change nothing is no step.
/// </summary>
/// <param name="limit">How many changes are made; those after it are left out, and passes go on without them.</param>
/// <param name="listener">Hears of every step; null for nobody.</param>
public sealed class StepLog(long limit = long.MaxValue, IStepListener? listener = null)
{
    private readonly HashSet<(string Name, string Place)> told = [];

    /// <summary>How many changes were made.</summary>
    public long Count { get; private set; }

    /// <summary>How many changes were made of each kind, by the name of the rule or the pass's name for it.</summary>
    public SortedDictionary<string, long> Counts { get; } = new(StringComparer.Ordinal);

    /// <summary>What checks refused to apply, each once.</summary>
    public List<RefutedStep> Refuted { get; } = [];

    /// <summary>How many applications of rules were evaluated by checks.</summary>
    public long Evaluated { get; internal set; }

    /// <summary>How many a check had no way to evaluate: unknown ranks, data outside a domain, too much work.</summary>
    public long Unchecked { get; internal set; }

    /// <summary>Measures the time of each rule; null for none.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>The time that each rule took, tries included, by its id; empty without a clock.</summary>
    public SortedDictionary<string, TimeSpan> Times { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether anybody hears of steps and refusals.</summary>
    public bool IsHeard => listener is not null;

    /// <summary>Whether a change was left out because of the limit.</summary>
    public bool IsExhausted { get; private set; }

    internal long Now => Clock?.GetTimestamp() ?? 0;

    internal void Spend(string name, long start)
    {
        if (Clock is not null) Times[name] = Times.GetValueOrDefault(name) + Clock.GetElapsedTime(start);
    }

    // Refusals come again with each pass; they are told once.
    internal bool IsNews(string name, Node node) => told.Add((name, node.Place));

    internal bool Run(PassContext context, string name, GraphEdit edit, Action change)
    {
        if (Count >= limit)
        {
            IsExhausted = true;
            return false;
        }
        long before = edit.ChangeCount;
        var step = listener is null ? null : new Recording(context, edit);
        try
        {
            change();
        }
        finally
        {
            step?.Stop();
        }
        if (edit.ChangeCount == before) return true;
        Count++;
        Counts[name] = Counts.GetValueOrDefault(name) + 1;
        if (step is not null) listener!.Stepped(step.Finish(Count, name));
        return true;
    }

    internal void Refuse(string pass, string name, Node node, Func<string> reason) =>
        listener?.Refused(new Refusal(pass, name, node.Place, reason()));

    // Hears of the nodes of one step. One that changes several times counts once: as it was first and as it is last.
    private sealed class Recording
    {
        private readonly PassContext context;
        private readonly GraphEdit edit;
        private readonly SortedDictionary<int, string?> removed = [];
        private readonly SortedDictionary<int, Node?> added = [];

        public Recording(PassContext context, GraphEdit edit)
        {
            (this.context, this.edit) = (context, edit);
            edit.Watch = Hear;
        }

        public void Stop() => edit.Watch = null;

        public Step Finish(long number, string name) => new(number, context.Pass, name,
            [.. removed.Values.Where(line => line is not null)!],
            [.. added.Values.Where(node => node is not null).Select(node => Line(node!))]);

        private void Hear(Node? before, Node? after)
        {
            int id = (before ?? after)!.Id;
            if (!removed.ContainsKey(id)) removed[id] = before is null ? null : Line(before);
            added[id] = after;
        }

        private string Line(Node node) => Printer.Line(node, id => edit[id], context.Ops);
    }
}
