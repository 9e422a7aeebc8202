using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// What RNN, GRU and LSTM share. With t steps, b sequences, i inputs, h hidden values, g gates and d directions: X [t,b,i],
/// W [d, g·h, i], R [d, g·h, h], B [d, 2·g·h], sequence_lens [b], initial states [d,b,h]; results Y [t,d,b,h] and last states [d,b,h].
/// With layout 1 the sequences come first: X [b,t,i], states [b,d,h], Y [b,t,d,h].
/// </summary>
/// <param name="ActivationAlpha">Alphas of the activations that have one, in order.</param>
/// <param name="ActivationBeta">Betas of the activations that have one, in order.</param>
/// <param name="Activations">Names of the activations for each direction; empty for the op's defaults.</param>
/// <param name="Clip">Arguments of activations are clipped to ± this.</param>
/// <param name="Direction">Order of the steps.</param>
/// <param name="HiddenSize">Number of hidden values; null for that of R.</param>
/// <param name="Layout">Whether sequences come first.</param>
public abstract record RecurrentOp(EquatableArray<float> ActivationAlpha, EquatableArray<float> ActivationBeta,
    EquatableArray<string> Activations,
    float? Clip, RecurrentDirection Direction, long? HiddenSize, bool Layout) : Op
{
    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(64);

    private protected abstract int Gates { get; }

    private protected abstract EquatableArray<string> DefaultActivations { get; }

    /// <summary>Number of states that are carried from step to step.</summary>
    private protected virtual int States => 1;

    /// <summary>Arithmetic for each hidden value and step beside products and bias.</summary>
    private protected abstract long StepArithmetic { get; }

    private int Directions => Direction == RecurrentDirection.Bidirectional ? 2 : 1;

    /// <summary>The changes of form that all three have in common: output_sequence until 7, layout from 14, bf16 from 22.</summary>
    private protected static OpDefinition WithCommonForms(OpDefinition definition) => definition
        .Change(7, form => form.Attributes.Remove("output_sequence"), form =>
        {
            form.Attributes["output_sequence"] = 1L;
            return null;
        })
        .NewAttributes(14, "layout").NewTypes(22, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        _ = Functions();
        if (!(Clip is null or > 0)) throw context.Fault(FaultCodes.Attribute, $"clip must be above 0, got {Clip}");
        var x = context.ArithmeticFloats(0);
        for (int i = 1; i < context.Count; i++)
            if (i == 4) { if (context.Has(4)) context.Tensor(4, t => t == DType.Int32, "i32"); }
            else if (context.Has(i)) context.SameDType(0, i);
        Dim directions = Directions;
        var w = Expect(context, 1, "W", directions, null, null);
        var r = Expect(context, 2, "R", directions, null, HiddenSize);
        Dim? hidden = HiddenSize ?? r?[2];
        if (hidden is null) return [.. Enumerable.Repeat(x with { Shape = null }, 1 + States)];
        var sequence = Expect(context, 0, "X", null, null, w?[2]);
        Expect(context, 1, "W", directions, hidden * Gates, sequence?[2]);
        Expect(context, 2, "R", directions, hidden * Gates, hidden);
        Expect(context, 3, "B", directions, hidden * (2 * Gates));
        Dim? steps = sequence?[Layout ? 1 : 0], batch = sequence?[Layout ? 0 : 1];
        Expect(context, 4, "sequence_lens", batch);
        for (int i = 5; i < 5 + States; i++)
            Expect(context, i, i == 5 ? "initial_h" : "initial_c", Layout ? batch : directions, Layout ? directions : batch, hidden);
        if (States > 1) Expect(context, 7, "P", directions, hidden * (Gates - 1));
        if (steps is null || batch is null) return [.. Enumerable.Repeat(x with { Shape = null }, 1 + States)];
        var state = x with { Shape = Layout ? [batch, directions, hidden] : [directions, batch, hidden] };
        return [x with { Shape = Layout ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden] },
            .. Enumerable.Repeat(state, States)];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        int steps = (int)x.Dims[Layout ? 1 : 0], batch = (int)x.Dims[Layout ? 0 : 1], inputs = (int)x.Dims[2];
        int directions = Directions, hidden = (int)context.Tensor(2).Dims[2], width = Gates * hidden;
        double[] sequence = Layout ? SwapOuterAxes(x.ToDoubles(), batch, steps, inputs) : x.ToDoubles();
        double[] w = context.Tensor(1).ToDoubles(), r = context.Tensor(2).ToDoubles();
        double[] bias = context.Optional(3)?.ToDoubles() ?? new double[directions * 2 * width];
        double[] peepholes = States > 1 && context.Optional(7) is { } p ? p.ToDoubles() : new double[directions * (Gates - 1) * hidden];
        long[] lengths = context.Optional(4)?.ToLongs() ?? [.. Enumerable.Repeat((long)steps, batch)];
        if (lengths.Length != batch || lengths.Any(l => l < 0 || l > steps))
            throw EvaluateContext.Fault(FaultCodes.Data,
                $"sequence_lens [{string.Join(",", lengths)}] are not {batch} lengths from 0 to {steps}");
        var states = new double[States][];
        for (int s = 0; s < States; s++)
        {
            states[s] = context.Optional(5 + s)?.ToDoubles() ?? new double[directions * batch * hidden];
            if (Layout) states[s] = SwapOuterAxes(states[s], batch, directions, hidden);
        }
        var functions = Functions();
        var y = new double[steps * directions * batch * hidden];
        for (int d = 0; d < directions; d++)
        {
            bool reverse = d == 1 || Direction == RecurrentDirection.Reverse;
            double[] projected = MatrixProduct.Multiply<double>(sequence, Transposed(w, d, width, inputs), steps * batch, inputs, width);
            double[] recurrence = Transposed(r, d, width, hidden);
            for (int step = 0; step < steps; step++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                for (int b = 0; b < batch; b++)
                {
                    if (step >= lengths[b]) continue;
                    int t = reverse ? (int)lengths[b] - 1 - step : step, state = (d * batch + b) * hidden;
                    var memory = States > 1 ? states[1].AsSpan(state, hidden) : default;
                    Step(new RecurrentStep(projected.AsSpan((t * batch + b) * width, width), recurrence,
                        bias.AsSpan(d * 2 * width, 2 * width),
                        peepholes.AsSpan(d * (Gates - 1) * hidden, (Gates - 1) * hidden),
                        functions.AsSpan(d * functions.Length / directions, functions.Length / directions),
                        states[0].AsSpan(state, hidden), memory));
                    states[0].AsSpan(state, hidden).CopyTo(y.AsSpan(((t * directions + d) * batch + b) * hidden));
                }
            }
        }
        return Results(context, x.DType, y, states, steps, batch, directions, hidden);
    }

    /// <summary>
    /// Gates times steps times (inputs + hidden) multiply-accumulates for each hidden value; a sum of both products, the bias (twice) and
    /// the gates' own arithmetic beside them. Sequences count in full length.
    /// </summary>
    public override Work Measure(MeasureContext context)
    {
        if (context.Input(0) is not { Rank: 3 } x || context.Input(2) is not { Rank: 3 } r) return context.Movement();
        var values = x[0] * x[1] * Directions * r[2];
        bool biased = context.Inputs.Length > 3 && context.Inputs[3] is not null;
        return context.Products(values * Gates * (x[2] + r[2]), values * ((biased ? 3 : 1) * Gates + StepArithmetic));
    }

    /// <summary>Whether the argument of an activation is clipped.</summary>
    private protected virtual bool IsClipped(int activation) => true;

    /// <summary>Makes the step's states those after it.</summary>
    private protected abstract void Step(RecurrentStep step);

    /// <summary>The activations in the op's order, those of the second direction behind those of the first.</summary>
    /// <exception cref="NnccException">A name is unknown, or there are not as many as the op has.</exception>
    public ImmutableArray<RecurrentFunction> ResolvedActivations
    {
        get
        {
            var names = Activations;
            if (names.IsEmpty) names = Enumerable.Repeat(DefaultActivations, Directions).SelectMany(n => n).ToEquatable();
            var functions = RecurrentActivation.Resolve(names, DefaultActivations.Count * Directions, ActivationAlpha, ActivationBeta);
            return [.. functions.Select((f, i) => IsClipped(i % DefaultActivations.Count) ? f with { Clip = Clip } : f)];
        }
    }

    private Func<double, double>[] Functions() => [.. ResolvedActivations.Select(f => RecurrentActivation.Compile(f))];

    private Shape? Expect(InferContext context, int index, string name, params Dim?[] sizes)
    {
        if (!context.Has(index) || context.Tensor(index).Shape is not { } shape) return null;
        if (shape.Rank == sizes.Length && !sizes.Where((size, i) => size is not null && Dim.AreEqual(size, shape[i]) == Answer.No).Any())
            return shape;
        throw context.Fault(FaultCodes.OperandShape,
            $"{Name} takes {name} [{string.Join("x", sizes.Select(s => s?.ToString() ?? "?"))}], got {context.Tensor(index)}");
    }

    private ImmutableArray<Datum> Results(EvaluateContext context, DType dtype, double[] y, double[][] states, int steps, int batch,
        int directions, int hidden)
    {
        if (!Layout)
            return [context.Floats(dtype, [steps, directions, batch, hidden], y),
                .. states.Select(s => context.Floats(dtype, [directions, batch, hidden], s))];
        var batchFirst = new double[y.Length];
        for (int row = 0; row < steps * directions; row++)
            for (int b = 0; b < batch; b++)
                y.AsSpan((row * batch + b) * hidden, hidden).CopyTo(batchFirst.AsSpan((b * steps * directions + row) * hidden));
        return [context.Floats(dtype, [batch, steps, directions, hidden], batchFirst),
            .. states.Select(s => context.Floats(dtype, [batch, directions, hidden], SwapOuterAxes(s, directions, batch, hidden)))];
    }

    private static double[] SwapOuterAxes(double[] items, int first, int second, int inner)
    {
        var result = new double[items.Length];
        for (int i = 0; i < first; i++)
            for (int j = 0; j < second; j++)
                items.AsSpan((i * second + j) * inner, inner).CopyTo(result.AsSpan((j * first + i) * inner));
        return result;
    }

    // [rows, columns] of one direction as [columns, rows].
    private static double[] Transposed(double[] weights, int direction, int rows, int columns)
    {
        var result = new double[rows * columns];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++) result[j * rows + i] = weights[(direction * rows + i) * columns + j];
        return result;
    }
}
