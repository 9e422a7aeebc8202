using System.Collections.Immutable;
using Nncc.Passes.Programs;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// What follows an anchor, printed as the loop over a contiguous row of the result: vectors, then scalars, which do the same operations. Each
/// operand is read along the row or the same for all of it.
/// </summary>
/// <param name="Body">The elementwise part.</param>
/// <param name="Along">For each of its operands, whether it steps along the row.</param>
internal sealed record RowEpilogue(ElementwiseBody Body, ImmutableArray<bool> Along)
{
    /// <summary>What tells it apart, for names: empty where nothing follows.</summary>
    public string Tag => Body.UniqueTag(i => Along[i] ? "n" : "m");

    /// <summary>Names of the pointers to its operands.</summary>
    public IEnumerable<string> Names => Body.Loads.Select((_, i) => $"e{i}");

    /// <summary>The operands as arguments.</summary>
    public IEnumerable<KernelArgument> Arguments => Body.Loads.Select(l => new OperandArgument(l.Operand));

    /// <summary>The declarations of the pointers, each with a comma before it.</summary>
    public string Parameters => string.Concat(Body.Loads.Select((l, i) => $", {CSharpTypes.Name(l.DType)}* e{i}"));

    /// <summary>Prints the loop.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="dialect">The anchor's vectors.</param>
    /// <param name="count">Number of elements.</param>
    /// <param name="result">Pointer to the row of the result.</param>
    /// <param name="pointer">Pointer to an operand in the row, by its name.</param>
    /// <param name="value">The anchor's result at <c>j</c>.</param>
    public void Print(CodeWriter code, VectorDialect dialect, string count, string result, Func<string, string> pointer, Func<VectorDialect, string> value)
    {
        bool vectors = !dialect.IsScalar && Body.IsVectorizable;
        code.Block("", () =>
        {
            for (int i = 0; i < Along.Length; i++)
            {
                if (Along[i]) continue;
                code.Line($"var s{i} = *{pointer($"e{i}")};");
                if (vectors) code.Line($"var v{i} = {dialect.Splat($"s{i}")};");
            }
            code.Line("nint j = 0;");
            if (vectors) code.Block($"for (; j <= {count} - {dialect.Lanes}; j += {dialect.Lanes})", () => Element(dialect, "v"));
            code.Block($"for (; j < {count}; j++)", () => Element(dialect.Scalar, "s"));
        });

        void Element(VectorDialect d, string same)
        {
            code.Line($"var anchor = {value(d)};");
            string text = Body.Print(code, d, i => Along[i] ? d.Load($"{pointer($"e{i}")} + j") : $"{same}{i}", "anchor");
            code.Line(d.Store($"{result} + j", text));
        }
    }
}
