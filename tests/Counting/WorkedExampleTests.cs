using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes.Counting;

namespace Nncc.Tests.Counting;

/// <summary>Small networks that were counted by hand in texts and by other tools, to the last operation.</summary>
public class WorkedExampleTests
{
    [Fact]
    public void The_toy_network_has_1059880_flops_and_not_the_1060400_of_the_text()
    {
        var count = Toy(pool1: false, pool2: false, isSeparable: false, bias: true);
        Assert.Equal([60_840, 259_200, 737_280, 2_560], Flops(count));
        Assert.Equal(1_059_880, count.Totals.Flops.Value);
        Assert.Equal((370_190, 148, 370_338), (count.Parameters.Weights, count.Parameters.Biases, count.Parameters.Trainable));
        Assert.Equal(6_388, count.Rows.Where(r => r.Node.Op is Relu).Sum(r => r.Arithmetic.Value));
        Assert.Equal(1_059_880, Layers.As(count, "exact"));
        Assert.Equal(1_053_482, Layers.As(Toy(pool1: false, pool2: false, isSeparable: false, bias: false), "exact"));
    }

    [Theory]
    [InlineData(true, false, new long[] { 60_840, 54_450, 154_880, 2_560 }, 272_730)]
    [InlineData(false, true, new long[] { 60_840, 259_200, 184_320, 2_560 }, 506_920)]
    public void Pooling_lowers_what_follows(bool first, bool second, long[] layers, long total)
    {
        var count = Toy(first, second, isSeparable: false, bias: true);
        Assert.Equal(layers, Flops(count));
        Assert.Equal(total, count.Totals.Flops.Value);
    }

    [Fact]
    public void Separable_convolutions_lower_the_toy_network_by_a_fifth()
    {
        var count = Toy(pool1: false, pool2: false, isSeparable: true, bias: true);
        Assert.Equal([12_168, 6_760, 51_840, 28_800, 737_280, 2_560], Flops(count));
        Assert.Equal(839_408, count.Totals.Flops.Value);
    }

    // The figures of a text: one 3x3 filter for 3 channels at 9 places twice over, and a layer of 5 inputs and 3 outputs.
    [Fact]
    public void The_figures_of_a_convolution_and_a_layer()
    {
        var b = new Layers();
        Assert.Equal(2_916, b.Count(b.Conv("conv", b.Input("x", 1, 3, 11, 11), 6, 3, stride: 4)).Totals.Flops.Value);
        b = new Layers();
        Assert.Equal(30, b.Count(b.Linear("fc", b.Input("x", 1, 5), 3, bias: false)).Totals.Flops.Value);
    }

    [Fact]
    public void A_product_is_counted_with_and_without_what_initialized_its_operands()
    {
        // Random numbers are multiplied by a deviation and moved by a mean; then nothing uses them, for the product's operands are frozen.
        var b = new Layers();
        int product = b.Add("product", new MatMul(), b.Input("a", 25, 16), b.Weights("w", 16, 9));
        int deviation = b.Constant("deviation", Tensor.Scalar(0.1f)), mean = b.Constant("mean", Tensor.Scalar(0f));
        foreach (var (name, rows, columns) in new[] { ("a", 25, 16), ("w", 16, 9) })
            b.Add($"{name}.add", new Add(), b.Add($"{name}.mul", new Mul(), b.Weights($"{name}.random", rows, columns), deviation), mean);
        var graph = b.Build(product);
        var count = ModelCounter.Count(graph);
        Assert.Equal(7_200, count.Totals.Operations.Value);
        Assert.Equal(7_200, Layers.As(count, "tfprof"));
        Assert.Equal(6_975, Layers.As(count, "exact"));
        Assert.Equal((4, 1_088), (count.Dead.Nodes, count.Dead.Operations.Value));
        var all = ModelCounter.Count(graph, new CountOptions { IncludesDead = true });
        Assert.Equal(8_288, all.Totals.Operations.Value);
        Assert.Equal(8_288, Layers.As(all, "tfprof"));
    }

    [Fact]
    public void Networks_of_fvcore()
    {
        var b = new Layers();
        int x = Pool(b, "pool1", b.Conv("conv1", b.Input("x", 1, 1, 32, 32), 6, 3));
        x = b.Add("flatten", new Flatten(), Pool(b, "pool2", b.Conv("conv2", x, 16, 3)));
        var lenet = b.Count(b.Linear("fc3", b.Linear("fc2", b.Linear("fc1", x, 120), 84), 10));
        Assert.Equal([48_600, 146_016, 69_120, 10_080, 840], Macs(lenet));
        Assert.Equal(274_656, Layers.As(lenet, "fvcore"));

        b = new Layers();
        x = b.Add("flatten", new Flatten(), b.Conv("conv", b.Input("x", 1, 3, 10, 10), 10, 1));
        Assert.Equal(13_000, Layers.As(b.Count(b.Linear("fc", x, 10)), "fvcore"));
    }

