using System.Collections.Immutable;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>An operand that is read along a row.</summary>
/// <param name="Name">Name of the pointer.</param>
/// <param name="Operand">Which operand of the region.</param>
/// <param name="DType">Element type.</param>
/// <param name="IsAlong">Whether it steps along the row; else it is the same for all of it.</param>
internal sealed record RowOperand(string Name, int Operand, DType DType, bool IsAlong);

/// <summary>
/// The last step of an anchor and what follows it, printed as the loop over a contiguous row of the result: vectors, then scalars, which do
/// the same operations.
/// </summary>
/// <param name="Body">The elementwise part.</param>
/// <param name="Operands">Operands of the anchor that are read along rows, then those of the elementwise part.</param>
internal sealed record RowEpilogue(ElementwiseBody Body, ImmutableArray<RowOperand> Operands)
{
    private int Own => Operands.Length - Body.Loads.Count;

    /// <summary>
    /// The row of an elementwise part whose operands step along the row as said, behind operands of the anchor's own.
    /// </summary>
    public static RowEpilogue Of(ElementwiseBody body, Func<int, bool> isAlong, params ReadOnlySpan<RowOperand> own) =>
        new(body, [.. own, .. body.Loads.Select((l, i) => new RowOperand($"e{i}", l.Operand, l.DType, isAlong(i)))]);

    /// <summary>What tells it apart, for names: empty where there are no operands and nothing follows.</summary>
    public string Tag =>
        (Own == 0 ? "" : "_" + string.Concat(Operands.Take(Own).Select(Mode))) + Body.UniqueTag(i => Mode(Operands[Own + i]));

    /// <summary>The pointers to the operands as arguments.</summary>
    public IEnumerable<KernelArgument> Arguments => Operands.Select(o => new OperandArgument(o.Operand));

    /// <summary>The pointers as <see cref="StepLoops.Share"/> takes them.</summary>
    /// <param name="region">The region.</param>
    /// <param name="first">The argument that is the first of <see cref="Arguments"/>.</param>
    public IEnumerable<(string Name, int Argument, DType DType, long Elements)> Moved(KernelRegion region, int first) =>
        Operands.Select((o, i) => (o.Name, first + i, o.DType, region.Elements(region.Body.Inputs[o.Operand].Value)));

    /// <summary>The declarations of the pointers, each with a comma before it.</summary>
    public string Parameters => string.Concat(Operands.Select(o => $", {CSharpTypes.Name(o.DType)}* {o.Name}"));

    /// <summary>Prints the loop; its index is <c>j</c>.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="dialect">The anchor's vectors.</param>
    /// <param name="count">Number of elements.</param>
    /// <param name="result">Pointer to the row of the result.</param>
    /// <param name="pointer">Pointer to an operand in the row, by its name.</param>
    /// <param name="value">The anchor's result at <c>j</c>, from its own operands by name.</param>
    public void Print(CodeWriter code, VectorDialect dialect, string count, string result, Func<string, string> pointer,
        Func<VectorDialect, Func<string, string>, string> value)
    {
        bool vectors = !dialect.IsScalar && Body.IsVectorizable;
        code.Block("", () =>
        {
            foreach (var operand in Operands.Where(o => !o.IsAlong))
            {
                code.Line($"var {operand.Name}s = *{pointer(operand.Name)};");
                if (vectors) code.Line($"var {operand.Name}v = {dialect.Splat($"{operand.Name}s")};");
            }
            code.Line("nint j = 0;");
            if (vectors) code.Block($"for (; j <= {count} - {dialect.Lanes}; j += {dialect.Lanes})", () => Element(dialect, "v"));
            code.Block($"for (; j < {count}; j++)", () => Element(dialect.Scalar, "s"));
        });

        void Element(VectorDialect d, string same)
        {
            code.Line($"var anchor = {value(d, name => Text(Operands.First(o => o.Name == name)))};");
            code.Line(d.Store($"{result} + j", Body.Print(code, d, i => Text(Operands[Own + i]), "anchor")));

            string Text(RowOperand operand) => operand.IsAlong ? d.Load($"{pointer(operand.Name)} + j") : $"{operand.Name}{same}";
        }
    }

    private static string Mode(RowOperand operand) => operand.IsAlong ? "n" : "m";
}
