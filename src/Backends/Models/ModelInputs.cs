using System.Collections.Immutable;
using Nncc.Passes;

namespace Nncc.Backends.Models;

/// <summary>Inputs of a model by name: brought into its order, checked, made up.</summary>
public static class ModelInputs
{
    /// <summary>The contents in the order of the graph's inputs; null where the input has a default and nothing is given.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="given">Contents by the name of the input.</param>
    /// <exception cref="NnccException">A name is unknown, an input is missing, or a type does not fit: all faults.</exception>
    public static ImmutableArray<Datum?> Bind(Graph graph, IReadOnlyDictionary<string, Datum> given)
    {
        var faults = new List<Fault>();
        var values = graph.Inputs.Select(i => graph[i.Value]).ToList();
        foreach (string name in given.Keys.Where(name => values.All(v => v.Name != name)).Order(StringComparer.Ordinal))
            faults.Add(new Fault(FaultCodes.InputData, $"the model has no input \"{name}\"",
                Advice: Suggestion.For(name, values.Select(v => v.Name), "its inputs are")));
        var result = ImmutableArray.CreateBuilder<Datum?>(values.Count);
        for (int i = 0; i < values.Count; i++)
        {
            var (value, datum) = (values[i], given.GetValueOrDefault(values[i].Name));
            result.Add(datum);
            if (datum is null && graph.Inputs[i].Default is null)
                faults.Add(new Fault(FaultCodes.InputData, $"input \"{value.Name}\" ({value.Type}) is not given",
                    Advice: $"give --input {value.Name}=file.npy, or {value.Name}=random"));
            else if (datum is not null && TypeRelation.Contradicts(value.Type, datum.Type))
                faults.Add(new Fault(FaultCodes.InputData, $"input \"{value.Name}\" is {value.Type}, got {datum.Type}",
                    Advice: Fitting(value.Type, datum.Type)));
        }
        return faults.Count == 0 ? result.MoveToImmutable() : throw new NnccException([.. faults]);
    }

    /// <summary>
    /// The options with the shapes of given inputs bound, as far as the caller did not bind them and the graph leaves them open.
    /// </summary>
    public static CompileOptions WithShapes(CompileOptions options, Graph graph, ImmutableArray<Datum?> inputs)
    {
        var shapes = options.Shapes;
        for (int i = 0; i < graph.Inputs.Length; i++)
        {
            var value = graph[graph.Inputs[i].Value];
            if ((inputs[i] ?? graph.Inputs[i].Default) is Tensor tensor && value.Type is TensorType { Shape: not { IsStatic: true } }
                && !shapes.ContainsKey(value.Name))
                shapes = shapes.Add(value.Name, Shape.Of(tensor.Dims.AsSpan()));
        }
        return options with { Shapes = shapes };
    }

    /// <summary>
    /// Made-up contents for an input, the same for the same seed and place: floats from [-1, 1), 8 bit integers from their whole range,
    /// other integers and bool 0 or 1 (any index and any token that a model may take), strings "a" and "b".
    /// </summary>
    /// <exception cref="NnccException">The input is no tensor, or a size of it is open.</exception>
    public static Datum Random(Graph graph, int input, int seed)
    {
        var value = graph[graph.Inputs[input].Value];
        if (value.Type is not TensorType { DType: not DType.Unknown } type)
            throw new NnccException(FaultCodes.InputData, $"input \"{value.Name}\" is {value.Type}, for which nothing can be made up");
        if (type.Shape?.ToStatic() is not { } dims)
            throw new NnccException(FaultCodes.InputData, $"input \"{value.Name}\" is {value.Type}, and made-up contents need its sizes",
                advice: type.Symbols.Any() ? $"give {string.Join(" ", type.Symbols.Distinct().Select(s => $"--dim {s}=N"))}"
                    : $"give --shape {value.Name}=...");
        var random = new Random(HashCode(seed, input));
        long count = dims.Aggregate(1L, (product, dim) => checked(product * dim));
        if (type.DType == DType.String) return Tensor.Of(dims,
            Enumerable.Range(0, checked((int)count)).Select(_ => random.Next(2) == 0 ? "a" : "b").ToArray());
        var items = new double[type.DType.IsComplex() ? 0 : checked((int)count)];
        for (int i = 0; i < items.Length; i++)
            items[i] = type.DType.IsFloat() ? 2 * random.NextDouble() - 1 : type.DType switch
            {
                DType.UInt8 => random.Next(256),
                DType.Int8 => random.Next(-128, 128),
                _ => random.Next(2),
            };
        return type.DType.IsComplex() ? throw new NnccException(FaultCodes.InputData,
            $"input \"{value.Name}\" is {value.Type}, for which nothing can be made up")
            : Tensor.FromDoubles(type.DType, dims, items);
    }

    private static int HashCode(int seed, int input) => unchecked(seed * 1_000_003 + input);

    private static string? Fitting(IrType wanted, IrType got) => (wanted, got) switch
    {
        (TensorType { DType: var w }, TensorType { DType: var g }) when w != g && w != DType.Unknown => $"convert the file to {w.Name()}",
        (TensorType { Shape: { } w }, TensorType { Shape: { } g }) when w.Rank == g.Rank + 1 =>
            "the file lacks an axis: the batch, for instance",
        _ => null,
    };
}
