using System.Collections.Immutable;
using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Text;
using Nncc.Tests.Support;

namespace Nncc.Tests.Laws;

/// <summary>What holds for every op of the registry: inference agrees with evaluation, whatever is known of the operands.</summary>
public class OpLaws
{
    private static readonly OpRegistry Registry = OpRegistry.Standard();
    private static readonly ILookup<string, OpCase> Cases = OpCase.All.ToLookup(c => c.Op.FullName);

    public static TheoryData<string> Names => [.. Registry.Definitions.Where(d => !d.IsLegacy).Select(d => d.FullName)];

    [Theory, MemberData(nameof(Names))]
    public void EveryOpHasCases(string name) =>
        Assert.True(Cases[name].Any(), $"{name} has no case: add it to a property of OpCase in tests/Laws");

    [Theory, MemberData(nameof(Names))]
    public void InferenceFromConstantsGivesTheEvaluatedTypes(string name)
    {
        foreach (var c in Cases[name])
        {
            var (graph, _) = Build(c, (edit, operand, i) => operand is Tensor t ? edit.AddConstant(t)
                : edit.AddInput($"x{i}", operand.Type));
            var results = Run(graph, c, isWide: false, _ => false);
            for (int i = 0; i < results.Length; i++)
            {
                var inferred = graph[graph.Outputs[i].Value];
                if (c.IsDataDependent || results[i] is not Tensor)
                    Assert.False(TypeRelation.Contradicts(inferred.Type, results[i].Type),
                        $"{c}: result {i} is {results[i].Type}, inferred {inferred.Type}");
                else Assert.True(inferred.Type.Equals(results[i].Type), $"{c}: result {i} is {results[i].Type}, inferred {inferred.Type}");
                if (inferred.Known is { } known)
                    Assert.True(known.SequenceEqual(((Tensor)results[i]).ToLongs().Select(Dim.Of)),
                        $"{c}: result {i} is [{string.Join(",", ((Tensor)results[i]).ToLongs())}], known as [{string.Join(",", known)}]");
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void InferenceFromSymbolsContradictsNoEvaluation(string name)
    {
        foreach (var c in Cases[name])
        {
            // Each size is a symbol of its own, or the size that occurs again elsewhere is the same symbol.
            foreach (bool shared in new[] { false, true })
            {
                var map = new Dictionary<string, Dim>();
                var (graph, _) = Build(c, (edit, operand, i) => edit.AddInput($"x{i}", operand is not Tensor t ? operand.Type
                    : new TensorType(t.DType,
                        new Shape([.. t.Dims.Select((d, axis) => Symbol(d, shared ? $"n{d}" : $"n{i}_{axis}", map))]))));
                var results = Run(graph, c, isWide: false, _ => true);
                for (int i = 0; i < results.Length; i++)
                {
                    var inferred = graph[graph.Outputs[i].Value].Type.Substitute(map);
                    Assert.False(TypeRelation.Contradicts(inferred, results[i].Type),
                        $"{c}: result {i} is {results[i].Type}, inferred {inferred}");
                }
            }
        }

        static Dim Symbol(long size, string symbol, Dictionary<string, Dim> map)
        {
            if (size == 1) return 1; // a symbol says that nothing broadcasts
            map[symbol] = size;
            return Dim.Symbol(symbol);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void InferenceFromUnknownRanksContradictsNoEvaluation(string name)
    {
        foreach (var c in Cases[name])
        {
            // Nothing but dtypes is known: of all operands, or of one.
            for (int unknown = -1; unknown < c.Operands.Length; unknown++)
            {
                var (graph, _) = Build(c, (edit, operand, i) => edit.AddInput($"x{i}",
                    operand is Tensor t && (unknown < 0 || unknown == i) ? new TensorType(t.DType, null) : operand.Type));
                var results = Run(graph, c, isWide: false, _ => true);
                for (int i = 0; i < results.Length; i++)
                {
                    var inferred = graph[graph.Outputs[i].Value].Type;
                    Assert.False(TypeRelation.Contradicts(inferred, results[i].Type),
                        $"{c} without the rank of {(unknown < 0 ? "any" : unknown)}: result {i} is {results[i].Type}, inferred {inferred}");
                }
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void TheWidePolicyAgreesWithTheDeclaredOne(string name)
    {
        foreach (var c in Cases[name])
        {
            var (graph, _) = Build(c, (edit, operand, i) => edit.AddInput($"x{i}", operand.Type));
            var declared = Run(graph, c, isWide: false, _ => true);
            var wide = Run(graph, c, isWide: true, _ => true);
            for (int i = 0; i < declared.Length; i++)
            {
                Assert.False(TypeRelation.Contradicts(declared[i].Type, wide[i].Type));
                if (declared[i] is not Tensor d || wide[i] is not Tensor w || d.DType == DType.String || d.DType.IsComplex()) continue;
                double eps = d.DType switch { DType.Float16 => 2e-3, DType.BFloat16 => 1e-2, DType.Float32 => 1e-5, DType.Float64 =>
                    0, _ => 0 };
                var (x, y) = (d.ToDoubles(), w.ToDoubles());
                double scale = x.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
                for (int k = 0; k < x.Length; k++)
                    Assert.True(x[k].Equals(y[k]) || x[k] == y[k] || Math.Abs(x[k] - y[k]) <= eps * scale
                        || (double.IsInfinity(x[k]) && Math.Abs(y[k]) > 6e4),
                        $"{c}: result {i}[{k}] is {x[k]}, wide {y[k]}");
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void AttributesSurviveTheNeutralForm(string name)
    {
        foreach (var c in Cases[name])
        {
            var definition = Registry[c.Op];
            foreach (bool omit in new[] { false, true })
                Assert.Equal(c.Op, definition.Create(new Dictionary<string, object>(definition.Values(c.Op, omit))));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void TextReadsBackTheSame(string name)
    {
        foreach (var c in Cases[name])
        {
            var (graph, _) = Build(c, (edit, operand, i) => edit.AddInput($"x{i}", operand.Type));
            GraphAssert.Identical(graph, Parser.Parse(Printer.Print(graph, Registry), Registry));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void EveryOpIsMeasured(string name)
    {
        foreach (var c in Cases[name])
        {
            var (graph, node) = Build(c, (edit, operand, i) => edit.AddInput($"x{i}", operand.Type));
            var work = c.Op.Measure(graph.MeasureContext(node));
            foreach (var figure in new[] { work.Macs, work.Arithmetic, work.BytesIn, work.BytesOut })
                Assert.True(figure.Bounds.Max >= 0, $"{c}: {work}");
            Assert.NotNull(c.Op.Accuracy);
        }
    }

    private static (Graph Graph, Node Node) Build(OpCase c, Func<GraphEdit, Datum, int, int> operand)
    {
        var edit = new GraphEdit("case");
        int[] inputs = [.. c.Operands.Select((o, i) => o is null ? Node.Absent : operand(edit, o, i))];
        var node = edit.Insert(c.Op, inputs, Provenance.Of("case"), [.. Enumerable.Range(0, c.Results).Select(i => $"y{i}")]);
        foreach (int output in node.Outputs) edit.AddOutput(edit[output].Name, output);
        return (edit.Freeze(), node);
    }

    private static ImmutableArray<Datum> Run(Graph graph, OpCase c, bool isWide, Func<Datum, bool> isInput) =>
        new Evaluator(isWide).Run(graph, [.. c.Operands.Where(o => o is not null && (o is not Tensor || isInput(o)))]);
}
