using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>The p-norm of each window; padding is zero. Source: ai.onnx LpPool.</summary>
/// <param name="KernelShape">Taps of a window along each spatial axis.</param>
/// <param name="AutoPad">How padding is found.</param>
/// <param name="CeilMode">Whether the number of windows is rounded up.</param>
/// <param name="Dilations">Distance between taps; empty for 1.</param>
/// <param name="P">Order of the norm.</param>
/// <param name="Pads">Padding: all beginnings, then all ends; empty for 0.</param>
/// <param name="Strides">Distance between windows; empty for 1.</param>
public sealed record LpPool(EquatableArray<long> KernelShape, AutoPad AutoPad = AutoPad.NotSet, bool CeilMode = false,
    EquatableArray<long> Dilations = default, long P = 2, EquatableArray<long> Pads = default, EquatableArray<long> Strides = default)
    : WindowPool(KernelShape, AutoPad, CeilMode, Dilations, Pads, Strides), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<LpPool>("X", "Y", [1, 2, 11, 18, 22])
        .Change(2, WholeOrder, FractionalOrder)
        .Change(11, down: FormChange.Nothing)
        .NewAttributes(18, "ceil_mode", "dilations")
        .NewTypes(22, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        CheckOrder(context, P);
        return base.Infer(context);
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        var norm = new LpNorm(P);
        double[] y = WindowFold.Compute(x.ToDoubles(), Grid(x), Planes(x), norm, context.Cancellation);
        for (int i = 0; i < y.Length; i++) y[i] = norm.Root(y[i]);
        return [context.Floats(x.DType, ResultDims(x), y)];
    }

    /// <summary>A power and an addition for each tap, a root for each window.</summary>
    public override Work Measure(MeasureContext context)
    {
        var work = base.Measure(context);
        return work with { Arithmetic = work.Arithmetic * 2 + context.Output(0).Count };
    }

    /// <summary>Fault unless the order is 1 or more.</summary>
    internal static void CheckOrder(InferContext context, long p)
    {
        if (p < 1) throw context.Fault(FaultCodes.Attribute, $"a norm takes an order p of 1 and more, got {p}");
    }

    /// <summary>In opset 1 the order was a float.</summary>
    internal static void WholeOrder(OpForm form)
    {
        if (form.Take<float>("p") is not float p) return;
        form.Attributes["p"] = p == MathF.Truncate(p) ? (long)p
            : throw new NnccException(FaultCodes.NotSupported, $"{form.Name} with a norm of order {p}");
    }

    /// <summary>In opset 1 the order was a float.</summary>
    internal static string? FractionalOrder(OpForm form)
    {
        if (form.Take<long>("p") is long p) form.Attributes["p"] = (float)p;
        return null;
    }
}
