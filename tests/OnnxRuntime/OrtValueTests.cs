using Nncc.Backends.OnnxRuntime;
using Nncc.Tests.Support;

namespace Nncc.Tests.OnnxRuntime;

/// <summary>Contents of every kind go into ONNX Runtime and come back the same.</summary>
public class OrtValueTests
{
    public static TheoryData<DType> DTypesOfOrt => [.. DTypes.All.Where(d => !d.IsComplex())];

    [TheoryNeeding(Needs.OnnxRuntime)]
    [MemberData(nameof(DTypesOfOrt))]
    public void Tensors_of_every_dtype_come_back(DType dtype)
    {
        foreach (long[] dims in (long[][])[[3, 5], [7], [], [0, 3]])
        {
            long count = dims.Aggregate(1L, (a, b) => a * b);
            var tensor = dtype == DType.String
                ? Tensor.Of(dims, [.. Enumerable.Range(0, (int)count).Select(i => i % 2 == 0 ? $"é{i}" : "a\0b")])
                : Tensor.FromDoubles(dtype, dims,
                [.. Enumerable.Range(0, (int)count).Select(i => (double)(i % 4 - (dtype.IsUnsigned() ? 0 : 2)))]);
            using var value = OrtValue.From(Judge.Library, tensor);
            Assert.Equal(dtype, value.TensorType.DType);
            Assert.Equal(tensor, value.ToDatum());
        }
    }

