using System.Collections.Immutable;
using Nncc.IR.Evaluate;
using Nncc.IR.Onnx;

namespace Nncc.Tests.Laws;

/// <summary>
/// What holds for how every op is written in ONNX: its definition says what ONNX's own table says, and what is written at any opset
/// obeys that opset's schema and means the same when it is read again.
/// </summary>
public class OnnxFormLaws
{
    private static readonly OpRegistry Registry = OpRegistry.Standard();
    private static readonly ILookup<string, OpCase> Cases = OpCase.All.ToLookup(c => c.Op.FullName);

    /// <summary>The ops that ONNX defines.</summary>
    public static TheoryData<string> Names =>
        [.. Registry.Definitions.Where(d => !d.IsLegacy && !OpSchemas.Versions(d.Domain, d.Name).IsEmpty).Select(d => d.FullName)];

    [Theory, MemberData(nameof(Names))]
    public void TheDefinitionIsTheStandards(string name)
    {
        var definition = Registry.Definitions.Single(d => d.FullName == name);
        var versions = OpSchemas.Versions(definition.Domain, definition.Name);
        // A version that withdraws an op has no form.
        var newest = versions.Last(v => !v.IsWithdrawn || !v.Inputs.IsEmpty);
        Assert.Equal(versions.Select(v => v.Since), definition.Since);
        Assert.Equal(newest.Inputs.Select(i => i.Name), definition.Inputs.Select(i => i.Name));
        Assert.Equal(newest.Outputs.Select(i => i.Name), definition.Outputs.Select(i => i.Name));
        Assert.Equal(newest.Inputs.Select(i => i.IsVariadic), definition.Inputs.Select(i => i.IsVariadic));
        foreach (var (mine, theirs) in definition.Inputs.Zip(newest.Inputs))
            Assert.True(!mine.IsOptional || theirs.IsOptional || mine.IsVariadic, $"operand {mine.Name} of {name} is optional");
        // Attributes may be missing where an op has one spelling for several (Constant), but each must be ONNX's.
        foreach (var attribute in definition.Attributes.Where(a => !a.IsDerived))
        {
            var theirs = newest.Attribute(attribute.Name);
            Assert.True(theirs is not null, $"{name} has no attribute {attribute.Name}");
            Assert.Equal(theirs.Kind, attribute.Kind.ToLowerInvariant());
            Assert.True(!theirs.IsRequired || attribute.IsRequired, $"{name} must have {attribute.Name}");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void EveryOpsetThatTakesItMeansTheSame(string name)
    {
        var opsets = Opsets(Registry.Definitions.Single(d => d.FullName == name));
        foreach (var c in Cases[name])
            foreach (bool asConstants in new[] { false, true })
            {
                var graph = Build(c, asConstants);
                var inputs = Inputs(c, asConstants);
                var expected = c.Op.Accuracy is RandomAccuracy ? default : new Evaluator().Run(graph, inputs);
                var model = new Model(graph, ModelHeader.Empty);
                foreach (int opset in opsets)
                {
                    byte[] bytes;
                    try
                    {
                        bytes = OnnxWriter.ToBytes(model, Registry, opset);
                    }
                    catch (NnccException e) when (e.Faults.All(f => f.Code == FaultCodes.OpsetDemand))
                    {
                        // Only what comes with an opset after the newest that is released may have no opset at all.
                        Assert.True(opset < OpSchemas.Newest || e.Faults.All(f => f.Advice?.Contains("up to") == true),
                            $"{c}: {e.Message}");
                        continue;
                    }
                    var faults = OnnxChecker.Check(bytes);
                    Assert.True(faults.IsEmpty, $"{c} at opset {opset}: {string.Join("; ", faults)}");
                    Model again;
                    try
                    {
                        again = OnnxReader.Read(bytes, Registry);
                    }
                    catch (NnccException e)
                    {
                        throw new InvalidOperationException($"{c} at opset {opset} is not read again: {e.Message}", e);
                    }
                    if (again.Graph.Equals(graph) || expected.IsDefault) continue;
                    var results = new Evaluator().Run(again.Graph, inputs);
                    // Where the op is written as its function body each op of that rounds for itself.
                    bool isBody = again.Graph.Nodes.All(n => n.Op.FullName != name);
                    Assert.True(expected.Zip(results)
                        .All(pair => Same(pair.First, pair.Second) || (isBody && Near(pair.First, pair.Second))),
                        $"{c} at opset {opset} gives something else");
                }
            }
    }

    // The opsets at which the op's schema changes, and those before.
    private static int[] Opsets(OpDefinition definition) =>
        [.. definition.Since.Concat(definition.Changes.Select(c => c.Version)).SelectMany(v => new[] { v, v - 1 }).Append(OpSchemas.Newest)
            .Where(v => v is >= 1 and <= OpSchemas.Newest).Distinct().OrderDescending()];

    private static Graph Build(OpCase c, bool asConstants)
    {
        var edit = new GraphEdit("case");
        int[] operands = [.. c.Operands.Select((o, i) => o is null ? Node.Absent
            : IsConstant(o, i, asConstants) ? edit.AddConstant((Tensor)o, $"x{i}") : edit.AddInput($"x{i}", o.Type))];
        var node = edit.Insert(c.Op, operands, Provenance.Of("case"), [.. Enumerable.Range(0, c.Results).Select(i => $"y{i}")]);
        foreach (int output in node.Outputs) edit.AddOutput(edit[output].Name, output);
        return edit.Freeze();
    }

    private static ImmutableArray<Datum?> Inputs(OpCase c, bool asConstants) =>
        [.. c.Operands.Where((o, i) => o is not null && !IsConstant(o, i, asConstants))];

    // The first operand stays an input: an op of constants only is rare.
    private static bool IsConstant(Datum datum, int index, bool asConstants) => asConstants && index > 0 && datum is Tensor;

    private static bool Near(Datum a, Datum b)
    {
        if (a is not Tensor x || b is not Tensor y || !x.Type.Equals(y.Type) || !x.DType.IsFloat()) return false;
        double[] p = x.ToDoubles(), q = y.ToDoubles();
        double scale = p.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        return p.Zip(q).All(pair => pair.First.Equals(pair.Second)
            || (double.IsFinite(pair.First) && Math.Abs(pair.First - pair.Second) <= (x.DType == DType.Float16 ? 4e-3 : 1e-6) * scale));
    }

    private static bool Same(Datum a, Datum b) => (a, b) switch
    {
        (Tensor x, Tensor y) => x.Equals(y),
        (SequenceDatum x, SequenceDatum y) => x.Items.Length == y.Items.Length && x.Items.Zip(y.Items)
            .All(pair => Same(pair.First, pair.Second)),
        (OptionalDatum x, OptionalDatum y) => x.Item is null == (y.Item is null) && (x.Item is null || Same(x.Item, y.Item!)),
        _ => false,
    };
}
