using System.Collections.Immutable;
using System.Text;
using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp;

/// <summary>
/// The files around the sources of a model: a project file without packages, a program that runs the model from a command line (unless it
/// is a library), and a README.
/// </summary>
internal sealed class ProjectFiles(ProgramFamily family, ProgramEmitter emitter, CSharpOptions options, string className)
{
    private readonly ModelProgram program = family.First;

    /// <summary>The files beside the given sources.</summary>
    public IEnumerable<(string File, string Text)> Print(ImmutableArray<(string File, string Text)> sources)
    {
        yield return ($"{className}.csproj", ProjectFile());
        yield return ("README.md", Readme());
        if (options.IsLibrary) yield break;
        yield return ("Program.cs", emitter.Beside(Program(), "System", "System.IO"));
        var there = sources.Select(s => s.File).ToHashSet();
        foreach (var file in emitter.Runtime(RuntimeSources.Closure(["ModelConsole"])))
            if (!there.Contains(file.File)) yield return file;
    }

    // Kernels are to be compiled with full optimization at their first call: code of the first tier is ten times slower.
    private string ProjectFile() => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>{(options.IsLibrary ? "Library" : "Exe")}</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <RootNamespace>{options.Namespace}</RootNamespace>
            <Nullable>enable</Nullable>
            <AllowUnsafeBlocks>true</AllowUnsafeBlocks>
            <CheckForOverflowUnderflow>false</CheckForOverflowUnderflow>
            <Deterministic>true</Deterministic>
            <InvariantGlobalization>true</InvariantGlobalization>
            <TieredCompilation>false</TieredCompilation>
          </PropertyGroup>
          <ItemGroup>
            <None Include="{className}.weights" CopyToOutputDirectory="PreserveNewest" />
          </ItemGroup>
        </Project>

        """.ReplaceLineEndings("\n");

    private string Program() => $$"""
        /// <summary>Runs <see cref="{{className}}"/> from the command line; --help says how.</summary>
        internal static class Program
        {
            private static int Main(string[] arguments) => ModelConsole.Run(
                arguments, {{className}}.Info, Path.Combine(AppContext.BaseDirectory, "{{className}}.weights"), weights => new {{className}}(weights));
        }

        """.ReplaceLineEndings("\n");

    private string Readme()
    {
        var text = new StringBuilder();
        string first = program.Inputs.FirstOrDefault()?.Name ?? "";
        text.Append($"""
            # {className}

            The model {SourceText.Markdown(program.Name)} as C# source without dependencies, made by {ToolVersion.Name}{(options.Command is null ? "."
                : $" with\n\n    {SourceText.Comment(options.Command, 1000)}")}

            It needs .NET 10{Needs()}. {Targets()}

            | | name | type | sizes |
            |---|---|---|---|

            """.ReplaceLineEndings("\n"));
        foreach (var port in program.Inputs) text.Append($"| input | {SourceText.Markdown(port.Name)} | {TypeName(port)} | {Sizes(port)} "
            + $"|\n");
        foreach (var port in program.Outputs) text.Append($"| output | {SourceText.Markdown(port.Name)} | {TypeName(port)} | {Sizes(port)} "
            + $"|\n");
        text.Append($"""

            {(options.IsLibrary ? """
                ## Build

                    dotnet build -c Release
                """.ReplaceLineEndings("\n") : """
                ## Build and run

                    dotnet run -c Release -- --help
                    dotnet run -c Release -- input.npy --repeat 100
                """.ReplaceLineEndings("\n"))}

            No package is downloaded, so that this works offline and with an empty list of package sources.

            ## Call it from a program

            Refer to this project, or copy all `.cs` files but `Program.cs` into yours (with `AllowUnsafeBlocks`), and put `{className}.weights` beside the program.

            ```csharp
            {Example.ReplaceLineEndings("\n")}
            ```

            `Weights` may be shared by any number of instances. An instance runs once at a time and allocates nothing while it runs; use one for each
            thread. `{className}.Info` tells names, types and sizes, and `Run(inputs, outputs)` takes tensors that are known only at run time.
            Two models in one project need two namespaces.

            ## Licence

            This code was generated from your model: it is yours, and nncc claims no rights in it.

            """.ReplaceLineEndings("\n"));
        return text.ToString();
    }

    /// <summary>The example of the README: a program that calls the model.</summary>
    public string Example
    {
        get
        {
            var names = ParameterNames.Of(program);
            var lines = new List<string>
            {
                "using System;", $"using {options.Namespace};", "",
                $"using var weights = Weights.Open(\"{className}.weights\");",
                $"using var model = new {className}(weights);",
            };
            foreach (var (port, name) in program.Inputs.Zip(names.Inputs).Concat(program.Outputs.Zip(names.Outputs)))
                lines.Add($"var {name} = new {CSharpTypes.Name(port.Type.DType)}[{port.Type.Shape!.Count}]; // "
                    + $"{SourceText.Comment(port.Name)}: {Sizes(port)}");
            lines.Add(new CodeWriter().Call("model.Run", [.. names.Inputs, .. names.Outputs]) + ";");
            return string.Join('\n', lines);
        }
    }

    // What all of several targets need is what the least needs.
    private string Needs() => TargetChoice.Common(family) is { Length: > 0 } features
        ? $" and a processor with {string.Join(", ", features)}" : " and any processor";

    private string Targets() => family.Members.Length == 1 ? $"Target: `{program.Target.Name}`."
        : $"Targets: {string.Join(", ", family.Members.Select(m => $"`{m.Target.Name}`"))}; an instance runs the first that its processor "
            + "has the instructions for.";

    private static string TypeName(ProgramPort port) =>
        $"`{CSharpTypes.Name(port.Type.DType)}`{(port.Type.DType == DType.BFloat16 ? " (bits of bfloat16)" : "")}";

    private static string Sizes(ProgramPort port) => port.Type.Shape!.Rank == 0 ? "scalar" : port.Type.Shape.ToString();
}
