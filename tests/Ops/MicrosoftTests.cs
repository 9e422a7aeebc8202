using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;
using Nncc.Tests.Laws;
using Nncc.Tests.Onnx;
using static Nncc.Tests.Onnx.ProtoModel;

namespace Nncc.Tests;

/// <summary>Forms of com.microsoft that ONNX Runtime has for other processors only: they say the same as the plain ones.</summary>
public class MicrosoftTests
{
    private static readonly Tensor Query = Sample.Floats(2, 3, 8), Key = Sample.Fractions(2, 4, 8), Value = Sample.Floats(2, 4, 8);

    [Fact]
    public void Packed_keys_and_values_are_taken_apart()
    {
        var packed = Packed(Key, Value);
        var expected = OpRun.Many(new MultiHeadAttention(2), 4, Query, Key, Value);
        Assert.Equal(expected, OpRun.Many(new MultiHeadAttention(2), 4, Query, packed));
    }

    [Fact]
    public void Packed_queries_too()
    {
        var expected = OpRun.Many(new MultiHeadAttention(2, Unidirectional: true), 3, Key, Value, Key);
        Assert.Equal(expected, OpRun.Many(new MultiHeadAttention(2, Unidirectional: true), 3, Packed(Key, Value, Key)));
        Assert.Contains("packed", OpRun.Fault(new MultiHeadAttention(2), Packed(Key, Value).Type));
    }

    [Fact]
    public void The_mask_of_an_embedding_counts_where_it_is_1()
    {
        Tensor ids = Tensor.Of([2, 3], [0, 1, 2, 2, 1, 0]), table = Sample.Floats(3, 4), one = Sample.Floats(4);
        var results = OpRun.Many(new EmbedLayerNormalization(), 2, ids, null, table, table, null, one, one,
            Tensor.Of([2, 3], [1, 3, 0, 1, 1, -1]));
        Assert.Equal([1L, 2L], results[1].ToLongs());
    }

    [Fact]
    public void A_shared_buffer_is_a_cache_with_room_for_more()
    {
        Tensor past = Sample.Floats(2, 2, 3, 4), buffer = Lengthened(past, 9);
        var op = new MultiHeadAttention(2, Unidirectional: true);
        Tensor x = Sample.Floats(2, 4, 8);
        var expected = OpRun.Many(op, 4, x, Key, Value, null, null, null, past, past);
        var actual = OpRun.Many(op, 4, x, Key, Value, null, null, null, buffer, buffer, Tensor.Scalar(3));
        Assert.Equal(expected[0], actual[0]);
        Assert.Equal(expected[3], actual[3]);
        Assert.Equal("f32[2x2x9x4]", actual[1].Type.ToString());
        for (int i = 1; i < 3; i++) Assert.Equal(Lengthened(expected[i], 9), actual[i]);
        var fault = Assert.Throws<NnccException>(() =>
            OpRun.Many(op, 4, x, Key, Value, null, null, null, buffer, buffer, Tensor.Scalar(6)));
        Assert.Contains("6 places of a cache of 9 are in use", fault.Message);
    }

    [Fact]
    public void Attention_with_a_shared_buffer_is_that_with_a_past()
    {
        Tensor x = Sample.Fractions(2, 2, 4), w = Sample.Floats(4, 12), past = Sample.Floats(4, 2, 3, 2), buffer = Lengthened(past, 7);
        var expected = OpRun.Many(new MicrosoftAttention(2), 2, x, w, null, null, past.Reshape([2, 2, 2, 3, 2]));
        var actual = OpRun.Many(new MicrosoftAttention(2, PastPresentShareBuffer: true), 2, x, w, null, null,
            buffer.Reshape([2, 2, 2, 7, 2]), null, Tensor.Scalar(3));
        Assert.Equal(expected[0], actual[0]);
        Assert.Equal(Lengthened(expected[1].Reshape([4, 2, 5, 2]), 7), actual[1].Reshape([4, 2, 7, 2]));
    }

    [Fact]
    public void Quantization_of_16_bits_and_convolution_with_channels_last_are_read_as_ops_of_the_standard()
    {
        var model = new ProtoModel(13).Import("com.microsoft", 1).Input("x", DType.Float32, 1, 4, 5, 2)
            .Initializer(Floats("s", [], 0.1f)).Initializer(new() { Name = "z", DataType = (int)DType.UInt8, Int32Data = { 3 } })
            .Initializer(new() { Name = "w", DataType = (int)DType.UInt8, Dims = { 3, 2, 2, 2 },
                Int32Data = { Enumerable.Range(0, 24).Select(i => i * 7 % 50) } })
            .Node("QuantizeLinear", ["x", "s", "z"], ["q"], "quantize", "com.microsoft")
            .Node("QLinearConv", ["q", "s", "z", "w", "s", "z", "s", "z"], ["c"], "conv", "com.microsoft", Int("channels_last", 1))
            .Node("DequantizeLinear", ["c", "s", "z"], ["y"], "dequantize", "com.microsoft").Output("y");
        var graph = OnnxReader.Read(model.Bytes(), Registry).Graph;
        Assert.DoesNotContain(graph.Nodes, n => n.Op.Domain.Length > 0);
        Assert.Equal(["Transpose", "QLinearConv", "Transpose"],
            graph.Nodes.Select(n => n.Op.Name).Where(n => n is "Transpose" or "QLinearConv"));
        Assert.Equal("f32[1x3x4x3]", graph[graph.Outputs[0].Value].Type.ToString());
    }

    // The same places with zeros behind them.
    private static Tensor Lengthened(Tensor cache, int length)
    {
        var zeros = Tensor.FromDoubles(cache.DType, [cache.Dims[0], cache.Dims[1], length - cache.Dims[2], cache.Dims[3]],
            new double[cache.Dims[0] * cache.Dims[1] * (length - cache.Dims[2]) * cache.Dims[3]]);
        return OpRun.One(new Concat(2), cache, zeros);
    }

    private static Tensor Packed(params Tensor[] parts) => OpRun.One(new Concat(3),
        [.. parts.Select(p => p.Reshape([p.Dims[0], p.Dims[1], 2, 1, p.Dims[2] / 2]))]);
}
