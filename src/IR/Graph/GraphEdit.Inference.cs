using System.Collections.Immutable;

namespace Nncc.IR;

// Types under change: what an op infers is met with what was known of the value before, which stays true.
public sealed partial class GraphEdit
{
    private string? freshPrefix;

    /// <summary>Replaces symbols by sizes in the types and known sizes of all values.</summary>
    public void Substitute(IReadOnlyDictionary<string, Dim> map)
    {
        freshPrefix = null;
        for (int id = 0; id < values.Count; id++)
        {
            if (values[id] is not { } value) continue;
            bool isTypeChanged = value.Type.Symbols.Any(map.ContainsKey);
            bool isKnownChanged = value.Known is { } sizes && sizes.Any(size => size.Symbols.Any(map.ContainsKey));
            if (!isTypeChanged && !isKnownChanged) continue;
            values[id] = value with
            {
                Type = isTypeChanged ? value.Type.Substitute(map) : value.Type,
                Known = isKnownChanged ? [.. value.Known!.Value.Select(size => size.Substitute(map))] : value.Known,
            };
            ChangeCount++;
        }
    }

    /// <summary>
    /// Says more about the types of the inputs, in order; inferred anew downstream. What the graph itself made up as names of unknown sizes
    /// is renamed where the new types bring in such names from outside. Gives the faults; types that have one stay.
    /// </summary>
    public ImmutableArray<Fault> RefineInputs(ImmutableArray<IrType> types)
    {
        string before = FreshSymbols.Prefix(inputs.Select(i => this[i.Value].Type)), after = FreshSymbols.Prefix(types);
        if (after.Length > before.Length)
        {
            var own = values.Where(v => v is not null)
                .SelectMany(v => v!.Type.Symbols.Concat(v.Known?.SelectMany(size => size.Symbols) ?? []))
                .Distinct().Where(name => FreshSymbols.Depth(name) == before.Length);
            Substitute(own.ToDictionary(name => name, name => Dim.Symbol(after + name[before.Length..]), StringComparer.Ordinal));
        }
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var refined = new List<int>();
        for (int i = 0; i < types.Length; i++)
        {
            var old = this[inputs[i].Value];
            if (old.Type.Equals(types[i])) continue;
            if (TypeRelation.Contradicts(old.Type, types[i]))
            {
                faults.Add(new Fault(FaultCodes.TypeChange, $"input \"{old.Name}\" is {old.Type} and would become {types[i]}"));
                continue;
            }
            values[old.Id] = old with { Type = types[i] };
            refined.Add(old.Id);
            ChangeCount++;
        }
        freshPrefix = null;
        Reinfer(refined.SelectMany(Users), faults);
        return faults.ToImmutable();
    }

    /// <summary>
    /// Infers the types of all nodes anew, each node after those it depends on. Gives the faults; types that have one stay.
    /// </summary>
    public ImmutableArray<Fault> ReinferAll()
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var ids = Nodes.Select(n => n.Id).ToArray();
        Array.Sort(ids, (a, b) => Place(a).CompareTo(Place(b)));
        // Those that come later are looked at anyway.
        var again = new SortedSet<int>();
        (long, int, int) place = default;
        Action<int> enqueue = user =>
        {
            if (Place(user).CompareTo(place) <= 0) again.Add(user);
        };
        foreach (int id in ids)
        {
            place = Place(id);
            Try(nodes[id]!, enqueue, faults);
        }
        Reinfer(again, faults);
        return faults.ToImmutable();
    }

    private InferContext Infer(Node node, int resultCount, out ImmutableArray<IrType> types)
    {
        var context = new InferContext(node, resultCount, this);
        types = context.Run(node);
        return context;
    }

    string IValueFacts.FreshPrefix => freshPrefix ??= FreshSymbols.Prefix(inputs.Select(i => this[i.Value].Type));

    IrType IValueFacts.TypeOf(int value) => this[value].Type;

    Tensor? IValueFacts.ConstantOf(int value) => Constant(value);

    ImmutableArray<Dim>? IValueFacts.KnownOf(int value) => this[value].Known;

    private static ImmutableArray<Dim>? Known(InferContext context, int result, ImmutableArray<IrType> types) =>
        result < types.Length && types[result] is TensorType { Shape.Rank: <= 1 } ? context.KnownResult(result) : null;

    // Types only ever get more exact, so this ends: each value changes at most as often as it has unknown parts. In the order of the
    // graph most nodes are looked at once.
    private void Reinfer(IEnumerable<int> start, ImmutableArray<Fault>.Builder? faults = null)
    {
        var work = new PriorityQueue<int, (long, int, int)>();
        var queued = new HashSet<int>();
        foreach (int id in start) Enqueue(id);
        while (work.TryDequeue(out int id, out _))
        {
            queued.Remove(id);
            if (nodes[id] is { } node) Try(node, Enqueue, faults);
        }

        void Enqueue(int id)
        {
            if (queued.Add(id)) work.Enqueue(id, Place(id));
        }
    }

    private (long, int, int) Place(int node) => (order[node].At, order[node].Sequence, node);

    private void Try(Node node, Action<int> enqueue, ImmutableArray<Fault>.Builder? faults)
    {
        try
        {
            Reinfer(node, enqueue);
        }
        catch (NnccException e) when (faults is not null)
        {
            faults.AddRange(e.Faults);
        }
    }

    private void Reinfer(Node node, Action<int> enqueue)
    {
        var context = Infer(node, node.Outputs.Length, out var types);
        for (int i = 0; i < node.Outputs.Length && i < types.Length; i++)
        {
            if (node.Outputs[i] == Node.Absent) continue;
            var old = this[node.Outputs[i]];
            CheckType(old, types[i]);
            var type = TypeRelation.Meet(types[i], old.Type);
            var known = Known(context, i, types) ?? old.Known;
            if (type.Equals(old.Type) && AreSame(known, old.Known)) continue;
            Watch?.Invoke(node, node);
            values[old.Id] = old with { Type = type, Known = known };
            ChangeCount++;
            foreach (int user in Users(old.Id)) enqueue(user);
        }
    }

    private static bool AreSame(ImmutableArray<Dim>? a, ImmutableArray<Dim>? b) =>
        a is null ? b is null : b is not null && a.Value.SequenceEqual(b.Value);

    private void CheckType(Value old, IrType type)
    {
        if (TypeRelation.Contradicts(old.Type, type))
            throw new NnccException(FaultCodes.TypeChange, $"\"{old.Name}\" is {old.Type} and would become {type}",
                Producer(old.Id)?.Place);
    }
}
