namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Prints the method that makes a row of scores exponentials of their differences from the greatest and gives one over their sum. Rows are
/// stored in whole vectors; what is behind the last score becomes 0.
/// </summary>
internal static class AttentionRow
{
    /// <summary>What tells the method apart.</summary>
    public static string Tag(AttentionCode a) => a.Scores.UniqueTag(i => a.Loads[i].AlongColumns ? "n" : "m");

    /// <summary>Adds the method: (scores, n, padded), then a pointer to the row of each operand. Gives its name.</summary>
    public static string Add(KernelSource source, AttentionCode a, VectorDialect dialect)
    {
        string name = $"f32_weights{Tag(a)}__{dialect.Suffix}";
        if (source.Has(name)) return name;
        bool any = a.Scores.Count > 0;
        var code = new CodeWriter();
        code.Line("/// <summary>x = e^(x - max)"
            + $"{(any ? $" for x = {a.Scores.Tag} of a score" : "")}, 0 behind the first n; gives 1 / sum of x.</summary>");
        code.Block($"public static float {name}(float* x, nint n, nint padded"
            + $"{string.Concat(a.Loads.Select((_, i) => $", float* e{i}"))})", () =>
        {
            for (int i = 0; i < a.Loads.Length; i++)
                if (!a.Loads[i].AlongColumns) code.Line($"var s{i} = *e{i};");
            code.Line($"var max = {dialect.Literal(double.NegativeInfinity)};");
            code.Line("nint j = 0;");
            code.Block($"for (; j <= n - {dialect.Lanes}; j += {dialect.Lanes})", () =>
            {
                string score = Score(code, dialect);
                if (any) code.Line(dialect.Store("x + j", score));
                code.Line($"max = AtLeast(max, {score});");
            });
            if (!dialect.IsScalar)
            {
                code.Block("if (j < n)", () => Last(code));
                code.Line($"max = {dialect.Splat("GreatestLanes(max)")};");
            }
            code.Line($"var sum = {dialect.Literal(0)};");
            code.Block($"for (j = 0; j < padded; j += {dialect.Lanes})", () =>
            {
                code.Line($"var power = Exp({dialect.Load("x + j")} - max);");
                code.Line(dialect.Store("x + j", "power"));
                code.Line("sum += power;");
            });
            code.Line($"return 1 / {(dialect.IsScalar ? "sum" : "SumLanes(sum)")};");
        });
        source.Add(name, code.ToString());
        return name;

        // The last vector is filled up with minus infinity; an operand may end with the row.
        void Last(CodeWriter writer)
        {
            if (a.Loads.Any(l => l.AlongColumns))
            {
                writer.Block("for (; j < n; j++)", () => writer.Line(dialect.Scalar.Store("x + j", Score(writer, dialect.Scalar))));
                writer.Line("for (; j < padded; j++) x[j] = float.NegativeInfinity;");
                writer.Line($"max = AtLeast(max, {dialect.Load($"x + padded - {dialect.Lanes}")});");
                return;
            }
            string score = Score(writer, dialect), lanes = $"Vector{dialect.Bits}<float>.Indices";
            writer.Line($"var last = IfLess({lanes}, {dialect.Splat("(float)(n - j)")}, {score}, "
                + $"{dialect.Literal(double.NegativeInfinity)});");
            writer.Line(dialect.Store("x + j", "last"));
            writer.Line("max = AtLeast(max, last);");
        }

        string Score(CodeWriter writer, VectorDialect d)
        {
            writer.Line($"var score = {d.Load("x + j")};");
            return !any ? "score"
                : a.Scores.Print(writer, d, i => a.Loads[i].AlongColumns ? d.Load($"e{i} + j") : d.Splat($"s{i}"), "score");
        }
    }
}
