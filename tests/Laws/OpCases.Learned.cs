using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Laws;

/// <summary>The ops of ai.onnx.ml, the optimizers, and images.</summary>
internal static class LearnedCases
{
    private static IEnumerable<OpCase> Features =>
    [
        new(new Binarizer(0.5f), Sample.Floats(2, 3)),
        new(new Binarizer(), Sample.Longs(1, -1, 0)),
        new(new Scaler([1, 2, 3], [0.5f]), Sample.Floats(2, 3)),
        new(new Scaler([1], [0.5f]), Sample.Of(DType.Int32, 2, 3)),
        new(new Normalizer(), Sample.Fractions(2, 3)),
        new(new Normalizer(FeatureNorm.L1), Sample.Floats(2, 3)),
        new(new Normalizer(FeatureNorm.L2), Sample.Floats(3)),
        new(new Imputer([7], ReplacedValueFloat: float.NaN), Tensor.Of([2, 2], new[] { 1, float.NaN, 2, float.NaN })),
        new(new Imputer(ImputedValueInt64s: [7, 8, 9], ReplacedValueInt64: 1), Tensor.Of([2, 3], new long[] { 1, 2, 1, 1, 1, 0 })),
        new(new FeatureVectorizer([2, 4]), Sample.Floats(2, 3), Sample.Of(DType.Int64, 2, 3)),
        new(new ArrayFeatureExtractor(), Sample.Floats(3, 4), Sample.Longs(2, 0)),
        new(new ArrayFeatureExtractor(), Sample.Of(DType.String, 4), Sample.Longs(2, 0)),
        new(new OneHotEncoder([1, 2, 5]), Sample.Longs(5, 3, 1)),
        new(new OneHotEncoder(CatsStrings: ["s0", "s2"]), Sample.Of(DType.String, 2, 2)),
        new(new LabelEncoder(DefaultInt64: 9, KeysStrings: ["s0", "s1"], ValuesInt64s: [4, 5]), Sample.Of(DType.String, 2, 3)),
        new(new LabelEncoder(DefaultFloat: 9, KeysFloats: [1, float.NaN], ValuesFloats: [4, 5]), Tensor.Vector(1, 2, float.NaN)),
        new(new LabelEncoder(KeysInt64s: [1, 2], ValuesStrings: ["a", "b"]), Sample.Longs(1, 2, 3)),
        new(new LabelEncoder(DefaultTensor: Tensor.Vector((short)7), KeysTensor: Tensor.Vector(1.5, 2.5),
            ValuesTensor: Tensor.Vector<short>(3, 4)), Tensor.Vector(1.5, 9)),
        new(new CategoryMapper([1, 2], ["s1", "s2"]), Sample.Of(DType.String, 5)),
        new(new CategoryMapper([1, 2], ["s1", "s2"]), Sample.Longs(2, 7)),
        new(new ZipMap(ClasslabelsStrings: ["a", "b"]), Sample.Floats(2, 2)),
        new(new ZipMap([3, 4]), Sample.Floats(1, 2)),
        new(new ZipMap([4, 3, 4]), Sample.Floats(2, 3)),
        new(new DictVectorizer(StringVocabulary: ["c", "a"]), new MapDatum(Tensor.Vector("a", "b"), Tensor.Vector(1f, 2))),
        new(new DictVectorizer([4, 5]), new MapDatum(Sample.Longs(5, 6), Tensor.Vector("x", "y"))),
        new(new CastMap(), new MapDatum(Sample.Longs(5, 1), Tensor.Vector("3", "4"))) { IsDataDependent = true },
        new(new CastMap(MapCast.Integer, MapForm.Sparse, 4), new MapDatum(Sample.Longs(2, 1), Tensor.Vector(3f, 4))),
    ];

    private static IEnumerable<OpCase> Models =>
        from transform in Enum.GetValues<PostTransform>()
        from c in new[]
        {
            new OpCase(new LinearRegressor([1, 2, 3, -1, 0.5f, 1], [0.5f, 1], transform, 2), Sample.Fractions(2, 3)),
            new OpCase(new LinearClassifier([1, 2, 3, -1, 0.5f, 1, 0, 1, 2], [7, 8, 9], default, [0.5f, 1, 0], 0, transform),
                Sample.Floats(2, 3)) { Results = 2 },
            new OpCase(new TreeEnsembleRegressor(TreeAggregate.Sum, NTargets: 2, NodesFalsenodeids: [2, 0, 0, 0],
                NodesFeatureids: [1, 0, 0, 0],
                NodesModes: ["BRANCH_LEQ", "LEAF", "LEAF", "LEAF"], NodesNodeids: [0, 1, 2, 0], NodesTreeids: [0, 0, 0, 1],
                NodesTruenodeids: [1, 0, 0, 0], NodesValues: [0.4f, 0, 0, 0], PostTransform: transform, TargetIds: [0, 1, 0],
                TargetNodeids: [1, 2, 0], TargetTreeids: [0, 0, 1], TargetWeights: [0.25f, 0.5f, 0.125f]), Sample.Fractions(3, 2)),
            new OpCase(Classifier([0, 1, 2], [5, 6, 7], transform), Sample.Fractions(3, 2)) { Results = 2 },
            new OpCase(Classifier([1, 1, 1], [5, 6], transform), Sample.Fractions(3, 2)) { Results = 2 },
        }
        select c;

