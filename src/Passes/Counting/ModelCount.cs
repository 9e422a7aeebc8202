using System.Collections.Immutable;
using Nncc.IR;

namespace Nncc.Passes.Counting;

/// <summary>Sums over nodes.</summary>
/// <param name="Nodes">Number of nodes.</param>
/// <param name="Macs">Multiply-accumulates of products of floats.</param>
/// <param name="IntegerMacs">Multiply-accumulates of products of integers.</param>
/// <param name="Arithmetic">Other operations.</param>
/// <param name="BytesIn">Bytes that the nodes read, each for itself.</param>
/// <param name="BytesOut">Bytes that the nodes write.</param>
/// <param name="Activations">Elements of results.</param>
public sealed record CountTotals(int Nodes, Dim Macs, Dim IntegerMacs, Dim Arithmetic, Dim BytesIn, Dim BytesOut, Dim Activations)
{
    /// <summary>Floating point operations of products: 2 for each multiply-accumulate.</summary>
    public Dim Flops => Macs * 2;

    /// <summary>All operations: 2 for each multiply-accumulate of floats or integers, and the other arithmetic.</summary>
    public Dim Operations => (Macs + IntegerMacs) * 2 + Arithmetic;

    /// <summary>Bytes of operands and results.</summary>
    public Dim Bytes => BytesIn + BytesOut;

    /// <summary>Arithmetic intensity: operations of products (2 a multiply-accumulate) for each byte; null while sizes are open.</summary>
    public double? Intensity => Bytes.Value is > 0 and var bytes && (Macs + IntegerMacs).Value is { } macs ? 2.0 * macs / bytes : null;

    /// <summary>The sums of rows.</summary>
    public static CountTotals Of(IEnumerable<NodeCount> rows)
    {
        int nodes = 0;
        Dim macs = 0, integers = 0, arithmetic = 0, bytesIn = 0, bytesOut = 0, activations = 0;
        foreach (var row in rows)
        {
            nodes++;
            macs += row.Macs;
            integers += row.IntegerMacs;
            arithmetic += row.Arithmetic;
            bytesIn += row.BytesIn;
            bytesOut += row.BytesOut;
            activations += row.Activations;
        }
        return new(nodes, macs, integers, arithmetic, bytesIn, bytesOut, activations);
    }
}

/// <summary>An op of which some nodes could not be counted.</summary>
/// <param name="Op">Name with domain.</param>
/// <param name="Nodes">How many of its nodes.</param>
/// <param name="Reason">Why.</param>
public sealed record UncountedOp(string Op, int Nodes, string Reason);

/// <summary>What a model costs. Every total is the sum of the rows of <see cref="Rows"/> that count.</summary>
/// <param name="Name">Name of the graph.</param>
/// <param name="Rows">The nodes in execution order, those of bodies in place of the node that has them; no constants.</param>
/// <param name="Totals">Sums over the rows that count.</param>
/// <param name="Dead">Sums over the rows that no output depends on.</param>
/// <param name="Parameters">The constants.</param>
/// <param name="Uncounted">What could not be counted, by op.</param>
/// <param name="PeakBytes">
/// Bytes of the working memory that holds inputs, inner values and outputs by the static plan; null while sizes are open.
/// </param>
/// <param name="InputBytes">Bytes of the inputs that have no default.</param>
/// <param name="OutputBytes">Bytes of the outputs.</param>
public sealed record ModelCount(string Name, ImmutableArray<NodeCount> Rows, CountTotals Totals, CountTotals Dead,
    ParameterCount Parameters, ImmutableArray<UncountedOp> Uncounted, long? PeakBytes, Dim InputBytes, Dim OutputBytes)
{
    /// <summary>Whether dead nodes are among what counts.</summary>
    public bool IncludesDead { get; init; }

    /// <summary>The rows that the totals are sums of.</summary>
    public IEnumerable<NodeCount> Counted => Rows.Where(row => row.Gap is null && (IncludesDead || !row.IsDead));

    /// <summary>The total by the convention of another counter.</summary>
    public Dim As(CountConvention convention) => Counted.Aggregate(Dim.Of(0), (sum, row) => sum + convention.Of(row));
}
