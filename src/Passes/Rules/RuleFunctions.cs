using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>A pure function that rules may use on attributes, shapes, constants and values.</summary>
/// <param name="Name">Its name in kebab-case.</param>
/// <param name="Parameters">Names of the parameters, for the list of functions; <c>...</c> behind the last for any number.</param>
/// <param name="Summary">What it gives.</param>
/// <param name="Body">Computes it; gives <see cref="FunctionCall.Failure"/> where there is no value.</param>
public sealed record RuleFunction(string Name, string Parameters, string Summary, Func<FunctionCall, object?> Body)
{
    /// <summary>The least number of arguments.</summary>
    public int Least => IsVariadic ? Count - 1 : Count;

    /// <summary>Whether it takes any number of further arguments.</summary>
    public bool IsVariadic => Parameters.EndsWith("...", StringComparison.Ordinal);

    private int Count => Parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;

    internal object? Call(ImmutableArray<object?> arguments, RewritePlan plan) => Body(new FunctionCall(arguments, plan));
}

/// <summary>The arguments of a function; what asks for one of another kind gives null and keeps the reason.</summary>
public sealed class FunctionCall
{
    internal FunctionCall(ImmutableArray<object?> arguments, RewritePlan plan) => (Arguments, Plan) = (arguments, plan);

    /// <summary>The values.</summary>
    public ImmutableArray<object?> Arguments { get; }

    /// <summary>Why there is no value.</summary>
    public Failure Failure { get; private set; } = new("it has no value");

    internal RewritePlan Plan { get; }

    /// <summary>An argument that is a value of the graph.</summary>
    public Operand? Operand(int index) => Arguments[index] as Operand ?? Miss<Operand>(index, "a value of the graph");

    /// <summary>The known shape of an argument.</summary>
    public Shape? Shape(int index) => Operand(index) is not { } operand ? null : operand.Shape
        ?? Say<Shape>($"the rank of {operand} is not known");

    /// <summary>The content of an argument that is constant.</summary>
    public Tensor? Tensor(int index) => Arguments[index] as Tensor
        ?? (Operand(index) is not { } operand ? null : operand.Constant ?? Say<Tensor>($"{operand} is not constant"));

    /// <summary>An argument that is one integer, possibly symbolic.</summary>
    public Dim? Integer(int index) => RuleValues.Integer(Arguments[index]) ?? Miss<Dim>(index, "an integer");

    /// <summary>An argument that is one integer at hand.</summary>
    public int? Int(int index) => Integer(index) is not { } dim ? null
        : dim.Value is { } value && Math.Abs(value) < int.MaxValue ? (int)value : Unknown($"{dim} is not known");

    /// <summary>An argument that is one number.</summary>
    public double? Number(int index)
    {
        if (RuleValues.Number(Arguments[index]) is { } number) return number;
        Miss<object>(index, "a number");
        return null;
    }

    /// <summary>An argument that is a list of integers, or an integer constant.</summary>
    public ImmutableArray<Dim>? Integers(int index)
    {
        if (RuleValues.Integers(Arguments[index]) is { } list) return list;
        Miss<object>(index, "a list of known integers");
        return null;
    }

    /// <summary>An argument that is a list of integers at hand.</summary>
    public long[]? Longs(int index) => Integers(index) is not { } list ? null
        : list.All(d => d.IsConstant) ? [.. list.Select(d => d.Value!.Value)]
            : Say<long[]>($"[{string.Join(", ", list)}] are not all known");

    /// <summary>An argument that is a list of anything.</summary>
    public ImmutableArray<object?>? List(int index)
    {
        if (Arguments[index] is ImmutableArray<object?> list) return list;
        if (RuleValues.Integers(Arguments[index]) is { } integers) return RuleValues.List(integers);
        Miss<object>(index, "a list");
        return null;
    }

    /// <summary>A failure with that reason.</summary>
    public Failure Because(string reason) => Failure = new Failure(reason);

    /// <summary>A condition that is false for that reason.</summary>
    public Failure False(string reason) => Failure = new Failure(reason) { IsFalse = true };

    private T? Miss<T>(int index, string expected) where T : class =>
        Say<T>($"argument {index + 1} is {RuleValues.Show(Arguments[index])} and not {expected}");

    private T? Say<T>(string reason) where T : class
    {
        Failure = new Failure(reason);
        return null;
    }

    private int? Unknown(string reason)
    {
        Failure = new Failure(reason);
        return null;
    }
}

/// <summary>The functions that rules may use. An instance is passed down, so that plugins can add to one.</summary>
public sealed partial class RuleFunctions
{
    private readonly SortedDictionary<string, RuleFunction> functions = new(StringComparer.Ordinal);

    /// <summary>A new registry with all functions of this library.</summary>
    public static RuleFunctions Standard()
    {
        var registry = new RuleFunctions();
        IEnumerable<RuleFunction> all =
            [.. Language, .. OfValues, .. OfShapes, .. OfLists, .. OfSlices, .. OfOpenSlices, .. OfFilters];
        foreach (var function in all) registry.Add(function);
        return registry;
    }

    /// <summary>All functions by name.</summary>
    public IEnumerable<RuleFunction> All => functions.Values;

    /// <summary>Adds a function; one of the same name is an error of the caller.</summary>
    public void Add(RuleFunction function)
    {
        if (!functions.TryAdd(function.Name, function))
            throw new ArgumentException($"the function {function.Name} is there already", nameof(function));
    }

    /// <summary>The function of that name, or null.</summary>
    public RuleFunction? Find(string name) => functions.GetValueOrDefault(name);

    // Evaluated by the language itself, which looks at their arguments only as far as needed.
    private static IEnumerable<RuleFunction> Language =>
    [
        new("all", "conditions...", "whether all conditions hold", _ => true),
        new("any", "conditions...", "whether one of the conditions holds", _ => true),
        new("not", "condition", "whether the condition is false", _ => true),
        new("if", "condition then else", "one of two values", _ => true),
    ];
}
