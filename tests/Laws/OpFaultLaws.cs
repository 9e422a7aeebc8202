using System.Collections.Immutable;
using Nncc.IR;
using Nncc.IR.Evaluate;

namespace Nncc.Tests.Laws;

/// <summary>
/// What is wrong in a model or its data is a fault with a number, never an exception of another kind: every case with one operand or
/// attribute changed is inferred and evaluated.
/// </summary>
public class OpFaultLaws
{
    private static readonly OpRegistry Registry = OpRegistry.Standard();
    private static readonly ILookup<string, OpCase> Cases = OpCase.All.ToLookup(c => c.Op.FullName);

    public static TheoryData<string> Names => [.. Registry.Definitions.Where(d => !d.IsLegacy).Select(d => d.FullName)];

    [Theory, MemberData(nameof(Names))]
    public void WrongOperandsAreFaults(string name) =>
        Check(name, c => Operands(c).Select(operands => new OpCase(c.Op, operands) { Results = c.Results }));

    [Theory, MemberData(nameof(Names))]
    public void WrongAttributesAreFaults(string name) =>
        Check(name, c => Attributes(c).Select(op => new OpCase(op, c.Operands) { Results = c.Results }));

    private static void Check(string name, Func<OpCase, IEnumerable<OpCase>> wrong)
    {
        var failures = new SortedDictionary<string, string>(StringComparer.Ordinal);
        // One case of each number of operands and results is enough.
        foreach (var c in Cases[name].DistinctBy(c => (c.Operands.Length, c.Results, c.Op)))
            foreach (var changed in wrong(c))
                foreach (bool constants in new[] { false, true })
                    if (Run(changed, constants) is { } failure) failures.TryAdd(failure, changed.ToString());
        Assert.True(failures.Count == 0, string.Join('\n', failures.Select(f => $"{f.Key}: {f.Value}")));
    }

    // Null, or an exception that is no user's fault, with its place.
    private static string? Run(OpCase c, bool constants)
    {
        try
        {
            var edit = new GraphEdit("case");
            var given = ImmutableArray.CreateBuilder<Datum?>();
            int[] operands = [.. c.Operands.Select((o, i) =>
            {
                if (o is null) return Node.Absent;
                if (constants && o is Tensor tensor) return edit.AddConstant(tensor);
                given.Add(o);
                return edit.AddInput($"x{i}", constants ? IrType.Unknown : o.Type);
            })];
            var node = edit.Insert(c.Op, operands, Provenance.Of("case"), [.. Enumerable.Range(0, c.Results).Select(i => $"y{i}")]);
            foreach (int output in node.Outputs) edit.AddOutput(edit[output].Name, output);
            // A loop may never end.
            using var source = new CancellationTokenSource();
            int left = 1000;
            new Evaluator(cancellation: source.Token) { Observe = (_, _, _) =>
                { if (--left == 0) source.Cancel(); } }.Run(edit.Freeze(), given.ToImmutable());
            return null;
        }
        catch (Exception e) when (e is NnccException or OperationCanceledException)
        {
            return null;
        }
        catch (Exception e)
        {
            var place = e.StackTrace!.Split('\n').FirstOrDefault(line => line.Contains("Nncc.IR.Ops", StringComparison.Ordinal))
                ?? e.StackTrace;
            return $"{e.GetType().Name} {place.Trim()}";
        }
    }

    private static IEnumerable<ImmutableArray<Datum?>> Operands(OpCase c)
    {
        for (int i = 0; i < c.Operands.Length; i++)
        {
            yield return c.Operands[..i];
            yield return c.Operands.SetItem(i, null);
            foreach (var other in Others(c.Operands[i])) yield return c.Operands.SetItem(i, other);
        }
        yield return c.Operands.Add(Sample.Floats(2));
    }

    private static IEnumerable<Datum> Others(Datum? operand)
    {
        yield return new SequenceDatum(new TensorType(DType.Float32, null), []);
        if (operand is not Tensor tensor)
        {
            yield return Sample.Floats(2);
            yield break;
        }
        foreach (var dtype in new[] { DType.Float32, DType.Int64, DType.Bool, DType.String, DType.Complex64 })
            if (dtype != tensor.DType) yield return Sample.Of(dtype, [.. tensor.Dims]);
        long[][] shapes = [[], [0], [3], [2, 2], [.. tensor.Dims, 2], [.. tensor.Dims.Skip(1)], [.. tensor.Dims.Select(_ => 0L)],
            [.. tensor.Dims.Select(d => d + 1)]];
        foreach (long[] dims in shapes) yield return Sample.Of(tensor.DType, dims);
        if (tensor.DType is DType.Int64 or DType.Int32)
            foreach (long number in new[] { -100, -1, 0, 1, 100, long.MaxValue, long.MinValue })
                yield return Tensor.FromLongs(tensor.DType, tensor.Dims.AsSpan(), [.. Enumerable.Repeat(number, (int)tensor.Count)]);
    }

    private static IEnumerable<Op> Attributes(OpCase c)
    {
        var definition = Registry[c.Op];
        foreach (var attribute in definition.Attributes.Where(a => !a.IsDerived))
        {
            object[] values = attribute.ClrType == typeof(long) ? [-100L, -1L, 0L, 7L, long.MaxValue]
                : attribute.ClrType == typeof(EquatableArray<long>) ? [new EquatableArray<long>([]), new EquatableArray<long>([-1]),
                    new EquatableArray<long>([0, 0, 0, 0, 0]), new EquatableArray<long>([-100, 7]), new EquatableArray<long>([1, 1, 1, 1])]
                : attribute.ClrType == typeof(DType) ? [0L, (long)DType.String, (long)DType.Complex64]
                : attribute.ClrType == typeof(float) ? [float.NaN, 0f, -1f]
                : attribute.ClrType == typeof(Tensor) ? [Sample.Of(DType.String, 1), Sample.Floats(0), Sample.Of(DType.Complex64, 1)]
                : attribute.Choices is { } choices ? [.. choices]
                : [];
            foreach (object value in values)
            {
                var all = new Dictionary<string, object>(definition.Values(c.Op)) { [attribute.Name] = value };
                Op op;
                try
                {
                    op = definition.Create(all);
                }
                catch (NnccException)
                {
                    continue;
                }
                yield return op;
            }
        }
    }
}
