using System.Collections.Immutable;

namespace Nncc.IR;

/// <summary>
/// What <see cref="Op.Evaluate"/> works with: operands, the number policy, and a way to run bodies. Under the declared policy each
/// result is rounded to its dtype; under the wide policy floats stay binary64. An op is written once for both: it reads floats
/// with <see cref="Tensor.ToDoubles"/>, computes in binary64 and gives results through <see cref="Floats"/>.
/// </summary>
/// <param name="inputs">The operands; null for an absent one.</param>
/// <param name="resultTypes">Types of the results as inferred for the node.</param>
/// <param name="isWide">Whether floats stay binary64.</param>
/// <param name="run">Evaluates a closed graph under the same policy.</param>
/// <param name="cancellation">Ends a long evaluation.</param>
public sealed class EvaluateContext(ImmutableArray<Datum?> inputs, ImmutableArray<IrType> resultTypes, bool isWide,
    Func<Graph, ImmutableArray<Datum>, ImmutableArray<Datum>> run, CancellationToken cancellation)
{
    /// <summary>Number of operands, absent ones between others included.</summary>
    public int Count => inputs.Length;

    /// <summary>Number of results of the node.</summary>
    public int ResultCount => resultTypes.Length;

    /// <summary>Ends a long evaluation.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>Whether operand <paramref name="index"/> is given.</summary>
    public bool Has(int index) => index < inputs.Length && inputs[index] is not null;

    /// <summary>A given operand.</summary>
    public Datum Input(int index) => Has(index) ? inputs[index]! : throw Fault(FaultCodes.OperandCount, $"operand {index} is missing");

    /// <summary>A given operand that is a tensor.</summary>
    public Tensor Tensor(int index) => Input(index) as Tensor ??
        throw Fault(FaultCodes.OperandType, $"operand {index} must be a tensor, got {Input(index).Type}");

    /// <summary>The operand, or null where it is absent.</summary>
    public Tensor? Optional(int index) => Has(index) ? Tensor(index) : null;

    /// <summary>A given operand that is a tensor of one element.</summary>
    public Tensor Single(int index) => Tensor(index) is { Count: 1 } single ? single
        : throw Fault(FaultCodes.Data, $"operand {index} must be a single element, got {Tensor(index).Type}");

    /// <summary>The operand of one element, or null where it is absent.</summary>
    public Tensor? OptionalSingle(int index) => Has(index) ? Single(index) : null;

    /// <summary>
    /// The types that the op infers for these very operands: sizes that were open in the graph are numbers, and operands that do not fit
    /// are faults.
    /// </summary>
    public ImmutableArray<IrType> Infer(Op op)
    {
        var known = inputs;
        return InferContext.Checked(new InferContext([.. inputs.Select(i => i?.Type)], ResultCount, "computed",
            i => known[i] as Tensor, _ => null), op, null);
    }

    /// <summary>The sizes of the only result by <see cref="Infer"/>.</summary>
    public long[] InferDims(Op op) => Infer(op)[0] is TensorType { Shape: { } shape } && shape.ToStatic() is { } dims ? dims
        : throw Fault(FaultCodes.OperandType, $"{op.FullName} has no result of known sizes for these operands");

    /// <summary>The inferred type of a result.</summary>
    public IrType ResultType(int index) => resultTypes[index];

    /// <summary>The inferred element type of a result that is a tensor.</summary>
    public DType ResultDType(int index) => ((TensorType)resultTypes[index]).DType;

    /// <summary>A float result: rounded to the dtype under the declared policy, kept under the wide one. Takes over the array.</summary>
    public Tensor Floats(DType dtype, ReadOnlySpan<long> dims, double[] items) =>
        isWide ? IR.Tensor.Wide(dtype, dims, items) : IR.Tensor.FromDoubles(dtype, dims, items);

    /// <summary>An integer or bool result: wrapped to the dtype.</summary>
    public static Tensor Integers(DType dtype, ReadOnlySpan<long> dims, ReadOnlySpan<long> items) =>
        IR.Tensor.FromLongs(dtype, dims, items);

    /// <summary>The results of a body for these inputs (captures last), under the same policy.</summary>
    public ImmutableArray<Datum> Run(Graph body, ImmutableArray<Datum> arguments) => run(body, arguments);

    /// <summary>The operands from <paramref name="start"/> on, all given: what bodies capture, for instance.</summary>
    public ImmutableArray<Datum> InputsFrom(int start) => [.. Enumerable.Range(start, Count - start).Select(Input)];

    /// <summary>The user's fault, to be thrown; the place is added by the evaluator.</summary>
    public static NnccException Fault(FaultCode code, string message, string? advice = null) => new(code, message, advice: advice);
}
