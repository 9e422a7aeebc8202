namespace Nncc.Backends.CSharp;

/// <summary>
/// Prints the class <c>Simd</c> of an emitted program: elementwise functions on binary32, for the program's vector width and for scalars
/// from one text. Functions use only + - * / sqrt, multiply-add and bit operations, so that a program gives the same bits on every machine
/// that has the target's features, and a tail the same bits as a lane.
/// </summary>
internal static class SimdSource
{
    /// <summary>The members for a dialect: vectors (if it has any) and scalars.</summary>
    public static string Print(VectorDialect dialect)
    {
        var code = new CodeWriter();
        code.Block("internal static class Simd", () =>
        {
            bool hasTable = dialect.Bits == 512;
            if (!dialect.IsScalar) Members(code, dialect, hasTable);
            if (!dialect.IsScalar) Pairs(code);
            Members(code, dialect.Scalar, hasTable);
        });
        return code.ToString();
    }

    private static void Members(CodeWriter code, VectorDialect d, bool hasTable)
    {
        string V = d.Vector, C = d.Class;
        bool s = d.IsScalar;
        Method(code, $"{V} MulAdd({V} a, {V} b, {V} c)", d.MulAdd("a", "b", "c"));
        Method(code, $"{V} Abs({V} x)", s ? "MathF.Abs(x)" : $"{C}.Abs(x)");
        Method(code, $"{V} Sqrt({V} x)", s ? "MathF.Sqrt(x)" : $"{C}.Sqrt(x)");
        Method(code, $"{V} Floor({V} x)", s ? "MathF.Floor(x)" : $"{C}.Floor(x)");
        Method(code, $"{V} Ceiling({V} x)", s ? "MathF.Ceiling(x)" : $"{C}.Ceiling(x)");
        Method(code, $"{V} RoundEven({V} x)", s ? "MathF.Round(x)" : $"{C}.Round(x)");
        Method(code, $"{V} Max({V} a, {V} b)", s ? "MathF.Max(a, b)" : $"{C}.Max(a, b)");
        Method(code, $"{V} Min({V} a, {V} b)", s ? "MathF.Min(a, b)" : $"{C}.Min(a, b)");
        code.Line("// The bound if x is beyond it, else x; a NaN in x stays.");
        Method(code, $"{V} AtLeast({V} bound, {V} x)", s ? "bound > x ? bound : x" : $"{C}.MaxNative(bound, x)");
        Method(code, $"{V} AtMost({V} bound, {V} x)", s ? "bound < x ? bound : x" : $"{C}.MinNative(bound, x)");
        Method(code, $"{V} IfLess({V} a, {V} b, {V} yes, {V} no)",
            s ? "a < b ? yes : no" : $"{C}.ConditionalSelect({C}.LessThan(a, b), yes, no)");
        Method(code, $"{V} IfNaN({V} x, {V} yes, {V} no)", s ? "float.IsNaN(x) ? yes : no"
            : $"{C}.ConditionalSelect({C}.Equals(x, x), no, yes)");
        Method(code, $"{V} CopySign({V} magnitude, {V} sign)", s ? "MathF.CopySign(magnitude, sign)"
            : $"{C}.ConditionalSelect({C}.Create(-0f), sign, magnitude)");
        string I = s ? "int" : $"Vector{d.Bits}<int>";
        code.Line("// 2^n for n in [-126, 127].");
        Method(code, $"{V} PowerOfTwo({I} n)", s ? "BitConverter.Int32BitsToSingle((n + 127) << 23)"
            : $"((n + {C}.Create(127)) << 23).AsSingle()");
        code.Line("// The whole number n of a sum 1.5 * 2^23 + n.");
        Method(code, $"{I} WholeOf({V} sum)", s ? "BitConverter.SingleToInt32Bits(sum) - 0x4B400000"
            : $"sum.AsInt32() - {C}.Create(0x4B400000)");
        code.Line("// For a normal positive x = m * 2^e with m in [1, 2): e and m.");
        Method(code, $"{V} ExponentOf({V} x)", s ? "(BitConverter.SingleToInt32Bits(x) >> 23) - 127"
            : $"{C}.ConvertToSingle({C}.ShiftRightLogical(x.AsInt32(), 23) - {C}.Create(127))");
        Method(code, $"{V} MantissaOf({V} x)", s
            ? "BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(x) & 0x7FFFFF) | 0x3F800000)"
            : $"((x.AsInt32() & {C}.Create(0x7FFFFF)) | {C}.Create(0x3F800000)).AsSingle()");
        if (!s)
            foreach (var (name, join) in new (string, Func<string, string, string, string>)[] { ("Sum", (_, a, b) => $"{a} + {b}"),
                         ("Product", (_, a, b) => $"{a} * {b}"), ("Max", (c, a, b) => $"{c}.Max({a}, {b})"),
                             ("Min", (c, a, b) => $"{c}.Min({a}, {b})"), ("Greatest", (c, a, b) => $"{c}.MaxNative({a}, {b})") })
                Lanes(code, d, name, join);
        Exp(code, d);
        Log(code, d);
        Tanh(code, d);
        Erf(code, d);
        if (hasTable) OnePlusExpOfMinusByTable(code, d);
        else OnePlusExpOfMinus(code, d);
        code.Line("// 1 / (1 + e^-x), for negative x e^x / (1 + e^x), so that small results keep their digits.");
        code.Block(Head($"{V} Sigmoid({V} x)"), () =>
        {
            code.Line("var e = Exp(-Abs(x));");
            code.Line($"return IfLess(x, {L(d, 0)}, e, {L(d, 1)}) / ({L(d, 1)} + e);");
        });
        code.Line();
        Expm1(code, d);
        Log1p(code, d);
        code.Line("// log(1 + e^x) without overflow: max(x, 0) + log(1 + e^-|x|).");
        Method(code, $"{V} Softplus({V} x)", $"AtLeast({L(d, 0)}, x) + Log1p(Exp(-Abs(x)))");
    }

