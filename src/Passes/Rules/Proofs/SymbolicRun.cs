using System.Collections.Immutable;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;

namespace Nncc.Passes.Rules.Proofs;

/// <summary>
/// Runs a graph of known sizes on normal forms. Ops that only move elements are run by the evaluator on the ids of the elements.
/// </summary>
/// <param name="table">The numbers.</param>
/// <param name="ops">The ops; one that has a body means what its body means.</param>
internal sealed class SymbolicRun(NumberTable table, OpRegistry ops)
{
    private readonly ElementMeaning elements = new(table);
    private readonly SumMeaning sums = new(table);

    // Types whose values alone a converted value can have.
    private readonly Dictionary<int, DType> narrower = [];

    /// <summary>Results of ops that only move elements of their first operand, or of all operands.</summary>
    private static readonly ImmutableHashSet<string> Moves =
    [
        "Identity", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Slice", "Split", "Expand", "Tile", "Gather", "DepthToSpace",
        "SpaceToDepth", "Concat", "Pad", "Trilu",
    ];

    /// <summary>The outputs.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="inputs">Variables for its inputs.</param>
    /// <param name="known">Inputs that are constants.</param>
    /// <exception cref="UndecidedException">An op has no meaning on normal forms.</exception>
    public ImmutableArray<Numbers> Run(Graph graph, IReadOnlyDictionary<string, Numbers> inputs,
        IReadOnlyDictionary<string, Tensor>? known = null)
    {
        narrower.Clear();
        var values = new Dictionary<int, Numbers>();
        var constants = new Dictionary<int, Tensor>();
        foreach (var input in graph.Inputs)
            if (known?.GetValueOrDefault(graph[input.Value].Name) is { } content) constants[input.Value] = content;
            else values[input.Value] = inputs[graph[input.Value].Name];
        foreach (var node in graph.Nodes)
        {
            if (node.Op is Constant constant) constants[node.Outputs[0]] = constant.Value;
            else if (node.GivenInputs.All(constants.ContainsKey) && !node.Inputs.IsEmpty) Compute(graph, node, constants);
            else
            {
                var results = Apply(graph, node, values, constants);
                for (int i = 0; i < node.Outputs.Length; i++)
                    if (node.Outputs[i] != Node.Absent)
                        values[node.Outputs[i]] = i < results.Length ? results[i]
                            : throw new UndecidedException($"result {i} of {node.Op.FullName} has no symbolic meaning");
            }
        }
        return [.. graph.Outputs.Select(o => Find(o.Value, values, constants))];
    }

    private static void Compute(Graph graph, Node node, Dictionary<int, Tensor> constants)
    {
        var results = new Evaluator().Apply(node, [.. node.Inputs.Select(i => i == Node.Absent ? null : constants[i])],
            [.. node.Outputs.Select(o => graph.Type(o) ?? IrType.Unknown)]);
        for (int i = 0; i < node.Outputs.Length; i++)
            if (node.Outputs[i] != Node.Absent) constants[node.Outputs[i]] = (Tensor)results[i];
    }

    private Numbers Find(int value, Dictionary<int, Numbers> values, Dictionary<int, Tensor> constants) =>
        values.TryGetValue(value, out var found) ? found : values[value] = Numbers.Of(table, constants[value]);

