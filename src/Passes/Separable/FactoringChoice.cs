using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes.Cost;
using Nncc.Passes.Targets;
using static Nncc.Passes.Separable.FactoringReport;

namespace Nncc.Passes.Separable;

/// <summary>
/// Decides which convolutions of a graph are replaced by which factors: the form that the cost model predicts to be fastest, as it was
/// included, within the allowed error. With calibration inputs the error of each layer's result and of the model's outputs is measured
/// before anything is changed, and what goes beyond is left out.
/// </summary>
internal sealed class FactoringChoice
{
    // What rounding leaves of singular values that are zero: a few ulps of binary32, relative to the largest.
    private const double Rounding = 1e-6;

    private readonly ICostModel cost;
    private readonly TargetProfile target;
    private readonly Graph graph;
    private readonly PassContext context;
    private readonly GraphEdit view;
    private readonly Dictionary<int, double> layerErrors = [];
    private readonly List<Factoring> taken = [];
    private readonly double allowed;
    private Calibration? calibration;

    /// <summary>A choice for a graph.</summary>
    public FactoringChoice(ICostModel cost, TargetProfile target, Graph graph, PassContext context)
    {
        (this.cost, this.target, this.graph, this.context, view) = (cost, target, graph, context, new GraphEdit(graph));
        allowed = context.Options.SeparableError;
    }

    /// <summary>The forms that are taken, by node.</summary>
    public SortedDictionary<int, Factoring> Of(IEnumerable<Node> nodes)
    {
        var layers = nodes.Select(node => (Node: node, Whole: ConvolutionStep.Read(view, node))).Where(l => l.Whole is not null).ToList();
        var roots = Calibrate(layers.Select(l => l.Node));
        var forms = new SortedDictionary<int, Factoring>();
        foreach (var (node, whole) in layers)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (Best(node, whole!, roots?.GetValueOrDefault(node.Inputs[0])) is { } form) forms[node.Id] = form;
        }
        if (calibration is not null) KeepWithin(forms);
        return forms;
    }

    /// <summary>Whether a form in place of others is predicted to be faster; else it is refused with both costs.</summary>
    public bool IsFaster(Factoring form, ConvolutionStep[] others, Shape x, Node node)
    {
        double predicted = Cost(form.Steps, x), best = Cost(others, x);
        if (predicted >= best) context.Refuse(form.Form, node, () => Say($"{predicted:G4} ns are predicted, {best:G4} ns as it is"));
        return predicted < best;
    }

    /// <summary>Tells of a layer that was replaced.</summary>
    public void Tell(Node node, Factoring form)
    {
        var x = ShapeOf(node);
        double before = ConvolutionStep.Read(view, node)!.Macs(x);
        if (IsApproximate(form)) taken.Add(form);
        context.Notice(Layer(form, before, Macs(form.Steps, x), layerErrors.TryGetValue(node.Id, out double e) ? e : null), node.Place);
    }

    /// <summary>Tells of the whole model where anything that is not exact was taken.</summary>
    public void TellModel(GraphEdit after)
    {
        if (taken.Count == 0) return;
        if (calibration is null) context.Notice(Predicted(taken), advice: "--calibrate measures it");
        else context.Notice(Measured(calibration.ModelError(after.Freeze()), allowed, calibration.Sets));
    }

    private static bool IsApproximate(Factoring form) => form.PredictedError > Rounding;

    // Factors that are not exact already are not made less exact, here or in a model that nncc wrote.
    private double Bound(Node node) => node.Origin.Steps.Any(step => step is ChannelFactors.Name or SpatialFactors.Name) ? Rounding
        : Math.Max(allowed, Rounding);

    private Factoring? Best(Node node, ConvolutionStep whole, double[]? roots)
    {
        var x = ShapeOf(node);
        var geometry = whole.Op.Geometry(x, whole.Weights.Type.Shape!);
        double bound = Bound(node), best = Cost([whole], x);
        double[] weights = ChannelWeights.Of((int)(whole.Weights.Dims[1] * whole.Op.Group), roots);
        Factoring? chosen = null;
        Consider(BlockGroups.Name, BlockGroups.Of(whole), null);
        Consider(ChannelFactors.Name, ChannelFactors.Of(whole, geometry, bound, weights, out string? reason), reason);
        Consider(SpatialFactors.Name, SpatialFactors.Of(whole, geometry, bound, weights, x, out reason), reason);
        return chosen;

        void Consider(string name, Factoring? form, string? reason)
        {
            double predicted = form is null ? 0 : Cost(form.Steps, x);
            if (form?.MeasuredError > bound) reason = Say($"the error is {form.MeasuredError:G3}, and {bound:G3} is allowed");
            else if (form is not null && predicted >= best) reason = Say($"{predicted:G4} ns are predicted, {best:G4} ns as it is");
            if (reason is not null) context.Refuse(name, node, () => reason);
            else if (form is not null) (chosen, best) = (form, predicted);
        }
    }

    private Dictionary<int, double[]>? Calibrate(IEnumerable<Node> nodes)
    {
        if (allowed <= 0 || context.Depth > 0 || context.Options.Calibration is not { } give) return null;
        var values = nodes.Where(n => Bound(n) > Rounding).Select(n => n.Inputs[0]).ToHashSet();
        if (values.Count == 0) return null;
        calibration = new Calibration(graph, give(graph), context.Cancellation);
        return calibration.Roots(values);
    }

    // Leaves out what the results of layers do not allow, then, the worst layers first, what the outputs of the model do not.
    private void KeepWithin(SortedDictionary<int, Factoring> forms)
    {
        var errors = calibration!.LayerErrors(forms.Where(f => IsApproximate(f.Value)).ToDictionary());
        foreach (var (id, error) in errors)
        {
            layerErrors[id] = error;
            if (!(error <= allowed)) Drop(id, Say($"the error of the result is {error:G3}, and {allowed:G3} is allowed"));
        }
        int[] worst = [.. errors.Where(e => forms.ContainsKey(e.Key)).OrderByDescending(e => e.Value).ThenBy(e => e.Key)
            .Select(e => e.Key)];
        int least = 0, most = worst.Length;
        while (least < most)
        {
            int middle = (least + most) / 2;
            if (ErrorWithout(worst[..middle]) <= allowed) most = middle;
            else least = middle + 1;
        }
        foreach (int id in worst[..least]) Drop(id, Say($"with it the outputs of the model would have an error above {allowed:G3}"));

        double ErrorWithout(int[] left)
        {
            var edit = new GraphEdit(graph);
            foreach (var (id, form) in forms)
                if (!left.Contains(id)) SeparableConvolution.Replace(edit, graph.Find(id)!, form);
            return calibration!.ModelError(edit.Freeze());
        }

        void Drop(int id, string reason)
        {
            context.Refuse(forms[id].Form, graph.Find(id)!, () => reason);
            forms.Remove(id);
        }
    }

    private Shape ShapeOf(Node node) => ((TensorType)view[node.Inputs[0]].Type).Shape!;

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
}
