using System.Reflection;
using System.Runtime.Loader;
using Nncc.Backends;
using Nncc.Backends.CSharp;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Tests.Backends;

/// <summary>
/// Many programs of one target, compiled together, as one compilation costs much more than one program in it. A program that does not
/// compile does not spoil the others: its errors come when it is run.
/// </summary>
internal sealed class ProgramBatch(TargetProfile target) : IDisposable
{
    private const string Space = "Batch";

    private readonly Dictionary<string, (string Class, Artifact Artifact)> programs = [];
    private readonly Dictionary<string, (string Class, Artifact Artifact)> byText = [];
    private readonly Dictionary<string, string> faults = [];
    private readonly Dictionary<string, HostedModel> models = [];
    private AssemblyLoadContext? context;
    private Assembly? assembly;

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

    /// <summary>Runs a program.</summary>
    public Array[] Run(string name, Array[] inputs)
    {
        if (assembly is null) Compile();
        if (faults.TryGetValue(name, out var fault)) Assert.Fail($"{name} on {target.Name}: {fault}");
        if (!models.TryGetValue(name, out var model))
        {
            var (className, artifact) = programs[name];
            models[name] = model = HostCompiler.Host(assembly!, $"{Space}.{className}", artifact);
        }
        return model.Run(inputs);
    }

    /// <summary>The emitted sources of a program, for messages.</summary>
    public string Kernels(string name) =>
        programs[name].Artifact.Files.FirstOrDefault(f => f.Path.EndsWith(".Kernels.cs", StringComparison.Ordinal))?.ReadText() ?? "";

    private CSharpBackend Backend(IFusionStrategy strategy, string className) => new(target, strategy, new CSharpOptions(className, Space));

    private void Compile()
    {
        byte[]? image;
        while ((image = HostCompiler.TryCompile(Sources(), "batch", out var errors)) is null)
        {
            var bad = programs.Where(p => errors.Any(e => e.File.StartsWith($"{p.Value.Class}.", StringComparison.Ordinal))).ToArray();
            if (bad.Length == 0) Assert.Fail($"runtime sources do not compile for {target.Name}: {string.Join('\n', errors)}");
            foreach (var (name, (className, _)) in bad)
            {
                faults[name] = "emitted C# does not compile:\n"
                    + string.Join('\n', errors.Where(e => e.File.StartsWith($"{className}.", StringComparison.Ordinal)).Take(5)) + "\n"
                    + Kernels(name);
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
            if (!shared.TryAdd(file.Path, file.ReadText())) Assert.Equal(shared[file.Path], file.ReadText());
        return shared.Select(s => (s.Key, s.Value));
    }

    private static bool IsSource(ArtifactFile file) => file.Path.EndsWith(".cs", StringComparison.Ordinal);

    public void Dispose()
    {
        foreach (var model in models.Values) model.Dispose();
        context?.Unload();
    }
}
