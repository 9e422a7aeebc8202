using System.Collections.Immutable;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;
using Nncc.Passes;

namespace Nncc.Tests.Laws;

/// <summary>
/// A graph made at random from the cases of all ops, with contents for its inputs: chains where types allow them, constants, equal and dead
/// nodes, sizes as symbols, regions as bodies. The same seed gives the same graph. A varied graph has other sizes, dtypes, attributes and
/// contents than the cases (<see cref="CaseVariation"/>), and nothing that no model file has.
/// </summary>
internal sealed class RandomGraph
{
    // Elements of a result: each engine holds several copies of it.
    private const long LargestResult = 1 << 20;

    private static readonly ILookup<string, OpCase> Cases =
        OpCase.All.Where(c => c.Op is not Constant && Repeatability.IsRepeatable(c.Op)).ToLookup(c => c.Op.FullName);

    private static readonly string[] Names = [.. Cases.Select(c => c.Key).Order(StringComparer.Ordinal)];

    private readonly Random random;
    private readonly bool isSymbolic;
    private readonly int depth;
    private readonly GraphEdit edit;
    private readonly Dictionary<int, Datum> contents = [];
    private readonly List<int> tensors = [];
    private readonly CaseVariation? variation;

    private RandomGraph(Random random, string name, bool isSymbolic, int depth, CaseVariation? variation) =>
        (this.random, edit, this.isSymbolic, this.depth, this.variation) = (random, new GraphEdit(name), isSymbolic, depth, variation);

    /// <summary>The graph.</summary>
    public required Graph Graph { get; init; }

    /// <summary>Contents of its inputs.</summary>
    public required ImmutableArray<Datum?> Inputs { get; init; }

    /// <summary>The graph of a seed.</summary>
    public static (Graph Graph, ImmutableArray<Datum?> Inputs) Of(int seed, int nodes = 20)
    {
        var random = new Random(seed);
        return Make(random, $"random {seed}", nodes, isSymbolic: seed % 3 == 0, depth: 0, null);
    }

    /// <summary>The varied graph of a seed, of one node or some.</summary>
    public static (Graph Graph, ImmutableArray<Datum?> Inputs) Varied(int seed, OpRegistry registry)
    {
        var random = new Random(seed);
        return Make(random, $"random {seed}", random.Next(3) == 0 ? 1 : random.Next(2, 8), isSymbolic: seed % 4 == 0, depth: 0,
            new CaseVariation(random, registry));
    }

    /// <summary>The outputs under the declared policy.</summary>
    public static ImmutableArray<Datum> Run(Graph graph, ImmutableArray<Datum?> inputs) => new Evaluator().Run(graph, inputs);

    private static (Graph, ImmutableArray<Datum?>) Make(Random random, string name, int nodes, bool isSymbolic, int depth,
        CaseVariation? variation)
    {
        var making = new RandomGraph(random, name, isSymbolic, depth, variation) { Graph = null!, Inputs = [] };
        for (int i = 0; i < nodes; i++)
        {
            if (depth < 2 && random.Next(12) == 0) making.AddRegion();
            else if (random.Next(6) == 0) making.Repeat();
            else making.AddCase();
        }
        making.AddOutputs();
        if (variation is not null) making.DropIdleInputs();
        var graph = making.edit.Freeze();
        return (graph, [.. graph.Inputs.Select(i => making.contents[i.Value])]);
    }

    private void AddCase()
    {
        var options = Cases[Names[random.Next(Names.Length)]].ToArray();
        var chosen = options[random.Next(options.Length)];
        if (variation is not null && (chosen.Op is Fusion or Relayout || AddVariant(chosen))) return;
        if (random.Next(4) > 0 && TryAdd(chosen.Op, [.. chosen.Operands.Select(o => o is null ? Node.Absent : Existing(o) ?? New(o))],
            chosen.Results)) return;
        TryAdd(chosen.Op, [.. chosen.Operands.Select(o => o is null ? Node.Absent : New(o))], chosen.Results);
    }

    private bool AddVariant(OpCase chosen)
    {
        for (int attempt = 0; attempt < 8; attempt++)
        {
            int first = tensors.Count > 0 && random.Next(4) > 0 ? tensors[random.Next(tensors.Count)] : Node.Absent;
            if (variation!.Of(chosen, first == Node.Absent ? null : (Tensor)contents[first]) is not { } variant) continue;
            if (TryAdd(variant.Op, [.. variant.Operands.Select((o, i) => o is null ? Node.Absent
                : i == 0 && first != Node.Absent ? first : Existing(o) ?? New(o))], variant.Results)) return true;
        }
        return false;
    }

    private void DropIdleInputs()
    {
        foreach (var input in edit.Inputs.ToArray())
            if (!edit.IsUsed(input.Value)) edit.RemoveInput(input.Value);
        foreach (var node in edit.Nodes.Where(n => n.Op is Constant).ToArray())
            if (!edit.IsUsed(node.Outputs[0])) edit.Erase(node);
    }

    private void Repeat()
    {
        var nodes = edit.Nodes.Where(n => n.Op is not Constant).ToArray();
        if (nodes.Length == 0) return;
        var node = nodes[random.Next(nodes.Length)];
        TryAdd(node.Op, [.. node.Inputs], node.Outputs.Length);
    }

