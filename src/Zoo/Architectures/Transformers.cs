using Nncc.IR.Ops;

namespace Nncc.Zoo.Architectures;

/// <summary>Transformer encoders, spelled as PyTorch exports them.</summary>
internal sealed class Transformers : IArchitectures
{
    private const ZooScaling VitScaling = ZooScaling.Resolution | ZooScaling.Classes;

    public static IEnumerable<Architecture> All =>
    [
        new("vit_tiny", "ViT-Tiny/16 (192 wide, 12 deep, 3 heads), 224x224, 5,717,416 parameters (Touvron et al. 2021)",
            o => Vit("vit_tiny", o, 192, 12, 3, 16), VitScaling),
        new("vit_b_16", "ViT-B/16 (768 wide, 12 deep, 12 heads), 224x224, 86,567,656 parameters (torchvision)",
            o => Vit("vit_b_16", o, 768, 12, 12, 16), VitScaling),
        new("vit_b_32", "ViT-B/32 (768 wide, 12 deep, 12 heads), 224x224, 88,224,232 parameters (torchvision)",
            o => Vit("vit_b_32", o, 768, 12, 12, 32), VitScaling),
        new("vit_l_16", "ViT-L/16 (1024 wide, 24 deep, 16 heads), 224x224, 304,326,632 parameters (torchvision)",
            o => Vit("vit_l_16", o, 1024, 24, 16, 16), VitScaling),
        new("bert_small", "BERT-Small (512 wide, 4 deep, 8 heads), 128 tokens, with pooler, 28,763,648 parameters (Turc et al. 2019)",
            BertSmall),
    ];

    private static Graph Vit(string network, ZooOptions options, int width, int depth, int heads, int patch)
    {
        var b = new NetworkBuilder(network, options);
        int x = b.Conv("patch_embed.proj", b.Image(224), width, patch, stride: patch, bias: true);
        int tokens = (int)(b.Shape(x)[2] * b.Shape(x)[3]) + 1; // one for each patch and one for the class
        x = b.Add("patch_embed.transpose", new Transpose([0, 2, 1]), b.Reshape("patch_embed.flatten", x, 0, width, -1));
        int cls = b.Weights("cls_token", 0.5, 1, 1, width);
        cls = b.Add("cls_expand", new Expand(), cls, b.Integers("cls_expand.shape", options.Batch, 1, width));
        x = b.Add("concat", new Concat(1), cls, x);
        x = b.Add("pos", new Add(), x, b.Weights("pos_embed", 0.5, 1, tokens, width));
        for (int i = 0; i < depth; i++)
        {
            string name = $"blocks.{i}";
            int y = Attention(b, $"{name}.attn", b.LayerNorm($"{name}.norm1", x, 1e-6f), tokens, width, heads, mask: null, fused: true);
            x = b.Add($"{name}.add1", new Add(), x, y);
            y = b.LayerNorm($"{name}.norm2", x, 1e-6f);
            y = b.TokenLinear($"{name}.mlp.fc2", b.Gelu($"{name}.mlp.act", b.TokenLinear($"{name}.mlp.fc1", y, 4 * width)), width);
            x = b.Add($"{name}.add2", new Add(), x, y);
        }
        x = b.LayerNorm("norm", x, 1e-6f);
        b.Output("logits", b.Linear("head", Token(b, "select", x), options.Classes ?? 1000));
        return b.Build();
    }

