using System.Collections.Immutable;
using Nncc.Backends.CSharp;
using Nncc.Backends.Engines;
using Nncc.Passes.Programs;

namespace Nncc.Backends.Benchmarks;

/// <summary>Emitted C#, compiled into this process as it is shipped.</summary>
internal sealed class CompiledContestant : Contestant
{
    private readonly HostedProgram hosted;
    private readonly HostedModel model;
    private readonly ModelProgram program;
    private readonly Array[] inputs;
    private readonly Array?[] outputs;

    /// <summary>Compiles and loads a model.</summary>
    /// <param name="compiler">Its options say for which target, and bind sizes.</param>
    /// <param name="source">The model as read.</param>
    /// <param name="inputs">Inputs in the model's order.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellation">Ends compiling.</param>
    /// <exception cref="NnccException">The model cannot be emitted, or this machine cannot run the target.</exception>
    public CompiledContestant(Compiler compiler, Model source, ImmutableArray<Datum?> inputs, TimeProvider clock,
        CancellationToken cancellation)
    {
        (program, hosted) = Timed(clock, () => Compile(compiler, source, cancellation), out double compile);
        try
        {
            model = Timed(clock, () => hosted.Load(), out double load);
            (CompileMs, LoadMs) = (compile, load);
            this.inputs = Arrays(program, source.Graph, inputs);
            outputs = new Array?[program.Outputs.Length];
        }
        catch
        {
            model?.Dispose();
            hosted.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override string Engine => "nncc";

    /// <inheritdoc/>
    public override void Run() => model.Run(inputs, outputs);

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Outputs => [.. outputs.Select((array, i) => TensorArray.To(program.Outputs[i].Type, array!))];

    /// <inheritdoc/>
    public override void Dispose()
    {
        model.Dispose();
        hosted.Dispose();
    }

    private static (ModelProgram Program, HostedProgram Hosted) Compile(Compiler compiler, Model source, CancellationToken cancellation)
    {
        var program = compiler.Lower(source, cancellation);
        return (program, HostCompiler.Compile(compiler.CSharp, program));
    }

    /// <summary>A program's inputs from those of the graph that it was lowered from.</summary>
    public static Array[] Arrays(ModelProgram program, Graph graph, ImmutableArray<Datum?> inputs)
    {
        var given = graph.Inputs.Select((input, i) => (graph[input.Value].Name, Datum: inputs[i]))
            .ToDictionary(p => p.Name, p => p.Datum, StringComparer.Ordinal);
        return [.. program.Inputs.Select(port => TensorArray.From((Tensor)(given[port.Name] ?? port.Default)!))];
    }
}
