using System.Reflection;
using System.Runtime.Loader;
using Nncc.Backends;
using Nncc.Backends.CSharp;
using Nncc.IR;
using Nncc.Passes;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;
using Nncc.Tests.Support;

namespace Nncc.Tests.Backends;

/// <summary>An emitted model compiled together with the text of a program that uses it as its users do.</summary>
internal sealed class EmittedDriver : IDisposable
{
    private readonly AssemblyLoadContext context = new("driver", isCollectible: true);
    private readonly TemporaryFolder folder = new();
    private readonly Type type;

    /// <summary>Compiles the model of a graph and a class <c>Driver</c> with these members, in the model's namespace.</summary>
    public EmittedDriver(Graph graph, string members, CSharpOptions? options = null, params string[] targets)
    {
        Options = options ?? new CSharpOptions("Net");
        Backend = new CSharpBackend(TargetProfiles.Standard()["cpu-sse"], FusionStrategies.Standard().Find("rules"), Options);
        Program = Backend.Lower(graph, new PassContext(OpRegistry.Standard()));
        Artifact = targets.Length == 0 ? Backend.Emit(Program) : new Compiler(new CompilerOptions
        {
            Target = string.Join(',', targets), CSharp = Options,
        }).EmitCSharp(new Model(graph, ModelHeader.Empty));
        foreach (var file in Artifact.Files.Where(f => f.Path.EndsWith(".weights", StringComparison.Ordinal)))
            using (var stream = File.Create(WeightsFile)) file.Write(stream);
        string driver = $$"""
            using System;
            using System.IO;
            using System.Threading;
            namespace {{Options.Namespace}};
            public static class Driver
            {
            {{members}}
            }
            """;
        var sources = Artifact.Files.Where(f => f.Path.EndsWith(".cs", StringComparison.Ordinal)).Select(f => (f.Path, f.ReadText()))
            .Append(("Driver.cs", driver));
        var image = HostCompiler.Compile(sources, "driver");
        type = context.LoadFromStream(new MemoryStream(image)).GetType($"{Options.Namespace}.Driver", throwOnError: true)!;
    }

    public CSharpOptions Options { get; }

    public CSharpBackend Backend { get; }

    public ModelProgram Program { get; }

    public Artifact Artifact { get; }

    /// <summary>The model's weights.</summary>
    public string WeightsFile => folder.At("net.weights");

    /// <summary>Calls a method of the driver.</summary>
    public object? Call(string method, params object?[] arguments) =>
        type.GetMethod(method)!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);

    public void Dispose()
    {
        context.Unload();
        folder.Dispose();
    }
}
