using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Nncc.Tests.Support;

namespace Nncc.Tests.House;

/// <summary>Who may see whom.</summary>
public class LayeringTests
{
    [Theory]
    [InlineData("IR", "")]
    [InlineData("Passes", "IR")]
    [InlineData("Backends", "Passes")]
    [InlineData("Zoo", "IR")]
    [InlineData("Cli", "Backends Zoo")]
    public void A_project_refers_to_those_below_it_only(string project, string references)
    {
        var found = XDocument.Load(Repository.Under("src", project, $"Nncc.{project}.csproj")).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')).Replace("Nncc.", ""));
        Assert.Equal(references.Split(' ', StringSplitOptions.RemoveEmptyEntries), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_projects_are_those_of_the_house() =>
        Assert.Equal(["src/Backends", "src/Cli", "src/IR", "src/Passes", "src/Zoo"], Sources.Folders("src", 1));

    [Theory]
    [InlineData("src/IR/Ops", "Nncc.IR.Text")]
    [InlineData("src/IR/Ops", "Nncc.IR.Onnx")]
    [InlineData("src/IR/Evaluate", "Nncc.IR.Text")]
    [InlineData("src/IR/Evaluate", "Nncc.IR.Onnx")]
    [InlineData("src/IR/Graph", "Nncc.IR.Onnx")]
    [InlineData("src/IR/Operators", "Nncc.IR.Text")]
    [InlineData("src/IR/Operators", "Nncc.IR.Onnx")]
    [InlineData("src/IR/Types", "Nncc.IR.Ops")]
    [InlineData("src/IR/Values", "Nncc.IR.Ops")]
    [InlineData("src/Passes", "Nncc.IR.Onnx")]
    [InlineData("src/Backends/OnnxRuntime", "Nncc.Passes")]
    public void A_folder_does_not_see_another(string folder, string hidden)
    {
        // Also inside a namespace Nncc.IR, where the short name Onnx.Reader would do.
        string tail = hidden[(hidden.LastIndexOf('.') + 1)..] + ".";
        var found = Sources.Src.Where(s => s.IsIn(folder)).SelectMany(source => source.Syntax.DescendantNodes()
            .Where(node => node switch
            {
                UsingDirectiveSyntax { Name: { } name } => IsOrIsIn(name.ToString(), hidden),
                QualifiedNameSyntax name => IsHidden(name.ToString(), hidden, tail),
                MemberAccessExpressionSyntax access => IsHidden(access.ToString(), hidden, tail),
                _ => false,
            })
            .Where(node => node.FirstAncestorOrSelf<BaseNamespaceDeclarationSyntax>()?.Name != node)
            .Select(source.At));
        Sources.ExpectNone(found);
    }

    [Fact]
    public void Namespaces_follow_folders()
    {
        // These folders together are the namespace Nncc.IR.
        string[] plain = ["Types", "Values", "Graph", "Operators", "Diagnostics"];
        var found = Sources.Src.Where(s => !IsEmittedSource(s))
            .SelectMany(source => source.Syntax.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>()
            .Where(declaration =>
            {
                string[] folders = source.Path.Split('/')[1..^1];
                if (folders[0] == "IR" && folders.Length > 1 && plain.Contains(folders[1])) folders = ["IR"];
                string full = "Nncc." + string.Join('.', folders);
                return !IsOrIsIn(full, declaration.Name.ToString());
            })
            .Select(source.At));
        Sources.ExpectNone(found);
    }

    [Fact]
    public void Passes_never_call_each_other()
    {
        var passes = Sources.Src.Where(s => s.IsIn("src/Passes")).SelectMany(source => source.Syntax.DescendantNodes()
            .OfType<ClassDeclarationSyntax>().Where(c => c.BaseList?.Types.Any(t => t.Type.ToString() == "IPass") == true)
            .Select(c => (Source: source, Name: c.Identifier.Text))).ToList();
        foreach (var (source, name) in passes)
            Sources.ExpectNone(source.Syntax.DescendantNodes().OfType<IdentifierNameSyntax>()
                .Where(id => id.Identifier.Text != name && passes.Any(p => p.Name == id.Identifier.Text))
                .Select(source.At));
    }

    private static bool IsEmittedSource(Source source) => source.IsIn("src/Backends/CSharp/Runtime");

    private static bool IsOrIsIn(string name, string place) => name == place || name.StartsWith(place + ".", StringComparison.Ordinal);

    private static bool IsHidden(string name, string hidden, string tail) => IsOrIsIn(name, hidden)
        || (hidden.StartsWith("Nncc.IR.", StringComparison.Ordinal) && (name.StartsWith(tail, StringComparison.Ordinal)
            || name.StartsWith("IR." + tail, StringComparison.Ordinal)));
}
