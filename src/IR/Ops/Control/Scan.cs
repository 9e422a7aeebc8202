using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Runs its body once for each place along an axis of the scanned operands, the last <paramref name="NumScanInputs"/>; the first ones
/// are states. The body takes the states and the slices; it gives the next states and results of the iteration, which are stacked along a
/// new axis.
/// Source: ai.onnx Scan.
/// </summary>
/// <param name="Body">The body; captured values are its last inputs.</param>
/// <param name="NumScanInputs">How many operands are scanned.</param>
/// <param name="ScanInputAxes">The axis of each scanned operand; 0 where not given.</param>
/// <param name="ScanInputDirections">1 for each scanned operand that is scanned from the end; 0 where not given.</param>
/// <param name="ScanOutputAxes">The axis of each stacked result; 0 where not given.</param>
/// <param name="ScanOutputDirections">1 for each stacked result that grows at the front; 0 where not given.</param>
/// <param name="Captures">Number of captured values.</param>
public sealed record Scan(
    Graph Body, long NumScanInputs, EquatableArray<long> ScanInputAxes = default, EquatableArray<long> ScanInputDirections = default,
    EquatableArray<long> ScanOutputAxes = default, EquatableArray<long> ScanOutputDirections = default, [Derived] long Captures = 0)
    : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Scan>(
        "initial_state_and_scan_inputs...", "final_state_and_scan_outputs...", [8, 9, 11, 16, 19, 21, 23, 24, 25]).Change(9,
            up: BatchedScan.Unfold);

    /// <inheritdoc/>
    public override ImmutableArray<Graph> Bodies => [Body];

    /// <inheritdoc/>
    public override int CaptureCount => (int)Captures;

    /// <inheritdoc/>
    public override Op WithBodies(ImmutableArray<Graph> bodies) => this with { Body = bodies[0] };

    /// <inheritdoc/>
    public override Op WithBodies(ImmutableArray<Graph> bodies, int captures) => this with { Body = bodies[0], Captures = captures };

    // A state cannot go without its operand.
    /// <inheritdoc/>
    public override Op? WithoutResult(int result) => result < States ? null : this with
    {
        Body = Ops.Body.WithoutOutput(Body, result),
        ScanOutputAxes = Without(ScanOutputAxes, result - States),
        ScanOutputDirections = Without(ScanOutputDirections, result - States),
    };

    /// <inheritdoc/>
    public override ImmutableArray<BodyInput> BodyInputs(int body, ImmutableArray<IrType?> operands) =>
    [
        .. Enumerable.Range(0, States).Select(i => new BodyInput(operands[i], Feedback: i)),
        .. Enumerable.Range(0, (int)NumScanInputs).Select(i =>
            new BodyInput(operands[States + i] is TensorType { Shape: { Rank: > 0 } shape } scanned
            ? scanned with { Shape = new Shape(shape.Dims.RemoveAt(Places.Axis(At(ScanInputAxes, i), shape.Rank))) } : null)),
        .. Enumerable.Range(0, CaptureCount).Select(i => new BodyInput(operands[operands.Length - CaptureCount + i])),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        int own = context.Count - CaptureCount, states = own - (int)NumScanInputs;
        if (NumScanInputs < 1
            || states < 0) throw context.Fault(FaultCodes.Attribute, $"num_scan_inputs is {NumScanInputs}, and there are {own} operands");
        Ops.Body.Check(context, Body, own + Captures, states, moreOutputs: true);
        Dim? length = null;
        for (int i = 0; i < NumScanInputs; i++)
        {
            if (context.Tensor(states + i).Shape is not { } shape) continue;
            var size = shape[context.Axis(At(ScanInputAxes, i), shape.Rank)];
            if (length is not null && Dim.AreEqual(length, size) == Answer.No)
                throw context.Fault(FaultCodes.OperandShape, $"scanned operands have {length} and {size} places");
            if (length is null || size.IsConstant) length = size;
        }
        length ??= context.Fresh();
        return
        [
            .. Enumerable.Range(0, states).Select(i =>
                TypeRelation.Join(context.Type(i), Ops.Body.Output(context, Body, i), () => context.Fresh())),
            .. Enumerable.Range(states, Body.Outputs.Length - states).Select(i => Ops.Body.Output(context, Body, i) is TensorType type
                ? type with
            {
                Shape = type.Shape is { } shape
                    ? new Shape(shape.Dims.Insert(context.Axis(At(ScanOutputAxes, i - states), shape.Rank + 1), length)) : null,
            } : new TensorType(DType.Unknown, null)),
        ];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        int states = States;
        var scanned = Enumerable.Range(states, (int)NumScanInputs).Select(context.Tensor).ToArray();
        int[] axes = [.. scanned.Select((t, i) => Places.Axis(At(ScanInputAxes, i), t.Rank))];
        long length = scanned[0].Dims[axes[0]];
        if (scanned.Where((t, i) => t.Dims[axes[i]] != length).Any())
            throw EvaluateContext.Fault(FaultCodes.Data,
                $"scanned operands {string.Join(", ", scanned.Select(t => t.Type))} differ in their places");
        ImmutableArray<Datum> values = [.. Enumerable.Range(0, states).Select(context.Input)];
        var captures = context.InputsFrom(states + scanned.Length);
        var stacks = Enumerable.Range(0, Body.Outputs.Length - states).Select(_ => new List<Datum>()).ToArray();
        for (long step = 0; step < length; step++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var slices = scanned.Select((t, i) => (Datum)Slice(t, axes[i], At(ScanInputDirections, i) == 0 ? step : length - 1 - step));
            var results = context.Run(Body, [.. values, .. slices, .. captures]);
            values = results[..states];
            for (int k = 0; k < stacks.Length; k++) stacks[k].Add(results[states + k]);
        }
        for (int k = 0; k < stacks.Length; k++)
            if (At(ScanOutputDirections, k) != 0) stacks[k].Reverse();
        return [.. values, .. stacks.Select((stack, k) => Ops.Body.Stack(Body, states + k, stack, At(ScanOutputAxes, k)))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context)
    {
        var shape = context.Input(States);
        return Ops.Body.Measure(Body).Times(shape.Rank == 0 ? Dim.Symbol("trips") : shape[Places.Axis(At(ScanInputAxes, 0), shape.Rank)]);
    }

    private int States => Body.Inputs.Length - (int)NumScanInputs - CaptureCount;

    private static long At(EquatableArray<long> list, int index) => index < list.Count ? list[index] : 0;

    private static EquatableArray<long> Without(EquatableArray<long> list, int index) => list.Where((_, i) => i != index).ToEquatable();

    private static Tensor Slice(Tensor tensor, int axis, long place)
    {
        long[] strides = StridedWalk.Strides(tensor.Dims.AsSpan());
        return Elements.Strided(tensor, tensor.Dims.RemoveAt(axis).AsSpan(), place * strides[axis],
            [.. strides.Where((_, i) => i != axis)]);
    }
}
