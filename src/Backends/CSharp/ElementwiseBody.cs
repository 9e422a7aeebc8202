using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Nncc.IR.Ops;
using Nncc.Passes.Strategies;

namespace Nncc.Backends.CSharp;

/// <summary>An operand that an elementwise expression reads.</summary>
/// <param name="Operand">Which operand of the region.</param>
/// <param name="Dims">Its sizes along the axes of the result; 1 where it is broadcast.</param>
/// <param name="DType">Its element type.</param>
internal sealed record ElementLoad(int Operand, ImmutableArray<long> Dims, DType DType)
{
    public bool Equals(ElementLoad? other) =>
        other is not null && Operand == other.Operand && DType == other.DType && Dims.AsSpan().SequenceEqual(other.Dims.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Operand, DType);

    /// <summary>Elements from one place to the next along each axis; 0 where it is broadcast.</summary>
    public long[] Strides()
    {
        var strides = new long[Dims.Length];
        long stride = 1;
        for (int i = Dims.Length - 1; i >= 0; i--)
        {
            strides[i] = Dims[i] == 1 ? 0 : stride;
            stride *= Dims[i];
        }
        return strides;
    }
}

/// <summary>
/// The elementwise part of a region (all of it, or what follows the anchor), ready to be printed: which operands it reads and how they are
/// broadcast, and its statements. All values have the shape of the region's one result. Constants of one element become literals.
/// </summary>
internal sealed partial class ElementwiseBody
{
    private readonly KernelRegion region;
    private readonly ImmutableArray<Node> nodes;
    private readonly List<ElementLoad> loads = [];
    private readonly Dictionary<(int Node, int Operand), int> loadOf = [];

    private ElementwiseBody(KernelRegion region, ImmutableArray<Node> nodes, int anchorValue, int result, ImmutableArray<long> dims) =>
        (this.region, this.nodes, AnchorValue, Result, Dims) = (region, nodes, anchorValue, result, dims);

    /// <summary>No statements, and no operands.</summary>
    public static ElementwiseBody None { get; } =
        new(new KernelRegion(new GraphEdit("none").Freeze(), []), [], Node.Absent, Node.Absent, []);

    /// <summary>The anchor's result, from which the expression starts; <see cref="Node.Absent"/> where there is no anchor.</summary>
    public int AnchorValue { get; }

    /// <summary>Sizes of the result.</summary>
    public ImmutableArray<long> Dims { get; }

    /// <summary>The operands that it reads.</summary>
    public IReadOnlyList<ElementLoad> Loads => loads;

    /// <summary>The value that it computes.</summary>
    public int Result { get; }

    /// <summary>Element type of the result.</summary>
    public DType ResultDType => DTypeOf(Result);

    /// <summary>Number of ops.</summary>
    public int Count => nodes.Length;

    /// <summary>Whether every step is binary32 and has a vector form.</summary>
    public bool IsVectorizable => loads.All(l => l.DType == DType.Float32) && nodes.All(n => ElementwiseCode.HasVectors(View(n, i => "x")));

    /// <summary>
    /// Whether it has a function that takes many operations, so that printing it for each vector of a tile would make a method too long
    /// for the registers.
    /// </summary>
    public bool IsLong => nodes.Any(n => ElementwiseCode.IsLong(n.Op));

    /// <summary>Whether an expression calls the scalar functions of <c>Elementary</c>.</summary>
    public bool NeedsElementary { get; private set; }

    /// <summary>
    /// Whether it can meet data for which it has no result; its kernel has the parameter <see cref="ElementwiseCode.Place"/> then.
    /// </summary>
    public bool CanFail { get; private set; }

    /// <summary>
    /// Reads a region whose nodes other than <paramref name="anchor"/> are elementwise; null and the reason where it is not of that form.
    /// </summary>
    public static ElementwiseBody? Of(KernelRegion region, Node? anchor, out string? reason)
    {
        var body = region.Body;
        bool isAlone = anchor is not null && body.Nodes.Length == 1;
        if (body.Outputs.Length != 1 && !isAlone) return Refuse($"the region has {body.Outputs.Length} results, and kernels have one",
            out reason);
        // With an anchor alone, which may have several results, its first one.
        return Of(region, anchor?.Outputs[0] ?? Node.Absent, [.. body.Nodes.Where(n => n != anchor)],
            isAlone ? anchor!.Outputs[0] : body.Outputs[0].Value, out reason);
    }

    /// <summary>
    /// Reads some elementwise nodes of a region, which lead from a value (or from operands alone) to a result; null and the reason where
    /// they are not of that form.
    /// </summary>
    public static ElementwiseBody? Of(KernelRegion region, int anchor, ImmutableArray<Node> nodes, int value, out string? reason)
    {
        var body = region.Body;
        reason = null;
        if (body[value].Type is not TensorType { Shape: { } shape } || shape.ToStatic() is not { } dims)
            return Refuse($"the result is {body[value].Type}, and kernels take bound sizes", out reason);
        var result = new ElementwiseBody(region, nodes, anchor, value, [.. dims]);
        foreach (var node in nodes)
        {
            if (!ElementwiseCode.IsElementwise(node.Op)) return Refuse($"{node.Op.FullName} is not elementwise", out reason);
            if (node.GivenOutputs.Count() != 1) return Refuse($"{node.Op.FullName} has several results", out reason);
            if (node.GivenInputs.Any(i => !body[i].IsInput && i != anchor && !nodes.Contains(body.Producer(i)!)))
                return Refuse($"an operand of {node.Op.FullName} is computed inside the region otherwise", out reason);
            var type = (TensorType)body[node.Outputs[0]].Type;
            if (type.Shape is null || !type.Shape.Equals(shape)) return Refuse($"{node.Op.FullName} gives {type}, the region {shape}",
                out reason);
            if (result.AddLoads(node) is { } why) return Refuse(why, out reason);
            if (ElementwiseCode.Expression(result.View(node, i => "x")) is not { } text)
                return Refuse($"{node.Op.FullName} has no code for "
                    + $"{string.Join(", ", node.GivenInputs.Select(i => result.DTypeOf(i).Name()))}", out reason);
            result.NeedsElementary |= text.Contains("Elementary.", StringComparison.Ordinal);
            result.CanFail |= text.Contains($", {ElementwiseCode.Place})", StringComparison.Ordinal);
            if (result.CanFail && anchor != Node.Absent)
                return Refuse($"{node.Op.FullName} can fail and is a kernel of its own", out reason);
        }
        return result;
    }