    [Fact]
    public void Layers_of_ptflops()
    {
        var b = new Layers();
        Assert.Equal(2_759_904, Layers.As(b.Count(b.Conv("conv", b.Input("x", 1, 3, 224, 224), 2, 3, bias: true)), "ptflops"));
        b = new Layers();
        int up = b.Add("up", new ConvTranspose(Strides: [2, 2]), b.Input("x", 1, 3, 224, 224), b.Weights("w", 3, 2, 3, 3),
            b.Weights("b", 2));
        Assert.Equal(3_112_706, Layers.As(b.Count(up), "ptflops"));
        b = new Layers();
        var linear = b.Count(b.Linear("fc", b.Input("x", 100, 64), 64));
        Assert.Equal((409_600, 416_000), (linear.Totals.Macs.Value, Layers.As(linear, "ptflops")));
    }

    [Fact]
    public void Products_of_attention_and_of_batches_count()
    {
        var b = new Layers();
        int q = b.Input("q", 1, 12, 64, 64), k = b.Input("k", 1, 12, 64, 64), v = b.Input("v", 1, 12, 64, 64);
        var attention = b.Count(b.Add("context", new MatMul(), b.Add("softmax", new Softmax(), b.Add("scores", new MatMul(), q, k)), v));
        Assert.Equal(12_582_912, attention.Totals.Flops.Value);
        Assert.Equal(0, attention.Parameters.Trainable);
        Assert.Equal(12 * 64 * (3 * 64 - 1), Layers.As(attention, "thop"));

        b = new Layers();
        var product = b.Count(b.Add("product", new MatMul(), b.Input("a", 1, 12, 256, 64), b.Input("b", 1, 12, 64, 256)));
        Assert.Equal(50_331_648, product.Totals.Macs.Value);
        Assert.Equal(0, Layers.As(product, "tfprof"));
    }

    [Fact]
    public void A_recurrence_counts_every_step()
    {
        var b = new Layers();
        int x = b.Input("x", 100, 1, 64), w = b.Weights("w", 1, 256, 64), r = b.Weights("r", 1, 256, 64), bias = b.Weights("b", 1, 512);
        var count = b.Count(b.Add("lstm", new LSTM(HiddenSize: 64), x, w, r, bias));
        Assert.Equal(3_276_800, count.Totals.Macs.Value);
        Assert.Equal(3_379_200, Layers.As(count, "thop"));
        Assert.Equal((2 * 256 * 64, 512), (count.Parameters.Weights, count.Parameters.Biases));
    }

    [Fact]
    public void A_shared_weight_is_one_parameter_and_as_many_products_as_it_has_uses()
    {
        var b = new Layers();
        int x = b.Input("x", 1, 100), w = b.Weights("w", 100, 100);
        for (int i = 0; i < 3; i++) x = b.Add($"fc{i}", new Gemm(), x, w);
        var count = b.Count(x);
        Assert.Equal((30_000, 10_000), (count.Totals.Macs.Value, count.Parameters.Trainable));
        Assert.Equal((30_000, 10_000), (count.Parameters.Used, count.Parameters.Shared));
    }

    [Fact]
    public void A_separable_convolution_next_to_a_regular_one()
    {
        var b = new Layers();
        var regular = b.Count(b.Conv("conv", b.Input("x", 1, 64, 112, 112), 128, 3, pad: 1));
        b = new Layers();
        int depthwise = b.Conv("depthwise", b.Input("x", 1, 64, 112, 112), 64, 3, pad: 1, groups: 64);
        var separable = b.Count(b.Conv("pointwise", depthwise, 128, 1));
        Assert.Equal(924_844_032, regular.Totals.Macs.Value);
        Assert.Equal([7_225_344, 102_760_448], Macs(separable));
        Assert.Equal(109_985_792, separable.Totals.Macs.Value);
        Assert.Equal(219_971_584, separable.Totals.Flops.Value);
        Assert.Equal((73_728, 8_768), (regular.Parameters.Trainable, separable.Parameters.Trainable));
        Assert.Equal(0.118923611, 109_985_792.0 / 924_844_032, 9);
    }

