using System.Collections.Immutable;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;

namespace Nncc.Passes.Rules;

/// <summary>
/// What a rule would put into a graph: nodes with their inferred types, made beside the graph, so that a rewrite that does not fit leaves
/// no trace. A node whose operands are all constant is computed at once.
/// </summary>
/// <param name="edit">The graph.</param>
/// <param name="ops">Its ops.</param>
internal sealed class RewritePlan(GraphEdit edit, OpRegistry ops)
{
    // Sizes that only running can tell get names of their own; such a size is never proven equal to another.
    private const string FreshPrefix = "u999999999";

    private readonly List<Operand> existing = []; // few: those that one pattern looks at

    public OpRegistry Ops => ops;

    public GraphEdit Edit => edit;

    /// <summary>The nodes, each after those it uses.</summary>
    public List<PlannedNode> Nodes { get; } = [];

    /// <summary>A value of the graph.</summary>
    public Operand Existing(int value)
    {
        foreach (var known in existing)
            if (known.Id == value) return known;
        var found = edit[value];
        var operand = new Operand(found.Type, edit.Constant(value), found.Known) { Id = value };
        existing.Add(operand);
        return operand;
    }

    /// <summary>A constant.</summary>
    public static Operand Constant(Tensor tensor) => new(tensor.Type, tensor, null);

    /// <summary>The results of an op; a failure where it does not take the operands.</summary>
    public object Apply(Op op, ImmutableArray<Operand?> operands, int results)
    {
        var node = new PlannedNode(op, operands);
        var draft = new Node(int.MaxValue, op, [.. operands.Select(o => o is null ? Node.Absent : 0)], [], Provenance.None);
        var context = new InferContext([.. operands.Select(o => o?.Type)], results, FreshPrefix,
            index => operands[index]?.Constant, index => operands[index]?.Known);
        try
        {
            var types = context.Run(draft);
            bool isConstant = operands.Length > 0 && operands.All(o => o is null or { IsConstant: true }) && op.Bodies.IsEmpty
                && Repeatability.IsRepeatable(op);
            if (isConstant && TooLarge(operands, types) is { } bytes) return new Failure($"a constant of {bytes} bytes is not computed");
            ImmutableArray<Tensor?> contents = isConstant ? Compute(draft, operands, types) : [.. types.Select(_ => (Tensor?)null)];
            node.Results = [.. Enumerable.Range(0, results).Select(i => new Operand(types[i], contents[i], context.KnownResult(i))
            {
                Node = contents[i] is null ? node : null, Slot = i,
            })];
            if (node.Results.Any(r => !r.IsConstant)) Nodes.Add(node);
            return results == 1 ? node.Results[0] : node.Results.CastArray<object>();
        }
        catch (NnccException e)
        {
            return new Failure($"{op.FullName} does not fit: {e.Faults[0].Message}");
        }
    }

    // What comes of constants may be somewhat larger; before it is measured against the fold budget it must fit into memory.
    private static long? TooLarge(ImmutableArray<Operand?> operands, ImmutableArray<IrType> types)
    {
        const long most = 1 << 28;
        var needed = types.Aggregate(Dim.Of(0), (sum, type) => sum + MeasureContext.Bytes(type));
        return needed.Value is { } bytes && bytes > Math.Max(most, 2 * operands.Sum(o => o?.Constant?.ByteCount ?? 0)) ? bytes : null;
    }

    // Contents that are no tensors stay to be computed.
    private static ImmutableArray<Tensor?> Compute(Node node, ImmutableArray<Operand?> operands, ImmutableArray<IrType> types) =>
        [.. new Evaluator().Apply(node, [.. operands.Select(o => (Datum?)o?.Constant)], types).Select(d => d as Tensor)];

    /// <summary>The nodes that the results need, in order.</summary>
    public List<PlannedNode> Needed(IEnumerable<Operand> results)
    {
        var needed = new HashSet<PlannedNode>();
        foreach (var result in results) if (result.Node is { } node) needed.Add(node);
        for (int i = Nodes.Count - 1; i >= 0; i--)
            if (needed.Contains(Nodes[i]))
                foreach (var operand in Nodes[i].Operands) if (operand?.Node is { } node) needed.Add(node);
        return [.. Nodes.Where(needed.Contains)];
    }

    /// <summary>An op by name for attributes in the form of rules; a failure where they do not fit.</summary>
    public object Create(OpDefinition definition, IEnumerable<KeyValuePair<string, object?>> attributes)
    {
        var neutral = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, value) in attributes)
        {
            if (value is null) continue;
            if (RuleValues.ToAttribute(value, definition.Attribute(name)) is not { } converted)
                return new Failure($"attribute {name} of {definition.FullName} cannot be {RuleValues.Show(value)}");
            neutral[name] = converted;
        }
        try
        {
            return definition.Create(neutral);
        }
        catch (NnccException e)
        {
            return new Failure(e.Faults[0].Message);
        }
    }
}
