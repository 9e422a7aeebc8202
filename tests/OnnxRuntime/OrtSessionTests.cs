using System.Collections.Immutable;
using Nncc.Backends.OnnxRuntime;
using Nncc.IR.Onnx;
using Nncc.Tests.Support;

namespace Nncc.Tests.OnnxRuntime;

public class OrtSessionTests
{
    private static readonly byte[] Sum = new TinyModel()
        .Input("x", TinyModel.Tensor(DType.Float32, "N", 2, null)).Input("y", TinyModel.Tensor(DType.Float32, null))
        .Node("Add", ["x", "y"], ["z"]).Node("Add", ["z", "w"], ["v"])
        .Initializer("w", DType.Float32, [1], BitConverter.GetBytes(100f))
        .Output("v", TinyModel.Tensor(DType.Float32, null))
        .Build();

    [FactNeeding(Needs.OnnxRuntime)]
    public void Inputs_outputs_and_overridable_initializers_are_described()
    {
        byte[] model = new TinyModel()
            .Input("x", TinyModel.Tensor(DType.Float32, "N", 2, null)).Input("w", TinyModel.Tensor(DType.Float32, 1))
            .Initializer("w", DType.Float32, [1], BitConverter.GetBytes(100f))
            .Node("Add", ["x", "w"], ["v"]).Output("v", TinyModel.Tensor(DType.Float32, null))
            .Build();
        using var session = Judge.Open(model);
        Assert.Equal(["x"], session.Inputs.Select(i => i.Name));
        Assert.Equal("f32[N,2,'?x.2']", session.Inputs[0].Type.ToString());
        Assert.Equal(["w"], session.OverridableInitializers.Select(i => i.Name));
        var x = Tensor.Of([1, 2, 1], new float[] { 1, 2 });
        Assert.Equal(Tensor.Of([1, 2, 1], new float[] { 101, 102 }), session.Run([x])[0]);
        var overridden = session.Run(new Dictionary<string, Datum> { ["x"] = x, ["w"] = Tensor.Vector(7f) });
        Assert.Equal(Tensor.Of([1, 2, 1], new float[] { 8, 9 }), overridden[0]);
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void An_unknown_rank_is_told_from_a_scalar()
    {
        byte[] model = new TinyModel()
            .Input("any", TinyModel.Tensor(DType.Float32, (object?[]?)null)).Input("scalar", TinyModel.Tensor(DType.Float32))
            .Node("Add", ["any", "scalar"], ["v"]).Output("v", TinyModel.Tensor(DType.Float32, (object?[]?)null))
            .Build();
        using var session = Judge.Open(model);
        Assert.Equal("f32[*] f32[]", $"{session.Inputs[0].Type} {session.Inputs[1].Type}");
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void All_wrong_names_are_said_at_once()
    {
        using var session = Judge.Open(Sum);
        var faults = Assert.Throws<NnccException>(() => session.Run(
            new Dictionary<string, Datum> { ["x"] = Tensor.Of([1, 2, 1], new float[2]), ["q"] = Tensor.Scalar(1f) }, ["v", "u"])).Faults;
        Assert.Equal(3, faults.Length);
        Assert.All(faults, f => Assert.Equal(6006, f.Code.Number));
        Assert.Contains("\"q\"", faults[0].Message);
        Assert.Contains("input \"y\"", faults[1].Message);
        Assert.Contains("\"u\"", faults[2].Message);
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void Its_own_complaints_come_with_their_text()
    {
        using var session = Judge.Open(Sum);
        var fault = Assert.Throws<NnccException>(() =>
            session.Run([Tensor.Of([1, 3, 1], new float[3]), Tensor.Scalar(1f)])).Faults.Single();
        Assert.Equal(6005, fault.Code.Number);
        Assert.Contains("invalid dimensions", fault.Message, StringComparison.OrdinalIgnoreCase);
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void A_broken_model_and_an_unknown_op_are_faults()
    {
        Assert.Equal(6003, Code(() => Judge.Open([1, 2, 3])));
        Assert.Equal(6003, Code(() => Judge.Open("/no/such/model.onnx")));
        Assert.Equal(6003, Code(() => Judge.Open(
            new TinyModel().Node("NoSuchOp", [], ["v"]).Output("v", TinyModel.Tensor(DType.Float32, 1)).Build())));
        // Legal ONNX for which ONNX Runtime has no kernel on the processor.
        var fault = Assert.Throws<NnccException>(() => Judge.Open(new TinyModel()
            .Input("x", TinyModel.Tensor(DType.BFloat16, 2)).Node("Erf", ["x"], ["v"]).Output("v", TinyModel.Tensor(DType.BFloat16, 2))
            .Build()))
            .Faults.Single();
        Assert.Equal(6004, fault.Code.Number);
        Assert.Equal(ExitCode.Unsupported, fault.Code.Exit);

        static int Code(Func<OrtSession> open) => Assert.Throws<NnccException>(open).Faults.Single().Code.Number;
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void Options_reach_the_session()
    {
        using var folder = new TemporaryFolder();
        using (var session = OrtSession.Open(Judge.Library, Sum, new OrtSessionOptions
        {
            IntraOpThreads = 2,
            InterOpThreads = 1,
            IsParallel = true,
            HasMemoryArena = false,
            HasMemoryPattern = false,
            LogLevel = OrtLogLevel.Verbose,
            OptimizedModelPath = folder.At("optimized.onnx"),
            Dims = new Dictionary<string, long> { ["N"] = 5 }.ToImmutableSortedDictionary(),
            Config = new Dictionary<string, string> { ["session.intra_op.allow_spinning"] = "0" }.ToImmutableSortedDictionary(),
        }))
        {
            Assert.Equal("f32[5,2,'?x.2']", session.Inputs[0].Type.ToString());
            Assert.NotEmpty(session.Messages);
            Assert.Contains(session.Messages, m => m.Level == OrtLogLevel.Info);
        }
        using var optimized = Judge.Open(folder.At("optimized.onnx"), OrtOptimization.None);
        Assert.Equal(["x", "y"], optimized.Inputs.Select(i => i.Name));
        using var quiet = OrtSession.Open(Judge.Library, Sum, new OrtSessionOptions { LogLevel = OrtLogLevel.Fatal });
        Assert.Empty(quiet.Messages);
        Assert.Equal(6007, Assert.Throws<NnccException>(() => OrtSession.Open(Judge.Library, Sum,
            new OrtSessionOptions {
                Config = new Dictionary<string, string> { [""] = "1" }.ToImmutableSortedDictionary() })).Faults.Single().Code.Number);
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public unsafe void A_prepared_run_reads_and_writes_memory_in_place()
    {
        using var session = Judge.Open(Sum);
        float[] output = GC.AllocateArray<float>(2, pinned: true);
        using var x = OrtValue.Allocate(Judge.Library, DType.Float32, [1, 2, 1]);
        using var y = OrtValue.From(Judge.Library, Tensor.Scalar(1f).Reshape([1]));
        fixed (float* p = output)
        {
            using var v = OrtValue.Over(Judge.Library, DType.Float32, [1, 2, 1], p, 8);
            using var run = session.Prepare([("x", x), ("y", y)], [("v", v)]);
            for (int i = 0; i < 3; i++)
            {
                x.Span<float>()[0] = i;
                x.Span<float>()[1] = 10 * i;
                run.Execute();
                Assert.Equal([101f + i, 101f + 10 * i], output);
            }
            Assert.Same(v, run.Output(0));
        }
        using var free = session.Prepare([("x", x), ("y", y)], [("v", null)]);
        Assert.Throws<InvalidOperationException>(() => free.Output(0));
        for (int i = 0; i < 3; i++)
        {
            free.Execute();
            Assert.Equal([103f, 121f], free.Output(0).Span<float>().ToArray());
        }
        Assert.Equal(6006,
            Assert.Throws<NnccException>(() => OrtValue.Over(Judge.Library, DType.Float32, [3], (void*)8, 8)).Faults.Single().Code.Number);
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void A_run_can_be_cancelled()
    {
        // Many seconds of products: the run ends early, between two of them.
        const int size = 1000, products = 400;
        byte[] type = TinyModel.Tensor(DType.Float32, size, size);
        var model = new TinyModel().Input("x0", type).Output($"x{products}", type);
        for (int i = 0; i < products; i++) model.Node("MatMul", [$"x{i}", "x0"], [$"x{i + 1}"]);
        using var session = Judge.Open(model.Build());
        using var source = new CancellationTokenSource();
        // A thread of its own: the timers of the thread pool wait where other tests fill it.
        var cancelling = new Thread(() =>
        {
            Thread.Sleep(50);
            source.Cancel();
        });
        cancelling.Start();
        Assert.Throws<OperationCanceledException>(() => session.Run([Tensor.Of([size, size], new float[size * size])], source.Token));
        cancelling.Join();
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void Sessions_run_from_several_threads()
    {
        using var session = Judge.Open(Sum);
        Parallel.For(0, 64, i =>
        {
            var result = (Tensor)session.Run([Tensor.Of([1, 2, 1], new float[] { i, i }), Tensor.Vector(1f)])[0];
            Assert.Equal([101.0 + i, 101.0 + i], result.ToDoubles());
        });
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void A_disposed_session_is_not_used()
    {
        var session = Judge.Open(Sum);
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Run([Tensor.Of([1, 2, 1], new float[2]), Tensor.Vector(1f)]));
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void Inner_values_become_outputs()
    {
        var options = new OrtSessionOptions { IntraOpThreads = 1, AddedOutputs = ["z", "v", "w", "x"] };
        using var session = OrtSession.Open(Judge.Library, Sum, options);
        Assert.Equal(["v", "z", "w", "x"], session.Outputs.Select(o => o.Name));
        var results = session.Run([Tensor.Of([1, 2, 1], new float[] { 1, 2 }), Tensor.Vector(10f)]);
        Assert.Equal([Tensor.Of([1, 2, 1], new float[] { 111, 112 }), Tensor.Of([1, 2, 1], new float[] { 11, 12 }), Tensor.Vector(100f),
            Tensor.Of([1, 2, 1], new float[] { 1, 2 })], results.Cast<Tensor>());
        var faults = Assert.Throws<NnccException>(() =>
            OrtSession.Open(Judge.Library, Sum, options with { AddedOutputs = ["q", "z", ""] })).Faults;
        Assert.Equal([6008, 6008], faults.Select(f => f.Code.Number));
        Assert.Equal(6003,
            Assert.Throws<NnccException>(() => OrtSession.Open(Judge.Library, "/no/such/model.onnx", options)).Faults[0].Code.Number);
    }

    [FactNeeding(Needs.OnnxRuntime | Needs.Shared)]
    public void Inner_values_of_a_model_with_external_data_become_outputs()
    {
        string path = Path.Combine(Repository.Shared, "models", "ultraface_simplified_ext", "model.onnx");
        using var plain = Judge.Open(path);
        var model = OnnxReader.Read(path, OpRegistry.Standard());
        string name = model.Graph[model.Graph.Nodes.First(n => n.Op.Name == "Conv").Outputs[0]].Name;
        using var session = OrtSession.Open(Judge.Library, path, new OrtSessionOptions { IntraOpThreads = 1, AddedOutputs = [name] });
        Assert.Equal([.. plain.Outputs.Select(o => o.Name), name], session.Outputs.Select(o => o.Name));
    }
}