    private static TreeEnsembleClassifier Classifier(EquatableArray<long> ids, EquatableArray<long> labels, PostTransform transform) =>
        new(ClassIds: ids, ClassNodeids: [1, 2, 2], ClassTreeids: [0, 0, 0], ClassWeights: [0.75f, 0.5f, 0.125f], ClasslabelsInt64s: labels,
            NodesFalsenodeids: [2, 0, 0], NodesFeatureids: [1, 0, 0], NodesModes: ["BRANCH_LT", "LEAF", "LEAF"], NodesNodeids: [0, 1, 2],
            NodesTreeids: [0, 0, 0], NodesTruenodeids: [1, 0, 0], NodesValues: [0.4f, 0, 0], PostTransform: transform);

    private static IEnumerable<OpCase> Machines =>
        from kernel in Enum.GetValues<SvmKernelType>()
        from c in new[]
        {
            new OpCase(new SVMRegressor([0.5f, -0.25f], [0.5f, 1, 2], kernel, 2, Rho: [0.25f], SupportVectors: [1, 2, 3, 4, 5, 6]),
                Sample.Fractions(2, 3)),
            new OpCase(new SVMClassifier([0, 1], default, [0.5f, -0.25f, 0.125f], [0.5f, 1, 2], kernel, Rho: [0.25f],
                SupportVectors: [1, 2, 3, 4, 5, 6], VectorsPerClass: [1, 2]), Sample.Fractions(2, 2)) { Results = 2 },
            new OpCase(new SVMClassifier([0, 1, 2], default, [0.5f, -0.25f, 0.125f, 1, 0.5f, 0.25f], [0.5f, 1, 2], kernel,
                ProbA: [-1, -2, -1], ProbB: [0, 0.5f, 0], Rho: [0.25f, 0, -1], SupportVectors: [1, 2, 3, 4, 5, 6],
                VectorsPerClass: [1, 1, 1]), Sample.Fractions(2, 2)) { Results = 2 },
        }
        select c;

    private static IEnumerable<OpCase> Trees =>
        from aggregate in new long[] { 0, 1, 2, 3 }
        select new OpCase(new TreeEnsemble([0, 1, 0, 1], Tensor.Vector(1f, 2, 3, 4), [0, 1, 1], [2, 1, 3], [0, 1, 1],
            Tensor.Vector<byte>(0, 2, 6), Tensor.Vector(0.5f, 0.3f, 0), [0, 1, 1], [1, 0, 2], [0], aggregate,
            Tensor.Vector(0.25f, 0.5f, float.NaN), 2), Sample.Fractions(4, 2));

    private static IEnumerable<OpCase> Optimizers =>
    [
        new(new Adagrad(0.1f, 1e-3f, 0.01f), Tensor.Scalar(0.1f), Tensor.Scalar(3L), Sample.Floats(2, 3), Sample.Floats(2, 3),
            Sample.Fractions(2, 3)) { Results = 2 },
        new(new Adam(Epsilon: 1e-3f, NormCoefficientPost: 0.01f), Tensor.Scalar(0.1f), Tensor.Scalar(3L), Sample.Floats(2),
            Sample.Floats(3),
            Sample.Floats(2), Sample.Floats(3), Sample.Floats(2), Sample.Floats(3), Sample.Fractions(2), Sample.Fractions(3))
            { Results = 6 },
        new(new Momentum(0.9f, 0.5f, MomentumMode.Nesterov, 0.01f), Tensor.Scalar(0.1f), Tensor.Scalar(0L), Sample.Floats(2),
            Sample.Floats(2), Sample.Floats(2)) { Results = 2 },
        new(new Momentum(0.9f, 0.5f, MomentumMode.Standard, 0), Tensor.Scalar(0.1f), Tensor.Scalar(2L), Sample.Floats(2),
            Sample.Floats(2), Sample.Floats(2)) { Results = 2 },
    ];

    private static IEnumerable<OpCase> Images
    {
        get
        {
            byte[] text = System.Text.Encoding.ASCII.GetBytes("P3 # two pixels\n2 1\n255\n10 20 30 40 50 60\n");
            byte[] binary = [.. System.Text.Encoding.ASCII.GetBytes("P5\n2 2\n255\n"), 1, 2, 3, 250];
            foreach (var format in Enum.GetValues<PixelFormat>())
            {
                yield return new OpCase(new ImageDecoder(format), Tensor.Vector(text)) { IsDataDependent = true };
                yield return new OpCase(new ImageDecoder(format), Tensor.Vector(binary)) { IsDataDependent = true };
            }
        }
    }

    private static IEnumerable<OpCase> FlexAttentions
    {
        get
        {
            var body = new GraphBuilder("double");
            int x = body.Input("x", new TensorType(DType.Float32, null));
            body.Output("y", body.Add("add", new Add(), x, x));
            var twice = body.Build();
            yield return new OpCase(new FlexAttention(), Sample.Floats(1, 2, 3, 4), Sample.Floats(1, 1, 5, 4), Sample.Floats(1, 1, 5, 2));
            yield return new OpCase(new FlexAttention(twice, 0.5f, twice), Sample.Floats(1, 2, 3, 4), Sample.Floats(1, 2, 5, 4),
                Sample.Floats(1, 2, 5, 2));
        }
    }
}
