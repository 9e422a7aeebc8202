using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Fourier transforms [batch, frames, frequencies, 2] of overlapping frames of a signal [batch, length, 1 or 2], each weighted by a window.
/// Source: ai.onnx STFT.
/// </summary>
/// <param name="Onesided">Whether only frequencies up to half of the frame are there.</param>
public sealed record STFT(bool Onesided = true) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<STFT>("signal frame_step window? frame_length?", "output", [17]);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(32);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var signal = context.ArithmeticFloats(0);
        context.Integers(1);
        if (context.Has(2))
        {
            context.ArithmeticFloats(2);
            context.SameDType(0, 2);
        }
        if (context.Has(3)) context.Integers(3);
        if (context.Ranked(0, 3, "batch,length,1 or 2") is not { } shape) return [signal];
        if (shape[2].Value is not (null or 1 or 2))
            throw context.Fault(FaultCodes.OperandShape, $"the signal must be [batch,length,1] or [batch,length,2], got {signal}");
        Dim? window = context.Has(2) ? context.Ranked(2, 1, "frame")?[0] ?? context.Fresh() : null;
        Dim frame = context.Has(3) ? (context.Known(3) is [var given] ? given : context.Fresh()) : window ?? shape[1];
        if (window is not null) context.Same(window, frame, "lengths of the window and of a frame");
        if (frame.Value < 1 || Dim.IsAtMost(frame, shape[1]) == Answer.No)
            throw context.Fault(FaultCodes.OperandShape, $"a frame of {frame} does not fit into a signal of {shape[1]}");
        Dim frames = context.Known(1) is [{ Value: { } step }]
            ? (step > 0 ? Dim.FloorDiv(shape[1] - frame, step) + 1 : throw context.Fault(FaultCodes.Data, $"a step of {step}"))
                : context.Fresh();
        return [signal with { Shape = [shape[0], frames, Onesided ? Dim.FloorDiv(frame, 2) + 1 : frame, 2] }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        var signal = context.Tensor(0);
        double[] items = signal.ToDoubles(), y = new double[Broadcasting.Count(dims)];
        double[]? window = context.Optional(2)?.ToDoubles();
        int length = (int)signal.Dims[1], parts = (int)signal.Dims[2], step = (int)context.Single(1).ToLong();
        int frame = (int)(context.OptionalSingle(3)?.ToLong() ?? window?.Length ?? length), bins = (int)dims[2], at = 0;
        if (y.Length == 0) return [context.Floats(signal.DType, dims, y)];
        var transform = new Fourier(frame);
        double[] real = new double[frame], imaginary = new double[frame];
        for (int batch = 0; batch < dims[0]; batch++)
            for (int number = 0; number < dims[1]; number++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                for (int i = 0; i < frame; i++)
                {
                    int from = (batch * length + number * step + i) * parts;
                    double weight = window?[i] ?? 1;
                    (real[i], imaginary[i]) = (items[from] * weight, parts == 2 ? items[from + 1] * weight : 0);
                }
                transform.Transform(real, imaginary, isInverse: false);
                for (int k = 0; k < bins; k++, at += 2) (y[at], y[at + 1]) = (real[k], imaginary[k]);
            }
        return [context.Floats(signal.DType, dims, y)];
    }

    /// <summary>A fast transform for each frame.</summary>
    public override Work Measure(MeasureContext context) => context.Elementwise(40);
}
