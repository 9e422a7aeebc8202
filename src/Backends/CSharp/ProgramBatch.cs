using System.Reflection;
using System.Runtime.Loader;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp;

/// <summary>
/// Many programs of one target, compiled together, as one compilation costs much more than one program in it. A program that does not
/// compile does not spoil the others: its errors come when it is asked for. Programs are added by one thread and asked for by any.
/// </summary>
/// <param name="target">The target of all programs.</param>
public sealed class ProgramBatch(TargetProfile target) : IDisposable
{
    private const string Space = "Batch";

    private readonly Dictionary<string, (string Class, Artifact Artifact)> programs = [];
    private readonly Dictionary<string, (string Class, Artifact Artifact)> byText = [];
    private readonly Dictionary<string, string> faults = [];
    private readonly Dictionary<string, HostedModel> models = [];
    private readonly List<string> files = [];
    private readonly Lock gate = new();
    private AssemblyLoadContext? context;
    private Assembly? assembly;

    /// <summary>A program, ready to run; the batch frees it.</summary>
    /// <exception cref="NnccException">This machine cannot run the target.</exception>
    /// <exception cref="InvalidOperationException">The program was not made or does not compile: a mistake of nncc.</exception>
    public HostedModel this[string name]
    {
        get
        {
            lock (gate)
            {
                if (assembly is null) Compile();
                if (faults.TryGetValue(name, out var fault)) throw new InvalidOperationException($"{name} on {target.Name}: {fault}");
                if (models.TryGetValue(name, out var model)) return model;
                var (className, artifact) = programs[name];
                string weights = HostedProgram.WriteWeights(artifact);
                files.Add(weights);
                return models[name] = HostedProgram.Open(assembly!, $"{Space}.{className}", weights);
            }
        }
    }

    /// <summary>
    /// Adds the program of a graph under a name, once where another has the same text. What <paramref name="make"/> throws is kept as the
    /// program's fault.
    /// </summary>
    public void Add(string name, IFusionStrategy strategy, Func<CSharpBackend, ModelProgram> make)
    {
        try
        {
            var program = make(Backend(strategy, "Same"));
            string text = string.Concat(Backend(strategy, "Same").EmitSources(program).Files.Where(IsSource).Select(f => f.ReadText()));
            if (!byText.TryGetValue(text, out var there))
            {
                string className = $"Program{byText.Count}";
                byText[text] = there = (className, Backend(strategy, className).EmitSources(program));
            }
            programs.Add(name, there);
        }
        catch (Exception e) when (e is not ArgumentException)
        {
            faults.Add(name, e.ToString());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var model in models.Values) model.Dispose();
        foreach (string file in files) File.Delete(file);
        context?.Unload();
    }

    private CSharpBackend Backend(IFusionStrategy strategy, string className) => new(target, strategy, new CSharpOptions(className, Space));

    private void Compile()
    {
        byte[]? image;
        while ((image = HostCompiler.TryCompile(Sources(), "batch", out var errors, isStrict: true)) is null)
        {
            var bad = programs.Where(p => errors.Any(e => e.File.StartsWith($"{p.Value.Class}.", StringComparison.Ordinal))).ToArray();
            if (bad.Length == 0)
                throw new InvalidOperationException($"runtime sources do not compile for {target.Name}: {string.Join('\n', errors)}");
            foreach (var (name, (className, artifact)) in bad)
            {
                var kernels = artifact.Files.FirstOrDefault(f => f.Path.EndsWith(".Kernels.cs", StringComparison.Ordinal));
                faults[name] = "emitted C# does not compile:\n"
                    + string.Join('\n', errors.Where(e => e.File.StartsWith($"{className}.", StringComparison.Ordinal)).Take(5)) + "\n"
                    + kernels?.ReadText();
                programs.Remove(name);
            }
        }
        context = new AssemblyLoadContext("batch", isCollectible: true);
        assembly = context.LoadFromStream(new MemoryStream(image));
    }

    // Runtime sources are the same for all programs of a target and stand in the batch once.
    private IEnumerable<(string File, string Text)> Sources()
    {
        var shared = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in programs.Values.SelectMany(p => p.Artifact.Files).Where(IsSource))
            if (!shared.TryAdd(file.Path, file.ReadText()) && shared[file.Path] != file.ReadText())
                throw new InvalidOperationException($"two programs have another {file.Path} each");
        return shared.Select(s => (s.Key, s.Value));
    }

    private static bool IsSource(ArtifactFile file) => file.Path.EndsWith(".cs", StringComparison.Ordinal);
}