    // Elements of two vectors in turn, from their lower or upper halves; and these halves side by side.
    private static void Pairs(CodeWriter code)
    {
        Pair("LowPairs", "Sse.UnpackLow(a, b)", "-1, 0, -1, 0", "0, 0, 1, 1", "0, 0, 1, 1");
        Pair("HighPairs", "Sse.UnpackHigh(a, b)", "-1, 0, -1, 0", "2, 2, 3, 3", "2, 2, 3, 3");
        Pair("LowHalves", "Sse.MoveLowToHigh(a, b)", "-1, -1, 0, 0", "0, 1, 2, 3", "0, 1, 0, 1");
        Pair("HighHalves", "Sse.MoveHighToLow(b, a)", "-1, -1, 0, 0", "2, 3, 2, 3", "0, 1, 2, 3");

        void Pair(string name, string instruction, string mask, string first, string second) =>
            Method(code, $"Vector128<float> {name}(Vector128<float> a, Vector128<float> b)",
                $"System.Runtime.Intrinsics.X86.Sse.IsSupported\n    ? System.Runtime.Intrinsics.X86.{instruction}\n    "
                + $": Vector128.ConditionalSelect(Vector128.Create({mask}).AsSingle(), "
                + $"Vector128.Shuffle(a, Vector128.Create({first})),\n        Vector128.Shuffle(b, Vector128.Create({second})))");
    }

