namespace Nncc.IR;

/// <summary>
/// Structural equality of graphs: the nodes that are no constants correspond in topological order, constants where they are used. Where
/// a constant stands means nothing, nor does one that is not used, nor how sizes are called that only running can tell.
/// </summary>
internal static class GraphComparer
{
    public static bool AreEqual(Graph a, Graph b)
    {
        if (a.Inputs.Length != b.Inputs.Length || a.Outputs.Length != b.Outputs.Length) return false;
        var map = new Dictionary<int, int> { [Node.Absent] = Node.Absent };
        var symbols = new Dictionary<string, Dim>(StringComparer.Ordinal);
        for (int i = 0; i < a.Inputs.Length; i++)
        {
            if (!AreEqual(a[a.Inputs[i].Value].Type, b[b.Inputs[i].Value].Type, symbols)) return false;
            if (!Equals(a.Inputs[i].Default, b.Inputs[i].Default)) return false;
            map[a.Inputs[i].Value] = b.Inputs[i].Value;
        }
        var constants = new HashSet<int>();
        using var others = b.Nodes.Where(n => n.Op is not Ops.Constant).GetEnumerator();
        foreach (var x in a.Nodes)
        {
            if (x.Op is Ops.Constant) continue;
            if (!others.MoveNext()) return false;
            var y = others.Current;
            if (x.Inputs.Length != y.Inputs.Length || x.Outputs.Length != y.Outputs.Length || !x.Op.Equals(y.Op)) return false;
            for (int k = 0; k < x.Inputs.Length; k++)
                if (!Corresponds(x.Inputs[k], y.Inputs[k])) return false;
            for (int k = 0; k < x.Outputs.Length; k++)
            {
                if (x.Outputs[k] == Node.Absent != (y.Outputs[k] == Node.Absent)) return false;
                map[x.Outputs[k]] = y.Outputs[k];
            }
        }
        return !others.MoveNext() && a.Outputs.Zip(b.Outputs)
            .All(pair => Corresponds(pair.First.Value, pair.Second.Value) && pair.First.Name == pair.Second.Name);

        bool Corresponds(int x, int y)
        {
            if (map.TryGetValue(x, out int known)) return known == y;
            // Everything but constants is in the map by now; each constant of one graph stands for one of the other.
            if (y == Node.Absent || !a.TryConstant(x, out var left) || !b.TryConstant(y, out var right)) return false;
            if (!left.Equals(right) || !constants.Add(y)) return false;
            map[x] = y;
            return true;
        }
    }

    // Sizes that only running can tell are called by the ids of nodes, which need not be the same.
    private static bool AreEqual(IrType a, IrType b, Dictionary<string, Dim> symbols)
    {
        if (a.Equals(b)) return true;
        foreach (var (x, y) in a.Symbols.Where(FreshSymbols.IsFresh).Order(FreshSymbols.Order)
            .Zip(b.Symbols.Where(FreshSymbols.IsFresh).Order(FreshSymbols.Order)))
            symbols.TryAdd(x, Dim.Symbol(y));
        return a.Substitute(symbols).Equals(b);
    }
}