    /// <summary>Text that tells apart bodies that print differently: ops, attributes, types, which operand is which.</summary>
    public string Key(Func<int, string> loadMode)
    {
        var b = new StringBuilder();
        foreach (var node in nodes) b.Append(Statement(node, i => $"L{i}:{loads[i].DType.Name()}:{loadMode(i)}", "A")).Append(';');
        return b.ToString();
    }

    /// <summary>The ops in order, for the kernel's name.</summary>
    public string Tag => string.Join("_", nodes.Select(n => n.Op.Name.ToLowerInvariant()));

    /// <summary>
    /// A name that tells apart bodies of the same ops: the tag, and where there are literals or several operands a hash of the key.
    /// </summary>
    public string UniqueTag(Func<int, string> loadMode)
    {
        if (nodes.IsEmpty) return "";
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key(loadMode))))[..6];
        string tag = Tag.Length <= 40 ? Tag : $"{Tag[..40]}_etc";
        return $"_{tag}_{hash}";
    }

    /// <summary>Prints the statements; gives the name of the variable with the result.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="dialect">Vectors or scalars.</param>
    /// <param name="load">Text that stands for an operand's element or vector.</param>
    /// <param name="anchor">Text that stands for the anchor's result.</param>
    public string Print(CodeWriter code, VectorDialect dialect, Func<int, string> load, string anchor = "")
    {
        foreach (var node in nodes) code.Line(Statement(node, load, anchor, dialect));
        return Result == AnchorValue ? anchor : $"t{Result}";
    }

    private string Statement(Node node, Func<int, string> load, string anchor, VectorDialect? dialect = null)
    {
        string text = ElementwiseCode.Expression(View(node, i =>
            loadOf.TryGetValue((node.Id, i), out int index) ? load(index)
            : node.Inputs[i] == AnchorValue ? anchor
            : region.Constant(node.Inputs[i]) is { Count: 1 } literal ? Literal(literal)
            : $"t{node.Inputs[i]}"))!;
        if (dialect is not null) text = LiteralPattern().Replace(text, m => Literal(dialect, double.Parse(m.Groups[1].Value)));
        return $"var t{node.Outputs[0]} = {text};";
    }

    // The node with its operands as text.
    private ElementNode View(Node node, Func<int, string> operand) => new(node.Op,
        [.. node.Inputs.Select((value, i) => value == Node.Absent ? null : operand(i))],
        [.. node.Inputs.Select(value => value == Node.Absent ? DType.Unknown : DTypeOf(value))],
        [.. node.Inputs.Select(value => region.Constant(value) is { Count: 1 } literal ? literal : null)], DTypeOf(node.Outputs[0]));

    private static string Literal(Tensor tensor) =>
        tensor.DType == DType.Float32 ? ElementwiseCode.F(tensor.ToDouble()) : CSharpTypes.Literal(tensor);

    private static string Literal(VectorDialect dialect, double value) =>
        CSharpTypes.Enclosed((dialect with { DType = DType.Float32 }).Literal(value));

    private string? AddLoads(Node node)
    {
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            int value = node.Inputs[i];
            if (value == Node.Absent || !ElementwiseCode.Reads(node.Op, i) || !region.Body[value].IsInput
                || region.Constant(value) is { Count: 1 }) continue;
            if (region.Body[value].Type is not TensorType { Shape: { } shape } type
                || shape.ToStatic() is not { } dims) return $"operand {i} is {region.Body[value].Type}";
            if (!CSharpTypes.IsSupported(type.DType)) return $"operand {i} has elements of {type.DType.Name()}";
            var load = new ElementLoad(region.Body[value].Slot, Align(node.Op, i, dims), type.DType);
            int index = loads.IndexOf(load);
            if (index < 0)
            {
                index = loads.Count;
                loads.Add(load);
            }
            loadOf[(node.Id, i)] = index;
        }
        return null;
    }

    // Operands are aligned at the last axis, but for the statistics of a batch norm, which lie along axis 1.
    private ImmutableArray<long> Align(Op op, int operand, long[] dims)
    {
        if (op is BatchNormalization && operand > 0)
            return [.. Dims.Select((_, axis) => axis == 1 ? dims[0] : 1)];
        return [.. Enumerable.Repeat(1L, Dims.Length - dims.Length), .. dims];
    }

    private DType DTypeOf(int value) => ((TensorType)region.Body[value].Type).DType;

    private static ElementwiseBody? Refuse(string why, out string? reason)
    {
        reason = why;
        return null;
    }

    [GeneratedRegex("⟨([^⟩]*)⟩")]
    private static partial Regex LiteralPattern();
}
