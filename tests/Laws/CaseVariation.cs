using System.Collections.Immutable;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;

namespace Nncc.Tests.Laws;

/// <summary>
/// Other operands and attributes for a case of an op: sizes renamed throughout (0 and 1 too), an axis more, another dtype that the standard
/// has, attributes and contents changed, special numbers, an optional operand left out. What comes out may be illegal: whoever asks lets
/// Infer and Evaluate decide.
/// </summary>
internal sealed class CaseVariation(Random random, OpRegistry registry)
{
    private static readonly DType[] AnyDTypes = [DType.Float32, DType.Float64, DType.Float16, DType.BFloat16, DType.Int8, DType.UInt8,
        DType.Int32, DType.Int64];

    private static readonly long[] SomeSizes = [0, 1, 1, 2, 2, 3, 4, 5, 7];
    private static readonly long[] SomeIntegers = [-3, -2, -1, 0, 1, 2, 3, 4];
    private static readonly float[] SomeFloats = [-1, 0, 0.25f, 0.5f, 1, 1.5f, 2, 3];

    /// <summary>A variant of a case.</summary>
    /// <param name="given">The case.</param>
    /// <param name="first">What operand 0 shall be; null for anything.</param>
    /// <returns>Null where the first operand cannot be that.</returns>
    public OpCase? Of(OpCase given, Tensor? first)
    {
        var c = given;
        // Bodies say the types of what they capture.
        if (!c.Op.Bodies.IsEmpty) return first is null ? c : null;
        if (first is null && random.Next(3) == 0) c = c with { Operands = WithDType(c) };
        if ((first is null ? Renaming(c) : Unified(c, first)) is not { } sizes) return null;
        c = c with { Operands = [.. c.Operands.Select(o => o is Tensor t ? Resized(t, sizes) : o)] };
        if (first is null && random.Next(12) == 0) c = c with { Operands = WithAxis(c.Operands) };
        for (int changes = random.Next(3); changes > 0; changes--)
            if (Changed(c.Op) is { } op) c = c with { Op = op };
        if (random.Next(8) == 0) c = c with { Operands = WithChange(c.Operands) };
        if (random.Next(10) == 0) c = c with { Operands = WithSpecials(c.Operands) };
        if (random.Next(8) == 0) c = c with { Operands = Without(c) };
        return first is null ? c : c with { Operands = c.Operands.SetItem(0, first) };
    }

    // Each size becomes another wherever it stands.
    private Dictionary<long, long> Renaming(OpCase c)
    {
        var result = new Dictionary<long, long>();
        long[] sizes = [.. c.Operands.OfType<Tensor>().SelectMany(t => t.Dims).Distinct()];
        if (sizes.Length == 0 || random.Next(3) == 0) return result;
        foreach (long size in random.Next(3) == 0 ? sizes : [sizes[random.Next(sizes.Length)]])
            result[size] = SomeSizes[random.Next(SomeSizes.Length)];
        return result;
    }

    // The renaming that makes operand 0 that shape; null where there is none.
    private static Dictionary<long, long>? Unified(OpCase c, Tensor first)
    {
        if (c.Operands.IsEmpty || c.Operands[0] is not Tensor own || own.Rank != first.Rank || own.DType != first.DType) return null;
        var result = new Dictionary<long, long>();
        for (int i = 0; i < own.Rank; i++)
            if (!result.TryAdd(own.Dims[i], first.Dims[i]) && result[own.Dims[i]] != first.Dims[i]) return null;
        return result;
    }

    private Tensor Resized(Tensor tensor, Dictionary<long, long> sizes)
    {
        long[] dims = [.. tensor.Dims.Select(d => sizes.GetValueOrDefault(d, d))];
        return dims.SequenceEqual(tensor.Dims) ? tensor : Contents(tensor, dims);
    }

    // Elements of that tensor, so that what are legal places stay legal ones; floats from their range.
    private Tensor Contents(Tensor like, long[] dims)
    {
        long count = dims.Aggregate(1L, (a, b) => checked(a * b));
        if (count > 20_000) return like;
        if (like.DType.IsComplex() || (like.Count == 0 && count > 0)) return Sample.Of(like.DType, dims);
        if (like.DType == DType.String)
        {
            string[] strings = [.. like.Strings];
            return Tensor.Of(dims, Enumerable.Range(0, (int)count).Select(_ => strings[random.Next(strings.Length)]).ToArray());
        }
        double[] items = like.ToDoubles();
        double least = items.Where(double.IsFinite).DefaultIfEmpty(0).Min(), most = items.Where(double.IsFinite).DefaultIfEmpty(0).Max();
        return Tensor.FromDoubles(like.DType, dims, [.. Enumerable.Range(0, (int)count).Select(_ =>
            like.DType.IsFloat() && most > least ? least + random.NextDouble() * (most - least) : items[random.Next(items.Length)])]);
    }