    private ImmutableArray<Numbers> Apply(Graph graph, Node node, Dictionary<int, Numbers> values, Dictionary<int, Tensor> constants)
    {
        Numbers? Operand(int slot) => slot < node.Inputs.Length && node.Inputs[slot] != Node.Absent
            ? Find(node.Inputs[slot], values, constants) : null;
        long[]? Parameter(int slot) => slot >= node.Inputs.Length || node.Inputs[slot] == Node.Absent ? null
            : constants.TryGetValue(node.Inputs[slot], out var tensor) ? tensor.ToLongs()
            : throw new UndecidedException($"operand {slot} of {node.Op.FullName} is not constant");
        ImmutableArray<long> dims = [.. Sizes(graph, node.GivenOutputs.First())];
        if (node.Op.Domain.Length == 0 && Moves.Contains(node.Op.Name)) return Move(graph, node, values, constants);
        switch (node.Op)
        {
            case Reduction reduction:
                var axes = Parameter(1);
                var reduced = Operand(0)!;
                int rank = reduced.Dims.Length;
                IReadOnlyCollection<int> along = axes is { Length: > 0 } ? [.. axes.Select(a => (int)(a < 0 ? a + rank : a))]
                    : reduction.NoopWithEmptyAxes ? [] : [.. Enumerable.Range(0, rank)];
                return One(sums.Reduce(reduction, reduced, along, dims), node);
            case Softmax softmax:
                return [sums.Softmax(Operand(0)!, (int)(softmax.Axis < 0 ? softmax.Axis + dims.Length : softmax.Axis), isLog: false)];
            case LogSoftmax softmax:
                return [sums.Softmax(Operand(0)!, (int)(softmax.Axis < 0 ? softmax.Axis + dims.Length : softmax.Axis), isLog: true)];
            case MatMul: return [sums.MatMul(Operand(0)!, Operand(1)!, dims)];
            case Gemm gemm: return [Product(gemm, Operand(0)!, Operand(1)!, Operand(2), dims)];
            case Conv: return [sums.Convolve((Conv)Normal(graph, node), Operand(0)!, Operand(1)!, Operand(2), dims)];
            case MaxPool { CeilMode: false }: return [sums.Pool(Operand(0)!, (WindowPool)Normal(graph, node), dims, false, false)];
            case AveragePool { CeilMode: false } pool:
                return [sums.Pool(Operand(0)!, (WindowPool)Normal(graph, node), dims, true, pool.CountIncludePad)];
            case GlobalAveragePool:
                return [sums.Reduce(new ReduceMean(), Operand(0)!, [.. Enumerable.Range(2, dims.Length - 2)], dims)!];
            case BatchNormalization { TrainingMode: false } norm:
                return [Normalize(norm, Operand(0)!, [.. Enumerable.Range(1, 4).Select(i => Operand(i)!)])];
            case Cast cast: return [Convert(cast, graph, node, Operand(0)!)];
            case InstanceNormalization norm:
                ImmutableArray<long> channels = [dims[1], .. dims[2..].Select(_ => 1L)];
                return [Normalize(Operand(0)!, [.. Enumerable.Range(2, dims.Length - 2)], norm.Epsilon,
                    Operand(1)! with { Dims = channels }, Operand(2)! with { Dims = channels })];
            case Dropout when Parameter(2) is null or [0]: return [Operand(0)!];
        }
        if (!ElementMeaning.Knows(node.Op)) return Expand(graph, node, values, constants);
        var operands = node.Inputs.Select((input, i) => input == Node.Absent ? null : Operand(i)!.Broadcast(dims)).ToArray();
        int[] items = new int[Numbers.Count(dims)];
        int[] element = new int[operands.Length];
        for (int i = 0; i < items.Length; i++)
        {
            for (int k = 0; k < operands.Length; k++) element[k] = operands[k]?[i] ?? -1;
            items[i] = elements.Of(node.Op, element);
        }
        // Of no elements nothing was asked.
        return items.Length > 0 ? [new Numbers(dims, items)] : throw new UndecidedException("there are no elements");
    }

    private ImmutableArray<Numbers> Expand(Graph graph, Node node, Dictionary<int, Numbers> values, Dictionary<int, Tensor> constants)
    {
        if (BodyGraph.Of(node, ops, v => graph[v].Type, v => constants.GetValueOrDefault(v), out _) is not { } body)
            throw new UndecidedException($"{node.Op.FullName} has no symbolic meaning");
        int[] given = [.. node.GivenInputs];
        var inputs = new Dictionary<string, Numbers>(StringComparer.Ordinal);
        var known = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (int i = 0; i < given.Length; i++)
        {
            string name = body[body.Inputs[i].Value].Name;
            if (constants.TryGetValue(given[i], out var tensor)) known[name] = tensor;
            else inputs[name] = Find(given[i], values, constants);
        }
        return new SymbolicRun(table, ops).Run(body, inputs, known);
    }

    private ImmutableArray<Numbers> Move(Graph graph, Node node, Dictionary<int, Numbers> values, Dictionary<int, Tensor> constants)
    {
        bool IsData(int slot) => slot == 0 || node.Op is Concat || (node.Op is Pad && slot == 2);
        var operands = node.Inputs.Select((input, slot) => input == Node.Absent ? null
            : IsData(slot) ? Find(input, values, constants).Ids
            : constants.TryGetValue(input, out var tensor) ? (Datum)tensor
            : throw new UndecidedException($"operand {slot} of {node.Op.FullName} is not constant")).ToImmutableArray();
        var types = node.Outputs.Select(o => o == Node.Absent ? IrType.Unknown : new TensorType(DType.Int64, Shape.Of(Sizes(graph, o))));
        return [.. new Evaluator().Apply(node, operands, [.. types]).Select(result => Numbers.FromIds((Tensor)result))];
    }

