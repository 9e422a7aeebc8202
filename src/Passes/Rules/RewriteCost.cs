using System.Collections.Immutable;
using Nncc.IR.Ops;

namespace Nncc.Passes.Rules;

/// <summary>
/// What a rewrite takes away and puts in. Nodes of the pattern whose values are used elsewhere stay; where any stays, the rewrite may
/// neither add nodes nor work. Constants may take as much room as those that go, or the limit for growth.
/// </summary>
/// <param name="edit">The graph.</param>
/// <param name="match">The nodes that the pattern took.</param>
/// <param name="replacement">What stands in for them.</param>
/// <param name="growthLimit">Bytes by which constants may grow.</param>
internal sealed class RewriteCost(GraphEdit edit, RuleMatch match, Replacement replacement, long growthLimit)
{
    // Stands for each size that is not known when works are compared.
    private const long TypicalSize = 64;

    /// <summary>Why the rewrite is refused; null where it is not.</summary>
    public Failure? Objection() => Recomputation() ?? Growth();

    private Failure? Recomputation()
    {
        if (match.Nodes.Count == 1) return null;
        var going = Going();
        if (match.Nodes.FirstOrDefault(n => !going.Contains(n.Id) && n.Op is not Constant) is not { } staying) return null;
        var goingNodes = match.Nodes.Where(n => going.Contains(n.Id)).DistinctBy(n => n.Id).ToList();
        string name = edit[staying.Outputs[0]].Name;
        if (replacement.Nodes.Count > goingNodes.Count)
            return new Failure($"\"{name}\" is used elsewhere too, so that {goingNodes.Count} nodes would go and {replacement.Nodes.Count} "
                + $"come");
        double before = goingNodes.Sum(n => Weigh(n.Op, [.. n.Inputs.Select(i => i == Node.Absent ? null : edit[i].Type)],
            [.. n.GivenOutputs.Select(o => edit[o].Type)]));
        double after = replacement.Nodes.Sum(n => Weigh(n.Op, [.. n.Operands.Select(o => o?.Type)], [.. n.Results.Select(r => r.Type)]));
        return after <= before ? null : new Failure($"\"{name}\" is used elsewhere too and would be computed again");
    }

    // The root, and inner nodes all of whose uses are by nodes that go, as long as the replacement does not use them.
    private HashSet<int> Going()
    {
        var kept = new HashSet<int>(replacement.Nodes.SelectMany(n => n.Operands).Concat(replacement.Results).Where(o => o is { Id: >= 0 })
            .Select(o => o!.Id));
        var going = new HashSet<int> { match.Nodes[0].Id };
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (var node in match.Nodes)
                if (!going.Contains(node.Id)
                    && node.GivenOutputs.All(o => !kept.Contains(o) && !edit.IsOutput(o) && edit.Users(o).All(going.Contains)))
                    changed |= going.Add(node.Id);
        }
        return going;
    }

    private Failure? Growth()
    {
        if (Added() is var added && added <= growthLimit) return null;
        var operands = replacement.Nodes.SelectMany(n => n.Operands).Concat(replacement.Results).OfType<Operand>().ToList();
        var going = Going();
        var kept = operands.Where(o => o.Id >= 0).Select(o => o.Id).ToHashSet();
        long freed = match.Nodes.SelectMany(n => n.GivenInputs).Distinct()
            .Where(i => !kept.Contains(i) && !edit.IsOutput(i) && edit.Users(i).All(going.Contains)).Sum(i => edit.Constant(i)?.ByteCount
                ?? 0);
        return added - freed <= growthLimit ? null
            : new Failure($"constants would grow from {freed} to {added} bytes") { Allows = $"--fold-budget {added - freed} allows it" };
    }

    // The bytes of constants that come, each counted once.
    private long Added()
    {
        var made = new HashSet<Operand>();
        foreach (var node in replacement.Nodes)
            foreach (var operand in node.Operands)
                if (operand is { Id: < 0, Constant: not null }) made.Add(operand);
        foreach (var result in replacement.Results)
            if (result is { Id: < 0, Constant: not null }) made.Add(result);
        return made.Sum(operand => operand.Constant!.ByteCount);
    }

    private static double Weigh(Op op, ImmutableArray<IrType?> inputs, ImmutableArray<IrType> outputs)
    {
        var work = op.Measure(new MeasureContext(inputs, outputs));
        return Number(work.Macs) * 2 + Number(work.Arithmetic);
    }

    private static double Number(Dim dim) => dim.Value
        ?? dim.Substitute(dim.Symbols.ToDictionary(s => s, _ => Dim.Of(TypicalSize), StringComparer.Ordinal)).Value ?? TypicalSize;
}
