namespace Nncc.Backends.Verification;

/// <summary>
/// How far an output of a correct implementation may be from the wide evaluation, as max|a-b| / max|b|: the bar of the coarsest float type
/// that the output was rounded to on its way.
/// </summary>
public sealed class ErrorBars
{
    /// <summary>The bar of binary32 and binary64.</summary>
    public const double Float32 = 2e-5;

    /// <summary>The bar of binary16.</summary>
    public const double Float16 = 5e-3;

    /// <summary>The bar of bfloat16, which has three bits less than binary16.</summary>
    public const double BFloat16 = 8 * Float16;

    /// <summary>
    /// The bar of ONNX Runtime itself for binary32. What is beyond is no rounding, and no reason to allow others more.
    /// </summary>
    public const double OnnxRuntime = 1e-3;

    private readonly double[] bars;

    /// <summary>The bars of a graph.</summary>
    public ErrorBars(Graph graph)
    {
        bars = new double[graph.NextValue];
        foreach (var node in graph.Nodes)
        {
            if (node.Op is IR.Ops.Constant) continue;
            double coarsest = node.GivenInputs.Select(i => bars[i]).Append(Inside(node)).Max();
            foreach (int output in node.GivenOutputs) bars[output] = Math.Max(coarsest, Of(graph[output].Type));
        }
    }

    /// <summary>The bar of a value.</summary>
    public double this[int value] => Math.Max(Float32, bars[value]);

    /// <summary>The bar where ONNX Runtime has an error of its own: four times that for binary32, if that is larger.</summary>
    public static double Relaxed(double bar, double onnxRuntime) =>
        bar == Float32 && onnxRuntime <= OnnxRuntime ? Math.Max(bar, 4 * onnxRuntime) : bar;

    private static double Of(IrType type) => type switch
    {
        TensorType { DType: DType.Float16 } => Float16,
        TensorType { DType: DType.BFloat16 } => BFloat16,
        TensorType { DType: DType.Float32 or DType.Float64 } => Float32,
        SequenceType sequence => Of(sequence.Element),
        OptionalType optional => Of(optional.Element),
        MapType map => Of(map.Element),
        _ => 0,
    };

    // The coarsest type in the bodies of a node, and in theirs.
    private static double Inside(Node node)
    {
        double coarsest = 0;
        var work = new Stack<Graph>(node.Op.Bodies);
        while (work.TryPop(out var body))
        {
            foreach (var value in body.Values) coarsest = Math.Max(coarsest, Of(value.Type));
            foreach (var inner in body.Nodes.SelectMany(n => n.Op.Bodies)) work.Push(inner);
        }
        return coarsest;
    }
}
