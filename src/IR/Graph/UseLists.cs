namespace Nncc.IR;

/// <summary>
/// Which nodes use which values, under change. Counts are exact at once; a list is cleaned of nodes that no longer use the value
/// when somebody reads it, so that taking uses away one by one costs no search in long lists.
/// </summary>
/// <param name="find">The node of an id as it is now, or null.</param>
internal sealed class UseLists(Func<int, Node?> find)
{
    private readonly List<List<int>?> lists = [];  // by value: node ids, once per operand place and some that are gone
    private readonly List<int> counts = [];        // by value: operand places
    private readonly HashSet<int> dirty = [];

    /// <summary>Makes room for values up to this many.</summary>
    public void Grow(int values)
    {
        while (counts.Count < values)
        {
            counts.Add(0);
            lists.Add(null);
        }
    }

    /// <summary>In how many operand places a value stands.</summary>
    public int Count(int value) => counts[value];

    /// <summary>Ids of the nodes that use a value, once for each place.</summary>
    public IReadOnlyList<int> Of(int value)
    {
        if (dirty.Remove(value)) Clean(value);
        return (IReadOnlyList<int>?)lists[value] ?? [];
    }

    public void Add(Node node)
    {
        foreach (int input in node.GivenInputs)
        {
            counts[input]++;
            (lists[input] ??= new List<int>(1)).Add(node.Id);
        }
    }

    /// <summary>Takes the uses of a node away; before it is read again, <c>find</c> no longer gives this node.</summary>
    public void Remove(Node node)
    {
        foreach (int input in node.GivenInputs)
        {
            counts[input]--;
            dirty.Add(input);
        }
    }

    /// <summary>All uses of a value become uses of another; the caller changes the nodes.</summary>
    public void Move(int from, int to)
    {
        if (lists[from] is not { } moved) return;
        (lists[to] ??= new List<int>(moved.Count)).AddRange(moved);
        counts[to] += counts[from];
        if (dirty.Remove(from)) dirty.Add(to);
        lists[from] = null;
        counts[from] = 0;
    }

    private void Clean(int value)
    {
        var list = lists[value]!;
        var seen = new HashSet<int>();
        var kept = new List<int>(counts[value]);
        foreach (int id in list)
        {
            if (!seen.Add(id) || find(id) is not { } node) continue;
            foreach (int input in node.Inputs)
                if (input == value) kept.Add(id);
        }
        lists[value] = kept;
    }
}
