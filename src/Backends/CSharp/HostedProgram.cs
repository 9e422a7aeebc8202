using System.Reflection;
using System.Runtime.Loader;

namespace Nncc.Backends.CSharp;

/// <summary>
/// A compiled program that instances are made of. Its weights lie in a temporary file, its code in a context of its own that is unloaded;
/// such code is compiled with full optimization at its first call.
/// </summary>
internal sealed class HostedProgram : IDisposable
{
    private readonly byte[] image;
    private readonly string className;
    private readonly string weights;
    private readonly AssemblyLoadContext context = new("nncc model", isCollectible: true);
    private Assembly? assembly;

    /// <summary>A program from its assembly.</summary>
    /// <param name="image">The assembly.</param>
    /// <param name="className">Full name of the model's class.</param>
    /// <param name="artifact">Holds the weights.</param>
    public HostedProgram(byte[] image, string className, Artifact artifact)
    {
        (this.image, this.className) = (image, className);
        weights = WriteWeights(artifact);
    }

    /// <summary>A new instance.</summary>
    /// <exception cref="NnccException">This machine cannot run the program's target.</exception>
    /// <param name="threads">Threads of a run; 0 for as many as the program was compiled for.</param>
    public HostedModel Load(int threads = 0)
    {
        assembly ??= context.LoadFromStream(new MemoryStream(image));
        return Open(assembly, className, weights, threads);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        context.Unload();
        File.Delete(weights);
    }

    /// <summary>Writes the weights of an artifact to a temporary file.</summary>
    internal static string WriteWeights(Artifact artifact)
    {
        string path = Path.Combine(Path.GetTempPath(), $"nncc-{Guid.NewGuid():N}.weights");
        using var stream = File.Create(path);
        artifact.Files.Single(f => f.Path.EndsWith(".weights", StringComparison.Ordinal)).Write(stream);
        return path;
    }

    /// <summary>An instance of a model class in a loaded assembly.</summary>
    /// <exception cref="NnccException">This machine cannot run the program's target.</exception>
    internal static HostedModel Open(Assembly assembly, string fullName, string weights, int threads = 0)
    {
        var host = assembly.GetType(fullName, throwOnError: true)!.GetMethod("Host", BindingFlags.Public | BindingFlags.Static)!;
        // It takes the weights file and, where there may be several, the number of threads; it gives back a function that frees the model
        // and, where it keeps times, the times.
        var parameters = host.GetParameters();
        object?[] arguments = [.. parameters.Select(p => p.ParameterType == typeof(string) ? weights
            : p.ParameterType == typeof(int) ? (object)(threads > 0 ? threads : MostThreads(host.DeclaringType!)) : null)];
        try
        {
            var run = (Action<Array[], Array?[]>)host.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
            return new HostedModel(run, arguments.OfType<Action>().Single(), arguments.OfType<long[]>().SingleOrDefault());
        }
        catch (PlatformNotSupportedException e)
        {
            throw new NnccException(FaultCodes.TargetNotHere, e.Message);
        }
    }

    private static int MostThreads(Type model) => (int)model.GetField("MaxThreads")!.GetRawConstantValue()!;
}
