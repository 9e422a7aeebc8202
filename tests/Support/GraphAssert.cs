using Nncc.IR;

namespace Nncc.Tests.Support;

/// <summary>Comparisons of graphs that say where they differ.</summary>
internal static class GraphAssert
{
    /// <summary>Equal in everything that text keeps: structure, ids, names, types, known sizes, layouts, origins.</summary>
    public static void Identical(Graph expected, Graph actual)
    {
        Assert.Equal(expected.Name, actual.Name);
        Assert.Equal(expected.Stage, actual.Stage);
        Assert.Equal(expected.NextNode, actual.NextNode);
        Assert.Equal(expected.NextValue, actual.NextValue);
        Assert.Equal(expected.Inputs.AsEnumerable(), actual.Inputs.AsEnumerable());
        Assert.Equal(expected.Outputs.AsEnumerable(), actual.Outputs.AsEnumerable());
        Assert.Equal(expected.Values.Count(), actual.Values.Count());
        foreach (var (x, y) in expected.Values.Zip(actual.Values))
        {
            Assert.Equal(x with { Known = null }, y with { Known = null });
            Assert.Equal(x.Known?.AsEnumerable(), y.Known?.AsEnumerable());
        }
        Assert.Equal(expected.Nodes.Length, actual.Nodes.Length);
        foreach (var (x, y) in expected.Nodes.Zip(actual.Nodes))
        {
            Assert.Equal(x.Id, y.Id);
            Assert.Equal(x.Inputs.AsEnumerable(), y.Inputs.AsEnumerable());
            Assert.Equal(x.Outputs.AsEnumerable(), y.Outputs.AsEnumerable());
            Assert.Equal(x.Origin, y.Origin);
            Assert.Equal(x.Op, y.Op);
            foreach (var (a, b) in x.Op.Bodies.Zip(y.Op.Bodies)) Identical(a, b);
        }
        Assert.True(expected.Equals(actual));
    }
}
