using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Nncc.IR;

/// <summary>What <see cref="Op.Infer"/> may look at: operand types, constants among them, and sizes that are known as values.</summary>
public sealed class InferContext
{
    // Far more than any model has.
    private const int MostAxes = 1024;

    private readonly ImmutableArray<IrType?> types;
    private readonly IValueFacts? facts;
    private readonly Node? node;
    private readonly Func<int, Tensor?>? constant;
    private readonly Func<int, ImmutableArray<Dim>?>? known;
    private readonly string? prefix;
    private ImmutableArray<Dim>?[]? results;
    private int symbols;

    /// <summary>A context of an op beside any graph.</summary>
    /// <param name="types">Types of the operands; null for an absent one.</param>
    /// <param name="resultCount">How many results the node has (absent trailing results are not counted).</param>
    /// <param name="symbolPrefix">Makes names for sizes that only running can tell; the same for the same node.</param>
    /// <param name="constant">The content of an operand where it is a constant.</param>
    /// <param name="known">The elements of an integer operand of rank 0 or 1 where they are known as sizes.</param>
    public InferContext(ImmutableArray<IrType?> types, int resultCount, string symbolPrefix, Func<int, Tensor?> constant,
        Func<int, ImmutableArray<Dim>?> known)
    {
        (this.types, ResultCount, prefix) = (types, resultCount, symbolPrefix);
        (this.constant, this.known) = (constant, known);
    }

    /// <summary>The context of a node in a graph.</summary>
    internal InferContext(Node node, int resultCount, IValueFacts facts)
    {
        (this.node, this.facts, ResultCount) = (node, facts, resultCount);
        var operands = new IrType?[node.Inputs.Length];
        for (int i = 0; i < operands.Length; i++)
            if (node.Inputs[i] != Node.Absent) operands[i] = facts.TypeOf(node.Inputs[i]);
        types = ImmutableCollectionsMarshal.AsImmutableArray(operands);
    }

    /// <summary>The types that the node's op infers here, with the node as the place of its faults.</summary>
    public ImmutableArray<IrType> Run(Node node) => Checked(this, node.Op, node);

    /// <summary>The types that an op infers, with sizes within limits and the node as the place of faults.</summary>
    internal static ImmutableArray<IrType> Checked(InferContext context, Op op, Node? node)
    {
        try
        {
            var inferred = op.Infer(context);
            foreach (var type in inferred) context.CheckSizes(type);
            return inferred;
        }
        catch (OverflowException)
        {
            throw new NnccException(FaultCodes.SizeOverflow, "a product of sizes is beyond 64 bits", node?.Place);
        }
        catch (NnccException e) when (node is not null && e.Faults.Any(f => f.Place is null))
        {
            throw Placed(e, node);
        }
    }

    private static NnccException Placed(NnccException e, Node node) =>
        new([.. e.Faults.Select(f => f.Place is null ? f with { Place = node.Place } : f)]);

    // Sizes that come from contents may be anything. What passes has a count of elements, and a count of bits, within 64 bits.
    private void CheckSizes(IrType type)
    {
        const long most = 1L << 56;
        if (type is not TensorType { Shape: { } shape }) return;
        Int128 count = 1;
        foreach (var size in shape.Dims)
        {
            if (size.Value is not { } number) continue;
            if (number < 0) throw Fault(FaultCodes.OperandShape, $"the result would be {type}, and no size is negative");
            if (number > 0) count *= number;
            if (count > most) throw Fault(FaultCodes.SizeOverflow, $"the result would be {type}, which has more than 2^56 elements");
        }
    }

    /// <summary>Number of operands, absent ones between others included.</summary>
    public int Count => types.Length;

    /// <summary>Number of results of the node.</summary>
    public int ResultCount { get; }

    /// <summary>Whether operand <paramref name="index"/> is given.</summary>
    public bool Has(int index) => index < types.Length && types[index] is not null;

    /// <summary>The type of a given operand.</summary>
    public IrType Type(int index) => Has(index) ? types[index]! :
        throw Fault(FaultCodes.OperandCount, $"operand {index} is missing");

    /// <summary>The type of an operand that must be a tensor.</summary>
    public TensorType Tensor(int index) => Type(index) switch
    {
        TensorType tensor => tensor,
        UnknownType => new TensorType(DType.Unknown, null),
        var other => throw Fault(FaultCodes.OperandType, $"operand {index} must be a tensor, got {other}"),
    };

    /// <summary>
    /// The type of an operand that must be a tensor whose elements are as <paramref name="takes"/> says (or not known yet).
    /// </summary>
    /// <param name="index">Which operand.</param>
    /// <param name="takes">Whether the op takes a dtype.</param>
    /// <param name="expected">What it takes, for the message.</param>
    public TensorType Tensor(int index, Func<DType, bool> takes, string expected)
    {
        var tensor = Tensor(index);
        return tensor.DType == DType.Unknown || takes(tensor.DType) ? tensor
            : throw Fault(FaultCodes.OperandType, $"operand {index} must have {expected} elements, got {tensor}");
    }

    /// <summary>The type of an operand that must hold integers.</summary>
    public TensorType Integers(int index) => Tensor(index, DTypes.IsInteger, "integer");

    /// <summary>The type of an operand that must hold floats.</summary>
    public TensorType Floats(int index) => Tensor(index, DTypes.IsFloat, "float");

    /// <summary>The type of an operand that must hold floats or integers.</summary>
    public TensorType Numbers(int index) => Tensor(index, dtype => dtype.IsFloat() || dtype.IsInteger(), "numeric");

