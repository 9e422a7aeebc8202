namespace Nncc.IR;

/// <summary>
/// Which nodes use which values, under change. Counts are exact at once; a list is cleaned of nodes that no longer use the value
/// when somebody reads it, so that taking uses away one by one costs no search in long lists. Lists are chains in shared arrays: a graph
/// of many values is opened without an object for each.
/// </summary>
/// <param name="find">The node of an id as it is now, or null.</param>
/// <param name="values">How many values there are at first.</param>
/// <param name="places">How many uses there are about to be.</param>
internal sealed class UseLists(Func<int, Node?> find, int values = 0, int places = 0)
{
    private const int None = -1;

    // By value: the first and the last place of its chain, and how many operand places use it.
    private (int First, int Last, int Count)[] chains = NoChains(values);

    // By place: a node that uses, or used, the value; and the next place of the chain.
    private (int Node, int Next)[] uses = new (int, int)[places];

    private readonly HashSet<int> dirty = [];
    private int used;

    /// <summary>Makes room for values up to this many.</summary>
    public void Grow(int values)
    {
        int old = chains.Length;
        if (values <= old) return;
        Array.Resize(ref chains, Math.Max(values, 2 * old));
        Array.Fill(chains, (None, None, 0), old, chains.Length - old);
    }

    /// <summary>In how many operand places a value stands.</summary>
    public int Count(int value) => chains[value].Count;

    /// <summary>Ids of the nodes that use a value, once for each place.</summary>
    public IReadOnlyList<int> Of(int value)
    {
        if (dirty.Remove(value)) Clean(value);
        if (chains[value].Count == 0) return [];
        var list = new int[chains[value].Count];
        int at = 0;
        for (int place = chains[value].First; place != None; place = uses[place].Next) list[at++] = uses[place].Node;
        return list;
    }

    public void Add(Node node)
    {
        foreach (int input in node.Inputs)
        {
            if (input == Node.Absent) continue;
            chains[input].Count++;
            Append(input, node.Id);
        }
    }

    /// <summary>Takes the uses of a node away; before it is read again, <c>find</c> no longer gives this node.</summary>
    public void Remove(Node node)
    {
        foreach (int input in node.Inputs)
        {
            if (input == Node.Absent) continue;
            chains[input].Count--;
            dirty.Add(input);
        }
    }

    /// <summary>All uses of a value become uses of another; the caller changes the nodes.</summary>
    public void Move(int from, int to)
    {
        var moved = chains[from];
        if (moved.First == None) return;
        ref var chain = ref chains[to];
        if (chain.First == None) chain.First = moved.First;
        else uses[chain.Last].Next = moved.First;
        (chain.Last, chain.Count) = (moved.Last, chain.Count + moved.Count);
        if (dirty.Remove(from)) dirty.Add(to);
        chains[from] = (None, None, 0);
    }

    private static (int, int, int)[] NoChains(int count)
    {
        var chains = new (int, int, int)[count];
        Array.Fill(chains, (None, None, 0));
        return chains;
    }

    private void Append(int value, int node)
    {
        if (used == uses.Length) Array.Resize(ref uses, Math.Max(16, 2 * used));
        ref var chain = ref chains[value];
        if (chain.First == None) chain.First = used;
        else uses[chain.Last].Next = used;
        chain.Last = used;
        uses[used++] = (node, None);
    }

    private void Clean(int value)
    {
        var seen = new HashSet<int>();
        int place = chains[value].First;
        (chains[value].First, chains[value].Last) = (None, None);
        for (; place != None; place = uses[place].Next)
        {
            int id = uses[place].Node;
            if (!seen.Add(id) || find(id) is not { } node) continue;
            foreach (int input in node.Inputs)
                if (input == value) Append(value, id);
        }
    }
}
