using System.Collections.Immutable;
using Nncc.Backends.CSharp;
using Nncc.Backends.Engines;
using Nncc.Backends.Models;

namespace Nncc.Backends.Conformance;

/// <summary>Cases as emitted C#, all in one Roslyn compilation, for one target.</summary>
internal sealed class CSharpCases : IDisposable
{
    private readonly ProgramBatch batch;
    private readonly ImmutableArray<(ConformanceCase Case, Func<CancellationToken, string?> Run)> cases;

    /// <summary>Lowers all cases; a fault of one is told when it is run.</summary>
    public CSharpCases(Compiler compiler, ImmutableArray<ConformanceCase> cases)
    {
        batch = new ProgramBatch(compiler.Target);
        this.cases = [.. cases.Select(@case => (@case, Prepare(compiler, @case)))];
    }

    /// <summary>Number of cases.</summary>
    public int Count => cases.Length;

    /// <summary>A case and how to run it.</summary>
    public (ConformanceCase Case, Func<CancellationToken, string?> Run) this[int index] => cases[index];

    /// <inheritdoc/>
    public void Dispose() => batch.Dispose();

    private Func<CancellationToken, string?> Prepare(Compiler compiler, ConformanceCase @case)
    {
        try
        {
            var model = compiler.Read(@case.ModelPath);
            var (inputs, outputs) = (ConformanceRun.Types(model.Graph, isInput: true), ConformanceRun.Types(model.Graph, isInput: false));
            var given = @case.Data(inputs, outputs).First().Inputs;
            var bound = compiler.With(compiler.Options with
            {
                Passes = ModelInputs.WithShapes(compiler.Options.Passes, model.Graph, given),
                Notify = null, Observe = null, ReproducerPath = null,
            });
            var backend = bound.CSharp;
            var program = bound.Lower(model);
            batch.Add(@case.Name, backend.Strategy, _ => program);
            return cancellation =>
            {
                using var engine = CSharpRunner.Of(batch[@case.Name], program, model.Graph);
                return ConformanceRun.Compare(@case, inputs, outputs, data => engine.Run(data, cancellation));
            };
        }
        catch (Exception e)
        {
            return _ => throw e;
        }
    }
}
