using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp;

/// <summary>A compiled model in this process: a function from input arrays to output arrays, and what must be freed after it.</summary>
public sealed class HostedModel : IDisposable
{
    private readonly Action release;

    internal HostedModel(Func<Array[], Array[]> run, Action release) => (Run, this.release) = (run, release);

    /// <summary>From inputs to outputs, in the model's order; each array has the elements of its tensor in row-major order.</summary>
    public Func<Array[], Array[]> Run { get; }

    /// <inheritdoc/>
    public void Dispose() => release();
}

/// <summary>
/// Compiles emitted C# in memory and loads it into a context of its own that can be unloaded. Such code is compiled with full optimization
/// at its first call.
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
        var artifact = backend.EmitSources(program);
        var image = Compile(artifact.Files.Where(f => f.Path.EndsWith(".cs", StringComparison.Ordinal))
            .Select(f => (f.Path, f.ReadText())), "model");
        var context = new AssemblyLoadContext("nncc model", isCollectible: true);
        try
        {
            var model = Host(context.LoadFromStream(new MemoryStream(image)), backend.ClassOf(program), artifact);
            return new HostedModel(model.Run, () =>
            {
                model.Dispose();
                context.Unload();
            });
        }
        catch
        {
            context.Unload();
            throw;
        }
    }

    /// <summary>
    /// An instance of a model class in a loaded assembly; the weights go to a temporary file, which lives as long as the instance.
    /// </summary>
    /// <exception cref="NnccException">This machine cannot run the program's target.</exception>
    internal static HostedModel Host(Assembly assembly, string fullName, Artifact artifact)
    {
        string weights = Path.Combine(Path.GetTempPath(), $"nncc-{Guid.NewGuid():N}.weights");
        try
        {
            using (var stream = File.Create(weights))
                artifact.Files.Single(f => f.Path.EndsWith(".weights", StringComparison.Ordinal)).Write(stream);
            var arguments = new object?[] { weights, null };
            var host = assembly.GetType(fullName, throwOnError: true)!.GetMethod("Host", BindingFlags.Public | BindingFlags.Static)!;
            var run = (Func<Array[], Array[]>)host.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
            return new HostedModel(inputs => Guarded(run, inputs), () =>
            {
                ((Action)arguments[1]!)();
                File.Delete(weights);
            });
        }
        catch (Exception e)
        {
            File.Delete(weights);
            if (e is PlatformNotSupportedException) throw new NnccException(FaultCodes.TargetNotHere, e.Message);
            throw;
        }
    }

    // What an emitted kernel says of data that it has no result for is a fault like the evaluator's.
    private static Array[] Guarded(Func<Array[], Array[]> run, Array[] inputs)
    {
        try
        {
            return run(inputs);
        }
        catch (InvalidDataException e)
        {
            throw new NnccException(FaultCodes.Data, e.Message);
        }
    }

    /// <summary>The assembly of source files.</summary>
    /// <exception cref="InvalidOperationException">They do not compile.</exception>
    public static byte[] Compile(IEnumerable<(string File, string Text)> sources, string assemblyName) =>
        TryCompile(sources, assemblyName, out var errors)
        ?? throw new InvalidOperationException("emitted C# does not compile:\n"
            + string.Join('\n', errors.Take(10).Select(e => $"{e.File}{e.Text}")));

    /// <summary>The assembly of source files; null and the errors by file where they do not compile.</summary>
    internal static byte[]? TryCompile(IEnumerable<(string File, string Text)> sources, string assemblyName,
        out ImmutableArray<(string File, string Text)> errors)
    {
        var parse = new CSharpParseOptions(LanguageVersion.Latest);
        var trees = sources.Select(s => CSharpSyntaxTree.ParseText(s.Text, parse, s.File));
        var compilation = CSharpCompilation.Create(assemblyName, trees, References.Value,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary,
            optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, deterministic: true, concurrentBuild: true));
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream);
        errors =
            [.. result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => (d.Location.SourceTree?.FilePath ?? "",
            $"({d.Location.GetLineSpan().StartLinePosition.Line + 1}): {d.Id} {d.GetMessage()}"))];
        return result.Success ? stream.ToArray() : null;
    }
}
