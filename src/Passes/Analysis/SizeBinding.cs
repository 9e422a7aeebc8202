using Nncc.IR;

namespace Nncc.Passes;

/// <summary>
/// What the user's sizes and shapes mean for a graph: which symbol has which size, which input which type; and all that does not fit.
/// </summary>
/// <param name="graph">The graph.</param>
internal sealed class SizeBinding(Graph graph)
{
    private readonly SortedDictionary<string, Dim> sizes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, IrType> inputTypes = [];
    private readonly SortedSet<string> symbols = new(SymbolsOf(graph).Where(name => !FreshSymbols.IsFresh(name)), StringComparer.Ordinal);

    /// <summary>The sizes of symbols.</summary>
    public IReadOnlyDictionary<string, Dim> Sizes => sizes;

    /// <summary>The types of inputs, by value, that the sizes of symbols do not give.</summary>
    public IReadOnlyDictionary<int, IrType> InputTypes => inputTypes;

    /// <summary>What does not fit.</summary>
    public List<Fault> Faults { get; } = [];

    /// <summary>Every symbol of that name is this size.</summary>
    public void BindSymbol(string name, long size)
    {
        if (!symbols.Contains(name))
            Add($"no size of the model is called \"{name}\"", symbols.Count == 0 ? "all its sizes are numbers"
                : Suggestion.For(name, symbols, "its sizes are"));
        else if (size < 0) Add($"the size \"{name}\" cannot be {size}", null);
        else Bind(name, size, $"--dim {name}={size}");
    }

    /// <summary>The input of that name has this shape.</summary>
    public void BindInput(string name, Shape shape)
    {
        if (graph.Inputs.FirstOrDefault(i => graph[i.Value].Name == name) is not { } input)
        {
            Add($"the model has no input \"{name}\"",
                Suggestion.For(name, graph.Inputs.Select(i => graph[i.Value].Name), "its inputs are"));
            return;
        }
        var value = graph[input.Value];
        if (value.Type is not (TensorType or UnknownType))
        {
            Add($"input \"{name}\" is {value.Type} and has no shape", null);
            return;
        }
        var type = value.Type as TensorType ?? new TensorType(DType.Unknown, null);
        if (type.Shape is { } declared)
        {
            if (declared.Rank != shape.Rank)
            {
                Add($"input \"{name}\" is {type} and cannot be [{shape}], which has {shape.Rank} sizes in place of {declared.Rank}", null);
                return;
            }
            for (int axis = 0; axis < shape.Rank; axis++) BindSize(name, axis, declared[axis], shape[axis]);
        }
        if (input.Default is { } content && TypeRelation.Contradicts(content.Type, new TensorType(type.DType, shape)))
            Add($"input \"{name}\" has a default of {content.Type} and cannot be [{shape}]", null);
        inputTypes[value.Id] = type with { Shape = shape };
    }

    private void BindSize(string input, int axis, Dim declared, Dim wanted)
    {
        string option = $"--shape {input}: axis {axis} = {wanted}";
        if (declared.Equals(wanted)) return;
        if (declared.SymbolName is { } symbol) Bind(symbol, wanted, option);
        else if (wanted.Value is { } number && Solve(declared, number) is var (name, size)) Bind(name, size, option);
        else if (Dim.AreEqual(declared, wanted) == Answer.No || declared.IsConstant || Solvable(declared) is not null)
            Add($"axis {axis} of input \"{input}\" is {declared} and cannot be {wanted}", null);
    }

    // Sizes hold no symbol that is bound itself.
    private void Bind(string name, Dim wanted, string option)
    {
        var size = wanted.Substitute(sizes);
        if (size.SymbolName == name) return;
        if (sizes.TryGetValue(name, out var other))
        {
            if (other.Equals(size)) return;
            if (other.SymbolName is { } symbol) Bind(symbol, size, option);
            else if (size.SymbolName is { } alias) Bind(alias, other, option);
            else Add($"\"{name}\" is bound to {other} and to {size} ({option})", null);
            return;
        }
        var (min, max) = Bounds(name);
        if (size.Value < min || size.Value > max)
        {
            Add($"\"{name}\" cannot be {size} ({option}): it lies within {min} and {max}", null);
            return;
        }
        var one = new Dictionary<string, Dim> { [name] = size };
        foreach (string bound in sizes.Keys.ToArray()) sizes[bound] = sizes[bound].Substitute(one);
        sizes[name] = size;
    }

    private (long Min, long Max) Bounds(string name) =>
        graph.Values.SelectMany(v => v.Type.Sizes).FirstOrDefault(s => s.SymbolName == name)?.Bounds ?? (0, long.MaxValue);

    // a * N + b = number, for the one symbol N; null where the size is not of this form or has no such solution.
    private static (string Name, Dim Size)? Solve(Dim declared, long number)
    {
        if (Solvable(declared) is not var (name, factor, offset)) return null;
        return factor != 0 && (number - offset) % factor == 0 && (number - offset) / factor >= 0 ? (name, (number - offset) / factor)
            : null;
    }

    private static (string Name, long Factor, long Offset)? Solvable(Dim declared)
    {
        if (declared.Symbols.Count != 1) return null;
        string name = declared.Symbols.Single();
        try
        {
            long offset = At(0), factor = At(1) - offset;
            return declared.Equals(Dim.Symbol(name) * factor + offset) ? (name, factor, offset) : null;
        }
        catch (ArithmeticException)
        {
            return null;
        }

        long At(long value) => declared.Substitute(new Dictionary<string, Dim> { [name] = value }).Value!.Value;
    }

    private void Add(string message, string? advice) => Faults.Add(new Fault(FaultCodes.Binding, message, Advice: advice));

    private static IEnumerable<string> SymbolsOf(Graph graph)
    {
        var pending = new Stack<Graph>([graph]);
        while (pending.TryPop(out var next))
        {
            foreach (var value in next.Values)
                foreach (string name in value.Type.Symbols) yield return name;
            foreach (var node in next.Nodes)
                foreach (var body in node.Op.Bodies) pending.Push(body);
        }
    }
}