    /// <summary>The type of an operand that must hold truth values.</summary>
    public TensorType Truths(int index) => Tensor(index, dtype => dtype == DType.Bool, "bool");

    /// <summary>The content of an operand, where it is a constant at hand; null where it is absent, computed or not at hand.</summary>
    public Tensor? Constant(int index) => Has(index) && Content(index) is { HasContent: true } content ? content : null;

    /// <summary>The elements of an integer operand of rank 0 or 1 as sizes, where they are known; else null.</summary>
    public ImmutableArray<Dim>? Known(int index)
    {
        if (!Has(index)) return null;
        if ((facts is null ? known!(index) : facts.KnownOf(node!.Inputs[index])) is { } dims) return dims;
        return Content(index) is { HasContent: true, DType: DType.Int64 or DType.Int32 } t && t.Rank <= 1 && t.Count <= 4096
            ? [.. t.ToLongs().Select(Dim.Of)] : null;
    }

    /// <summary>
    /// Says that the elements of integer result <paramref name="result"/> are these sizes; ignored for a rank above 1 and for a result that
    /// the node does not have.
    /// </summary>
    public void Know(int result, ImmutableArray<Dim>? dims)
    {
        if (result < ResultCount) (results ??= new ImmutableArray<Dim>?[ResultCount])[result] = dims;
    }

    /// <summary>What <see cref="Know"/> was told of a result.</summary>
    public ImmutableArray<Dim>? KnownResult(int result) => results?[result];

    /// <summary>A size that only running can tell, within [0, max].</summary>
    public Dim Fresh(long max = long.MaxValue) =>
        Dim.Symbol(node is null ? $"{prefix}_{symbols++}" : $"{facts!.FreshPrefix}{node.Id}_{symbols++}", 0, max);

    private Tensor? Content(int index) => facts is null ? constant!(index) : facts.ConstantOf(node!.Inputs[index]);

    /// <summary>A shape of so many sizes that only running can tell; null where not even their number is known.</summary>
    public Shape? FreshShape(Dim? rank)
    {
        if (rank?.Value is not { } count) return null;
        if (count is < 0 or > MostAxes) throw Fault(FaultCodes.OperandShape, $"a tensor would have {count} axes");
        return new Shape([.. Enumerable.Range(0, (int)count).Select(_ => Fresh())]);
    }

    /// <summary>
    /// The type of a body's output as it is seen outside. A size that is made inside (its name is not in the types of both the operands and
    /// the body's inputs) says nothing outside, where the same name may stand for another size: it becomes a fresh one.
    /// </summary>
    public IrType Escape(IrType type, Graph body)
    {
        var inside = type.Symbols.Where(FreshSymbols.IsFresh).ToHashSet(StringComparer.Ordinal);
        if (inside.Count == 0) return type;
        var shared = types.Where(t => t is not null).SelectMany(t => t!.Symbols).ToHashSet(StringComparer.Ordinal);
        shared.IntersectWith(body.Inputs.SelectMany(input => body[input.Value].Type.Symbols));
        inside.ExceptWith(shared);
        var map = inside.Order(StringComparer.Ordinal).ToDictionary(name => name, _ => Fresh(), StringComparer.Ordinal);
        return type.Substitute(map);
    }

    /// <summary>The user's fault, to be thrown; place and origin are added by the caller of <see cref="Op.Infer"/>.</summary>
    public NnccException Fault(FaultCode code, string message, string? advice = null) => new(code, message, advice: advice);

    /// <summary>The dtype that two operands must share; fault if they differ.</summary>
    public DType SameDType(int first, int second)
    {
        DType a = Tensor(first).DType, b = Tensor(second).DType;
        if (a == DType.Unknown || a == b) return b;
        if (b == DType.Unknown) return a;
        throw Fault(FaultCodes.OperandType,
            $"operands {first} and {second} must have one element type, got {Tensor(first)} and {Tensor(second)}");
    }

    /// <summary>
    /// The axis as 0 ≤ axis &lt; rank (or ≤ rank where <paramref name="allowEnd"/>), where negative ones count from the end.
    /// </summary>
    public int Axis(long axis, int rank, bool allowEnd = false)
    {
        int top = allowEnd ? rank + 1 : rank;
        long result = axis < 0 ? axis + rank : axis;
        return result >= 0 && result < top ? (int)result
            : throw Fault(FaultCodes.Attribute, $"axis {axis} is outside of rank {rank}");
    }

    /// <summary>
    /// The shape that both broadcast to (ONNX's multidirectional broadcasting); null where a rank is unknown. Two sizes of which
    /// neither is proven to be 1 are taken to be equal unless they are proven different.
    /// </summary>
    public Shape? Broadcast(Shape? a, Shape? b)
    {
        if (a is null || b is null) return null;
        var result = new Dim[Math.Max(a.Rank, b.Rank)];
        for (int i = 0; i < result.Length; i++)
        {
            int ia = i - (result.Length - a.Rank), ib = i - (result.Length - b.Rank);
            var x = ia < 0 ? Dim.Of(1) : a[ia];
            var y = ib < 0 ? Dim.Of(1) : b[ib];
            result[i] = x.Value == 1 ? y : y.Value == 1 ? x
                : Dim.AreEqual(x, y) == Answer.No && x.IsConstant && y.IsConstant
                    ? throw Fault(FaultCodes.OperandShape, $"[{a}] and [{b}] do not broadcast: axis {i} has {x} and {y}")
                : Dim.AreEqual(x, y) == Answer.Yes || y.IsConstant ? y : x.IsConstant ? x : Fresh();
        }
        return new Shape([.. result]);
    }
}