    private Numbers Product(Gemm gemm, Numbers a, Numbers b, Numbers? c, ImmutableArray<long> dims)
    {
        var product = sums.MatMul(gemm.TransA ? Turned(a) : a, gemm.TransB ? Turned(b) : b, dims);
        int alpha = table.Of(gemm.Alpha), beta = table.Of(gemm.Beta);
        int[]? added = c?.Broadcast(dims);
        return product with
        {
            Items = [.. product.Items.Select((p, i) => table.Add(table.Multiply(alpha, p),
                added is null ? NumberTable.Zero : table.Multiply(beta, added[i])))],
        };
    }

    private Numbers Normalize(BatchNormalization norm, Numbers x, Numbers[] parameters)
    {
        ImmutableArray<long> channels = [.. x.Dims.Select((d, axis) => axis == 1 ? d : 1)];
        int[][] p = [.. parameters.Select(n => (n with { Dims = channels }).Broadcast(x.Dims))];
        int epsilon = table.Of(norm.Epsilon);
        return x with
        {
            Items = [.. x.Items.Select((item, i) => table.Add(p[1][i], table.Multiply(table.Subtract(item, p[2][i]),
                table.Divide(p[0][i], table.Sqrt(table.Add(p[3][i], epsilon))))))],
        };
    }

    // (x - mean) / sqrt(mean of squares + epsilon), scaled and shifted, over axes.
    private Numbers Normalize(Numbers x, ImmutableArray<int> axes, float epsilon, Numbers scale, Numbers shift)
    {
        ImmutableArray<long> kept = [.. x.Dims.Select((d, axis) => axes.Contains(axis) ? 1 : d)];
        int[] Mean(Numbers of) => sums.Reduce(new ReduceMean(), of, axes, kept)!.Broadcast(x.Dims);
        int[] mean = Mean(x);
        var centered = x with { Items = [.. x.Items.Select((item, i) => table.Subtract(item, mean[i]))] };
        int[] squares = Mean(centered with { Items = [.. centered.Items.Select(i => table.Multiply(i, i))] });
        int[] factors = scale.Broadcast(x.Dims), terms = shift.Broadcast(x.Dims);
        return x with
        {
            Items = [.. centered.Items.Select((item, i) => table.Add(terms[i], table.Multiply(factors[i],
                table.Divide(item, table.Sqrt(table.Add(squares[i], table.Of(epsilon)))))))],
        };
    }

    // A type that holds all values that there can be changes none of them. Else a conversion depends on the value, and on whether it may
    // have a fraction.
    private Numbers Convert(Cast cast, Graph graph, Node node, Numbers x)
    {
        var values = narrower.GetValueOrDefault(node.Inputs[0], ((TensorType)graph[node.Inputs[0]].Type).DType);
        if (RuleFunctions.HoldsAll(cast.To, values))
        {
            narrower[node.Outputs[0]] = values;
            return x;
        }
        string kind = values.IsFloat() ? "of a float" : values == DType.Bool ? "of a truth value" : "of an integer";
        return x with { Items = [.. x.Items.Select(i => table.Apply($"{cast.To} {kind}", i))] };
    }

    private static Numbers Turned(Numbers a) => new([a.Dims[1], a.Dims[0]],
        [.. Enumerable.Range(0, a.Items.Length).Select(i => a.Items[i % (int)a.Dims[0] * (int)a.Dims[1] + i / (int)a.Dims[0]])]);

    private static Op Normal(Graph graph, Node node) => AttributeForms.Normal(node.Op, slot => slot < node.Inputs.Length
        ? graph.Type(node.Inputs[slot]) : null) is var op
        && op is Conv { AutoPad: AutoPad.NotSet } or WindowPool { AutoPad: AutoPad.NotSet }
        ? op : throw new UndecidedException("its padding is automatic");

    private static ImmutableArray<Numbers> One(Numbers? result, Node node) =>
        result is null ? throw new UndecidedException($"{node.Op.FullName} has no symbolic meaning") : [result];

    private static long[] Sizes(Graph graph, int value) =>
        graph.Type(value) is TensorType { Shape: { } shape } && shape.ToStatic() is { } dims ? dims
        : throw new UndecidedException("a size is not known");
}
