using System.Globalization;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>Tensors as text for people.</summary>
internal static class ConsoleText
{
    /// <summary>Least, greatest and mean, and the greatest elements with their places.</summary>
    public static IEnumerable<string> Summary(TensorView view, int top)
    {
        var numbers = ToDoubles(view);
        if (numbers.Length == 0) return ["empty"];
        var places = Enumerable.Range(0, numbers.Length).Where(i => !double.IsNaN(numbers[i])).OrderByDescending(i => numbers[i])
            .ThenBy(i => i).Take(top);
        int nan = numbers.Count(double.IsNaN);
        return
        [
            string.Create(CultureInfo.InvariantCulture,
                $"min {numbers.Min():G6}, max {numbers.Max():G6}, mean {numbers.Average():G6}{(nan > 0 ? $", {nan} NaN" : "")}"),
            .. places.Select(i => string.Create(CultureInfo.InvariantCulture, $"[{Index(i, view.Dims)}] {numbers[i]:G6}")),
        ];
    }

    /// <summary>A name as a part of a file name.</summary>
    public static string FileName(string name)
    {
        string safe = new([.. name.Take(60).Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')]);
        return safe.Length == 0 ? "output" : safe;
    }

    // A place in row-major order as indices.
    private static string Index(long place, ReadOnlySpan<long> dims)
    {
        var indices = new string[dims.Length];
        for (int axis = dims.Length - 1; axis >= 0; place /= dims[axis--])
            indices[axis] = (place % dims[axis]).ToString(CultureInfo.InvariantCulture);
        return string.Join(", ", indices);
    }

    private static double[] ToDoubles(TensorView view) => view.Type switch
    {
        ElementType.Float32 => Convert<float>(view, x => x),
        ElementType.Float64 => Convert<double>(view, x => x),
        ElementType.Float16 => Convert<Half>(view, x => (double)x),
        ElementType.BFloat16 => Convert<ushort>(view, x => Numbers.FromBFloat16(x)),
        ElementType.Bool => Convert<bool>(view, x => x ? 1 : 0),
        ElementType.Int8 => Convert<sbyte>(view, x => x),
        ElementType.UInt8 => Convert<byte>(view, x => x),
        ElementType.Int16 => Convert<short>(view, x => x),
        ElementType.UInt16 => Convert<ushort>(view, x => x),
        ElementType.Int32 => Convert<int>(view, x => x),
        ElementType.UInt32 => Convert<uint>(view, x => x),
        ElementType.Int64 => Convert<long>(view, x => x),
        _ => Convert<ulong>(view, x => x),
    };

    private static double[] Convert<T>(TensorView view, Func<T, double> convert) where T : unmanaged
    {
        var items = view.As<T>();
        var result = new double[items.Length];
        for (int i = 0; i < items.Length; i++) result[i] = convert(items[i]);
        return result;
    }
}
