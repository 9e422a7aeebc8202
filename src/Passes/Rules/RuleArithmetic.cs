using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>Operators of rules on integers (which may be symbolic), numbers and lists of integers.</summary>
internal static class RuleArithmetic
{
    /// <summary>Whether a comparison is proven.</summary>
    public static object Compare(string symbol, object? a, object? b)
    {
        if (symbol == "==") return RuleValues.AreEqual(a, b) == Answer.Yes;
        if (symbol == "!=") return RuleValues.AreEqual(a, b) == Answer.No;
        if (a is not double && b is not double && RuleValues.Integer(a) is { } x && RuleValues.Integer(b) is { } y)
            return symbol switch
            {
                "<=" => Dim.IsAtMost(x, y) == Answer.Yes,
                "<" => Dim.IsAtMost(x + 1, y) == Answer.Yes,
                ">=" => Dim.IsAtMost(y, x) == Answer.Yes,
                _ => Dim.IsAtMost(y + 1, x) == Answer.Yes,
            };
        if (RuleValues.Number(a) is not { } left || RuleValues.Number(b) is not { } right)
            return new Failure(() => $"{RuleValues.Show(a)} and {RuleValues.Show(b)} have no order");
        return symbol switch { "<=" => left <= right, "<" => left < right, ">=" => left >= right, _ => left > right };
    }

    /// <summary>The value of + - * / between integers, numbers, and lists element by element.</summary>
    public static object Compute(string symbol, ImmutableArray<object?> values)
    {
        if (values is [ImmutableArray<object?> a, ImmutableArray<object?> b])
        {
            if (a.Length != b.Length) return new Failure(() => $"lists of {a.Length} and {b.Length} items");
            object[] items = [.. a.Zip(b, (x, y) => Compute(symbol, [x, y]))];
            return items.FirstOrDefault(i => i is Failure) ?? (object)ImmutableArray.CreateRange<object?>(items);
        }
        if (values.All(v => v is Dim)) return Integers(symbol, [.. values.Select(v => (Dim)v!)]);
        double?[] numbers = [.. values.Select(RuleValues.Number)];
        if (numbers.Any(n => n is null)) return new Failure(() => $"{string.Join(" and ", values.Select(RuleValues.Show))} are no numbers");
        return (symbol, numbers) switch
        {
            ("-", [var x]) => -x!.Value,
            ("-", [var x, var y]) => x!.Value - y!.Value,
            ("+", [var x, var y]) => x!.Value + y!.Value,
            ("*", [var x, var y]) => x!.Value * y!.Value,
            (_, [var x, var y]) => x!.Value / y!.Value,
            _ => throw new InvalidOperationException(symbol),
        };
    }

    // A quotient of integers must be exact.
    private static object Integers(string symbol, Dim[] values) => (symbol, values) switch
    {
        ("-", [var x]) => -x,
        ("-", [var x, var y]) => x - y,
        ("+", [var x, var y]) => x + y,
        ("*", [var x, var y]) => x * y,
        ("/", [var x, var y]) => y.Value is not 0 and not null && Dim.AreEqual(Dim.Mod(x, y), 0) == Answer.Yes ? Dim.FloorDiv(x, y)
            : new Failure($"{x} / {y} is not proven to be whole"),
        _ => throw new InvalidOperationException(symbol),
    };
}
