using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>activation(convolution of X with W + B + Z). Source: com.microsoft FusedConv.</summary>
/// <param name="Activation">The activation; null for none.</param>
/// <param name="ActivationParams">Its parameters.</param>
/// <param name="AutoPad">How padding is found.</param>
/// <param name="Dilations">Distance between taps; empty for 1.</param>
/// <param name="Group">Number of groups.</param>
/// <param name="KernelShape">Taps along each axis; empty for those of W.</param>
/// <param name="Pads">Padding; empty for 0.</param>
/// <param name="Strides">Distance between windows; empty for 1.</param>
public sealed record FusedConv(string? Activation = null, EquatableArray<float> ActivationParams = default,
    AutoPad AutoPad = AutoPad.NotSet,
    EquatableArray<long> Dilations = default, long Group = 1, EquatableArray<long> KernelShape = default,
    EquatableArray<long> Pads = default, EquatableArray<long> Strides = default) : MicrosoftOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<FusedConv>("X W B? Z?", "Y", [1], MicrosoftDomain);

    private Conv Conv => new(AutoPad, Dilations, Group, KernelShape, Pads, Strides);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        Floats(context, 0, 1, 2, 3);
        FusedActivation.Check(context, Activation, ActivationParams.Count);
        var result = Conv.Infer(context);
        if (context.Has(3) && context.Tensor(3).Shape is { } z && ((TensorType)result[0]).Shape is { } y
            && (z.Rank != y.Rank || z.Zip(y).Any(p => Dim.AreEqual(p.First, p.Second) == Answer.No)))
            throw context.Fault(FaultCodes.OperandShape, $"Z must be {result[0]}, got {context.Tensor(3)}");
        return result;
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        double[] items = Run(context, Conv, context.Tensor(0), context.Tensor(1), context.Optional(2)).ToDoubles();
        if (context.Optional(3)?.ToDoubles() is { } added)
            for (int i = 0; i < items.Length; i++) items[i] += added[i];
        FusedActivation.Apply(Activation, ActivationParams.Span, items);
        return [context.Floats(context.Tensor(0).DType, dims, items)];
    }

    /// <summary>That of the convolution.</summary>
    public override Work Measure(MeasureContext context) =>
        context.Products(context.Output(0).Count * Dim.Product(context.Input(1).Dims.Skip(1)), context.Output(0).Count * 3);
}

/// <summary>
/// The convolution of X [n, spatial..., c] with W [m, taps..., c/group]: channels stand last. Source: com.microsoft NhwcConv.
/// </summary>
/// <param name="AutoPad">How padding is found.</param>
/// <param name="Dilations">Distance between taps; empty for 1.</param>
/// <param name="Group">Number of groups.</param>
/// <param name="KernelShape">Taps along each axis; empty for those of W.</param>
/// <param name="Pads">Padding; empty for 0.</param>
/// <param name="Strides">Distance between windows; empty for 1.</param>
public sealed record NhwcConv(AutoPad AutoPad = AutoPad.NotSet, EquatableArray<long> Dilations = default, long Group = 1,
    EquatableArray<long> KernelShape = default, EquatableArray<long> Pads = default, EquatableArray<long> Strides = default)
    : MicrosoftOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<NhwcConv>("X W B?", "Y", [1], MicrosoftDomain);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Floats(context, 0, 1, 2);
        if (x.Shape is not { } shape || context.Tensor(1).Shape is not { } w) return [x with { Shape = null }];
        if (shape.Rank < 3 || w.Rank != shape.Rank)
            throw context.Fault(FaultCodes.OperandShape,
                $"NhwcConv takes [n,spatial...,c] and [m,taps...,c], got {x} and {context.Tensor(1)}");
        var geometry = ConvolutionOperands.Geometry("NhwcConv", First(shape), First(w), KernelShape, Group,
            new WindowAttributes(AutoPad, Dilations, Pads, Strides));
        context.Vector(2, "B", w[0], "one for each filter");
        return [x with { Shape = new Shape([shape[0], .. geometry.Windowed, w[0]]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.InferDims(this);
        var conv = new Conv(AutoPad, Dilations, Group, KernelShape, Pads, Strides);
        int rank = context.Tensor(0).Rank;
        var first = ChannelOrder.First(rank);
        var y = Run(context, conv, Run(context, first, context.Tensor(0)), Run(context, first, context.Tensor(1)), context.Optional(2));
        return [Rounded(context, Run(context, ChannelOrder.Last(rank), y), context.Tensor(0).DType)];
    }

    /// <summary>That of the convolution.</summary>
    public override Work Measure(MeasureContext context) =>
        context.Products(context.Output(0).Count * Dim.Product(context.Input(1).Dims.Skip(1)));

    private static Shape First(Shape last) => new([last[0], last[^1], .. last.Dims[1..^1]]);
}
