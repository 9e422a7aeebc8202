namespace Nncc.IR;

/// <summary>Structural equality of graphs, node by node in topological order.</summary>
internal static class GraphComparer
{
    public static bool AreEqual(Graph a, Graph b)
    {
        if (a.Nodes.Length != b.Nodes.Length || a.Inputs.Length != b.Inputs.Length || a.Outputs.Length != b.Outputs.Length) return false;
        var map = new Dictionary<int, int> { [Node.Absent] = Node.Absent };
        for (int i = 0; i < a.Inputs.Length; i++)
        {
            if (!a[a.Inputs[i].Value].Type.Equals(b[b.Inputs[i].Value].Type) || !Equals(a.Inputs[i].Default, b.Inputs[i].Default)) return false;
            map[a.Inputs[i].Value] = b.Inputs[i].Value;
        }
        for (int i = 0; i < a.Nodes.Length; i++)
        {
            Node x = a.Nodes[i], y = b.Nodes[i];
            if (x.Inputs.Length != y.Inputs.Length || x.Outputs.Length != y.Outputs.Length || !x.Op.Equals(y.Op)) return false;
            for (int k = 0; k < x.Inputs.Length; k++)
                if (map[x.Inputs[k]] != y.Inputs[k]) return false;
            for (int k = 0; k < x.Outputs.Length; k++)
            {
                if (x.Outputs[k] == Node.Absent != (y.Outputs[k] == Node.Absent)) return false;
                map[x.Outputs[k]] = y.Outputs[k];
            }
        }
        return a.Outputs.Zip(b.Outputs).All(pair => map[pair.First.Value] == pair.Second.Value && pair.First.Name == pair.Second.Name);
    }
}
