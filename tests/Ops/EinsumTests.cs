using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests;

public class EinsumTests
{
    private static readonly Tensor A = OpRun.F32([2, 3], 1, 2, 3, 4, 5, 6), B = OpRun.F32([3, 2], 7, 8, 9, 10, 11, 12),
        Square = OpRun.F32([2, 2], 1, 2, 3, 4);

    [Fact]
    public void ByHand()
    {
        Assert.Equal(OpRun.One(new MatMul(), A, B), OpRun.One(new Einsum("ij,jk->ik"), A, B));
        Assert.Equal(OpRun.One(new MatMul(), A, B), OpRun.One(new Einsum(" ij , jk "), A, B));
        Assert.Equal(OpRun.F32([2, 2], 58, 139, 64, 154), OpRun.One(new Einsum("ij,jk->ki"), A, B));
        Assert.Equal(OpRun.F32([3, 2], 1, 4, 2, 5, 3, 6), OpRun.One(new Einsum("ij->ji"), A));
        Assert.Equal(OpRun.F32([3, 2], 1, 4, 2, 5, 3, 6), OpRun.One(new Einsum("ba"), A));
        Assert.Equal(OpRun.F32([], 5), OpRun.One(new Einsum("ii"), Square));
        Assert.Equal(OpRun.F32([2], 1, 4), OpRun.One(new Einsum("...ii->...i"), Square));
        Assert.Equal(OpRun.F32([], 21), OpRun.One(new Einsum("ij->"), A));
        Assert.Equal(OpRun.F32([2, 1], 2, 4), OpRun.One(new Einsum("i,j->ij"), OpRun.F32([2], 1, 2), OpRun.F32([1], 2)));
        Assert.Equal(OpRun.One(new MatMul(), OpRun.One(new MatMul(), A, B), Square), OpRun.One(new Einsum("ij,jk,kl->il"), A, B, Square));
    }

    [Fact]
    public void EllipsesBroadcast()
    {
        var random = new Random(2);
        Tensor x = OpRun.Random(random, 2, 1, 3, 4), y = OpRun.Random(random, 5, 4, 2);
        OpRun.Close(OpRun.One(new MatMul(), x, y), OpRun.One(new Einsum("...ij,...jk->...ik"), x, y));
        OpRun.Close(OpRun.One(new MatMul(), x, y), OpRun.One(new Einsum("...ij,...jk"), x, y));
    }

    [Fact]
    public void FaultsQuoteTheEquation()
    {
        TensorType a = A.Type, b = B.Type;
        Assert.Contains("\"ij,jk->ik\": it has 2 terms, and there are 1 operands", OpRun.Fault(new Einsum("ij,jk->ik"), a));
        Assert.Contains("the term \"ijk\" does not fit rank 2", OpRun.Fault(new Einsum("ijk"), a));
        Assert.Contains("'j' have 3 and 2 elements in [2x3], [2x3]", OpRun.Fault(new Einsum("ij,jk"), a, a));
        Assert.Contains("\"z\" stands in the result only", OpRun.Fault(new Einsum("ij->iz"), a));
        Assert.Contains("'1' is no letter", OpRun.Fault(new Einsum("i1"), a));
        Assert.Contains("names an axis twice", OpRun.Fault(new Einsum("ij,jk->ii"), a, b));
    }

    [Fact]
    public void WorkFollowsTheOrderOfOperands()
    {
        TensorType F32(params long[] dims) => new(DType.Float32, Shape.Of(dims));
        Work Measure(string equation, Shape result, params TensorType[] operands) =>
            new Einsum(equation).Measure(new MeasureContext([.. operands], [new TensorType(DType.Float32, result)]));
        Assert.Equal(2 * 3 * 4 * 5, Measure("bij,bjk->bik", Shape.Of(2, 3, 5), F32(2, 3, 4), F32(2, 4, 5)).Macs.Value);
        Assert.Equal(2 * 3 * 4 + 2 * 4 * 5, Measure("ij,jk,kl->il", Shape.Of(2, 5), F32(2, 3), F32(3, 4), F32(4, 5)).Macs.Value);
        Assert.Equal((0, 6), Measure("ij->i", Shape.Of(2), F32(2, 3)) is var work ? (work.Macs.Value, work.Arithmetic.Value) : default);
    }
}