    [Fact]
    public void The_convolutions_of_vgg16_separable_and_a_block_of_mobilenet_v2()
    {
        long regular = 0, separable = 0;
        foreach (var (channels, filters, side) in new[]
                 {
                     (3, 64, 224), (64, 64, 224), (64, 128, 112), (128, 128, 112), (128, 256, 56), (256, 256, 56), (256, 256, 56),
                     (256, 512, 28), (512, 512, 28), (512, 512, 28), (512, 512, 14), (512, 512, 14), (512, 512, 14),
                 })
        {
            var b = new Layers();
            regular += b.Count(b.Conv("conv", b.Input("x", 1, channels, side, side), filters, 3, pad: 1)).Totals.Macs.Value!.Value;
            b = new Layers();
            int depthwise = b.Conv("depthwise", b.Input("x", 1, channels, side, side), channels, 3, pad: 1, groups: channels);
            separable += b.Count(b.Conv("pointwise", depthwise, filters, 1)).Totals.Macs.Value!.Value;
        }
        Assert.Equal((15_346_630_656, 1_786_917_888), (regular, separable));

        var block = new Layers();
        int x = block.Conv("expand", block.Input("x", 1, 64, 112, 112), 384, 1);
        x = block.Conv("project", block.Conv("depthwise", x, 384, 3, pad: 1, groups: 384), 128, 1);
        Assert.Equal(968_196_096, block.Count(x).Totals.Macs.Value);
    }

    // Bytes rise while operations fall: why a depthwise convolution is slow for what it computes.
    [Fact]
    public void Arithmetic_intensity_of_a_separable_convolution()
    {
        var b = new Layers();
        var regular = b.Count(b.Conv("conv", b.Input("x", 1, 128, 56, 56), 128, 3, pad: 1));
        b = new Layers();
        int depthwise = b.Conv("depthwise", b.Input("x", 1, 128, 56, 56), 128, 3, pad: 1, groups: 128);
        var separable = b.Count(b.Conv("pointwise", depthwise, 128, 1));
        Assert.Equal((3_801_088, 6_492_672), (regular.Totals.Bytes.Value, separable.Totals.Bytes.Value));
        Assert.Equal(243.3, regular.Totals.Intensity!.Value, 1);
        Assert.Equal(16.9, separable.Totals.Intensity!.Value, 1);
        double[] parts = [.. separable.Rows.Select(r => CountTotals.Of([r]).Intensity!.Value)];
        Assert.Equal(2.25, parts[0], 2);
        Assert.Equal(31.4, parts[1], 1);
        // As one kernel, which does not write and read what is between them.
        long between = 2 * 4 * 128 * 56 * 56;
        Assert.Equal(33.5, 2.0 * separable.Totals.Macs.Value!.Value / (6_492_672 - between), 1);
    }

    private static int Pool(Layers b, string name, int x) => b.Add(name, new MaxPool([2, 2], Strides: [2, 2]), x);

    private static IEnumerable<long> Macs(ModelCount count) => count.Rows.Where(r => r.Macs.Value > 0).Select(r => r.Macs.Value!.Value);

    private static IEnumerable<long> Flops(ModelCount count) => count.Rows.Where(r => r.Macs.Value > 0).Select(r => r.Flops.Value!.Value);

    private static ModelCount Toy(bool pool1, bool pool2, bool isSeparable, bool bias)
    {
        var b = new Layers("toy");
        int x = Convolve(b, "conv1", b.Input("x", 1, 1, 28, 28), isSeparable, bias);
        if (pool1) x = b.Add("pool1", new MaxPool([2, 2], Strides: [2, 2]), x);
        x = Convolve(b, "conv2", x, isSeparable, bias);
        if (pool2) x = b.Add("pool2", new MaxPool([2, 2], Strides: [2, 2]), x);
        x = b.Add("relu3", new Relu(), b.Linear("fc1", b.Add("flatten", new Flatten(), x), 128, bias));
        return b.Count(b.Linear("fc2", x, 10, bias));
    }

    private static int Convolve(Layers b, string name, int x, bool isSeparable, bool bias)
    {
        if (!isSeparable) return b.Add($"{name}.relu", new Relu(), b.Conv(name, x, 5, 3, bias: bias));
        int channels = name == "conv1" ? 1 : 5;
        return b.Conv($"{name}.pointwise", b.Conv($"{name}.depthwise", x, channels, 3, groups: channels), 5, 1);
    }
}