    // A region as the body of a fusion, of one branch or of a loop.
    private void AddRegion()
    {
        var (body, inputs) = Make(random, "region", random.Next(1, 6), isSymbolic: false, depth + 1, variation);
        if (body.Outputs.IsEmpty) return;
        int[] captured = [.. inputs.Select(o => Existing(o!) ?? New(o!))];
        var results = Run(body, inputs);
        switch (random.Next(4))
        {
            case 0 when variation is null: TryAdd(new Fusion(body), captured, body.Outputs.Length); break;
            case 1 when results.All(r => r is Tensor): AddLoop(body, captured); break;
            default:
                var other = results.All(r => r is Tensor) ? Otherwise(body, results) : body;
                var (first, second) = random.Next(2) == 0 ? (body, other) : (other, body);
                int condition = New(Tensor.Scalar(random.Next(2) == 0));
                TryAdd(new If(first, second, captured.Length), [condition, .. captured], body.Outputs.Length);
                break;
        }
    }

    // The same inputs, and zeros for outputs.
    private static Graph Otherwise(Graph body, ImmutableArray<Datum> results)
    {
        var edit = new GraphEdit("otherwise");
        foreach (var input in body.Inputs) edit.AddInput(body[input.Value].Name, body[input.Value].Type);
        for (int i = 0; i < results.Length; i++)
        {
            var result = (Tensor)results[i];
            edit.AddOutput($"zero {i}", edit.AddConstant(Sample.Of(result.DType, [.. result.Dims])));
        }
        return edit.Freeze();
    }

    // Runs the region up to three times and stacks its results; a number is carried along.
    private void AddLoop(Graph body, int[] captured)
    {
        var loop = new GraphEdit("loop");
        loop.AddInput("iteration", new TensorType(DType.Int64, Shape.Scalar));
        int condition = loop.AddInput("condition", new TensorType(DType.Bool, Shape.Scalar));
        int carried = loop.AddInput("carried", random.Next(2) == 0 ? IrType.Unknown : new TensorType(DType.Float32, Shape.Scalar));
        int[] inner = [.. body.Inputs.Select(i => loop.AddInput(body[i.Value].Name, body[i.Value].Type))];
        var sum = loop.Insert(new Add(), [carried, loop.AddConstant(Tensor.Scalar(0.5f))], Provenance.Of("sum"));
        loop.AddOutput("condition out", condition);
        loop.AddOutput("sum", sum.Outputs[0]);
        var results = loop.Splice(body, inner, sum, "spliced", out _);
        for (int i = 0; i < results.Length; i++) loop.AddOutput($"stacked {i}", results[i]);
        TryAdd(new Loop(loop.Freeze(), captured.Length),
            [New(Tensor.Scalar((long)random.Next(1, 4))), Node.Absent, New(Tensor.Scalar(1f)), .. captured], 1 + results.Length);
    }

    private int? Existing(Datum operand)
    {
        if (operand is not Tensor { DType: var dtype } || !dtype.IsFloat()) return null;
        var fitting = tensors.Where(v => contents[v].Type.Equals(operand.Type)).ToArray();
        return fitting.Length > 0 && random.Next(4) > 0 ? fitting[random.Next(fitting.Length)] : null;
    }

    private int New(Datum operand)
    {
        int value = operand is Tensor tensor && random.Next(2) == 0
            ? edit.AddConstant(tensor, "constant", Provenance.Of($"constant {tensors.Count}"))
            : edit.AddInput("input", Declared(operand));
        contents[value] = operand;
        if (operand is Tensor) tensors.Add(value);
        return value;
    }

    // A body may know less of its inputs than the graph around it.
    private IrType Declared(Datum operand) => operand is not Tensor tensor ? operand.Type
        : depth > 0 && random.Next(3) == 0 ? new TensorType(tensor.DType, null)
        : !isSymbolic ? operand.Type
        : new TensorType(tensor.DType,
            new Shape([.. tensor.Dims.Select(d => d == 1 || random.Next(3) == 0 ? Dim.Of(d) : Dim.Symbol($"n{d}", 0, 100))]));

    // Contents that came from elsewhere may not suit the op: then it is left out.
    private bool TryAdd(Op op, int[] operands, int results)
    {
        try
        {
            var types = Enumerable.Repeat(IrType.Unknown, results).ToArray();
            var node = edit.Insert(op, operands, Provenance.Of($"{op.Name} {edit.ChangeCount}"),
                [.. types.Select(_ => op.Name.ToLowerInvariant())]);
            try
            {
                ImmutableArray<Datum?> given = [.. operands.Select(i => i == Node.Absent ? null : contents[i])];
                // What the graph does not say of sizes inference says of the contents.
                if (op.Bodies.IsEmpty)
                    _ = new InferContext([.. given.Select(o => o?.Type)], results, "computed", i => given[i] as Tensor, _ => null)
                        .Run(node);
                var computed = new Evaluator().Apply(node, given,
                    [.. node.Outputs.Select(o => edit[o].Type)]);
                if (computed.Any(result => result is Tensor { Count: > LargestResult }))
                {
                    edit.Erase(node);
                    return false;
                }
                for (int i = 0; i < results; i++)
                {
                    contents[node.Outputs[i]] = computed[i];
                    if (computed[i] is Tensor) tensors.Add(node.Outputs[i]);
                }
                return true;
            }
            catch (NnccException)
            {
                edit.Erase(node);
                return false;
            }
        }
        catch (NnccException)
        {
            return false;
        }
    }

    private void AddOutputs()
    {
        // A varied graph has no dead ends.
        foreach (var node in edit.Nodes.Where(n => variation is null || n.Op is not Constant).ToArray())
            foreach (int output in node.Outputs)
                if (random.Next(edit.IsUsed(output) ? 8 : variation is null ? 2 : 1) == 0) edit.AddOutput($"output {output}", output);
    }
}
