using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>A region read as a pooling over windows: what is folded, where windows lie, and what follows.</summary>
/// <param name="Name">Name, for kernels.</param>
/// <param name="Fold">What is folded.</param>
/// <param name="Order">Order of the norm whose root is taken; 0 for none.</param>
/// <param name="Counts">For means how many elements each window has, by axes: the last one's counts in a row; empty for others.</param>
/// <param name="Windows">Where windows lie, over three axes.</param>
/// <param name="Batch">Number of images.</param>
/// <param name="Channels">Channels of an image.</param>
/// <param name="Epilogue">What follows.</param>
/// <param name="Steps">For each operand of the epilogue, its steps along images, channels and the two outer axes of windows.</param>
internal sealed record PoolCode(string Name, Fold Fold, long Order, double[] Counts, WindowTables Windows, long Batch, long Channels,
    RowEpilogue Epilogue,
    ImmutableArray<long[]> Steps)
{
    // Rows of more taps are looped over.
    private const int MostTaps = 8;

    /// <summary>Whether it is a mean.</summary>
    public bool IsMean => Counts.Length > 0;

    /// <summary>Taps of a row that are written out; 0 where they are looped over.</summary>
    public int WrittenTaps => Windows.Kernel[2] <= MostTaps ? (int)Windows.Kernel[2] : 0;

    /// <summary>Elements of a row, padding included, that the windows of a row reach over.</summary>
    public long Reach => Math.Max(0, (Windows.Windows[2] - 1) * Windows.Strides[2] + (Windows.Kernel[2] - 1) * Windows.Dilations[2] + 1);

    /// <summary>The vectors to use.</summary>
    public VectorDialect Dialect(TargetProfile target) => VectorDialect.For(target, Fold.DType);

    /// <summary>Reads a region; null and the reason where it is none.</summary>
    public static PoolCode? Of(KernelRegion region, out string? reason)
    {
        var anchor = region.Anchor();
        reason = "not a pooling over windows without places";
        if (anchor.Op is not (MaxPool or AveragePool or LpPool) || region.ResultSlot(1) >= 0) return null;
        if (ElementwiseBody.Of(region, anchor, out reason) is not { } body) return null;
        var dtype = region.DType(anchor.Inputs[0]);
        long[] dims = region.Dims(anchor.Inputs[0]);
        var geometry = ((WindowPool)anchor.Op).Geometry(((TensorType)region.Body[anchor.Inputs[0]].Type).Shape!);
        if (WindowTables.Of(geometry) is not { } windows)
        {
            reason = "more than three spatial axes";
            return null;
        }
        if (dtype is not (DType.Float32 or DType.Float64) && anchor.Op is not MaxPool)
        {
            reason = $"{anchor.Op.Name} of {dtype.Name()}";
            return null;
        }
        var (name, fold, order) = anchor.Op switch
        {
            MaxPool => ("max", Fold.Max(dtype, dtype, ReductionKind.Least(dtype), (_, x, _) => x), 0L),
            LpPool { P: <= PowerCode.MostOrder and var p } =>
                ($"l{p}", Fold.Sum($"power{p}", dtype, dtype, (d, x, _) => PowerCode.Power(d, x, p)), p),
            LpPool => ("", null!, -1),
            _ => ("average", Fold.Sum(dtype), 0),
        };
        if (order < 0)
        {
            reason = $"a norm of an order above {PowerCode.MostOrder}";
            return null;
        }
        double[] counts = anchor.Op is AveragePool average ? Count(geometry, average.CountIncludePad) : [];
        // Operands of what follows, over [n, c, z, y, x].
        var steps = body.Loads.Select(l => l.Strides()).Select(s => (long[])[s[0], s[1], .. Enumerable.Repeat(0L, 5 - s.Length), .. s[2..]])
            .ToArray();
        return new PoolCode(name, fold, order, counts, windows, dims[0], dims[1], 
            RowEpilogue.Of(body, i => steps[i][4] != 0), [.. steps.Select(s => s[..4])]);
    }

    /// <summary>The windows' geometry as arguments, in the order of <see cref="Parameters"/>.</summary>
    public IEnumerable<KernelArgument> Arguments =>
        new long[][] { [Batch, Channels], Windows.Size, Windows.Windows, Windows.Kernel, Windows.Strides, Windows.Dilations, Windows.Begin }
            .Concat(Steps).SelectMany(n => n).Select(n => new NumberArgument(n));

    /// <summary>The declarations of the geometry.</summary>
    public string Parameters => "nint batch, nint channels"
        + string.Concat(new[] { "size", "windows", "kernel", "stride", "dilation", "begin" }.Select(name =>
            $", nint {name}0, nint {name}1, nint {name}2"))
        + string.Concat(Steps.Select((_, i) => $", nint e{i}n, nint e{i}c, nint e{i}z, nint e{i}y"));

    private static double[] Count(ConvolutionGeometry geometry, bool includePadding)
    {
        var axes = Enumerable.Range(0, geometry.Rank).Select(axis => geometry.TapCounts(axis, includePadding));
        return [.. Enumerable.Repeat(1.0, 3 - geometry.Rank), .. axes.SelectMany(counts => counts).Select(count => (double)count)];
    }
}