    private static Graph BertSmall(ZooOptions options)
    {
        const int width = 512, depth = 4, heads = 8, tokens = 128, vocabulary = 30522, positions = 512;
        var b = new NetworkBuilder("bert_small", options);
        int ids = b.Input("input_ids", DType.Int64, tokens), attended = b.Input("attention_mask", DType.Int64, tokens);
        int types = b.Input("token_type_ids", DType.Int64, tokens);
        int words = b.Add("embeddings.word", new Gather(0), b.Weights("embeddings.word_embeddings.weight", 0.5, vocabulary, width), ids);
        int kinds = b.Add("embeddings.type", new Gather(0), b.Weights("embeddings.token_type_embeddings.weight", 0.5, 2, width), types);
        int places = b.Add("embeddings.slice", new Slice(), b.Weights("embeddings.position_embeddings.weight", 0.5, positions, width),
            b.Integers("embeddings.begin", 0), b.Integers("embeddings.end", tokens));
        int x = b.Add("embeddings.add_place", new Add(), b.Add("embeddings.add_type", new Add(), words, kinds), places);
        x = b.LayerNorm("embeddings.LayerNorm", x, 1e-12f);

        // 0 where a token is attended to, a large negative number where not.
        int mask = b.Add("mask.unsqueeze", new Unsqueeze(), attended, b.Integers("mask.axes", 1, 2));
        mask = b.Add("mask.cast", new Cast(DType.Float32), mask);
        mask = b.Add("mask.invert", new Sub(), b.Constant("mask.one", Tensor.Scalar(1f)), mask);
        mask = b.Add("mask.scale", new Mul(), mask, b.Constant("mask.low", Tensor.Scalar(-10000f)));

        for (int i = 0; i < depth; i++)
        {
            string name = $"encoder.layer.{i}";
            int y = Attention(b, $"{name}.attention", x, tokens, width, heads, mask, fused: false);
            x = b.LayerNorm($"{name}.attention.output.LayerNorm", b.Add($"{name}.attention.add", new Add(), y, x), 1e-12f);
            y = b.Gelu($"{name}.intermediate.act", b.TokenLinear($"{name}.intermediate.dense", x, 4 * width));
            x = b.LayerNorm($"{name}.output.LayerNorm",
                b.Add($"{name}.add", new Add(), b.TokenLinear($"{name}.output.dense", y, width), x), 1e-12f);
        }
        b.Output("last_hidden_state", x);
        b.Output("pooler_output", b.Add("pooler.activation", new Tanh(), b.Linear("pooler.dense", Token(b, "pooler.select", x), width)));
        return b.Build();
    }

    // The first token of each sequence.
    private static int Token(NetworkBuilder b, string name, int x) =>
        b.Add(name, new Gather(1), x, b.Constant($"{name}.index", Tensor.Scalar(0L)));

    private static int Attention(NetworkBuilder b, string name, int x, int tokens, int width, int heads, int? mask, bool fused)
    {
        int size = width / heads;
        int q, k, v;
        if (fused)
        {
            // One product for all three, then [3, batch, heads, tokens, size] taken apart.
            int qkv = b.Reshape($"{name}.qkv.reshape", b.TokenLinear($"{name}.qkv", x, 3 * width), 0, tokens, 3, heads, size);
            qkv = b.Add($"{name}.qkv.transpose", new Transpose([2, 0, 3, 1, 4]), qkv);
            q = Part(0);
            k = Part(1);
            v = Part(2);

            int Part(long index) =>
                b.Add($"{name}.part{index}", new Gather(0), qkv, b.Constant($"{name}.index{index}", Tensor.Scalar(index)));
        }
        else
        {
            q = Heads("query");
            k = Heads("key");
            v = Heads("value");

            int Heads(string part) => b.Add($"{name}.{part}.transpose", new Transpose([0, 2, 1, 3]),
                b.Reshape($"{name}.{part}.reshape", b.TokenLinear($"{name}.{part}", x, width), 0, tokens, heads, size));
        }
        int scores = b.Add($"{name}.scores", new MatMul(), q, b.Add($"{name}.key_transposed", new Transpose([0, 1, 3, 2]), k));
        scores = b.Add($"{name}.scale", new Div(), scores, b.Constant($"{name}.sqrt", Tensor.Scalar((float)Math.Sqrt(size))));
        if (mask is { } added) scores = b.Add($"{name}.mask", new Add(), scores, added);
        int y = b.Add($"{name}.context", new MatMul(), b.Add($"{name}.softmax", new Softmax(-1), scores), v);
        y = b.Reshape($"{name}.merge", b.Add($"{name}.context.transpose", new Transpose([0, 2, 1, 3]), y), 0, tokens, width);
        return b.TokenLinear($"{name}.{(fused ? "proj" : "output.dense")}", y, width);
    }
}