    [TheoryNeeding(Needs.OnnxRuntime)]
    [MemberData(nameof(DTypesOfOrt))]
    public void Tensors_of_every_dtype_go_through_a_model(DType dtype)
    {
        // Element types have one number in the file and another in the API; Identity shows that they are the same type.
        byte[] model = new TinyModel(25, 12).Input("x", TinyModel.Tensor(dtype, 2, 3)).Node("Identity", ["x"], ["y"])
            .Output("y", TinyModel.Tensor(dtype, 2, 3)).Build();
        OrtSession session;
        try
        {
            session = Judge.Open(model);
        }
        catch (NnccException e) when (e.Faults[0].Code == FaultCodes.OrtUnsupported)
        {
            return;
        }
        using (session)
        {
            Assert.Equal(new TensorType(dtype, Shape.Of(2, 3)), session.Inputs[0].Type);
            var tensor = dtype == DType.String ? Tensor.Of([2, 3], new[] { "a", "", "ß", "d", "e", "f" })
                : Tensor.FromDoubles(dtype, [2, 3], [0, 1, 1, 0, 1, 1]);
            Assert.Equal(tensor, session.Run([tensor])[0]);
        }
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void Complex_tensors_are_refused_with_a_message() =>
        Assert.Equal(6004, Assert.Throws<NnccException>(() =>
            OrtValue.From(Judge.Library, Tensor.Of(DType.Complex64, [1], new float[2]))).Faults[0].Code.Number);

    [FactNeeding(Needs.OnnxRuntime)]
    public void Wide_tensors_are_rounded_to_their_dtype()
    {
        using var value = OrtValue.From(Judge.Library, Tensor.Wide(DType.Float32, [1], [0.1]));
        Assert.Equal(Tensor.Vector(0.1f), value.ToDatum());
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void Sequences_come_back()
    {
        byte[] floats = TinyModel.Tensor(DType.Float32, null);
        byte[] model = new TinyModel()
            .Input("s", TinyModel.Sequence(floats)).Input("t", floats)
            .Node("SequenceInsert", ["s", "t"], ["r"]).Output("r", TinyModel.Sequence(floats))
            .Node("SequenceErase", ["r"], ["e"]).Output("e", TinyModel.Sequence(floats))
            .Build();
        using var session = Judge.Open(model);
        Assert.Equal("seq(f32[*])", session.Inputs[0].Type.ToString());
        var element = new TensorType(DType.Float32, null);
        var results = session.Run([new SequenceDatum(element, [Tensor.Vector(1f, 2f)]), Tensor.Vector(3f)]);
        Assert.Equal([Tensor.Vector(1f, 2f), Tensor.Vector(3f)], ((SequenceDatum)results[0]).Items.Cast<Tensor>());
        Assert.Equal([Tensor.Vector(1f, 2f)], ((SequenceDatum)results[1]).Items.Cast<Tensor>());
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void Maps_go_in()
    {
        byte[] model = new TinyModel()
            .Input("m", TinyModel.Map(DType.String, TinyModel.Tensor(DType.Float32)))
            .Node("ai.onnx.ml", "DictVectorizer", ["m"], ["v"], TinyModel.Attribute("string_vocabulary", ["b", "c", "a"]))
            .Output("v", TinyModel.Tensor(DType.Float32, null, null))
            .Build();
        using var session = Judge.Open(model);
        Assert.Equal("map(string,f32[])", session.Inputs[0].Type.ToString());
        var map = new MapDatum(Tensor.Vector("a", "b"), Tensor.Vector(1f, 2f));
        Assert.Equal([2.0, 0.0, 1.0], ((Tensor)session.Run([map])[0]).ToDoubles());
        using var value = OrtValue.From(Judge.Library, map);
        var back = (MapDatum)value.ToDatum();
        Assert.Equal(map.Keys, back.Keys);
        Assert.Equal(map.Values, back.Values);
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void Sequences_of_maps_come_out()
    {
        byte[] model = new TinyModel()
            .Input("x", TinyModel.Tensor(DType.Float32, "N", 2))
            .Node("ai.onnx.ml", "ZipMap", ["x"], ["z"], TinyModel.Attribute("classlabels_strings", ["no", "yes"]))
            .Output("z", TinyModel.Sequence(TinyModel.Map(DType.String, TinyModel.Tensor(DType.Float32))))
            .Build();
        using var session = Judge.Open(model);
        Assert.Equal("seq(map(string,f32[]))", session.Outputs[0].Type.ToString());
        var maps = ((SequenceDatum)session.Run([Tensor.Of([2, 2], new float[] { 1, 2, 3, 4 })])[0]).Items.Cast<MapDatum>().ToArray();
        Assert.Equal(2, maps.Length);
        Assert.Equal(Tensor.Vector("no", "yes"), maps[1].Keys);
        Assert.Equal(Tensor.Vector(3f, 4f), maps[1].Values);
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void Optionals_come_back()
    {
        byte[] floats = TinyModel.Tensor(DType.Float32, 2);
        byte[] model = new TinyModel()
            .Input("o", TinyModel.Optional(floats))
            .Node("OptionalHasElement", ["o"], ["h"]).Output("h", TinyModel.Tensor(DType.Bool))
            .Node("Identity", ["o"], ["p"]).Output("p", TinyModel.Optional(floats))
            .Build();
        using var session = Judge.Open(model);
        Assert.Equal("optional(f32[2])", session.Inputs[0].Type.ToString());
        var type = new TensorType(DType.Float32, Shape.Of(2));
        var given = session.Run([new OptionalDatum(type, Tensor.Vector(1f, 2f))]);
        Assert.Equal(Tensor.Scalar(true), given[0]);
        Assert.Equal(Tensor.Vector(1f, 2f), ((OptionalDatum)given[1]).Item);
        Assert.Equal(6006, Assert.Throws<NnccException>(() => session.Run([new OptionalDatum(type, null)])).Faults.Single().Code.Number);
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void Absent_optionals_come_out()
    {
        byte[] floats = TinyModel.Tensor(DType.Float32, 2);
        byte[] model = new TinyModel(15, 8)
            .Node("Optional", [], ["o"], TinyModel.TypeAttribute("type", floats)).Output("o", TinyModel.Optional(floats))
            .Build();
        using var session = Judge.Open(model);
        var absent = (OptionalDatum)session.Run([])[0];
        Assert.Null(absent.Item);
        Assert.Equal("optional(f32[2])", absent.Type.ToString());
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void Empty_lists_come_back()
    {
        byte[] strings = TinyModel.Sequence(TinyModel.Tensor(DType.String, (object?[]?)null));
        byte[] model = new TinyModel()
            .Input("s", strings)
            .Node("SequenceLength", ["s"], ["n"]).Output("n", TinyModel.Tensor(DType.Int64))
            .Node("Identity", ["s"], ["t"]).Output("t", strings)
            .Build();
        using var session = Judge.Open(model);
        var results = session.Run([new SequenceDatum(new TensorType(DType.String, null), [])]);
        Assert.Equal(Tensor.Scalar(0L), results[0]);
        Assert.Empty(((SequenceDatum)results[1]).Items);
        Assert.Equal("seq(string[*])", results[1].Type.ToString());
    }
}
