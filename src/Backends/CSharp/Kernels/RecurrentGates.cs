using Nncc.IR.Ops;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Prints what a recurrent op does with the products of a step, for each hidden value: p is the input's product, recurrent the state's,
/// each with one row for each gate; bw and br are their biases; h the state, c the memory of LSTM. Formulas: see <see cref="LSTM"/>, <see
/// cref="GRU"/>,
/// <see cref="RNN"/>.
/// </summary>
internal static class RecurrentGates
{
    public static void Print(CodeWriter code, RecurrentCell cell, VectorDialect dialect, int direction, Action productOfReset)
    {
        var all = cell.Op.ResolvedActivations;
        int count = all.Length / cell.Directions;
        var functions = all.Skip(direction * count).Take(count).ToArray();
        switch (cell.Op)
        {
            case LSTM lstm:
                Loop(code, dialect, d => Lstm(code, cell, d, lstm, functions));
                break;
            case GRU gru:
                Loop(code, dialect, d => GruGates(code, cell, d, gru, functions));
                if (cell.ResetsState) productOfReset();
                Loop(code, dialect, d => GruState(code, cell, d, gru, functions));
                break;
            default:
                Loop(code, dialect, d => code.Line(d.Store("h + i",
                    Call(cell, d, functions[0], $"{Input(cell, d, 0)} + {Recurrent(cell, d, 0)}"))));
                break;
        }
    }

    private static void Lstm(CodeWriter code, RecurrentCell cell, VectorDialect d, LSTM op, RecurrentFunction[] f)
    {
        bool peep = cell.Has(7);
        code.Line($"var memory = {d.Load("c + i")};");
        code.Line($"var input = {Call(cell, d, f[0], Gate(0) + Peephole(0, "memory"))};");
        code.Line($"var forget = {(op.InputForget ? $"{d.Literal(1)} - input" : Call(cell, d, f[0], Gate(2) + Peephole(2, "memory")))};");
        code.Line($"var candidate = {Call(cell, d, f[1], Gate(3))};");
        code.Line("memory = forget * memory + input * candidate;");
        code.Line($"var output = {Call(cell, d, f[0], Gate(1) + Peephole(1, "memory"))};");
        code.Line(d.Store("c + i", "memory"));
        code.Line(d.Store("h + i", $"output * {Call(cell, d, f[2], "memory")}"));

        string Gate(int gate) => $"{Input(cell, d, gate)} + {Recurrent(cell, d, gate)}";

        string Peephole(int gate, string memory) => peep ? $" + {d.Load($"peep + {gate} * hidden + i")} * {memory}" : "";
    }

    private static void GruGates(CodeWriter code, RecurrentCell cell, VectorDialect d, GRU op, RecurrentFunction[] f)
    {
        code.Line($"var update = {Call(cell, d, f[0], $"{Input(cell, d, 0)} + {Recurrent(cell, d, 0)}")};");
        code.Line($"var factor = {Call(cell, d, f[0], $"{Input(cell, d, 1)} + {Recurrent(cell, d, 1)}")};");
        code.Line(d.Store("p + i", "update"));
        if (cell.ResetsState) code.Line(d.Store("reset + i", $"factor * {d.Load("h + i")}"));
        else code.Line(d.Store("p + hidden + i", "factor"));
    }

    private static void GruState(CodeWriter code, RecurrentCell cell, VectorDialect d, GRU op, RecurrentFunction[] f)
    {
        code.Line($"var update = {d.Load("p + i")};");
        string recurrent = cell.ResetsState ? Recurrent(cell, d, 2) : $"{d.Load("p + hidden + i")} * ({Recurrent(cell, d, 2)})";
        code.Line($"var candidate = {Call(cell, d, f[1], $"{Input(cell, d, 2)} + {recurrent}")};");
        code.Line(d.Store("h + i", $"({d.Literal(1)} - update) * candidate + update * {d.Load("h + i")}"));
    }

    private static string Input(RecurrentCell cell, VectorDialect d, int gate) =>
        d.Load($"p + {gate} * hidden + i") + (cell.Has(3) ? $" + {d.Load($"bw + {gate} * hidden + i")}" : "");

    private static string Recurrent(RecurrentCell cell, VectorDialect d, int gate) =>
        d.Load($"recurrent + {gate} * hidden + i") + (cell.Has(3) ? $" + {d.Load($"br + {gate} * hidden + i")}" : "");

    private static string Call(RecurrentCell cell, VectorDialect d, RecurrentFunction f, string x)
    {
        if (f.Clip is { } limit) x = $"AtMost({d.Literal(limit)}, AtLeast({d.Literal(-limit)}, {x}))";
        string alpha = d.Literal(f.Alpha), beta = d.Literal(f.Beta);
        return f.Name switch
        {
            "Relu" => $"AtLeast({d.Literal(0)}, {x})",
            "Sigmoid" or "Tanh" or "Softplus" => $"{f.Name}({x})",
            "Affine" => $"({alpha} * ({x}) + {beta})",
            "LeakyRelu" => $"IfLess({x}, {d.Literal(0)}, {alpha} * ({x}), {x})",
            "ThresholdedRelu" => $"IfLess({x}, {alpha}, {d.Literal(0)}, {x})",
            "ScaledTanh" => $"({alpha} * Tanh({beta} * ({x})))",
            "HardSigmoid" => $"AtMost({d.Literal(1)}, AtLeast({d.Literal(0)}, {alpha} * ({x}) + {beta}))",
            "Elu" => $"IfLess({x}, {d.Literal(0)}, {alpha} * (Exp({x}) - {d.Literal(1)}), {x})",
            "Softsign" => $"(({x}) / ({d.Literal(1)} + Abs({x})))",
            _ => throw new InvalidOperationException($"the activation {f.Name} has no code"),
        };
    }

    private static void Loop(CodeWriter code, VectorDialect dialect, Action<VectorDialect> body) => code.Block("", () =>
    {
        code.Line("nint i = 0;");
        if (!dialect.IsScalar) code.Block($"for (; i <= hidden - {dialect.Lanes}; i += {dialect.Lanes})", () => body(dialect));
        code.Block("for (; i < hidden; i++)", () => body(dialect.Scalar));
    });
}
