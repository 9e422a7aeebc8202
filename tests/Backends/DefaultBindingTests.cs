using Nncc.Backends.CSharp;
using Nncc.Backends.Engines;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Tests.Backends;

/// <summary>Inputs with a default are weights of the emitted program.</summary>
public class DefaultBindingTests
{
    [Fact]
    public void Inputs_with_a_default_are_bound_to_it()
    {
        var edit = new GraphEdit("defaults");
        int x = edit.AddInput("x", new TensorType(DType.Float32, Shape.Of(2)));
        int w = edit.AddInput("w", new TensorType(DType.Float32, Shape.Of(2)), Tensor.Vector(3f, 4f));
        edit.AddOutput("y", edit.Insert(new Mul(), [x, w], Provenance.Of("mul")).Outputs[0]);
        var graph = edit.Freeze();
        var notices = new List<Notice>();
        var backend = new CSharpBackend(TargetProfiles.Standard()["cpu-sse"], FusionStrategies.Standard().Find("rules"));
        var program = backend.Lower(graph, new PassContext(OpRegistry.Standard()) { Notify = notices.Add });
        Assert.Equal(["x"], program.Inputs.Select(i => i.Name));
        Assert.Single(notices);
        using var runner = CSharpRunner.Load(backend, program, graph);
        Assert.Equal([3.0, 8.0], ((Tensor)runner.Run([Tensor.Vector(1f, 2f), null])[0]).ToDoubles());
        var fault = Assert.Throws<NnccException>(() => runner.Run([Tensor.Vector(1f, 2f), Tensor.Vector(1f, 1f)]));
        Assert.Equal(FaultCodes.InputData, Assert.Single(fault.Faults).Code);
    }
}
