using System.Collections.Immutable;
using Nncc.Backends.CSharp;
using Nncc.Passes.Programs;

namespace Nncc.Backends.Engines;

/// <summary>Emitted C#, compiled and loaded into this process.</summary>
public sealed class CSharpRunner : IModelRunner
{
    private readonly HostedModel model;
    private readonly ModelProgram program;
    private readonly ImmutableArray<string> inputs;

    private CSharpRunner(HostedModel model, ModelProgram program, Graph graph) =>
        (this.model, this.program, inputs) = (model, program, [.. graph.Inputs.Select(i => graph[i.Value].Name)]);

    /// <inheritdoc/>
    public string Name => $"csharp {program.Target.Name}";

    /// <summary>Compiles a program and loads it.</summary>
    /// <param name="backend">The backend that made the program.</param>
    /// <param name="program">The program.</param>
    /// <param name="graph">The model's graph, whose inputs are given; those that the program does not have are bound to their
    /// defaults.</param>
    /// <exception cref="NnccException">This machine cannot run the program's target.</exception>
    public static CSharpRunner Load(CSharpBackend backend, ModelProgram program, Graph graph) =>
        new(HostCompiler.Load(backend, program), program, graph);

    /// <summary>A program that is loaded already and that the caller frees.</summary>
    internal static CSharpRunner Of(HostedModel model, ModelProgram program, Graph graph) =>
        new(model.With(() => { }), program, graph);

    /// <inheritdoc/>
    public ImmutableArray<Datum> Run(ImmutableArray<Datum?> inputs, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var given = this.inputs.Zip(inputs).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        if (given.FirstOrDefault(g => g.Value is not null && program.Inputs.All(port => port.Name != g.Key)) is { Key: { } bound })
            throw new NnccException(FaultCodes.InputData, $"input \"{bound}\" has its default in emitted C# and cannot be given",
                advice: "leave it out, or run another engine");
        var arrays = program.Inputs.Select(port => TensorArray.From(Given(port, given[port.Name]))).ToArray();
        return [.. model.Run(arrays, program.Outputs.Length).Select((array, i) => TensorArray.To(program.Outputs[i].Type, array))];
    }

    /// <inheritdoc/>
    public void Dispose() => model.Dispose();

    private static Tensor Given(ProgramPort port, Datum? given)
    {
        var datum = given ?? port.Default
            ?? throw new NnccException(FaultCodes.InputData, $"input \"{port.Name}\" ({port.Type}) is not given");
        return datum is Tensor tensor && tensor.Type.Equals(port.Type) ? tensor
            : throw new NnccException(FaultCodes.InputData, $"input \"{port.Name}\" is {port.Type}, got {datum.Type}");
    }
}
