using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Laws;

internal static class TextCases
{
    private static IEnumerable<OpCase> Strings =>
    [
        new(new StringConcat(), Sample.Of(DType.String, 2, 1), Sample.Of(DType.String, 3)),
        new(new StringSplit(), Tensor.Vector(" a  b c ", "", "d")) { Results = 2, IsDataDependent = true },
        new(new StringSplit(".", 1), Tensor.Of([2, 2], new[] { "a.b.c", "", ".", "d" })) { Results = 2, IsDataDependent = true },
        new(new RegexFullMatch("[a-s]+[0-4]"), Sample.Of(DType.String, 2, 3)),
        new(new StringNormalizer(CaseChange.Upper, true, Stopwords: ["s0", "S2"]), Sample.Of(DType.String, 6)) { IsDataDependent = true },
        new(new StringNormalizer(CaseChange.Lower, Stopwords: ["s0", "S2"]), Sample.Of(DType.String, 1, 6)) { IsDataDependent = true },
        new(new TfIdfVectorizer(2, 1, 1, TfIdfMode.Both, [0, 3], [0, 1, 2, 4, 3], PoolInt64s: [1, 2, 3, 1, 2, 3, 3],
            Weights: [1, 2, 3, 4, 5]), Tensor.Of([2, 4], new long[] { 1, 2, 3, 3, 2, 2, 1, 2 })),
        new(new TfIdfVectorizer(1, 0, 1, TfIdfMode.Inverse, [0], [1, 0], PoolStrings: ["s0", "s2"]), Sample.Of(DType.String, 5)),
    ];
}
