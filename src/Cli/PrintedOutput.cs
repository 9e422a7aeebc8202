using System.Globalization;

namespace Nncc.Cli;

/// <summary>One value with its place in a tensor.</summary>
/// <param name="index">Place along each axis.</param>
/// <param name="value">A number, truth value or string.</param>
internal sealed record Entry(long[] index, object value);

/// <summary>What a model gave for one output, as people and scripts read it.</summary>
/// <param name="Name">Name of the output.</param>
/// <param name="Content">What it holds.</param>
internal sealed record PrintedOutput(string Name, Datum Content)
{
    private const int Small = 16;

    /// <summary>Prints type and values.</summary>
    public void Print(Output output, int count)
    {
        output.Line($"{Name}: {Content.Type}");
        foreach (var entry in Top(count)) output.Line($"  [{string.Join(",", entry.index)}] {Text(entry.value)}");
    }

    /// <summary>All values of a small tensor in order; of a large one the greatest. Of what is no tensor none.</summary>
    public IEnumerable<Entry> Top(int count)
    {
        if (Content is not Tensor tensor || tensor.DType.IsComplex()) return [];
        if (tensor.DType == DType.String)
        {
            string[] strings = tensor.Strings.ToArray();
            return Enumerable.Range(0, Math.Min(strings.Length, Small)).Select(i => new Entry(Index(tensor, i), strings[i]));
        }
        double[] numbers = tensor.ToDoubles();
        IEnumerable<int> places = Enumerable.Range(0, numbers.Length);
        // NaN is shown first: whoever looks at an output wants to know.
        if (numbers.Length > Small)
            places = places.OrderByDescending(i => double.IsNaN(numbers[i]) ? double.PositiveInfinity : numbers[i]).ThenBy(i => i)
                .Take(Math.Max(count, 0));
        long[] integers = tensor.DType.IsInteger() ? tensor.ToLongs() : [];
        return places.Select(i => new Entry(Index(tensor, i), Value(tensor.DType, numbers[i], integers.ElementAtOrDefault(i))));
    }

    // Numbers print as short as they read back to their own type.
    private static object Value(DType dtype, double number, long integer) => dtype switch
    {
        DType.Bool => number != 0,
        DType.Float64 => number,
        _ when dtype.IsInteger() => integer,
        _ => (float)number,
    };

    private static string Text(object value) => value switch
    {
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static long[] Index(Tensor tensor, long place)
    {
        var index = new long[tensor.Rank];
        for (int axis = tensor.Rank - 1; axis >= 0; axis--)
        {
            index[axis] = place % tensor.Dims[axis];
            place /= tensor.Dims[axis];
        }
        return index;
    }
}
