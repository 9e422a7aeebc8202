using Nncc.Passes.Rules;
using Nncc.Passes.Rules.Proofs;

namespace Nncc.Tests.Laws;

/// <summary>Proofs of rules: what is true is proved by the means that are for it, and what is false never is.</summary>
public class RuleProofLaws
{
    private static ProofReport Prove(string text)
    {
        var library = RuleLibrary.Parse([("mine.rules", $"rule mine\n  {text.Replace("; ", "\n  ")}\n")], OpRegistry.Standard(),
            RuleFunctions.Standard());
        return new RuleProof(library).Prove(library.Rules[0]);
    }

    [Theory]
    // Movement, as equality of index maps.
    [InlineData("match Transpose(Transpose(x, perm=q), perm=p); rewrite Transpose(x, perm=compose(q, p))")]
    [InlineData("match Reshape(Reshape(x, a), b); where not(contains(ints(b), 0)); rewrite Reshape(x, b)")]
    [InlineData("match Concat(Concat(xs..., axis=a), ys..., axis=a); rewrite Concat(xs..., ys..., axis=a)")]
    [InlineData("match Tanh(Transpose(x, perm=p)); rewrite Transpose(Tanh(x), perm=p)")]
    // Polynomials.
    [InlineData("match Sub(a, Neg(b)); rewrite Add(a, b)")]
    [InlineData("match Mul(Mul(x, a), b); where constant(a, b); rewrite Mul(x, a * b); law rounding")]
    [InlineData("match Gemm(Transpose(a, perm=[1, 0]), b, c?, transA=0); rewrite Gemm(a, b, c, transA=1)")]
    // Cases of a maximum.
    [InlineData("match Relu(Relu(x)); rewrite Relu(x)")]
    [InlineData("match Abs(Relu(x)); rewrite Relu(x)")]
    [InlineData("match Abs(Neg(x)); rewrite Abs(x)")]
    [InlineData("match Sub(Relu(x), Relu(Neg(x))); where is-float(x); rewrite x")]
    [InlineData("match Clip(Relu(x), 0, 6); rewrite Clip(x, 0, 6)")]
    // Functions of which something is known.
    [InlineData("match Div(s: Exp(x), ReduceSum(s, axes, keepdims=1)); where length(axes-of(axes, x)) == 1; "
        + "rewrite Softmax(x, axis=at(axes-of(axes, x), 0)); law rounding")]
    [InlineData("match Mul(Sqrt(x), Sqrt(x)); rewrite x; law rounding")]
    public void What_is_true_is_proved(string text)
    {
        var report = Prove(text);
        Assert.True(report.IsProved, report.Bound);
        Assert.True(report.Cases > 0);
    }

    [Theory]
    [InlineData("match Transpose(Transpose(x, perm=q), perm=p); rewrite Transpose(x, perm=compose(p, q))")]
    [InlineData("match Sub(a, Neg(b)); rewrite Sub(a, b)")]
    [InlineData("match Relu(Neg(x)); rewrite Relu(x)")]
    [InlineData("match Abs(Neg(x)); rewrite x")]
    [InlineData("match Clip(Relu(x), -1, 6); rewrite Clip(x, -1, 6)")]
    [InlineData("match Mul(Mul(x, a), b); where constant(a, b); rewrite Mul(x, a + b); law rounding")]
    [InlineData("match Gemm(Transpose(a, perm=[1, 0]), b, c?, transA=0); rewrite Gemm(a, b, c, transA=0)")]
    [InlineData("match Softmax(Transpose(x, perm=p), axis=a); rewrite Transpose(Softmax(x, axis=a), perm=p)")]
    [InlineData("match Concat(Transpose(x, perm=p), Transpose(y, perm=p), axis=a); rewrite Transpose(Concat(x, y, axis=a), perm=p)")]
    [InlineData("match Gelu(x); rewrite Relu(x); law rounding")]
    public void What_is_false_is_not_proved(string text) => Assert.False(Prove(text).IsProved);

    [Theory]
    [InlineData("match Add(x, c); where not(all-positive(c)); rewrite x", "looks at the content of c")]
    [InlineData("match Relu(Det(x)); rewrite Det(x)", "symbolic meaning")]
    public void What_cannot_be_decided_says_why(string text, string reason) => Assert.Contains(reason, Prove(text).Bound);
}
