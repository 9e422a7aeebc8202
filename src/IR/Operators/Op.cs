using System.Collections.Immutable;

namespace Nncc.IR;

/// <summary>
/// An operator with its attributes: a sealed record whose constructor parameters are the attributes. Its facts are the
/// result types (<see cref="Infer"/>), the meaning (<see cref="Evaluate"/>), the amount of work (<see cref="Measure"/>) and how
/// far an implementation may stray (<see cref="Accuracy"/>). An op holds no rewrites and no code generation.
/// </summary>
public abstract record Op
{
    /// <summary>Domain of the op; empty for ai.onnx.</summary>
    public virtual string Domain => "";

    /// <summary>Name of the op as ONNX has it.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>Name with the domain, where it is not ai.onnx.</summary>
    public string FullName => Domain.Length == 0 ? Name : $"{Domain}.{Name}";

    /// <summary>The types of the results, as exact as the operands allow. Throws the user's fault where the op cannot take them.</summary>
    public abstract ImmutableArray<IrType> Infer(InferContext context);

    /// <summary>The results, in plain loops. This is the meaning of the op and judges everything else.</summary>
    public abstract ImmutableArray<Datum> Evaluate(EvaluateContext context);

    /// <summary>How much arithmetic and traffic the op is, by the operator's definition, not by any implementation.</summary>
    public abstract Work Measure(MeasureContext context);

    /// <summary>How far a correct implementation may be from <see cref="Evaluate"/>.</summary>
    public virtual Accuracy Accuracy => Accuracy.Exact;

    /// <summary>The last stage in which the op may still stand in a graph.</summary>
    public virtual Stage LastStage => Stage.Scheduled;

    /// <summary>
    /// Whether a tiny change of a float operand can change a result by a step (rounding, sign, quantization). Results that are not
    /// floats are always decisions; this marks ops whose float results are.
    /// </summary>
    public virtual bool IsDiscontinuous => false;

    /// <summary>Closed graphs among the attributes; their last inputs are the captured values, which are the op's last operands.</summary>
    public virtual ImmutableArray<Graph> Bodies => [];

    /// <summary>This op with other bodies, in the order of <see cref="Bodies"/>.</summary>
    public virtual Op WithBodies(ImmutableArray<Graph> bodies) =>
        bodies.IsEmpty ? this : throw new InvalidOperationException($"{FullName} has no bodies");

    /// <summary>
    /// This op with bodies that capture another number of values. An op overrides it whose <see cref="CaptureCount"/> does not follow from
    /// its bodies.
    /// </summary>
    public virtual Op WithBodies(ImmutableArray<Graph> bodies, int captures) => WithBodies(bodies);

    /// <summary>
    /// This op without one of its results, the others in the same order, and with the same operands; null where it has no such form. For
    /// results that are outputs of bodies.
    /// </summary>
    public virtual Op? WithoutResult(int result) => null;

    /// <summary>How many of the last operands are values that the bodies capture.</summary>
    public virtual int CaptureCount => 0;

    /// <summary>
    /// What the operands say of the inputs of body number <paramref name="body"/>, one entry an input: shape inference pushes it into the
    /// body. Here: captured values have the types of their operands, nothing is known of others.
    /// </summary>
    /// <param name="body">Place in <see cref="Bodies"/>.</param>
    /// <param name="operands">Types of the operands; null for an absent one.</param>
    public virtual ImmutableArray<BodyInput> BodyInputs(int body, ImmutableArray<IrType?> operands)
    {
        int own = Bodies[body].Inputs.Length - CaptureCount;
        return [.. Enumerable.Range(0, own + CaptureCount)
            .Select(i => new BodyInput(i < own ? null : operands[operands.Length - CaptureCount + i - own]))];
    }
}

/// <summary>What is known of an input of a body.</summary>
/// <param name="Type">Its type at the first execution of the body; null where nothing is known.</param>
/// <param name="Feedback">
/// The output of the body whose value comes back to the input at the next execution, so that a type holds only if it holds for that output
/// too; -1 where the input is the same at each execution.
/// </param>
public readonly record struct BodyInput(IrType? Type, int Feedback = -1);

/// <summary>Stages of lowering, in order.</summary>
public enum Stage
{
    /// <summary>As read from the model.</summary>
    Imported,
    /// <summary>Constants folded, one spelling for each meaning. Portable ONNX is written from here.</summary>
    Canonical,
    /// <summary>Partitioned into fusions.</summary>
    Fused,
    /// <summary>Layouts and schedules chosen.</summary>
    Scheduled,
}

/// <summary>What an op costs by its definition. All figures are per execution and may be symbolic.</summary>
/// <param name="Macs">Multiply-accumulates of products (convolution, matrix product).</param>
/// <param name="Arithmetic">Other arithmetic operations, one each for + - * / compare and one for an elementary function.</param>
/// <param name="BytesIn">Bytes of the operands.</param>
/// <param name="BytesOut">Bytes of the results.</param>
public sealed record Work(Dim Macs, Dim Arithmetic, Dim BytesIn, Dim BytesOut)
{
    /// <summary>Sum of the parts.</summary>
    public static Work operator +(Work a, Work b) =>
        new(a.Macs + b.Macs, a.Arithmetic + b.Arithmetic, a.BytesIn + b.BytesIn, a.BytesOut + b.BytesOut);
}

/// <summary>How far a correct implementation may be from the evaluator.</summary>
public abstract record Accuracy
{
    /// <summary>The same bits.</summary>
    public static Accuracy Exact { get; } = new ExactAccuracy();

    /// <summary>|a - b| ≤ ulps · eps · |b|, for elementwise functions; eps is the dtype's.</summary>
    public static Accuracy Relative(double ulps) => new RelativeAccuracy(ulps);

    /// <summary>|a - b| ≤ k · eps · Σ|x·w|, the sum being the op on absolute operands; for sums of products, means and the like.</summary>
    public static Accuracy OfSum(double k) => new SumAccuracy(k);

    /// <summary>Equal in distribution only.</summary>
    public static Accuracy Random { get; } = new RandomAccuracy();
}

/// <summary>The same bits.</summary>
public sealed record ExactAccuracy : Accuracy;

/// <summary>Relative to each result.</summary>
/// <param name="Ulps">Units of the dtype's eps.</param>
public sealed record RelativeAccuracy(double Ulps) : Accuracy;

/// <summary>Relative to the op on absolute operands.</summary>
/// <param name="K">Units of the dtype's eps.</param>
public sealed record SumAccuracy(double K) : Accuracy;

/// <summary>Equal in distribution only.</summary>
public sealed record RandomAccuracy : Accuracy;
