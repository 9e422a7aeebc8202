using System.Reflection;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Nncc.Tests.House;

/// <summary>The numbers of faults: each once, each in its area, each used.</summary>
public class FaultNumberTests
{
    // The areas that a partial file of FaultCodes may have numbers of; FaultCodes.cs holds the first of several.
    private static readonly Dictionary<string, int[]> Areas = new()
    {
        [""] = [1, 3, 4],
        ["Text"] = [2],
        ["Onnx"] = [2],
        ["Graphs"] = [3],
        ["Passes"] = [3],
        ["Rules"] = [3],
        ["Counting"] = [3],
        ["Plugins"] = [3],
        ["Evaluate"] = [4],
        ["Backends"] = [5],
        ["Targets"] = [5],
        ["OnnxRuntime"] = [6],
        ["Cli"] = [7],
        ["Files"] = [7],
    };

    [Fact]
    public void Each_number_is_given_once()
    {
        var codes = FaultCodes.All;
        Assert.NotEmpty(codes);
        Assert.Equal(codes.Length, codes.Select(c => c.Number).Distinct().Count());
        Assert.All(codes, code => Assert.InRange(code.Number, 1001, 7999));
        Assert.All(codes, code => Assert.NotEmpty(code.Title));
    }

    [Fact]
    public void Each_number_is_in_the_range_of_its_area()
    {
        foreach (var source in Sources.Src.Where(s =>
            s.IsIn("src/IR/Diagnostics") && Path.GetFileName(s.Path).StartsWith("FaultCodes", StringComparison.Ordinal)))
        {
            string area = Path.GetFileNameWithoutExtension(source.Path)["FaultCodes".Length..].TrimStart('.');
            Assert.True(Areas.TryGetValue(area, out int[]? thousands), $"{source.Path}: name its range in {nameof(FaultNumberTests)}");
            foreach (string name in Names(source))
                Assert.True(thousands!.Contains(Code(name).Number / 1000),
                    $"{source.Path}: {name} is {Code(name)}, and the area has {string.Join(", ", thousands!)}xxx");
        }
    }

    [Fact]
    public void Each_number_is_used()
    {
        var used = Sources.Src.SelectMany(s => s.Syntax.DescendantNodes().OfType<MemberAccessExpressionSyntax>())
            .Where(a => a.Expression.ToString().Split('.')[^1] == nameof(FaultCodes)).Select(a => a.Name.Identifier.Text).ToHashSet();
        Sources.ExpectNone(Sources.Src.Where(s => s.IsIn("src/IR/Diagnostics")).SelectMany(Names).Except(used));
    }

    private static IEnumerable<string> Names(Source source) => source.Syntax.DescendantNodes().OfType<FieldDeclarationSyntax>()
        .Where(f => f.Declaration.Type.ToString() == nameof(FaultCode)).SelectMany(f => f.Declaration.Variables)
        .Select(v => v.Identifier.Text);

    private static FaultCode Code(string name) =>
        (FaultCode)typeof(FaultCodes).GetField(name, BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
}
