using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Nncc.Passes.Rules;

/// <summary>Values of names in rules: how attributes become them and back, how they compare and print.</summary>
internal static class RuleValues
{
    /// <summary>The value of an attribute in the form of rules; null for an absent one.</summary>
    public static object? FromAttribute(object? neutral) => neutral switch
    {
        long number => Dim.Of(number),
        float number => (double)number,
        EquatableArray<long> list => Dims(list.Span),
        EquatableArray<float> list => ImmutableArray.CreateRange(list.Select(f => (object?)(double)f)),
        EquatableArray<string> list => ImmutableArray.CreateRange(list.Select(s => (object?)s)),
        _ => neutral,
    };

    private static ImmutableArray<object?> Dims(ReadOnlySpan<long> numbers)
    {
        var dims = new object?[numbers.Length];
        for (int i = 0; i < dims.Length; i++) dims[i] = Dim.Of(numbers[i]);
        return ImmutableCollectionsMarshal.AsImmutableArray(dims);
    }

    /// <summary>The value as an attribute of a definition; null where it is none.</summary>
    public static object? ToAttribute(object value, AttributeDefinition? attribute) => (value, attribute?.Kind) switch
    {
        (Dim { Value: { } number }, "float") => (float)number,
        (Dim { Value: { } number }, _) => number,
        (double number, "float") => (float)number,
        (bool truth, _) => truth ? 1L : 0L,
        (Operand { Constant: { } tensor }, "tensor") => tensor,
        (ImmutableArray<object?> list, "floats") => list.All(i => i is double or Dim { IsConstant: true })
            ? list.Select(i => (float)Number(i)!.Value).ToEquatable() : null,
        (ImmutableArray<object?> list, "strings") => list.All(i => i is string) ? list.Select(i => (string)i!).ToEquatable() : null,
        (ImmutableArray<object?> list, _) => Integers(list) is { } dims && dims.All(d => d.IsConstant)
            ? dims.Select(d => d.Value!.Value).ToEquatable() : null,
        (string or Tensor or Graph, _) => value,
        _ => null,
    };

    /// <summary>The list as integers; null if it holds anything else.</summary>
    public static ImmutableArray<Dim>? Integers(object? value)
    {
        if (value is Operand operand) return IntegersOf(operand);
        return value is ImmutableArray<object?> list && list.All(i => i is Dim) ? [.. list.Select(i => (Dim)i!)] : null;
    }

    /// <summary>A list of integers.</summary>
    public static ImmutableArray<object?> List(IEnumerable<Dim> items) => [.. items];

    /// <summary>The value as one number; null if it is none.</summary>
    public static double? Number(object? value) => value switch
    {
        double number => number,
        Dim { Value: { } number } => number,
        Operand { Constant: { Count: 1, DType: not DType.String } tensor } => tensor.ToDouble(),
        _ => null,
    };

    /// <summary>The value as one integer; null if it is none.</summary>
    public static Dim? Integer(object? value) => value switch
    {
        Dim dim => dim,
        double number when number == Math.Truncate(number) && Math.Abs(number) < long.MaxValue => Dim.Of((long)number),
        Operand operand => IntegersOf(operand) is [var dim] ? dim : null,
        _ => null,
    };

    /// <summary>Whether two values are proven equal or different.</summary>
    public static Answer AreEqual(object? a, object? b) => (a, b) switch
    {
        (null, null) => Answer.Yes,
        (null, _) or (_, null) => Answer.No,
        (Dim x, Dim y) => Dim.AreEqual(x, y),
        (Operand x, Operand y) => x.Id >= 0 && x.Id == y.Id ? Answer.Yes
            : x.Constant is { } s && y.Constant is { } t ? Is(s.Equals(t)) : Answer.Unknown,
        (ImmutableArray<object?> x, ImmutableArray<object?> y) => AreEqual(x, y),
        (string or bool or IrType or DType or Tensor or Graph, _) => Is(a.Equals(b)),
        _ when Number(a) is { } x && Number(b) is { } y => Is(x == y),
        _ when Integers(a) is { } x && Integers(b) is { } y => AreEqual(List(x), List(y)),
        _ => Answer.No,
    };

    /// <summary>As messages show it.</summary>
    public static string Show(object? value) => value switch
    {
        null => "absent",
        ImmutableArray<object?> list => $"[{string.Join(", ", list.Select(Show))}]",
        string text => $"\"{text}\"",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        bool truth => truth ? "true" : "false",
        Graph => "a graph",
        _ => value.ToString() ?? "",
    };

    private static Answer AreEqual(ImmutableArray<object?> a, ImmutableArray<object?> b)
    {
        if (a.Length != b.Length) return Answer.No;
        var answer = Answer.Yes;
        for (int i = 0; i < a.Length; i++)
        {
            var item = AreEqual(a[i], b[i]);
            if (item == Answer.No) return Answer.No;
            if (item == Answer.Unknown) answer = Answer.Unknown;
        }
        return answer;
    }

    private static ImmutableArray<Dim>? IntegersOf(Operand operand) => operand.Known is { } known ? known
        : operand.Constant is { Rank: <= 1, Count: <= 4096 } c && (c.DType.IsInteger() || c.DType == DType.Bool)
            ? [.. c.ToLongs().Select(Dim.Of)] : null;

    private static Answer Is(bool truth) => truth ? Answer.Yes : Answer.No;
}
