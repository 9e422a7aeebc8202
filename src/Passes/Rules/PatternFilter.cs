namespace Nncc.Passes.Rules;

/// <summary>
/// A look at the ops and literals of a pattern that allocates nothing. Most rules fit at few nodes: the matcher is spared where this says
/// no, and where it says yes the matcher decides.
/// </summary>
internal static class PatternFilter
{
    // Orders of commutative operands multiply with each level.
    private const int Levels = 3;

    /// <summary>Whether a pattern may fit at a node of its outermost op.</summary>
    public static bool MayFit(OpTerm term, Node node, GraphEdit edit) => MayFit(term, node, edit, Levels);

    private static bool MayFit(OpTerm term, Node node, GraphEdit edit, int levels)
    {
        var inputs = node.Inputs;
        bool commutes = inputs.Length == 2 && Matcher.Commutes(term);
        for (int i = 0; i < term.Operands.Length; i++)
        {
            var operand = term.Operands[i];
            if (operand is NameTerm) continue;
            if (i >= inputs.Length) return false;
            if (!May(operand, inputs[i], edit, levels) && !(commutes && May(operand, inputs[1 - i], edit, levels))) return false;
        }
        return true;
    }

    private static bool May(Term operand, int value, GraphEdit edit, int levels)
    {
        if (value == Node.Absent) return false;
        if (operand is OpTerm op)
            return edit.Producer(value) is { } producer && producer.Op.Name == op.Name
                && (levels == 0 || MayFit(op, producer, edit, levels - 1));
        return edit.Constant(value) is { } constant && (operand is not NumberTerm number || May(number, constant));
    }

    private static bool May(NumberTerm number, Tensor constant) => constant switch
    {
        { Count: 0 } => false,
        { IsWide: true } => true,
        { DType: DType.Float32 } => number.Fits(constant.Span<float>()[0]),
        { DType: DType.Int64 } => number.Fits(constant.Span<long>()[0]),
        _ => true,
    };
}
