using Nncc.IR;
using Nncc.Tests.Support;

namespace Nncc.Tests;

public class SignalTests
{
    [Theory]
    [InlineData("HannWindow", 6)]
    [InlineData("HammingWindow", 6)]
    [InlineData("BlackmanWindow", 2)]
    [InlineData("BlackmanWindow", 6)]
    [InlineData("BlackmanWindow", 64)]
    public void WindowsOfIntegersAreOneInTheMiddle(string window, int size)
    {
        long[] expected = [.. Enumerable.Range(0, size).Select(n => n == size / 2 ? 1L : 0)];
        Assert.Equal(expected, OneNode.Run(17, window, [("output_datatype", 2L)], 1, Tensor.Scalar(size))[0].ToLongs());
    }
}