    private ImmutableArray<Datum?> WithDType(OpCase c)
    {
        int[] tensors = [.. Enumerable.Range(0, c.Operands.Length).Where(i => c.Operands[i] is Tensor t && IsNumber(t.DType))];
        if (tensors.Length == 0) return c.Operands;
        int chosen = tensors[random.Next(tensors.Length)];
        var from = ((Tensor)c.Operands[chosen]!).DType;
        var schema = OpSchemas.Find(c.Op.Domain, c.Op.Name, OpSchemas.NewestOf(c.Op.Domain));
        DType[] options = schema?.Input(chosen) is { } operand ? [.. operand.Types.Tensors.Where(IsNumber).Order()] : AnyDTypes;
        if (options.Length == 0) return c.Operands;
        var to = options[random.Next(options.Length)];
        return [.. c.Operands.Select((o, i) => o is Tensor t && t.DType == from
            && schema?.Input(i)?.Types.Tensors.Contains(to) != false ? Tensor.FromDoubles(to, t.Dims.AsSpan(), t.ToDoubles()) : o)];
    }

    private static bool IsNumber(DType dtype) => dtype != DType.String && !dtype.IsComplex() && dtype != DType.Unknown;

    private ImmutableArray<Datum?> WithAxis(ImmutableArray<Datum?> operands)
    {
        int rank = operands.OfType<Tensor>().Select(t => t.Rank).DefaultIfEmpty(0).Max();
        long size = SomeSizes[random.Next(SomeSizes.Length)];
        return [.. operands.Select(o => o is Tensor t && t.Rank == rank ? Contents(t, [size, .. t.Dims]) : o)];
    }

    private ImmutableArray<Datum?> WithChange(ImmutableArray<Datum?> operands)
    {
        int i = random.Next(operands.Length + 1);
        if (i == operands.Length || operands[i] is not Tensor { Count: > 0, DType: DType.Int32 or DType.Int64 } tensor) return operands;
        long[] items = tensor.ToLongs();
        items[random.Next(items.Length)] = SomeIntegers[random.Next(SomeIntegers.Length)];
        return operands.SetItem(i, Tensor.FromLongs(tensor.DType, tensor.Dims.AsSpan(), items));
    }

    private ImmutableArray<Datum?> WithSpecials(ImmutableArray<Datum?> operands)
    {
        int i = random.Next(operands.Length + 1);
        if (i == operands.Length || operands[i] is not Tensor { Count: > 0 } tensor || !tensor.DType.IsArithmeticFloat()) return operands;
        double[] items = tensor.ToDoubles();
        double[] specials = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, -0.0, 1e30, -1e-30, 65504];
        for (int n = random.Next(1, 3); n > 0; n--) items[random.Next(items.Length)] = specials[random.Next(specials.Length)];
        return operands.SetItem(i, Tensor.FromDoubles(tensor.DType, tensor.Dims.AsSpan(), items));
    }

    private ImmutableArray<Datum?> Without(OpCase c)
    {
        var inputs = registry[c.Op].Inputs;
        int[] optional = [.. Enumerable.Range(0, c.Operands.Length).Where(i => i < inputs.Length && inputs[i].IsOptional)];
        return optional.Length == 0 ? c.Operands : c.Operands.SetItem(optional[random.Next(optional.Length)], null);
    }

    private Op? Changed(Op op)
    {
        var definition = registry[op];
        var attributes = definition.Attributes.Where(a => !a.IsDerived).ToArray();
        if (attributes.Length == 0) return null;
        var attribute = attributes[random.Next(attributes.Length)];
        var type = attribute.ClrType;
        object? value = type == typeof(bool) ? (long)random.Next(2)
            : type == typeof(long) ? SomeIntegers[random.Next(SomeIntegers.Length)]
            : type == typeof(float) ? SomeFloats[random.Next(SomeFloats.Length)]
            : type == typeof(DType) ? (long)AnyDTypes[random.Next(AnyDTypes.Length)]
            : type == typeof(EquatableArray<long>) ? Numbers(attribute.Read(op, false) is EquatableArray<long> list ? list : default)
            : attribute.Choices?.ToArray() is { } choices ? choices[random.Next(choices.Length)] : null;
        if (value is null) return null;
        try
        {
            return definition.Create(new Dictionary<string, object>(definition.Values(op)) { [attribute.Name] = value });
        }
        catch (NnccException)
        {
            return null;
        }
    }

    private EquatableArray<long> Numbers(EquatableArray<long> list)
    {
        long[] items = list.Span.ToArray();
        if (items.Length > 0) items[random.Next(items.Length)] = SomeIntegers[random.Next(SomeIntegers.Length)];
        return new EquatableArray<long>([.. items]);
    }
}
