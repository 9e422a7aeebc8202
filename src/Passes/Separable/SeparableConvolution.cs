using System.Globalization;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes.Cost;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Separable;

/// <summary>
/// Replaces convolutions by cheaper ones that their weights allow: factors, groups, a merge; see the folder's README. What is taken is what
/// the cost model predicts to be fastest on a target, as it was included.
/// </summary>
/// <param name="cost">Predicts.</param>
/// <param name="target">The machine.</param>
/// <param name="error">The relative error of a layer's weights that is allowed; 0 for exact forms only.</param>
public sealed class SeparableConvolution(ICostModel cost, TargetProfile target, double error = 0) : IPass
{
    // What rounding leaves of singular values that are zero: a few ulps of binary32, relative to the largest.
    private const double Rounding = 1e-6;

    /// <inheritdoc/>
    public string Name => "separable-convolution";

    /// <inheritdoc/>
    public string Summary =>
        "Replaces convolutions with constant weights by factors, groups or merges that the cost model predicts to be faster. "
        + "Needs static sizes; never takes a form whose predicted error is above the allowed one.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        graph = context.InBodies(graph, Run);
        var edit = new GraphEdit(graph);
        double before = 0, after = 0;
        foreach (var original in graph.Nodes)
        {
            if (edit.Find(original.Id) is not { Op: Conv } node || Read(edit, node) is not { } whole) continue;
            var x = ((TensorType)edit[node.Inputs[0]].Type).Shape!;
            before += whole.Macs(x);
            after += Improve(edit, node, whole, x, context);
        }
        if (edit.IsChanged)
            context.Notice(string.Create(CultureInfo.InvariantCulture,
                $"convolutions: {before:N0} multiply-accumulates became {after:N0}"));
        return edit.Freeze();
    }

    // The multiply-accumulates that remain of a convolution.
    private double Improve(GraphEdit edit, Node node, ConvolutionStep whole, Shape x, PassContext context)
    {
        var geometry = whole.Op.Geometry(x, whole.Weights.Type.Shape!);
        double macs = whole.Macs(x), best = Cost([whole], x);
        Factoring? chosen = null;
        double bound = Math.Max(error, Rounding);
        Factoring?[] forms =
            [BlockGroups.Of(whole), ChannelFactors.Of(whole, geometry, bound), SpatialFactors.Of(whole, geometry, bound, x)];
        foreach (var form in forms.OfType<Factoring>())
        {
            double predicted = Cost(form.Steps, x);
            if (form.MeasuredError > bound) context.Refuse(form.Form, node, () => Say($"the error is {form.MeasuredError:G3}"));
            else if (predicted >= best) context.Refuse(form.Form, node, () =>
                Say($"{predicted:G4} ns are predicted, {best:G4} ns as it is"));
            else (chosen, best) = (form, predicted);
        }
        if (chosen is null) return Merge(edit, node, whole, x, context) ?? macs;
        double remaining = Macs(chosen.Steps, x);
        if (!context.Step(edit, chosen.Form, () => Replace(edit, node, node.Inputs[0], chosen))) return macs;
        string effect = Say($"{chosen.Form}: {macs:N0} multiply-accumulates became {remaining:N0}");
        string errors = Say($"relative error of the weights {chosen.MeasuredError:G3} (predicted {chosen.PredictedError:G3})");
        context.Notice($"{effect}, {errors}", node.Place);
        return remaining;
    }

    private double? Merge(GraphEdit edit, Node node, ConvolutionStep pointwise, Shape x, PassContext context)
    {
        if (!DepthwiseMerge.IsPointwise(pointwise) || edit.Producer(node.Inputs[0]) is not { Op: Conv } producer
            || Read(edit, producer) is not { } depthwise || !DepthwiseMerge.IsDepthwise(depthwise)) return null;
        var from = ((TensorType)edit[producer.Inputs[0]].Type).Shape!;
        var form = DepthwiseMerge.Of(depthwise, pointwise);
        double predicted = Cost(form.Steps, from), best = Cost([depthwise, pointwise], from);
        if (edit.UseCount(node.Inputs[0]) != 1 || edit.IsOutput(node.Inputs[0]))
            context.Refuse(form.Form, node, () => "the result of the depthwise convolution is used elsewhere");
        else if (predicted >= best) context.Refuse(form.Form, node, () => Say($"{predicted:G4} ns are predicted, {best:G4} ns as it is"));
        else if (context.Step(edit, form.Form, () =>
        {
            Replace(edit, node, producer.Inputs[0], form);
            edit.Erase(producer);
        })) return Macs(form.Steps, from) - depthwise.Macs(from);
        return null;
    }

    private static ConvolutionStep? Read(GraphEdit edit, Node node)
    {
        if (edit[node.Inputs[0]].Type is not TensorType { Shape: { } shape } || shape.ToStatic() is not { } dims || dims.Contains(0)
            || edit.Constant(node.Inputs[1]) is not { Count: > 0, DType: DType.Float32 or DType.Float64 } weights) return null;
        if (node.Inputs.Length < 3 || node.Inputs[2] == Node.Absent) return new((Conv)node.Op, weights);
        return edit.Constant(node.Inputs[2]) is { } bias ? new((Conv)node.Op, weights, bias) : null;
    }

    private static void Replace(GraphEdit edit, Node node, int x, Factoring form)
    {
        var origin = Provenance.Merge([node.Origin], form.Form);
        int value = x;
        foreach (var step in form.Steps)
        {
            int[] operands = [value, edit.AddConstant(step.Weights, origin: origin, before: node),
                .. step.Bias is null ? Array.Empty<int>() : [edit.AddConstant(step.Bias, origin: origin, before: node)]];
            value = edit.Insert(step.Op, operands, origin).Outputs[0];
        }
        edit.ReplaceValue(node.Outputs[0], value);
        edit.Erase(node);
    }

    private static double Macs(ConvolutionStep[] steps, Shape x)
    {
        double sum = 0;
        foreach (var step in steps) (sum, x) = (sum + step.Macs(x), step.Result(x));
        return sum;
    }

    // Each step as a kernel of its own: arithmetic at half of the peak, operands, weights and results moved once.
    private double Cost(ConvolutionStep[] steps, Shape x)
    {
        double sum = 0;
        foreach (var step in steps)
        {
            var y = step.Result(x);
            int bytes = step.Weights.DType.Bits() / 8;
            sum += cost.Predict(new KernelFeatures(step.Macs(x) / target.Lanes(bytes), 0.5, bytes * Elements(x), bytes * Elements(y),
                step.Weights.ByteCount, 0), target).TotalNs;
            x = y;
        }
        return sum;
    }

    private static double Elements(Shape shape) => shape.Dims.Aggregate(1.0, (product, dim) => product * dim.Value!.Value);

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
