using System.Collections.Immutable;
using System.Reflection;
using Nncc.IR;

namespace Nncc.Tests.Laws;

/// <summary>An op with operands that it takes; an example for the laws that all ops obey.</summary>
/// <param name="Op">The op.</param>
/// <param name="Operands">Operands; null for an absent one.</param>
public sealed record OpCase(Op Op, params ImmutableArray<Datum?> Operands)
{
    /// <summary>Number of results.</summary>
    public int Results { get; init; } = 1;

    /// <summary>Whether sizes of the results depend on contents that inference does not look at (as of NonZero).</summary>
    public bool IsDataDependent { get; init; }

    /// <summary>All cases: every static property of that type in this assembly.</summary>
    public static IEnumerable<OpCase> All => typeof(OpCase).Assembly.GetTypes()
        .SelectMany(t => t.GetProperties(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        .Where(p => p.PropertyType == typeof(IEnumerable<OpCase>) && p.DeclaringType != typeof(OpCase)
            && p.GetIndexParameters().Length == 0)
        .SelectMany(p => (IEnumerable<OpCase>)p.GetValue(null)!);

    /// <inheritdoc/>
    public override string ToString() => $"{Op}({string.Join(", ", Operands.Select(o => o?.Type.ToString() ?? "-"))})";
}

/// <summary>Contents for cases, the same on every run.</summary>
public static class Sample
{
    /// <summary>Small numbers of mixed sign that the dtype holds, without repetition in a row.</summary>
    public static Tensor Of(DType dtype, params long[] dims)
    {
        long count = dims.Aggregate(1L, (a, b) => a * b);
        if (dtype == DType.String) return Tensor.Of(dims, Enumerable.Range(0, (int)count).Select(i => $"s{i * 7 % 5}").ToArray());
        if (dtype.IsComplex())
            return dtype == DType.Complex128 ? Tensor.Of(dtype, dims, Enumerable.Range(0, 2 * (int)count).Select(i => i * 0.5).ToArray())
                : Tensor.Of(dtype, dims, Enumerable.Range(0, 2 * (int)count).Select(i => i * 0.5f).ToArray());
        var random = new Random((int)dtype * 1000 + dims.Length);
        double least = dtype.IsUnsigned() || dtype == DType.Bool || dtype == DType.Float8E8M0 ? 0 : dtype.Bits() <= 2 ? -2 : -5;
        double span = dtype == DType.Bool ? 2 : dtype.Bits() <= 2 ? 4 : 10;
        return Tensor.FromDoubles(dtype, dims, Enumerable.Range(0, (int)count)
            .Select(_ => dtype.IsFloat() ? least + random.NextDouble() * span : Math.Floor(least + random.NextDouble() * span)).ToArray());
    }

    /// <summary>float32 of that shape.</summary>
    public static Tensor Floats(params long[] dims) => Of(DType.Float32, dims);

    /// <summary>float32 between 0.1 and 0.9.</summary>
    public static Tensor Fractions(params long[] dims)
    {
        var random = new Random(dims.Length);
        return Tensor.Of(dims, Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(_ =>
            0.1f + 0.8f * random.NextSingle()).ToArray());
    }

    /// <summary>An int64 vector.</summary>
    public static Tensor Longs(params long[] items) => Tensor.Vector(items);
}