    // All lanes as one, always joined in the same order: halves, quarters and so on.
    private static void Lanes(CodeWriter code, VectorDialect d, string name, Func<string, string, string, string> join)
    {
        code.Block(Head($"float {name}Lanes({d.Vector} x)"), () =>
        {
            string x = "x";
            for (int bits = d.Bits / 2; bits >= 128; bits /= 2)
            {
                code.Line($"var v{bits} = {join($"Vector{bits}", $"{x}.GetLower()", $"{x}.GetUpper()")};");
                x = $"v{bits}";
            }
            code.Line($"var two = {join("Vector128", x, $"Vector128.Shuffle({x}, Vector128.Create(2, 3, 0, 1))")};");
            code.Line($"return ({join("Vector128", "two", "Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))")}).ToScalar();");
        });
        code.Line();
    }

    // e^x = 2^n * e^r, n = round(x / ln 2) by the rounding of a sum with 1.5 * 2^23, ln 2 in two parts (Cephes), and the series of e^r to
    // the 7th power, |r| <= ln(2) / 2. 2^n in two factors, since it may be beyond the normal numbers.
    private static void Exp(CodeWriter code, VectorDialect d)
    {
        code.Block(Head($"{d.Vector} Exp({d.Vector} x)"), () =>
        {
            code.Line($"var bounded = AtMost({L(d, 89)}, AtLeast({L(d, -104)}, x));");
            code.Line($"var sum = MulAdd(bounded, {L(d, 1.44269504088896341)}, {L(d, 12582912)});");
            code.Line($"var n = sum - {L(d, 12582912)};");
            code.Line($"var r = MulAdd(n, {L(d, -0.693359375)}, bounded);");
            code.Line($"r = MulAdd(n, {L(d, 2.12194440e-4)}, r);");
            Horner(code, d, "r", [1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1, 1]);
            code.Line("var whole = WholeOf(sum);");
            code.Line("var half = whole >> 1;");
            code.Line("return p * PowerOfTwo(half) * PowerOfTwo(whole - half);");
        });
        code.Line();
    }

    // 1 + e^-x = 1 + 2^(n - 1) * 2 e^-r, x = r - n * ln 2, n = round(-x / ln 2): what x is divided by where it is gated by its sigmoid. The
    // bits of the sum that rounds are those of 2^(n - 1) once shifted; below the normal numbers 0 will do beside 1. The polynomial has a
    // relative error of 1e-7 (minimax, exact at 0). With one rounding for product and sum, ln 2 as a single number is near enough:
    // n * 2e-9.
    private static void OnePlusExpOfMinus(CodeWriter code, VectorDialect d)
    {
        code.Block(Head($"{d.Vector} OnePlusExpOfMinus({d.Vector} x)"), () =>
        {
            code.Line($"var bounded = AtMost({L(d, 87)}, AtLeast({L(d, -89)}, x));");
            code.Line($"var sum = MulAdd(bounded, {L(d, -1.44269504088896341)}, {L(d, 12583038)});");
            code.Line($"var n = sum - {L(d, 12583038)};");
            if (d.HasFma) code.Line($"var r = MulAdd(n, {L(d, 0.69314718055994531)}, bounded);");
            else code.Line($"var r = MulAdd(n, {L(d, -2.12194440e-4)}, MulAdd(n, {L(d, 0.693359375)}, bounded));");
            Horner(code, d, "r", [-0.016580453023, 0.083796782970, -0.33335280220, 0.99998292268, -1.99999941084, 2]);
            code.Line($"return MulAdd(p, {(d.IsScalar ? "BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(sum) << 23)"
                : "(sum.AsInt32() << 23).AsSingle()")}, {L(d, 1)});");
        });
        code.Line();
    }

    // As above with n = round(-32 x / ln 2): 2^(n / 32 - 1) is a power of the 32nd root of 2 from a table in two registers, whose bits lack
    // what the lowest five bits of n add when n is shifted into the exponent; |r| <= ln(2) / 64, so that a square is enough: a relative
    // error of 6e-8. Three multiply-adds less than the polynomial alone, for one instruction that looks up and one sum.
    private static void OnePlusExpOfMinusByTable(CodeWriter code, VectorDialect d)
    {
        int[] roots = [.. Enumerable.Range(0, 32).Select(i => BitConverter.SingleToInt32Bits((float)(PowerOfRoot(i) / 2)) - (i << 18))];
        string List(IEnumerable<int> items) => string.Join(", ", items);
        if (d.IsScalar) code.Line($"private static ReadOnlySpan<int> Roots => [{List(roots)}];\n");
        else
        {
            code.Line("// The element of two vectors at the lowest five bits of an index.");
            Method(code, $"{d.Class}<int> OfTwo({d.Class}<int> low, {d.Class}<int> high, {d.Class}<int> index)",
                "System.Runtime.Intrinsics.X86.Avx512F.IsSupported\n"
                + "    ? System.Runtime.Intrinsics.X86.Avx512F.PermuteVar16x32x2(low, index, high)\n"
                + $"    : {d.Class}.ConditionalSelect({d.Class}.Equals(index & {d.Class}.Create(16), {d.Class}<int>.Zero),\n"
                + $"        {d.Class}.Shuffle(low, index & {d.Class}.Create(15)), {d.Class}.Shuffle(high, index & {d.Class}.Create(15)))");
        }
        code.Block(Head($"{d.Vector} OnePlusExpOfMinus({d.Vector} x)"), () =>
        {
            const double round = 12582912;
            code.Line($"var bounded = AtMost({L(d, 86)}, AtLeast({L(d, -89)}, x));");
            code.Line($"var sum = MulAdd(bounded, {L(d, -32 * 1.44269504088896341)}, {L(d, round)});");
            code.Line($"var n = sum - {L(d, round)};");
            code.Line($"var r = MulAdd(n, {L(d, 0.69314718055994531 / 32)}, bounded);");
            Horner(code, d, "r", [1, -2 * (1 + Math.Pow(0.69314718055994531 / 64, 2) / 8), 2]);
            if (d.IsScalar)
            {
                code.Line("int bits = BitConverter.SingleToInt32Bits(sum);");
                code.Line($"return MulAdd(p, BitConverter.Int32BitsToSingle(Roots[bits & 31] + (bits << 18)), {L(d, 1)});");
                return;
            }
            code.Line("var bits = sum.AsInt32();");
            code.Line($"var root = OfTwo({d.Class}.Create({List(roots[..16])}),\n    {d.Class}.Create({List(roots[16..])}), bits);");
            code.Line($"return MulAdd(p, (root + (bits << 18)).AsSingle(), {L(d, 1)});");
        });
        code.Line();
    }

    // 2^(i / 32) by square roots, which give the same bits on every machine.
    private static double PowerOfRoot(int i)
    {
        double power = 1, root = 2;
        for (int bit = 16; bit > 0; bit /= 2)
        {
            root = Math.Sqrt(root);
            if ((i & bit) != 0) power *= root;
        }
        return power;
    }

    // log(m * 2^e) = e * ln 2 + log(m), m in [sqrt(1/2), sqrt(2)), by the polynomial of Cephes logf.
    private static void Log(CodeWriter code, VectorDialect d)
    {
        code.Block(Head($"{d.Vector} Log({d.Vector} x)"), () =>
        {
            code.Line($"var normal = IfLess(x, {L(d, 1.17549435e-38)}, x * {L(d, 8388608)}, x);");
            code.Line($"var e = ExponentOf(normal) - IfLess(x, {L(d, 1.17549435e-38)}, {L(d, 23)}, {L(d, 0)});");
            code.Line("var m = MantissaOf(normal);");
            code.Line($"e = IfLess({L(d, 1.41421356)}, m, e + {L(d, 1)}, e);");
            code.Line($"m = IfLess({L(d, 1.41421356)}, m, m * {L(d, 0.5)}, m) - {L(d, 1)};");
            Horner(code, d, "m", [7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
                2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1]);
            code.Line("var square = m * m;");
            code.Line($"var y = MulAdd(e, {L(d, -2.12194440e-4)}, p * m * square);");
            code.Line($"y = MulAdd(square, {L(d, -0.5)}, y) + m;");
            code.Line($"y = MulAdd(e, {L(d, 0.693359375)}, y);");
            code.Line($"y = IfLess({L(d, float.MaxValue)}, x, x, y);");
            code.Line($"y = IfLess({L(d, 0)}, x, y, IfLess(x, {L(d, 0)}, {L(d, double.NaN)}, {L(d, double.NegativeInfinity)}));");
            code.Line("return IfNaN(x, x, y);");
        });
    }

    // Of |x|: an odd polynomial near 0 (Cephes tanhf), else 1 - 2 / (e^2|x| + 1).
    private static void Tanh(CodeWriter code, VectorDialect d)
    {
        code.Block(Head($"{d.Vector} Tanh({d.Vector} x)"), () =>
        {
            code.Line("var a = Abs(x);");
            code.Line("var z = a * a;");
            Horner(code, d, "z", [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1]);
            code.Line("var small = MulAdd(p * z, a, a);");
            code.Line($"var large = {L(d, 1)} - {L(d, 2)} / (Exp(a + a) + {L(d, 1)});");
            code.Line($"return CopySign(IfLess(a, {L(d, 0.625)}, small, large), x);");
        });
    }

    // x times a quotient of polynomials in x^2, fitted to erf(x)/x on [0, 4] with a relative error below 2^-25; 1 from 3.92 on.
    private static void Erf(CodeWriter code, VectorDialect d)
    {
        code.Block(Head($"{d.Vector} Erf({d.Vector} x)"), () =>
        {
            code.Line($"var a = AtMost({L(d, 4)}, AtLeast({L(d, -4)}, x));");
            code.Line("var z = a * a;");
            Horner(code, d, "z", ErfOver);
            Horner(code, d, "z", ErfUnder, "q");
            code.Line($"return IfLess({L(d, 3.92)}, Abs(x), CopySign({L(d, 1)}, x), a * p / q);");
        });
    }

    // e^x - 1, near 0 by its series, so that nothing is lost there.
    private static void Expm1(CodeWriter code, VectorDialect d)
    {
        code.Block(Head($"{d.Vector} Expm1({d.Vector} x)"), () =>
        {
            Horner(code, d, "x", [1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1]);
            code.Line($"return IfLess(Abs(x), {L(d, 0.5)}, x * p, Exp(x) - {L(d, 1)});");
        });
    }

    // log(1 + x) for x >= 0: what is lost in 1 + x is made good by the factor x / ((1 + x) - 1) (W. Kahan).
    private static void Log1p(CodeWriter code, VectorDialect d)
    {
        code.Block(Head($"{d.Vector} Log1p({d.Vector} x)"), () =>
        {
            code.Line($"var sum = {L(d, 1)} + x;");
            code.Line($"var kept = sum - {L(d, 1)};");
            code.Line($"return IfLess({L(d, 0)}, kept, Log(sum) * (x / kept), x);");
        });
    }

    private static readonly double[] ErfOver = [
        1.9879576668408753e-6, 0.0002840237146265447, 0.0038656660502444442, 0.053046942342930487, 0.19315385945297056, 1.128379144432754,
    ];

    private static readonly double[] ErfUnder = [
        3.7403823485443673e-5, 0.0011810089603076087, 0.015172045478751694, 0.11518550227935197, 0.5045108045031433, 1,
    ];

    private static void Horner(CodeWriter code, VectorDialect d, string x, double[] coefficients, string name = "p")
    {
        code.Line($"var {name} = {L(d, coefficients[0])};");
        foreach (double c in coefficients.Skip(1)) code.Line($"{name} = MulAdd({name}, {x}, {L(d, c)});");
    }

    private static string L(VectorDialect d, double value) => d.Literal(value);

    private static string Head(string signature) => $"[MethodImpl(MethodImplOptions.AggressiveInlining)]\npublic static {signature}";

    private static void Method(CodeWriter code, string signature, string body) => code.Line($"{Head(signature)} => {body};\n");
}
