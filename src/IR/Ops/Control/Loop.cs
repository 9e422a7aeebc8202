using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// Runs its body at most M times, as long as the condition holds (both may be absent). The body takes the number of the iteration, the
/// condition and the carried values; it gives the next condition, the next carried values, and results of the iteration, which are
/// stacked along a new first axis. Source: ai.onnx Loop.
/// </summary>
/// <param name="Body">The body; captured values are its last inputs.</param>
/// <param name="Captures">Number of captured values.</param>
public sealed record Loop(Graph Body, [Derived] long Captures = 0) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<Loop>("M? cond? v_initial...", "v_final_and_scan_outputs...", [1, 11, 13, 16, 19, 21, 23, 24, 25]);

    /// <inheritdoc/>
    public override ImmutableArray<Graph> Bodies => [Body];

    /// <inheritdoc/>
    public override int CaptureCount => (int)Captures;

    /// <inheritdoc/>
    public override Op WithBodies(ImmutableArray<Graph> bodies) => this with { Body = bodies[0] };

    /// <inheritdoc/>
    public override Op WithBodies(ImmutableArray<Graph> bodies, int captures) => this with { Body = bodies[0], Captures = captures };

    // A carried value cannot go without its operand.
    /// <inheritdoc/>
    public override Op? WithoutResult(int result) => result < Carried ? null
        : this with { Body = Ops.Body.WithoutOutput(Body, result + 1) };

    /// <inheritdoc/>
    public override ImmutableArray<BodyInput> BodyInputs(int body, ImmutableArray<IrType?> operands) =>
    [
        new(Scalar(0, DType.Int64)), new(Scalar(1, DType.Bool)),
        .. Enumerable.Range(0, Carried).Select(i => new BodyInput(operands[2 + i], Feedback: 1 + i)),
        .. Enumerable.Range(0, CaptureCount).Select(i => new BodyInput(operands[operands.Length - CaptureCount + i])),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        int own = context.Count - CaptureCount, carried = Math.Max(0, own - 2);
        Ops.Body.Check(context, Body, 2 + carried + Captures, 1 + carried, moreOutputs: true);
        if (own > 0 && context.Has(0)) context.Integers(0);
        if (own > 1 && context.Has(1)) context.Truths(1);
        // Without an iteration a carried value stays what it was.
        var finals = Enumerable.Range(0, carried).Select(i =>
            TypeRelation.Join(context.Type(2 + i), Ops.Body.Output(context, Body, 1 + i), () => context.Fresh()));
        var trips = RunsThrough(context, own) && context.Known(0) is [var known] ? Dim.Max(0, known) : context.Fresh();
        return [.. finals, .. Enumerable.Range(1 + carried, Body.Outputs.Length - 1 - carried).Select(i =>
            Stacked(Ops.Body.Output(context, Body, i), trips))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        int own = context.Count - CaptureCount, carried = Carried;
        long most = own > 0 && context.Has(0) ? context.Single(0).ToLong() : long.MaxValue;
        bool goesOn = own <= 1 || !context.Has(1) || context.Single(1).ToLong() != 0;
        ImmutableArray<Datum> values = [.. Enumerable.Range(2, carried).Select(context.Input)];
        var captures = context.InputsFrom(own);
        if (most == long.MaxValue && goesOn && ConditionIsKept)
            throw EvaluateContext.Fault(FaultCodes.Data,
                "the loop has no end: nothing changes its condition, and nothing limits its iterations",
                "give M, or a condition that becomes false");
        var stacks = Enumerable.Range(0, Body.Outputs.Length - 1 - carried).Select(_ => new List<Datum>()).ToArray();
        for (long i = 0; i < most && goesOn; i++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var results = context.Run(Body,
                [Element(0, Tensor.Scalar(i)), Element(1, Tensor.Scalar(true)), .. values.Select((value, k) => Given(2 + k, value)),
                    .. captures]);
            goesOn = results[0] is Tensor { Count: 1 } next ? next.ToLong() != 0
                : throw EvaluateContext.Fault(FaultCodes.OperandType, $"the condition is {results[0].Type}, not a single element");
            values = results.Slice(1, carried);
            for (int k = 0; k < stacks.Length; k++) stacks[k].Add(results[1 + carried + k]);
        }
        return [.. values, .. stacks.Select((stack, k) => Ops.Body.Stack(Body, 1 + carried + k, stack, 0))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => Ops.Body.Measure(Body).Times(Dim.Symbol("trips"));

    private int Carried => Body.Inputs.Length - 2 - CaptureCount;

    // Number and condition are scalars; many bodies declare them as vectors of one element, and get them so.
    private IrType? Scalar(int input, DType dtype) =>
        Ops.Body.Input(Body, input) is TensorType { Shape.Rank: not 0 } ? null : new TensorType(dtype, Shape.Scalar);

    private Tensor Element(int input, Tensor scalar) =>
        Ops.Body.Input(Body, input) is TensorType { Shape.Rank: 1 } ? scalar.Reshape([1]) : scalar;

    // What a body takes as an optional it may give back without that.
    private Datum Given(int input, Datum value) =>
        Ops.Body.Input(Body, input) is OptionalType optional && value is not OptionalDatum ? new OptionalDatum(optional.Element, value)
            : value;

    // Whether nothing but M ends the loop.
    private bool RunsThrough(InferContext context, int own)
    {
        if (own < 1 || !context.Has(0) || (own > 1 && context.Has(1) && !IsTrue(context.Constant(1)))) return false;
        return ConditionIsKept;
    }

    // Whether the condition, once true, stays so.
    private bool ConditionIsKept
    {
        get
        {
            int condition = Body.Outputs[0].Value;
            while (Body.Producer(condition) is { Op: Identity } identity) condition = identity.Inputs[0];
            return condition == Body.Inputs[1].Value || (Body.TryConstant(condition, out var constant) && IsTrue(constant));
        }
    }

    private static bool IsTrue(Tensor? constant) => constant is { Count: 1 } && constant.ToLong() != 0;

    private static IrType Stacked(IrType type, Dim trips) => type is TensorType { Shape: { } shape } tensor
        ? tensor with { Shape = new Shape(shape.Dims.Insert(0, trips)) } : type is TensorType ? type : new TensorType(DType.Unknown, null);
}
