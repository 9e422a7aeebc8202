using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The discrete Fourier transform along an axis of [.., 1] real or [.., 2] complex numbers, cut or filled up with zeros to a length.
/// One-sided it gives the first half of what a real signal has, and inversely takes that and gives a real signal. Source: ai.onnx DFT-20.
/// </summary>
/// <param name="Inverse">Whether it is the inverse transform.</param>
/// <param name="Onesided">Whether only frequencies up to half of the length are there.</param>
public sealed record DFT(bool Inverse = false, bool Onesided = false) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<DFT>("input dft_length? axis?", "output", [17, 20])
        .Change(20, up: form => form.SetInput(2, form.Scope.AddConstant(Tensor.Scalar(form.Take<long>("axis") is long axis ? axis : 1))),
            down: form =>
            {
                if (form.Int("inverse", 0) != 0 && form.Int("onesided", 0) != 0) return "the one-sided inverse exists from opset 20 on";
                if (form.Has(2) && form.Constant(2) is not { Count: 1 }) return "\"axis\" is computed, and before opset 20 it is an "
                    + "attribute";
                long axis = form.Has(2) ? form.Constant(2)!.ToLong() : -2;
                if (axis < 0 && form.Rank(0) is not { }) return "\"axis\" counts from the end, and the rank is unknown";
                form.Attributes["axis"] = axis < 0 ? axis + form.Rank(0)!.Value : axis;
                if (form.Has(2)) form.Inputs[2] = -1;
                form.TrimInputs();
                return null;
            });

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(32);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        for (int i = 1; i < 3; i++)
            if (context.Has(i)) context.Integers(i);
        if (x.Shape is not { } shape) return [x];
        if (shape.Rank < 2 || shape[^1].Value is not (null or 1 or 2))
            throw context.Fault(FaultCodes.OperandShape, $"DFT takes [..,1] or [..,2], got {x}");
        if (Inverse && Onesided && shape[^1].Value == 1)
            throw context.Fault(FaultCodes.OperandShape, $"the one-sided inverse takes complex numbers [..,2], got {x}");
        var dims = new Shape([.. shape.Dims[..^1], Inverse && Onesided ? 1 : 2]);
        if (context.Has(2) && context.Known(2) is not [{ IsConstant: true }])
            return [x with { Shape = new Shape([.. shape.Dims[..^1].Select(_ => context.Fresh()), dims[^1]]) }];
        int axis = context.Axis(context.Has(2) ? context.Known(2)!.Value[0].Value!.Value : -2, shape.Rank);
        if (axis == shape.Rank - 1) throw context.Fault(FaultCodes.Attribute, "the last axis holds real and imaginary parts");
        Dim length = !context.Has(1) ? (Inverse && Onesided ? (shape[axis] - 1) * 2 : shape[axis])
            : context.Known(1) is [var given] ? given : context.Fresh();
        if (length.Value < 1) throw context.Fault(FaultCodes.Data, $"a transform of length {length}");
        return [x with { Shape = new Shape(dims.Dims.SetItem(axis, Onesided && !Inverse ? Dim.FloorDiv(length, 2) + 1 : length)) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        var x = context.Tensor(0);
        int axis = Places.Axis(context.OptionalSingle(2)?.ToLong() ?? -2, x.Rank);
        long length = context.OptionalSingle(1)?.ToLong() ?? (Inverse && Onesided ? 2 * (x.Dims[axis] - 1) : x.Dims[axis]);
        var y = new double[Broadcasting.Count(dims)];
        if (y.Length == 0) return [context.Floats(x.DType, dims, y)];
        var transform = new Fourier(checked((int)length));
        double[] items = x.ToDoubles(), real = new double[length], imaginary = new double[length];
        int parts = (int)x.Dims[^1], results = (int)dims[^1];
        AxisSlices from = new(x.Dims.AsSpan()[..^1], axis), to = new(dims.AsSpan()[..^1], axis);
        for (int slice = 0; slice < to.Count; slice++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            Array.Clear(real);
            Array.Clear(imaginary);
            for (int i = 0; i < Math.Min(length, from.Length); i++)
            {
                int at = (from.Starts[slice] + from.Offsets[i]) * parts;
                (real[i], imaginary[i]) = (items[at], parts == 2 ? items[at + 1] : 0);
            }
            if (Inverse && Onesided) Complete(real, imaginary);
            transform.Transform(real, imaginary, Inverse);
            for (int i = 0; i < to.Length; i++)
            {
                int at = (to.Starts[slice] + to.Offsets[i]) * results;
                y[at] = real[i];
                if (results == 2) y[at + 1] = imaginary[i];
            }
        }
        return [context.Floats(x.DType, dims, y)];
    }

    /// <summary>Two multiply-accumulates and a logarithm of them for each number (a fast transform).</summary>
    public override Work Measure(MeasureContext context) => context.Elementwise(40);

    // The frequencies that a real signal has behind the middle are those before it, conjugated.
    private static void Complete(double[] real, double[] imaginary)
    {
        int n = real.Length;
        imaginary[0] = 0;
        if (n % 2 == 0) imaginary[n / 2] = 0;
        for (int k = 1; k < (n + 1) / 2; k++) (real[n - k], imaginary[n - k]) = (real[k], -imaginary[k]);
    }
}
