using System.Collections.Immutable;
using Nncc.Backends.CSharp;
using Nncc.Passes.Programs;

namespace Nncc.Backends.Engines;

/// <summary>Emitted C#, compiled and loaded into this process.</summary>
public sealed class CSharpRunner : IModelRunner
{
    private readonly HostedModel model;
    private readonly ModelProgram program;

    private CSharpRunner(HostedModel model, ModelProgram program) => (this.model, this.program) = (model, program);

    /// <inheritdoc/>
    public string Name => $"csharp {program.Target.Name}";

    /// <summary>Compiles a program and loads it.</summary>
    /// <exception cref="NnccException">This machine cannot run the program's target.</exception>
    public static CSharpRunner Load(CSharpBackend backend, ModelProgram program) => new(HostCompiler.Load(backend, program), program);

    /// <inheritdoc/>
    public ImmutableArray<Datum> Run(ImmutableArray<Datum?> inputs, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var arrays = program.Inputs.Select((port, i) => TensorArray.From(Given(port, inputs[i]))).ToArray();
        return [.. model.Run(arrays).Select((array, i) => TensorArray.To(program.Outputs[i].Type, array))];
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
