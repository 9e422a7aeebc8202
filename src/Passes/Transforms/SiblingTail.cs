using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes.Rules;

namespace Nncc.Passes.Transforms;

/// <summary>
/// What stands behind sibling convolutions and is alike behind all of them, level by level: elementwise ops, transposes, and at the end a
/// reshape that takes groups of channels apart, for which the filters change places.
/// </summary>
internal sealed class SiblingTail
{
    private readonly GraphEdit edit;
    private readonly List<Node> group;
    private int[] ends; // the values behind the last level

    private SiblingTail(GraphEdit edit, List<Node> group)
    {
        (this.edit, this.group) = (edit, group);
        ends = [.. group.Select(n => n.Outputs[0])];
        Sizes = [.. group.Select(n => edit.Constant(n.Inputs[1])!.Dims[0])];
    }

    /// <summary>Nodes that are alike, one for each sibling.</summary>
    public List<Node[]> Levels { get; } = [];

    /// <summary>The axis along which the results stand side by side.</summary>
    public long Axis { get; private set; } = 1;

    /// <summary>Sizes of the results along it.</summary>
    public long[] Sizes { get; private set; }

    /// <summary>The filters in their order; null where they stay.</summary>
    public long[]? Order { get; private set; }

    /// <summary>What the last level reshapes to; null where it is no reshape.</summary>
    public long[]? Reshaped { get; private set; }

    /// <summary>All that is alike behind siblings.</summary>
    public static SiblingTail Behind(GraphEdit edit, List<Node> group)
    {
        var tail = new SiblingTail(edit, group);
        while (tail.Reshaped is null && tail.Next() is { } level)
        {
            tail.Levels.Add(level);
            tail.ends = [.. level.Select(n => n.Outputs[0])];
        }
        return tail;
    }

    /// <summary>Why the siblings are left alone; null where they are not.</summary>
    public string? Objection()
    {
        if ((group.Count - 1) * (1 + Levels.Count) <= 1)
            return "two convolutions with nothing alike behind them would become no fewer nodes";
        // Each part is written and read once more; each sibling but one no longer reads the value.
        long read = edit.Constant(group[0].Inputs[1])!.Dims[1], parted = Sizes.Sum();
        if (Levels.Count == 0 && 2 * parted > (group.Count - 1) * read)
            return $"parting {parted} channels would move more than {group.Count} times reading {read} channels does";
        return ends.SelectMany(edit.Users).Any(user => IsElementwise(edit.Find(user)!.Op))
            ? "what follows element by element would be parted from its convolution" : null;
    }

    private Node[]? Next()
    {
        if (ends.Any(v => edit.UseCount(v) != 1 || edit.IsOutput(v))) return null;
        Node[] users = [.. ends.Select(v => edit.Find(edit.Users(v)[0])!)];
        if (users.Where((n, i) => n.Inputs[0] != ends[i] || n.Outputs.Length != 1).Any()) return null;
        if (users.Any(n => n.Op is not Reshape && !n.Inputs.Skip(1).SequenceEqual(users[0].Inputs.Skip(1)))) return null;
        switch (users[0].Op)
        {
            case Transpose { Perm: { IsEmpty: false } perm } op when users.All(n => n.Op.Equals(op)):
                Axis = Array.IndexOf([.. perm], Axis);
                return users;
            case Reshape when users.All(n => n.Op is Reshape): return Regroup(users) ? users : null;
            case var op when IsUnary(op) && users.All(n => n.Op.Equals(op)): return users;
            default: return null;
        }
    }

    // From [.., h, w, a k] to [.., h w a, k]: with the channels of each a side by side the last axis parts as before.
    private bool Regroup(Node[] reshapes)
    {
        var from = ends.Select(v => (edit[v].Type as TensorType)?.Shape?.ToStatic()).ToList();
        var to = reshapes.Select(n => (edit[n.Outputs[0]].Type as TensorType)?.Shape?.ToStatic()).ToList();
        if (from.Any(s => s is null || Axis != s.Length - 1) || to.Any(s => s is not { Length: > 0 })) return false;
        long[] widths = [.. to.Select(s => s![^1])];
        if (widths.Any(k => k == 0) || to.Any(s => !s!.SkipLast(1).SequenceEqual(to[0]!.SkipLast(1)))) return false;
        long sets = Sizes[0] / widths[0];
        if (Sizes.Where((size, i) => size != sets * widths[i]).Any()) return false;
        long[] starts = [.. Sizes.Select((_, i) => Sizes.Take(i).Sum())];
        Order = [.. Range(sets).SelectMany(set => Range(Sizes.Length).SelectMany(i =>
            Range(widths[i]).Select(k => starts[i] + set * widths[i] + k)))];
        (Reshaped, Sizes, Axis) = ([.. to[0]!.SkipLast(1), widths.Sum()], widths, to[0]!.Length - 1);
        return true;
    }

    private static IEnumerable<int> Range(long count) => Enumerable.Range(0, (int)count);

    private static bool IsUnary(Op op) => op is Relu or LeakyRelu or Elu or Selu or Sigmoid or Tanh or Clip or HardSigmoid or HardSwish
        or Softplus or Gelu or Mish or Swish or Abs or Neg or Exp or Sqrt;

    private static bool IsElementwise(Op op) => IsUnary(op) || op is Add or Sub or Mul or Div or PRelu or Min or Max;
}
