using System.Collections.Immutable;
using System.Numerics;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Sums of products by Einstein's convention: axes of the same letter run together, and those that the result does not name are summed
/// over. Operands are multiplied from left to right; each axis is summed over as soon as no later operand has it. Source: ai.onnx Einsum.
/// </summary>
/// <param name="Equation">Letters for the axes of the operands, and of the result behind "->".</param>
public sealed record Einsum(string Equation) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Einsum>("Inputs...", "Output", [12]);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var dtype = context.ArithmeticNumbers(0).DType;
        for (int i = 1; i < context.Count; i++) dtype = context.SameDType(0, i);
        var shapes = Enumerable.Range(0, context.Count).Select(i => context.Tensor(i).Shape).ToArray();
        if (shapes.Any(shape => shape is null)) return [new TensorType(dtype, null)];
        var equation = EinsumEquation.Parse(Equation, [.. shapes.Select(shape => shape!.Rank)]);
        var sizes = Sizes(equation, shapes!);
        return [new TensorType(dtype, new Shape([.. equation.Result.Select(label => sizes[label])]))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor[] operands = [.. Enumerable.Range(0, context.Count).Select(context.Tensor)];
        var equation = EinsumEquation.Parse(Equation, [.. operands.Select(o => o.Rank)]);
        var sizes = Sizes(equation, [.. operands.Select(o => o.Type.Shape!)]).ToDictionary(pair => pair.Key, pair =>
            (int)pair.Value.Value!.Value);
        long[] dims = [.. equation.Result.Select(label => (long)sizes[label])];
        var dtype = operands[0].DType;
        if (dtype.IsInteger()) return [EvaluateContext.Integers(dtype, dims,
            Contract(equation, operands, sizes, t => t.ToLongs(), context.Cancellation))];
        return [context.Floats(dtype, dims, Contract(equation, operands, sizes, t => t.ToDoubles(), context.Cancellation))];
    }

    /// <summary>
    /// A multiply-accumulate for each combination of the axes that meet where an operand is multiplied in; a sum over the axes of the only
    /// operand is arithmetic.
    /// </summary>
    public override Work Measure(MeasureContext context)
    {
        if (context.Inputs.Any(type => type is not TensorType { Shape: not null })) return context.Movement();
        Shape[] shapes = [.. context.Inputs.Select(type => ((TensorType)type!).Shape!)];
        var equation = EinsumEquation.Parse(Equation, [.. shapes.Select(shape => shape.Rank)]);
        var sizes = Sizes(equation, shapes);
        if (shapes.Length == 1) return new Work(0, Dim.Product(equation.Terms[0].Distinct().Select(l => sizes[l])), context.BytesIn,
            context.BytesOut);
        var macs = Dim.Of(0);
        IEnumerable<int> left = equation.Terms[0];
        for (int i = 1; i < shapes.Length; i++)
        {
            macs += Dim.Product(left.Union(equation.Terms[i]).Select(label => sizes[label]));
            left = Kept(equation, left.Union(equation.Terms[i]), i);
        }
        return context.Products(macs);
    }

    // The size of each label. An axis of size 1 runs together with any other.
    private static SortedDictionary<int, Dim> Sizes(EinsumEquation equation, Shape[] shapes)
    {
        var sizes = new SortedDictionary<int, Dim>();
        for (int i = 0; i < shapes.Length; i++)
            for (int axis = 0; axis < shapes[i].Rank; axis++)
            {
                int label = equation.Terms[i][axis];
                var size = shapes[i][axis];
                if (!sizes.TryGetValue(label, out var other) || other.Value == 1) sizes[label] = size;
                else if (size.Value != 1 && Dim.AreEqual(size, other) == Answer.No)
                    throw new NnccException(FaultCodes.OperandShape,
                        $"axes {(label < 0 ? "of the ellipsis" : $"'{(char)label}'")} have {other} and {size} elements in "
                            + $"{string.Join(", ", shapes.Select(s => $"[{s}]"))}");
                else if (size.IsConstant && size.Value != 1) sizes[label] = size;
            }
        return sizes;
    }

    // Of the labels at hand after operand number i, those that the result or a later operand has.
    private static ImmutableArray<int> Kept(EinsumEquation equation, IEnumerable<int> labels, int i) =>
        i == equation.Terms.Length - 1 ? equation.Result
        : [.. labels.Distinct().Where(label => equation.Result.Contains(label)
            || equation.Terms.Skip(i + 1).Any(term => term.Contains(label)))];

    private static T[] Contract<T>(EinsumEquation equation, Tensor[] operands, Dictionary<int, int> sizes, Func<Tensor, T[]> read,
        CancellationToken cancellation)
        where T : struct, INumberBase<T>
    {
        if (operands.Length == 1)
        {
            var only = new Labelled<T>(read(operands[0]), equation.Terms[0], operands[0].Dims);
            return Labelled<T>.Multiply(only, new Labelled<T>([T.One], [], []), equation.Result, sizes, cancellation).Items;
        }
        var left = new Labelled<T>(read(operands[0]), equation.Terms[0], operands[0].Dims);
        for (int i = 1; i < operands.Length; i++)
        {
            var right = new Labelled<T>(read(operands[i]), equation.Terms[i], operands[i].Dims);
            left = Labelled<T>.Multiply(left, right, Kept(equation, left.Labels.Union(right.Labels), i), sizes, cancellation);
        }
        return left.Items;
    }

    // A tensor whose axes have labels.
    private sealed record Labelled<T>(T[] Items, ImmutableArray<int> Labels, ImmutableArray<long> Dims) where T : struct, INumberBase<T>
    {
        // The product over all axes of both, summed over those that are not kept.
        public static Labelled<T> Multiply(Labelled<T> a, Labelled<T> b, ImmutableArray<int> kept, Dictionary<int, int> sizes,
            CancellationToken cancellation)
        {
            int[] summed = [.. a.Labels.Union(b.Labels).Where(label => !kept.Contains(label))];
            int[] outerA = a.Places(kept, sizes), outerB = b.Places(kept, sizes), innerA = a.Places(summed, sizes),
                innerB = b.Places(summed, sizes);
            var result = new T[outerA.Length];
            IndependentLoop.For(result.Length, innerA.Length, cancellation, i =>
            {
                T sum = T.Zero;
                for (int k = 0; k < innerA.Length; k++) sum += a.Items[outerA[i] + innerA[k]] * b.Items[outerB[i] + innerB[k]];
                result[i] = sum;
            });
            return new Labelled<T>(result, kept, [.. kept.Select(label => (long)sizes[label])]);
        }

        // Where the elements stand for all combinations of some labels, in row-major order; an axis that the tensor has not, or that is 1,
        // stays.
        private int[] Places(IReadOnlyList<int> labels, Dictionary<int, int> sizes)
        {
            int[] places = [0];
            foreach (int label in labels)
            {
                int step = 0, stride = 1;
                for (int axis = Dims.Length - 1; axis >= 0; axis--)
                {
                    if (Labels[axis] == label && Dims[axis] != 1) step += stride;
                    stride *= (int)Dims[axis];
                }
                var next = new int[checked(places.Length * sizes[label])];
                for (int i = 0; i < next.Length; i++) next[i] = places[i / sizes[label]] + i % sizes[label] * step;
                places = next;
            }
            return places;
        }
    }
}
