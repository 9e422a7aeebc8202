using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Nncc.Tests.House;

/// <summary>What may not be used where, since it would make an output depend on the machine, or hide an input.</summary>
public class ForbiddenCallTests
{
    private static readonly HashSet<string> Transcendental =
    [
        "Exp", "Exp2", "Exp10", "ExpM1", "Exp2M1", "Exp10M1", "Log", "Log2", "Log10", "LogP1", "Log2P1", "Log10P1",
        "Pow", "RootN", "Hypot", "Cbrt", "Sin", "Cos", "Tan", "SinCos", "SinPi", "CosPi", "TanPi", "SinCosPi",
        "Asin", "Acos", "Atan", "Atan2", "AsinPi", "AcosPi", "AtanPi", "Atan2Pi", "Sinh", "Cosh", "Tanh", "Asinh", "Acosh", "Atanh",
        "ReciprocalEstimate", "ReciprocalSqrtEstimate",
    ];

    // Types of the platform that have these functions; a generic number T stands for them.
    private static readonly HashSet<string> Platform =
        ["Math", "MathF", "double", "float", "Half", "Double", "Single", "BFloat16", "T", "TFloat", "TensorPrimitives", "Complex"];

    [Fact]
    public void Elementary_functions_of_the_platform_reach_no_output() => Sources.ExpectNone(
        Accesses(s => (s.IsIn("src/IR") || s.IsIn("src/Passes") || s.IsIn("src/Zoo"))
                && !s.Path.StartsWith("src/IR/Evaluate/Elementary", StringComparison.Ordinal),
            (owner, name) => Platform.Contains(owner) && Transcendental.Contains(name)));

    [Fact]
    public void No_type_of_the_platform_is_opened_for_its_functions() =>
        Sources.ExpectNone(Sources.Src.SelectMany(source => source.Syntax.DescendantNodes()
        .OfType<UsingDirectiveSyntax>().Where(u => u.StaticKeyword.IsKind(SyntaxKind.StaticKeyword)
            && u.Name?.ToString().StartsWith("System", StringComparison.Ordinal) == true)
        .Select(source.At)));

    [Fact]
    public void Only_the_command_line_touches_the_console() =>
        Sources.ExpectNone(Accesses(IsLibrary, (owner, _) => owner is "Console" or "AnsiConsole"));

    [Fact]
    public void No_library_reads_environment_variables() => Sources.ExpectNone(Accesses(IsLibrary, (owner, name) => owner == "Environment"
        && name is "GetEnvironmentVariable" or "GetEnvironmentVariables" or "SetEnvironmentVariable" or "ExpandEnvironmentVariables"
            or "GetCommandLineArgs" or "CommandLine" or "UserName" or "MachineName" or "Exit" or "FailFast"));

    [Fact]
    public void A_clock_comes_in_as_TimeProvider() => Sources.ExpectNone(Accesses(IsLibrary, (owner, name) =>
        (owner is "DateTime" or "DateTimeOffset" && name is "Now" or "UtcNow" or "Today") || owner == "Stopwatch"
        || (owner == "Environment" && name is "TickCount" or "TickCount64") || (owner == "TimeProvider" && name == "System")));

    [Fact]
    public void Random_numbers_have_a_seed() =>
        Sources.ExpectNone(Accesses(IsLibrary, (owner, name) => owner == "Random" && name == "Shared")
        .Concat(Sources.Src.Where(IsLibrary).SelectMany(source => source.Syntax.DescendantNodes().OfType<ObjectCreationExpressionSyntax>()
            .Where(c => c.Type.ToString() == "Random" && c.ArgumentList?.Arguments.Count is null or 0).Select(source.At))));

    [Fact]
    public void The_rule_about_functions_can_fail()
    {
        var source = new Source("src/IR/X.cs",
            "class X { double A(double x) => Math.Exp(x) + System.Math.Pow(x, 2) + double.Log(x) + Math.Sqrt(x) + Elementary.Exp(x); }");
        Assert.Equal(3, Accesses(source, (owner, name) => Platform.Contains(owner) && Transcendental.Contains(name)).Count());
    }

    // Sources that are copied into emitted programs run there, not here.
    private static bool IsLibrary(Source source) => !source.IsIn("src/Cli") && !source.IsIn("src/Backends/CSharp/Runtime");

    private static IEnumerable<string> Accesses(Func<Source, bool> where, Func<string, string, bool> isForbidden) =>
        Sources.Src.Where(where).SelectMany(source => Accesses(source, isForbidden));

    private static IEnumerable<string> Accesses(Source source, Func<string, string, bool> isForbidden) => source.Syntax.DescendantNodes()
        .OfType<MemberAccessExpressionSyntax>()
        .Where(access => isForbidden(access.Expression.ToString().Split('.')[^1], access.Name.Identifier.Text))
        .Select(source.At);
}
