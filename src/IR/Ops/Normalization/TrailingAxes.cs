using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>The axes of a tensor from one on, over which LayerNormalization and RMSNormalization work, as rows.</summary>
internal readonly struct TrailingAxes
{
    private readonly Tensor tensor;

    /// <summary>The rows of a tensor that the axes from <paramref name="axis"/> on make.</summary>
    public TrailingAxes(Tensor tensor, int axis)
    {
        this.tensor = tensor;
        (Count, Length) = (1, 1);
        for (int i = 0; i < tensor.Rank; i++)
            if (i < axis) Count = checked(Count * (int)tensor.Dims[i]);
            else Length = checked(Length * (int)tensor.Dims[i]);
    }

    /// <summary>Number of rows.</summary>
    public int Count { get; }

    /// <summary>Elements of a row.</summary>
    public int Length { get; }

    /// <summary>Mean and mean squared difference from it.</summary>
    public static (double Mean, double Variance) Statistics(ReadOnlySpan<double> items)
    {
        double sum = 0, squares = 0;
        foreach (double item in items) sum += item;
        double mean = sum / items.Length;
        foreach (double item in items) squares += (item - mean) * (item - mean);
        return (mean, squares / items.Length);
    }

    /// <summary>Multiplies the tensor's elements by those of an operand that broadcasts to it.</summary>
    public void Scale(double[] items, Tensor scale)
    {
        double[] factors = scale.ToDoubles();
        int[] places = Broadcasting.Places(scale.Dims.AsSpan(), tensor.Dims.AsSpan());
        for (int i = 0; i < items.Length; i++) items[i] *= factors[places[i]];
    }

    /// <summary>Adds to the tensor's elements those of an operand that broadcasts to it.</summary>
    public void Add(double[] items, Tensor bias)
    {
        double[] terms = bias.ToDoubles();
        int[] places = Broadcasting.Places(bias.Dims.AsSpan(), tensor.Dims.AsSpan());
        for (int i = 0; i < items.Length; i++) items[i] += terms[places[i]];
    }

    /// <summary>Fault if an operand does not broadcast to the tensor.</summary>
    public static void Check(InferContext context, int operand, Shape own, Shape tensor)
    {
        bool fits = own.Rank <= tensor.Rank;
        for (int i = 0; fits && i < own.Rank; i++)
            fits = own[i].Value == 1 || Dim.AreEqual(own[i], tensor[i + tensor.Rank - own.Rank]) != Answer.No;
        if (!fits)
            throw context.Fault(FaultCodes.OperandShape, $"operand {operand}, {context.Tensor(operand)}, does not broadcast to [{tensor}]");
    }
}
