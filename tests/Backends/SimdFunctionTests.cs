using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Nncc.Backends.CSharp;
using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.Passes.Targets;

namespace Nncc.Tests.Backends;

/// <summary>
/// The functions that emitted programs print for binary32, over all of its range: a lane gives the bits of the scalar form, and both are
/// within a few units of the evaluator's functions.
/// </summary>
public class SimdFunctionTests
{
    // Unit: 2^-23 of the result, or the least subnormal number. The bounds are those of the ops, Accuracy.Relative(4), or sharper.
    private static readonly (string Name, Func<double, double> Exact, double Units)[] Functions =
    [
        ("Exp", Elementary.Exp, 2),
        ("Log", Elementary.Log, 2),
        ("Expm1", Elementary.Expm1, 2),
        ("Tanh", Elementary.Tanh, 2),
        ("Erf", Elementary.Erf, 4),
        ("Sigmoid", x => 1 / (1 + Elementary.Exp(-x)), 4),
        ("OnePlusExpOfMinus", x => 1 + Elementary.Exp(-x), 4),
        ("Softplus", x => Math.Max(x, 0) + Elementary.Log1p(Elementary.Exp(-Math.Abs(x))), 4),
    ];

    private static readonly float[] Arguments = [.. Sample()];

    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string target in KernelSuite.Targets)
                foreach (var function in Functions) data.Add(function.Name, target);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Is_exact_to_a_few_units(string function, string target)
    {
        var (_, exact, units) = Functions.First(f => f.Name == function);
        float[] scalar = Run(target, function, "scalar");
        for (int i = 0; i < scalar.Length; i++)
        {
            double wanted = exact(Arguments[i]);
            double error = Math.Abs(scalar[i] - wanted), bound = Math.Max(units * Math.ScaleB(Math.Abs(wanted), -23), float.Epsilon);
            bool isRight = wanted.Equals(scalar[i]) || error <= bound || (Math.Abs(wanted) > float.MaxValue && float.IsInfinity(scalar[i]));
            Assert.True(isRight, $"{function}({Arguments[i]:R}) is {scalar[i]:R}, should be {wanted:R}: {error / bound * units:F1} units");
            if (wanted == 0) Assert.Equal(double.IsNegative(wanted), float.IsNegative(scalar[i]));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_lane_gives_the_bits_of_the_scalar_form(string function, string target)
    {
        float[] scalar = Run(target, function, "scalar"), vector = Run(target, function, "vector");
        for (int i = 0; i < scalar.Length; i++)
            Assert.True(BitConverter.SingleToInt32Bits(scalar[i]) == BitConverter.SingleToInt32Bits(vector[i])
                || (float.IsNaN(scalar[i]) && float.IsNaN(vector[i])),
                $"{function}({Arguments[i]:R}) is {scalar[i]:R} as a scalar and {vector[i]:R} in a lane");
    }

    [Theory]
    [InlineData("cpu-sse")]
    [InlineData("cpu-avx512")]
    public void Pairs_are_the_same_without_instructions_for_them(string target)
    {
        string simd = SimdSource.Print(VectorDialect.For(TargetProfiles.Standard()[target], DType.Float32));
        string portable = simd.Replace("System.Runtime.Intrinsics.X86.Sse.IsSupported", "false");
        Assert.NotEqual(simd, portable);
        foreach (string name in new[] { "LowPairs", "HighPairs", "LowHalves", "HighHalves" })
            Assert.Equal(Pair(simd, name), Pair(portable, name));
    }

    private static float[] Pair(string simd, string name)
    {
        string text = "using System;\nusing System.Runtime.CompilerServices;\nusing System.Runtime.Intrinsics;\n" + simd
            + "public static unsafe class Driver { public static float[] Pair() { var to = new float[4]; fixed (float* p = to) "
            + $"Vector128.Store(Simd.{name}(Vector128.Create(1f, 2f, 3f, 4f), Vector128.Create(5f, 6f, 7f, 8f)), p); return to; }} }}";
        byte[] image = HostCompiler.Compile([("Simd.cs", text)], "pairs");
        return (float[])new AssemblyLoadContext("pairs", isCollectible: true).LoadFromStream(new MemoryStream(image)).GetType("Driver")!
            .GetMethod("Pair")!.Invoke(null, null)!;
    }

    // Every 16384th bit pattern, those around the thresholds of the functions, and special numbers; a whole number of vectors.
    private static IEnumerable<float> Sample()
    {
        var numbers = new List<float> { 0f, -0f, float.Epsilon, -float.Epsilon, float.MaxValue, float.MinValue, float.NaN,
            float.PositiveInfinity, float.NegativeInfinity };
        for (long bits = 0; bits < 1L << 32; bits += 16381) numbers.Add(BitConverter.UInt32BitsToSingle((uint)bits));
        float[] thresholds =
            [1.17549435e-38f, 1.41421356f, 0.70710678f, 0.625f, 1, 4, 9, 88.72284f, 87.33655f, 103.97208f, 89, 104, 0.34657359f, 10, 16.6f];
        foreach (float threshold in thresholds)
            for (int i = -40; i <= 40; i++)
            {
                float near = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(threshold) + i);
                numbers.Add(near);
                numbers.Add(-near);
            }
        // Where most arguments are.
        for (int i = -40_000; i <= 40_000; i++) numbers.Add(i / 1500f);
        while (numbers.Count % 16 != 0) numbers.Add(1);
        return numbers;
    }

    private static float[] Run(string target, string function, string form)
    {
        var result = new float[Arguments.Length];
        Compiled.Value[target].GetMethod($"{function}_{form}")!.CreateDelegate<Action<float[], float[]>>()(Arguments, result);
        return result;
    }

    private static readonly Lazy<Dictionary<string,
        Type>> Compiled = new(() => KernelSuite.Targets.ToDictionary(target => target, Compile));

    private static Type Compile(string target)
    {
        var dialect = VectorDialect.For(TargetProfiles.Standard()[target], DType.Float32);
        var code = new CodeWriter();
        code.Line("using System;\nusing System.Numerics;\nusing System.Runtime.CompilerServices;\nusing System.Runtime.Intrinsics;\n");
        code.Line(SimdSource.Print(dialect));
        code.Block("public static unsafe class Driver", () =>
        {
            foreach (var (name, _, _) in Functions)
            {
                Loop(dialect.Scalar, name, "scalar");
                Loop(dialect, name, "vector");
            }
        });
        byte[] image = HostCompiler.Compile([("Simd.cs", code.ToString())], $"simd {target}");
        return new AssemblyLoadContext(target, isCollectible: true).LoadFromStream(new MemoryStream(image)).GetType("Driver")!;

        void Loop(VectorDialect d, string name, string form) =>
            code.Block($"public static void {name}_{form}(float[] from, float[] to)", () =>
        {
            code.Line("fixed (float* x = from, y = to)");
            code.Line($"    for (nint i = 0; i < from.Length; i += {d.Lanes}) {d.Store("y + i", $"Simd.{name}({d.Load("x + i")})")}");
        });
    }
}
