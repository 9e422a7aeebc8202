using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Nncc.Passes.Plugins;
using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp;

/// <summary>
/// Compiles emitted C# in memory.
/// </summary>
public static class HostCompiler
{
    private static readonly Lazy<ImmutableArray<MetadataReference>> References = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => Path.GetFileName(p) is var name
                && (name.StartsWith("System.", StringComparison.Ordinal) || name is "mscorlib.dll" or "netstandard.dll"))
            .Select(p => MetadataReference.CreateFromFile(p))]);

    /// <summary>Compiles and loads a program; its weights go to a temporary file that lives as long as the model.</summary>
    /// <exception cref="NnccException">This machine cannot run the program's target.</exception>
    /// <exception cref="InvalidOperationException">The emitted code does not compile: a fault of nncc.</exception>
    public static HostedModel Load(CSharpBackend backend, ModelProgram program)
    {
        var hosted = Compile(backend, program);
        try
        {
            var model = hosted.Load();
            return model.With(() =>
            {
                model.Dispose();
                hosted.Dispose();
            });
        }
        catch
        {
            hosted.Dispose();
            throw;
        }
    }

    /// <summary>Compiles a program, of which instances can be made.</summary>
    /// <param name="backend">The backend that made it.</param>
    /// <param name="program">The program.</param>
    /// <param name="isTimed">Whether instances keep the time of each step.</param>
    /// <exception cref="NnccException">The emitted code does not compile, and kernels of a plugin are in it.</exception>
    /// <exception cref="InvalidOperationException">The emitted code does not compile: a fault of nncc.</exception>
    internal static HostedProgram Compile(CSharpBackend backend, ModelProgram program, bool isTimed = false)
    {
        var artifact = backend.EmitSources(program, isTimed);
        var sources = artifact.Files.Where(f => f.Path.EndsWith(".cs", StringComparison.Ordinal)).Select(f => (f.Path, f.ReadText()));
        byte[] assembly = TryCompile(sources, "model", out var errors)
            ?? throw (Exception?)PluginBlame.Of(backend.TemplatesOf(program), Text(errors)) ?? NotCompiled(errors);
        return new HostedProgram(assembly, backend.ClassOf(program), artifact);
    }

    /// <summary>The assembly of source files.</summary>
    /// <exception cref="InvalidOperationException">They do not compile.</exception>
    public static byte[] Compile(IEnumerable<(string File, string Text)> sources, string assemblyName) =>
        TryCompile(sources, assemblyName, out var errors) ?? throw NotCompiled(errors);

    private static InvalidOperationException NotCompiled(ImmutableArray<(string File, string Text)> errors) =>
        new($"emitted C# does not compile:\n{Text(errors)}");

    private static string Text(ImmutableArray<(string File, string Text)> errors) =>
        string.Join('\n', errors.Take(10).Select(e => $"{e.File}{e.Text}"));

    /// <summary>The assembly of source files; null and the errors by file where they do not compile.</summary>
    /// <param name="sources">The files.</param>
    /// <param name="assemblyName">Its name.</param>
    /// <param name="errors">What is wrong.</param>
    /// <param name="isStrict">Whether warnings are errors, as they may be where a user builds emitted code.</param>
    internal static byte[]? TryCompile(IEnumerable<(string File, string Text)> sources, string assemblyName,
        out ImmutableArray<(string File, string Text)> errors, bool isStrict = false)
    {
        var parse = new CSharpParseOptions(LanguageVersion.Latest);
        var trees = sources.Select(s => CSharpSyntaxTree.ParseText(s.Text, parse, s.File));
        var compilation = CSharpCompilation.Create(assemblyName, trees, References.Value,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary,
            optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, deterministic: true, concurrentBuild: true,
            generalDiagnosticOption: isStrict ? ReportDiagnostic.Error : ReportDiagnostic.Default));
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream);
        errors =
            [.. result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => (d.Location.SourceTree?.FilePath ?? "",
            $"({d.Location.GetLineSpan().StartLinePosition.Line + 1}): {d.Id} {d.GetMessage()}"))];
        return result.Success ? stream.ToArray() : null;
    }
}
