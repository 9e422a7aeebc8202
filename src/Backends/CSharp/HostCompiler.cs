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
    private readonly string weightsFile;
    private readonly AssemblyLoadContext context;

    internal HostedModel(Func<Array[], Array[]> run, Action release, string weightsFile, AssemblyLoadContext context) =>
        (Run, this.release, this.weightsFile, this.context) = (run, release, weightsFile, context);

    /// <summary>From inputs to outputs, in the model's order; each array has the elements of its tensor in row-major order.</summary>
    public Func<Array[], Array[]> Run { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        release();
        context.Unload();
        File.Delete(weightsFile);
    }
}

/// <summary>
/// Compiles emitted C# in memory and loads it into a context of its own that can be unloaded. Such code is compiled with full optimization at
/// its first call.
/// </summary>
public static class HostCompiler
{
    private static readonly Lazy<ImmutableArray<MetadataReference>> References = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => Path.GetFileName(p) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "mscorlib.dll" or "netstandard.dll"))
            .Select(p => MetadataReference.CreateFromFile(p))]);

    /// <summary>Compiles and loads a program; its weights go to a temporary file that lives as long as the model.</summary>
    /// <exception cref="NnccException">This machine cannot run the program's target.</exception>
    /// <exception cref="InvalidOperationException">The emitted code does not compile: a fault of nncc.</exception>
    public static HostedModel Load(CSharpBackend backend, ModelProgram program)
    {
        var artifact = backend.Emit(program);
        var image = Compile(artifact.Files.Where(f => f.Path.EndsWith(".cs", StringComparison.Ordinal)).Select(f => (f.Path, f.ReadText())), "model");
        string weights = Path.Combine(Path.GetTempPath(), $"nncc-{Guid.NewGuid():N}.weights");
        using (var stream = File.Create(weights)) artifact.Files.Single(f => f.Path.EndsWith(".weights", StringComparison.Ordinal)).Write(stream);
        var context = new AssemblyLoadContext("nncc model", isCollectible: true);
        try
        {
            var assembly = context.LoadFromStream(new MemoryStream(image));
            var host = assembly.GetTypes().Select(t => t.GetMethod("Host", BindingFlags.Public | BindingFlags.Static)).First(m => m is not null)!;
            var arguments = new object?[] { weights, null };
            var run = (Func<Array[], Array[]>)host.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
            return new HostedModel(run, (Action)arguments[1]!, weights, context);
        }
        catch (Exception e)
        {
            context.Unload();
            File.Delete(weights);
            if (e is PlatformNotSupportedException) throw new NnccException(FaultCodes.TargetNotHere, e.Message);
            throw;
        }
    }

    /// <summary>The assembly of source files.</summary>
    public static byte[] Compile(IEnumerable<(string File, string Text)> sources, string assemblyName)
    {
        var parse = new CSharpParseOptions(LanguageVersion.Latest);
        var trees = sources.Select(s => CSharpSyntaxTree.ParseText(s.Text, parse, s.File));
        var compilation = CSharpCompilation.Create(assemblyName, trees, References.Value, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary,
            optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, deterministic: true, concurrentBuild: true));
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream);
        if (!result.Success)
            throw new InvalidOperationException("emitted C# does not compile:\n" + string.Join('\n',
                result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(10)));
        return stream.ToArray();
    }
}
